//! Processes of one template that are used again.

use engine::Pool;

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::host;
use crate::limits::stepwell_limits;
use crate::process::{Running, stepwell_process};
use crate::status::stepwell_status;
use crate::template::{limits_of, stepwell_template};

/// Thaws processes of one template, and uses again what it is given back: a thaw takes microseconds, and processes share the
/// memory that they have not written. Only time and memory differ from `stepwell_template_thaw`. Owned by the caller; its
/// processes may outlive it. Any number of threads may use it at once.
pub struct stepwell_pool {
    _private: (),
}

impl Noun for stepwell_pool {
    type Value = Pool;
    const TAG: u32 = u32::from_le_bytes(*b"pool");
    const NAME: &'static str = "stepwell_pool";
}

impl Shared for stepwell_pool {}

/// Makes a pool that keeps at most so many instances for their next process. Where the host has no copy-on-write mappings
/// (elsewhere than on Linux and Android), memories are copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_pool_new(
    template: *const stepwell_template,
    spares_max: usize,
    out: *mut *mut stepwell_pool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(Pool::new(door.shared(template)?, &host::backing(), spares_max))
    })
}

/// As `stepwell_template_thaw`. An image from which directories of the host were left out cannot be thawed by a pool.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_pool_thaw(
    pool: *const stepwell_pool,
    limits: *const stepwell_limits,
    out: *mut *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let pool = door.shared(pool)?;
        let limits = limits_of(door, pool.template().image(), limits)?;
        out.give(Running::of(pool.thaw_with(limits)?))
    })
}

/// Ends a process in whatever state it is, and keeps its instance for the next. The call frees `process` if it succeeds: it is
/// not used again. `kept` says whether the instance was kept, and may be NULL: it is not if the process is of another pool, has
/// grown its memory or a table, or there are enough of them.
///
/// A failure leaves the process to the caller.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_pool_recycle(
    pool: *const stepwell_pool,
    process: *mut stepwell_process,
    kept: *mut bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let kept = (!kept.is_null()).then(|| door.output(kept)).transpose()?;
        let pool = door.shared(pool)?;
        let is_kept = pool.recycle(door.take(process)?.process);
        kept.map_or(Ok(()), |kept| kept.write(is_kept))
    })
}

/// Instances that wait for their next process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_pool_spares(
    pool: *const stepwell_pool,
    out: *mut usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.shared(pool)?.spares())
    })
}

/// Whether some memory of the image is mapped, and not copied for each process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_pool_is_mapped(
    pool: *const stepwell_pool,
    out: *mut bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.shared(pool)?.is_mapped())
    })
}

/// Frees a pool. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_pool_free(pool: *mut stepwell_pool) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(pool) };
}
