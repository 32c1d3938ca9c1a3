//! The most that a process may use.

use engine::{Limit, Limits};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, stepwell_status};

/// The most that a process may use. Owned by the caller; builders, images and templates copy it. One thread at a time.
pub struct stepwell_limits {
    _private: (),
}

impl Noun for stepwell_limits {
    type Value = Limits;
    const TAG: u32 = u32::from_le_bytes(*b"lims");
    const NAME: &'static str = "stepwell_limits";
}

/// A maximum of a process, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_limit {
    /// Steps in all. Default: no limit.
    STEPWELL_LIMIT_STEPS = 0,
    /// Bytes of all linear memories together; growing beyond it fails in the guest. Default: 2 GiB.
    STEPWELL_LIMIT_MEMORY_BYTES = 1,
    /// Elements of all tables together; growing beyond it fails in the guest. Default: 10 million.
    STEPWELL_LIMIT_TABLE_ELEMENTS = 2,
    /// Bytes written to standard output, and to standard error. Default: no limit.
    STEPWELL_LIMIT_OUTPUT_BYTES = 3,
    /// Bytes of each output that may lie undrained; a guest that writes on is blocked. Default: 64 KiB.
    STEPWELL_LIMIT_OUTPUT_QUEUE_BYTES = 4,
    /// Open descriptors. Default: 1024.
    STEPWELL_LIMIT_DESCRIPTORS = 5,
    /// Bytes of arguments and environment together. Default: 2 MiB.
    STEPWELL_LIMIT_ARGUMENT_BYTES = 6,
    /// The host had no more memory to give. Never set, only reached.
    STEPWELL_LIMIT_HOST_MEMORY = 7,
}

use stepwell_limit::*;

impl From<Limit> for stepwell_limit {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Steps => STEPWELL_LIMIT_STEPS,
            Limit::Memory => STEPWELL_LIMIT_MEMORY_BYTES,
            Limit::Table => STEPWELL_LIMIT_TABLE_ELEMENTS,
            Limit::Output => STEPWELL_LIMIT_OUTPUT_BYTES,
            _ => STEPWELL_LIMIT_HOST_MEMORY,
        }
    }
}

/// Makes limits, each at its default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_limits_new(
    out: *mut *mut stepwell_limits,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.give(Limits::default()))
}

/// Sets one limit: `limit` is a `stepwell_limit`. A size beyond what the host can address means all that it can.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such limit to be set, or there cannot be so many descriptors.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_limits_set(
    limits: *mut stepwell_limits,
    limit: u32,
    max: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut limits = door.exclusive(limits)?;
        let size = usize::try_from(max).unwrap_or(usize::MAX);
        match limit {
            _ if limit == STEPWELL_LIMIT_STEPS as u32 => limits.steps_max = max,
            _ if limit == STEPWELL_LIMIT_MEMORY_BYTES as u32 => limits.memory_bytes_max = size,
            _ if limit == STEPWELL_LIMIT_TABLE_ELEMENTS as u32 => limits.table_elements_max = size,
            _ if limit == STEPWELL_LIMIT_OUTPUT_BYTES as u32 => limits.output_bytes_max = max,
            _ if limit == STEPWELL_LIMIT_OUTPUT_QUEUE_BYTES as u32 => {
                limits.output_queue_bytes_max = size;
            }
            _ if limit == STEPWELL_LIMIT_DESCRIPTORS as u32 => {
                limits.fds_max = u32::try_from(max).map_err(|_| {
                    Failure::about(STEPWELL_INVALID_ARGUMENT, "the maximum", "is too large")
                })?;
            }
            _ if limit == STEPWELL_LIMIT_ARGUMENT_BYTES as u32 => limits.args_bytes_max = max,
            _ => return Err(no_limit()),
        }
        Ok(())
    })
}

/// What one limit is: `limit` is a `stepwell_limit`. `UINT64_MAX` is no limit.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such limit to be set.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_limits_get(
    limits: *const stepwell_limits,
    limit: u32,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let limits = door.exclusive(limits)?;
        out.write(match limit {
            _ if limit == STEPWELL_LIMIT_STEPS as u32 => limits.steps_max,
            _ if limit == STEPWELL_LIMIT_MEMORY_BYTES as u32 => limits.memory_bytes_max as u64,
            _ if limit == STEPWELL_LIMIT_TABLE_ELEMENTS as u32 => limits.table_elements_max as u64,
            _ if limit == STEPWELL_LIMIT_OUTPUT_BYTES as u32 => limits.output_bytes_max,
            _ if limit == STEPWELL_LIMIT_OUTPUT_QUEUE_BYTES as u32 => {
                limits.output_queue_bytes_max as u64
            }
            _ if limit == STEPWELL_LIMIT_DESCRIPTORS as u32 => limits.fds_max.into(),
            _ if limit == STEPWELL_LIMIT_ARGUMENT_BYTES as u32 => limits.args_bytes_max,
            _ => return Err(no_limit()),
        })
    })
}

/// Frees limits. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_limits_free(limits: *mut stepwell_limits) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(limits) };
}

/// Limits that may be NULL.
pub(crate) fn optional(door: &Door, limits: *const stepwell_limits) -> Outcome<Option<Limits>> {
    match limits.is_null() {
        true => Ok(None),
        false => Ok(Some(*door.exclusive(limits)?)),
    }
}

fn no_limit() -> Failure {
    Failure::about(STEPWELL_INVALID_ARGUMENT, "the limit", "is none that can be set")
}
