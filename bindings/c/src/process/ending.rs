//! How a process has ended, and where its steps went.

use std::ptr::null;

use engine::{Frame, State, TrapKind};

use crate::bytes::stepwell_bytes;
use crate::door::{Door, peek};
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::limits::stepwell_limit;
use crate::process::stepwell_process;
use crate::status::{Failure, STEPWELL_INVALID_ARGUMENT, STEPWELL_WRONG_STATE, stepwell_status};
use crate::strings::stepwell_strings;

/// What ended a process that trapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_trap {
    /// The `unreachable` operator: an abort, a failed assertion or a panic.
    STEPWELL_TRAP_UNREACHABLE = 0,
    /// A load or store outside linear memory.
    STEPWELL_TRAP_MEMORY_OUT_OF_BOUNDS = 1,
    /// An access outside a table.
    STEPWELL_TRAP_TABLE_OUT_OF_BOUNDS = 2,
    /// An indirect call through an empty element.
    STEPWELL_TRAP_INDIRECT_CALL_TO_NULL = 3,
    /// An indirect call of a function of another type.
    STEPWELL_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 4,
    /// An integer division by zero.
    STEPWELL_TRAP_INTEGER_DIVIDE_BY_ZERO = 5,
    /// An integer division that overflows.
    STEPWELL_TRAP_INTEGER_OVERFLOW = 6,
    /// A float that is no integer, or too large for one.
    STEPWELL_TRAP_INVALID_CONVERSION_TO_INTEGER = 7,
    /// More active functions than the engine allows.
    STEPWELL_TRAP_STACK_OVERFLOW = 8,
    /// A call of WASI was given a pointer outside memory.
    STEPWELL_TRAP_FAULT = 9,
    /// A function of a prepared module turned out invalid.
    STEPWELL_TRAP_INVALID_FUNCTION = 10,
    /// A bug in the library. Please report it.
    STEPWELL_TRAP_HOST_PANIC = 11,
}

use stepwell_trap::*;

/// The functions that were active, the innermost first when a process trapped, the outermost first in an image. Owned by the
/// caller; never changes, so any thread may read it.
pub struct stepwell_backtrace {
    _private: (),
}

impl Noun for stepwell_backtrace {
    type Value = Vec<Frame>;
    const TAG: u32 = u32::from_le_bytes(*b"bktr");
    const NAME: &'static str = "stepwell_backtrace";
}

impl Shared for stepwell_backtrace {}

/// The code that the process has ended with: all 32 bits.
///
/// `STEPWELL_WRONG_STATE`: it has not exited.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_exit_code(
    process: *const stepwell_process,
    out: *mut u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match door.exclusive(process)?.state {
            State::Exited(code) => out.write(code),
            _ => Err(Failure::about(STEPWELL_WRONG_STATE, "the process", "has not exited")),
        }
    })
}

/// The limit that has ended the process.
///
/// `STEPWELL_WRONG_STATE`: none has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_exhausted_limit(
    process: *const stepwell_process,
    out: *mut stepwell_limit,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match door.exclusive(process)?.state {
            State::Exhausted(limit) => out.write(limit.into()),
            _ => Err(Failure::about(STEPWELL_WRONG_STATE, "the process", "has reached no limit")),
        }
    })
}

/// What kind of trap has ended the process.
///
/// `STEPWELL_WRONG_STATE`: none has.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_trap_kind(
    process: *const stepwell_process,
    out: *mut stepwell_trap,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match &door.exclusive(process)?.state {
            State::Trapped(trap) => out.write(kind(&trap.kind)),
            _ => Err(Failure::about(STEPWELL_WRONG_STATE, "the process", "has not trapped")),
        }
    })
}

/// What the trap was, for people.
///
/// `STEPWELL_WRONG_STATE`: the process has not trapped.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_trap_message(
    process: *const stepwell_process,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match &door.exclusive(process)?.state {
            State::Trapped(trap) => out.give(trap.to_string().into()),
            _ => Err(Failure::about(STEPWELL_WRONG_STATE, "the process", "has not trapped")),
        }
    })
}

/// The functions that were active when the process trapped. The run is repeated to find them, which takes as long as it did;
/// an interrupt stops that.
///
/// `STEPWELL_NO_BACKTRACE`: it has not trapped, its run cannot be repeated, or it was interrupted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_backtrace(
    process: *const stepwell_process,
    out: *mut *mut stepwell_backtrace,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    use std::sync::atomic::Ordering::Relaxed;
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let running = door.exclusive(process)?;
        out.give(running.process.backtrace(|| !running.interrupt.swap(false, Relaxed))?)
    })
}

/// How many functions there are; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_backtrace_count(backtrace: *const stepwell_backtrace) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(backtrace) }.map_or(0, Vec::len)
}

/// The index of a function in the module, imports first; `UINT32_MAX` if there is no such frame.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_backtrace_function(
    backtrace: *const stepwell_backtrace,
    index: usize,
) -> u32 {
    // SAFETY: the caller keeps the rules of the header.
    let frames = unsafe { peek(backtrace) };
    frames.and_then(|frames| frames.get(index)).map_or(u32::MAX, |frame| frame.function)
}

/// The first byte of the name that the module gives to a function, in UTF-8 without NUL at its end. Borrowed until the
/// backtrace is freed. NULL if it gives none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_backtrace_name(
    backtrace: *const stepwell_backtrace,
    index: usize,
) -> *const u8 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { name(backtrace, index) }.map_or(null(), str::as_ptr)
}

/// How many bytes the name has; 0 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_backtrace_name_len(
    backtrace: *const stepwell_backtrace,
    index: usize,
) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { name(backtrace, index) }.map_or(0, str::len)
}

/// # Safety
/// The rules of the header hold for `backtrace`.
unsafe fn name<'a>(backtrace: *const stepwell_backtrace, index: usize) -> Option<&'a str> {
    // SAFETY: this function's contract.
    unsafe { peek(backtrace) }?.get(index)?.name.as_deref()
}

/// Frees a backtrace. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_backtrace_free(backtrace: *mut stepwell_backtrace) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(backtrace) };
}

/// What the called export returned, once it has: numbers as text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_results(
    process: *const stepwell_process,
    out: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let results = door.exclusive(process)?.process.results();
        out.give(results.iter().map(ToString::to_string).collect())
    })
}

/// Whether a growth of memory or of a table was refused to the guest, which may have gone on; and for which limit the last
/// one was. `limit` is written only if one was, and may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_growth_refused(
    process: *const stepwell_process,
    out: *mut bool,
    limit: *mut stepwell_limit,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let limit = (!limit.is_null()).then(|| door.output(limit)).transpose()?;
        let refused = door.exclusive(process)?.process.growth_refused();
        if let (Some(limit), Some(refused)) = (limit, refused) {
            limit.write(refused.into())?;
        }
        out.write(refused.is_some())
    })
}

/// Where the steps went so far, as flame-graph tools read it: a line for each stack of functions, with its steps.
///
/// `STEPWELL_INVALID_ARGUMENT`: `stepwell_process_builder_profile` was not called.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_profile(
    process: *const stepwell_process,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match door.exclusive(process)?.process.profile() {
            Some(profile) => out.give(profile.collapsed().into()),
            None => {
                let text = "does not account for its steps";
                Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the process", text))
            }
        }
    })
}

fn kind(kind: &TrapKind) -> stepwell_trap {
    match kind {
        TrapKind::Unreachable => STEPWELL_TRAP_UNREACHABLE,
        TrapKind::MemoryOutOfBounds => STEPWELL_TRAP_MEMORY_OUT_OF_BOUNDS,
        TrapKind::TableOutOfBounds => STEPWELL_TRAP_TABLE_OUT_OF_BOUNDS,
        TrapKind::IndirectCallToNull => STEPWELL_TRAP_INDIRECT_CALL_TO_NULL,
        TrapKind::IndirectCallTypeMismatch => STEPWELL_TRAP_INDIRECT_CALL_TYPE_MISMATCH,
        TrapKind::IntegerDivideByZero => STEPWELL_TRAP_INTEGER_DIVIDE_BY_ZERO,
        TrapKind::IntegerOverflow => STEPWELL_TRAP_INTEGER_OVERFLOW,
        TrapKind::InvalidConversionToInteger => STEPWELL_TRAP_INVALID_CONVERSION_TO_INTEGER,
        TrapKind::StackOverflow => STEPWELL_TRAP_STACK_OVERFLOW,
        TrapKind::Fault(_) => STEPWELL_TRAP_FAULT,
        TrapKind::InvalidFunction(_) => STEPWELL_TRAP_INVALID_FUNCTION,
        _ => STEPWELL_TRAP_HOST_PANIC,
    }
}
