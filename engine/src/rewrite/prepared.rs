//! All passes in order, and the mark by which their work is recognised.

use alloc::vec::Vec;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use wasm_encoder::{CustomSection, RawSection, Section, SectionId};
use wasmparser::{KnownCustom, Parser, Payload};

use crate::rewrite::sections::invalid;
use crate::rewrite::{meter, start};
use crate::{Error, cost};

/// The custom section that says by which passes and which cost model a module was prepared.
const MARK: &str = "stepwell:prepared";
/// Goes up whenever the passes write something else for the same module, those that thaw included: code of theirs is kept too.
const PASSES_VERSION: u8 = 3;

/// The copy of a valid module that the interpreter is given: metered, its start function exported, its names kept.
///
/// # Errors
/// [`Error::Invalid`], [`Error::Unsupported`].
pub(crate) fn prepare(wasm: &[u8]) -> Result<Bytes, Error> {
    let metered = meter::meter(wasm)?;
    let mut prepared = start::export(&metered)?.unwrap_or(metered);
    let mut data = mark();
    data.extend_from_slice(&Sha256::digest(wasm));
    CustomSection { name: MARK.into(), data: data.into() }.append_to(&mut prepared);
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload.map_err(invalid)? else { continue };
        if let KnownCustom::Name(_) = section.as_known() {
            let data = &wasm[section.range()];
            RawSection { id: SectionId::Custom as u8, data }.append_to(&mut prepared);
        }
    }
    Ok(prepared.into())
}

/// The SHA-256 of the module that a copy was prepared from. Refuses what [`prepare`] has not written, or another version
/// of it.
///
/// # Errors
/// [`Error::NotPrepared`].
pub(crate) fn recognise(prepared: &[u8]) -> Result<[u8; 32], Error> {
    for payload in Parser::new(0).parse_all(prepared) {
        match payload.map_err(|_| Error::NotPrepared)? {
            Payload::CustomSection(section) if section.name() == MARK => {
                let hash = section.data().strip_prefix(&mark()[..]);
                return hash.and_then(|hash| hash.try_into().ok()).ok_or(Error::NotPrepared);
            }
            _ => {}
        }
    }
    Err(Error::NotPrepared)
}

/// The version of the passes and the cost model.
pub(crate) fn mark() -> Vec<u8> {
    let mut mark = alloc::vec![PASSES_VERSION];
    mark.extend_from_slice(&cost::model_hash());
    mark
}
