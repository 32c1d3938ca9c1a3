//! Checked modules.

use std::ffi::c_char;

use ::bytes::Bytes;
use engine::Module;

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::engine::stepwell_engine;
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::status::stepwell_status;
use crate::strings::stepwell_strings;

/// A module that was checked and can be run. Owned by the caller. Processes, images and templates keep what they need of it,
/// so it may be freed at any time. Never changes, so any number of threads may use it at once.
pub struct stepwell_module {
    _private: (),
}

impl Noun for stepwell_module {
    type Value = Module;
    const TAG: u32 = u32::from_le_bytes(*b"modl");
    const NAME: &'static str = "stepwell_module";
}

impl Shared for stepwell_module {}

/// Checks a module in the binary format and makes it ready to run. `wasm` is borrowed for the call.
///
/// `STEPWELL_NOT_WASM`, `STEPWELL_UNSUPPORTED_PROPOSAL` or `STEPWELL_INVALID_MODULE`; then `STEPWELL_INTERPRETER`,
/// `STEPWELL_UNKNOWN_IMPORT`, `STEPWELL_IMPORT_TYPE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_new(
    engine: *const stepwell_engine,
    wasm: *const u8,
    wasm_len: usize,
    out: *mut *mut stepwell_module,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let engine = *door.exclusive(engine)?;
        let prepared = Module::prepare(door.slice(wasm, wasm_len)?)?;
        out.give(Module::from_prepared(&engine, prepared)?)
    })
}

/// Checks a module and writes the copy of it that counts steps, which can be kept for `stepwell_module_from_prepared`: that
/// is most of the work of `stepwell_module_new`. `wasm` is borrowed for the call.
///
/// `STEPWELL_NOT_WASM`, `STEPWELL_UNSUPPORTED_PROPOSAL`, `STEPWELL_INVALID_MODULE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_prepare(
    wasm: *const u8,
    wasm_len: usize,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(Module::prepare(door.slice(wasm, wasm_len)?)?)
    })
}

/// Makes a module ready to run that `stepwell_module_prepare` has written. `prepared` is copied.
///
/// Function bodies are not checked again: keep a checksum with the bytes. Bytes that were changed are safe, but may trap or
/// run without counting steps.
///
/// `STEPWELL_NOT_PREPARED`, `STEPWELL_INTERPRETER`, `STEPWELL_UNKNOWN_IMPORT`, `STEPWELL_IMPORT_TYPE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_from_prepared(
    engine: *const stepwell_engine,
    prepared: *const u8,
    prepared_len: usize,
    out: *mut *mut stepwell_module,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let engine = *door.exclusive(engine)?;
        let prepared = Bytes::copy_from_slice(door.slice(prepared, prepared_len)?);
        out.give(Module::from_prepared(&engine, prepared)?)
    })
}

/// What tells the prepared modules of this version from those of others, for the name that one is kept under.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_preparation(
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.give(Module::preparation().into()))
}

/// The SHA-256 of the module as it was given: 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_sha256(
    module: *const stepwell_module,
    out: *mut u8,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out.cast::<[u8; 32]>())?;
        out.write(door.shared(module)?.sha256())
    })
}

/// Whether the module exports a function of this name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_exports_function(
    module: *const stepwell_module,
    name: *const c_char,
    out: *mut bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let module = door.shared(module)?;
        out.write(module.exports_function(door.text(name, "the name")?))
    })
}

/// The names of the functions that the module exports, sorted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_exported_functions(
    module: *const stepwell_module,
    out: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let mut names = door.shared(module)?.exported_functions();
        names.sort_unstable();
        out.give(names)
    })
}

/// Frees a module. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_module_free(module: *mut stepwell_module) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(module) };
}
