//! Stopping a run from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::process::stepwell_process;
use crate::status::stepwell_status;

/// Stops a run from another thread. Owned by the caller; it may outlive its process. Any number of threads may use it at
/// once, also while another is inside the process: it is the one thing that they may.
pub struct stepwell_interrupt {
    _private: (),
}

impl Noun for stepwell_interrupt {
    type Value = Arc<AtomicBool>;
    const TAG: u32 = u32::from_le_bytes(*b"intr");
    const NAME: &'static str = "stepwell_interrupt";
}

impl Shared for stepwell_interrupt {}

/// Makes a handle that interrupts this process. Make it before the process is given to another thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_interrupt(
    process: *const stepwell_process,
    out: *mut *mut stepwell_interrupt,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(Arc::clone(&door.exclusive(process)?.interrupt))
    })
}

/// Has `stepwell_process_run` return `STEPWELL_STATE_INTERRUPTED` within a few milliseconds, or at once if it is called next;
/// and a backtrace that is being made fail. Once for each call, then the process can be run again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_interrupt_raise(
    interrupt: *const stepwell_interrupt,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        door.shared(interrupt)?.store(true, Ordering::Relaxed);
        Ok(())
    })
}

/// Frees the handle. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_interrupt_free(interrupt: *mut stepwell_interrupt) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(interrupt) };
}
