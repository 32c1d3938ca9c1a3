//! The `proc_*` functions and `sched_yield`.

use vfs::Errno;

use crate::{Context, GuestMemory, Stop};

/// Ends the process with all 32 bits of `rval`.
pub(crate) fn proc_exit(_: &mut Context, _: &mut GuestMemory<'_>, rval: u32) -> Result<(), Stop> {
    Err(Stop::Exit(rval))
}

/// Would send a signal to the process itself; there are no signals.
///
/// # Errors
/// - [`Errno::Nosys`], whatever the signal.
pub(crate) fn proc_raise(_: &mut Context, _: &mut GuestMemory<'_>, _sig: u32) -> Result<(), Stop> {
    Err(Errno::Nosys.into())
}

/// Lets others run, of which there are none.
pub(crate) fn sched_yield(_: &mut Context, _: &mut GuestMemory<'_>) -> Result<(), Stop> {
    Ok(())
}
