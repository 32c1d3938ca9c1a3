//! The settings that modules are compiled with.

use engine::Engine;

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, stepwell_status};

/// The settings that modules are compiled with. Owned by the caller. A module keeps a copy, so an engine may be changed or
/// freed at any time. One thread at a time.
pub struct stepwell_engine {
    _private: (),
}

impl Noun for stepwell_engine {
    type Value = Engine;
    const TAG: u32 = u32::from_le_bytes(*b"engn");
    const NAME: &'static str = "stepwell_engine";
}

/// Makes an engine: 100 000 frames and 64 MiB of stack.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_engine_new(
    out: *mut *mut stepwell_engine,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.give(Engine::default()))
}

/// Sets how many functions may be active at once: one more traps with a stack overflow.
///
/// `STEPWELL_INVALID_ARGUMENT`: it is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_engine_set_call_depth_max(
    engine: *mut stepwell_engine,
    frames: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut engine = door.exclusive(engine)?;
        *engine = engine.call_depth_max(size(frames)?);
        Ok(())
    })
}

/// Sets how many bytes the locals and operands of all active functions may take, at least 64 KiB: a call beyond it traps
/// with a stack overflow.
///
/// `STEPWELL_INVALID_ARGUMENT`: it is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_engine_set_stack_bytes_max(
    engine: *mut stepwell_engine,
    bytes: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut engine = door.exclusive(engine)?;
        *engine = engine.stack_bytes_max(size(bytes)?);
        Ok(())
    })
}

/// Frees an engine. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_engine_free(engine: *mut stepwell_engine) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(engine) };
}

/// A maximum as a size in memory: all that there can be, if it is more.
fn size(max: u64) -> Outcome<usize> {
    if max == 0 {
        return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the maximum", "is 0"));
    }
    Ok(usize::try_from(max).unwrap_or(usize::MAX))
}
