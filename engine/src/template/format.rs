//! A template as bytes and back: an image with the code that goes on from it, for a cache.
//!
//! ```text
//! mark      "stepwell template 2\n"
//! state     as in an image
//! context   as in an image
//! code      the copy of the module that starts where the image stands
//! memories  each whole, so that nothing of it is moved when it is read
//! checksum  CRC-32 of all before it, u32                                                  little-endian
//! ```
//!
//! Each of the parts after the mark has its length in front, as u64.

use alloc::collections::BTreeSet;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;
use syscalls::Context;
use wasmi::ExternType;

use super::code::{Code, Entrance, Purpose};
use crate::image::format::{State, damaged, intact, part, seal, take};
use crate::image::pages;
use crate::rewrite::freeze::{GLOBAL_EXPORT, MODULE_TABLE_EXPORT, thaw};
use crate::unwind::Guest;
use crate::{Engine, Error, Image, Limits, Module, Template};

/// What the bytes start with.
const MARK: &[u8] = b"stepwell template 2\n";

impl Image {
    /// Makes it ready to go on, as bytes that [`Template::load`] reads: whoever keeps these needs neither the module nor the
    /// passes again. They are larger than an image, by the code of the module.
    ///
    /// # Errors
    /// As [`Image::prepare`], then as [`Image::save`].
    pub fn save_prepared(&self, module: &Module) -> Result<Vec<u8>, Error> {
        let Code { wasm, .. } = Code::write(self, module, Purpose::Plain)?;
        let inner = &self.inner;
        let context = inner.context.save(&[]);
        let context = context.map_err(|reason| crate::freeze::not_freezable(reason.to_string()))?;
        let mut out = Vec::from(MARK);
        part(&State::of(inner).write()?, &mut out);
        part(&context, &mut out);
        part(&wasm, &mut out);
        inner.guest.memories.iter().for_each(|memory| part(memory, &mut out));
        seal(&mut out);
        Ok(out)
    }
}

impl Template {
    /// Reads what [`Image::save_prepared`] has written. `limits` are the most that its processes may use, in place of those
    /// that it was frozen with: its memories have to fit.
    ///
    /// As with [`Module::from_prepared`], the bodies of functions are not checked again: one that is not what was written is
    /// safe, but its steps may not be counted. So the bytes should come from where only their writer can write.
    ///
    /// Nothing but the code is kept, so a process that was thawed from it has no backtrace and cannot be frozen.
    ///
    /// # Errors
    /// [`Error::Image`], [`Error::Interpreter`].
    pub fn load(engine: &Engine, bytes: &Bytes, limits: Option<Limits>) -> Result<Self, Error> {
        if !bytes.starts_with(MARK) {
            return Err(damaged("it does not start as a template does"));
        }
        let mut rest = intact(bytes, MARK)?;
        let state = State::read(&take(&mut rest)?)?;
        let limits = limits.unwrap_or_else(|| state.limits());
        let context = take(&mut rest)?;
        let code = take(&mut rest)?;
        let module = Module::load_kept(engine, &code, state.module)?;
        let memories = memories((&module, &code), &mut rest, limits.memory_bytes_max)?;
        if !rest.is_empty() {
            return Err(damaged("there is something behind its end"));
        }
        let context = Context::load(&context, &[]).map_err(|error| damaged(&error.to_string()))?;
        let inner = state.into_inner(memories, context, limits)?;
        if !has_all(&module, &inner.guest) {
            return Err(damaged("its globals and tables are not those of its code"));
        }
        let entrance = Entrance::of(&inner.guest, &module.imports)?;
        let image = Image { inner: Arc::new(inner) };
        Ok(Self { image, module, entrance: entrance.into(), origin: None })
    }
}

/// The memories of a module, each as large as the module says, which have at most so many bytes together.
fn memories(
    (module, code): (&Module, &[u8]),
    rest: &mut Bytes,
    bytes_max: usize,
) -> Result<Vec<Bytes>, Error> {
    let mut memories = Vec::new();
    let types = module.compiled.imports().filter_map(|import| match import.ty() {
        ExternType::Memory(ty) => Some(ty.minimum()),
        _ => None,
    });
    // Imported memories come first.
    for (pages, page_bytes) in types.zip(thaw::memory_page_bytes(code)?) {
        let memory = take(rest)?;
        let bytes = pages.checked_mul(page_bytes);
        if bytes != Some(memory.len() as u64) {
            return Err(damaged("its memories are not those of its code"));
        }
        memories.push(memory);
    }
    pages::check_size(memories.iter().map(Bytes::len), bytes_max)?;
    Ok(memories)
}

/// Whether an image has each global and table that a process can change: what it left out would keep what another process
/// has put there.
fn has_all(module: &Module, guest: &Guest) -> bool {
    let numbers = |prefix: &str| -> BTreeSet<u32> {
        let exports = module.compiled.exports();
        exports.filter_map(|export| export.name().strip_prefix(prefix)?.parse().ok()).collect()
    };
    let globals = guest.globals.iter().map(|(index, _)| *index).collect::<BTreeSet<_>>();
    let tables = guest.tables.iter().map(|(index, _)| *index).collect::<BTreeSet<_>>();
    numbers(GLOBAL_EXPORT) == globals && numbers(MODULE_TABLE_EXPORT) == tables
}
