//! The start function as an export.
//!
//! The interpreter runs a start function inside of instantiation, where it can be neither suspended nor metered in slices.
//! So it is taken out and exported, and the process calls it first.

use alloc::vec::Vec;

use wasm_encoder::{ExportKind, SectionId};
use wasmparser::BinaryReader;

use crate::Error;
use crate::rewrite::sections::{Sections, invalid};

/// The export's name. A module with an export of the passes' own prefix is refused.
pub(crate) const EXPORT: &str = "stepwell:start";

/// The module with its start function exported instead, or `None` if it has none.
///
/// # Errors
/// [`Error::Invalid`].
pub(crate) fn export(wasm: &[u8]) -> Result<Option<Vec<u8>>, Error> {
    let mut sections = Sections::parse(wasm)?;
    let start = sections.body(SectionId::Start);
    if start.is_empty() {
        return Ok(None);
    }
    let function = BinaryReader::new(start, 0).read_var_u32().map_err(invalid)?;
    sections.remove(SectionId::Start);
    sections.push_export(EXPORT, ExportKind::Func, function);
    Ok(Some(sections.encode()))
}
