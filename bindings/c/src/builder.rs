//! What a process starts with.

pub(crate) mod files;
mod spawn;
pub(crate) mod world;

use std::ffi::c_char;

use engine::vfs::StreamKind;
use engine::{Inputs, Limits, Module, Receipt};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::limits::stepwell_limits;
use crate::module::stepwell_module;
use crate::mounts::Mounts;
use crate::process::stepwell_process;
use crate::status::stepwell_status;
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, STEPWELL_INVALID_UTF8};
use crate::unused::Unused;

/// What a process starts with. Owned by the caller. One thread at a time. It is used up by `stepwell_process_builder_spawn`,
/// also if that fails: then every call but free is `STEPWELL_USED`.
///
/// Without further calls the guest has no arguments, an empty environment, an empty tree at `/` as descriptor 3, pipes as
/// standard streams, a calendar that starts at 2026-01-01T00:00:00Z and moves with its steps, and random numbers from seed 0.
pub struct stepwell_process_builder {
    _private: (),
}

impl Noun for stepwell_process_builder {
    type Value = Option<Options>;
    const TAG: u32 = u32::from_le_bytes(*b"bldr");
    const NAME: &'static str = "stepwell_process_builder";
}

/// What the builder was told.
pub(crate) struct Options {
    module: Module,
    args: Vec<Vec<u8>>,
    env: Vec<(String, String)>,
    invoke: Option<(String, Vec<String>)>,
    mounts: Mounts,
    has_files: bool,
    seed: u64,
    epoch: Option<u64>,
    host_clock: bool,
    host_entropy: bool,
    stdio: [StreamKind; 3],
    listeners: usize,
    limits: Limits,
    freezable: bool,
    profile: bool,
    receipt: bool,
    /// What the receipt calls the module, if not by its own hash.
    receipt_of: Option<[u8; 32]>,
    trace: bool,
    repeat: Option<Inputs>,
}

/// Starts describing a process of `module`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_new(
    module: *const stepwell_module,
    out: *mut *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(Some(Options {
            module: door.shared(module)?.clone(),
            args: Vec::new(),
            env: Vec::new(),
            invoke: None,
            mounts: Mounts::default(),
            has_files: true,
            seed: 0,
            epoch: None,
            host_clock: false,
            host_entropy: false,
            stdio: [StreamKind::Pipe; 3],
            listeners: 0,
            limits: Limits::default(),
            freezable: false,
            profile: false,
            receipt: false,
            receipt_of: None,
            trace: false,
            repeat: None,
        }))
    })
}

/// Appends an argument, which is copied. The first is the name that the guest is called by. It need not be UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_arg(
    builder: *mut stepwell_process_builder,
    arg: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let arg = door.bytes(arg, "the argument")?;
        Unused::of(door, builder)?.args.push(arg.to_vec());
        Ok(())
    })
}

/// Appends an environment variable, which is copied.
///
/// `STEPWELL_INVALID_ARGUMENT`: the name is empty or has a `=`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_env(
    builder: *mut stepwell_process_builder,
    name: *const c_char,
    value: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let (name, value) = (door.text(name, "the name")?, door.text(value, "the value")?);
        if name.is_empty() || name.contains('=') {
            let text = "is none that a variable can have";
            return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the name", text));
        }
        Unused::of(door, builder)?.env.push((name.to_owned(), value.to_owned()));
        Ok(())
    })
}

/// Has the process call the export `name` instead of `_start`. Its results are in `stepwell_process_results`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_invoke(
    builder: *mut stepwell_process_builder,
    name: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let name = door.text(name, "the name")?;
        Unused::of(door, builder)?.invoke = Some((name.to_owned(), Vec::new()));
        Ok(())
    })
}

/// Appends an argument for the export that `stepwell_process_builder_invoke` has named: a number as text, read by the type of
/// the parameter when the process is made.
///
/// `STEPWELL_INVALID_ARGUMENT`: no export was named.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_invoke_arg(
    builder: *mut stepwell_process_builder,
    arg: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let arg = door.text(arg, "the argument")?;
        let mut builder = Unused::of(door, builder)?;
        let Some((_, args)) = &mut builder.invoke else {
            let text = "comes before the export that it is for";
            return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the argument", text));
        };
        args.push(arg.to_owned());
        Ok(())
    })
}

/// Sets the most that the process may use. `limits` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_limits(
    builder: *mut stepwell_process_builder,
    limits: *const stepwell_limits,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let limits = *door.exclusive(limits)?;
        Unused::of(door, builder)?.limits = limits;
        Ok(())
    })
}

/// Has the process run on a copy of the module that can be frozen without repeating the run, which is up to half as slow
/// again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_freezable(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.freezable = true;
        Ok(())
    })
}

/// Has the process account for where its steps go, which `stepwell_process_profile` tells. It is several times slower.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_profile(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.profile = true;
        Ok(())
    })
}

/// Has the process write a receipt, which `stepwell_process_receipt` gives. All files are read at the start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_receipt(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.receipt = true;
        Ok(())
    })
}

/// As `stepwell_process_builder_receipt`, and has the receipt call the module by another hash than its own: that of the file
/// which it was before parts were left out that are never run, debugging sections above all. `module_sha256` is borrowed: 32
/// bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_receipt_of(
    builder: *mut stepwell_process_builder,
    module_sha256: *const u8,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(door.slice(module_sha256, 32)?);
        let mut builder = Unused::of(door, builder)?;
        builder.receipt = true;
        builder.receipt_of = Some(sha256);
        Ok(())
    })
}

/// Has the process start as the run of a receipt has, and write a receipt of its own: arguments, environment, kinds of
/// streams, limits, seed, epoch and called export come from it. Files and standard input do not.
///
/// `STEPWELL_RECEIPT`: the text is no receipt, or was changed. `STEPWELL_INVALID_UTF8`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_repeat(
    builder: *mut stepwell_process_builder,
    receipt: *const u8,
    receipt_len: usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let receipt = door.slice(receipt, receipt_len)?;
        let mut builder = Unused::of(door, builder)?;
        let inputs = parse_receipt(receipt)?.inputs()?;
        builder.receipt = true;
        builder.repeat = Some(inputs);
        Ok(())
    })
}

/// Has the process keep a line for each call of WASI, which `stepwell_process_drain_trace` gives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_trace(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.trace = true;
        Ok(())
    })
}

/// Makes the process, without running anything yet, and uses the builder up.
///
/// `STEPWELL_ERRNO` (a mount), `STEPWELL_TOO_MANY_ARGUMENTS`, `STEPWELL_FILES`, `STEPWELL_MISSING_EXPORT`,
/// `STEPWELL_ENTRY_TYPE`, `STEPWELL_ARGUMENTS`, `STEPWELL_INTERPRETER`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_spawn(
    builder: *mut stepwell_process_builder,
    out: *mut *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(spawn::spawn(Unused::of(door, builder)?.take())?)
    })
}

/// Frees a builder, used up or not. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_free(builder: *mut stepwell_process_builder) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(builder) };
}

/// Reads a receipt.
pub(crate) fn parse_receipt(text: &[u8]) -> Outcome<Receipt> {
    let text = std::str::from_utf8(text)
        .map_err(|_| Failure::about(STEPWELL_INVALID_UTF8, "the receipt", "is not UTF-8"))?;
    Ok(Receipt::parse(text)?)
}
