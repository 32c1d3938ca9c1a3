//! Where a process stops, and writing it down there.

use std::ffi::c_char;

use engine::{FreezePoint, Process};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::image::stepwell_image;
use crate::process::stepwell_process;
use crate::status::{Failure, STEPWELL_INVALID_ARGUMENT, stepwell_status};

/// Where a process stops so that it can be frozen: before a call of WASI, which is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_freeze_point {
    /// The next call. Takes neither `name` nor `number`.
    STEPWELL_FREEZE_POINT_NEXT_CALL = 0,
    /// The first call before which at least `number` have finished.
    STEPWELL_FREEZE_POINT_AFTER_CALLS = 1,
    /// The first read of standard input. Takes neither `name` nor `number`.
    STEPWELL_FREEZE_POINT_STDIN = 2,
    /// The first opening of the absolute path `name`.
    STEPWELL_FREEZE_POINT_OPEN = 3,
    /// From here on, call number `number` of the import `name`, `fd_write` for example; 1 is the first.
    STEPWELL_FREEZE_POINT_CALL = 4,
}

use stepwell_freeze_point::*;

/// Has the process stop before a call of WASI: `stepwell_process_run` then returns `STEPWELL_STATE_FREEZE_POINT`, once.
/// `point` is a `stepwell_freeze_point`, which says what `name` and `number` are; what it does not take is not looked at. It
/// replaces what was set before.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such point. `STEPWELL_NOT_FREEZABLE`: the module does not import the function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_freeze_at(
    process: *mut stepwell_process,
    point: u32,
    name: *const c_char,
    number: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let text = || door.text(name, "the name").map(str::to_owned);
        let point = match point {
            _ if point == STEPWELL_FREEZE_POINT_NEXT_CALL as u32 => FreezePoint::NextCall,
            _ if point == STEPWELL_FREEZE_POINT_AFTER_CALLS as u32 => {
                FreezePoint::AfterCalls(number)
            }
            _ if point == STEPWELL_FREEZE_POINT_STDIN as u32 => FreezePoint::Stdin,
            _ if point == STEPWELL_FREEZE_POINT_OPEN as u32 => FreezePoint::Open(text()?),
            _ if point == STEPWELL_FREEZE_POINT_CALL as u32 => {
                FreezePoint::Call { name: text()?, nth: number }
            }
            _ => {
                let text = "is none that there is";
                return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the point", text));
            }
        };
        Ok(door.exclusive(process)?.process.freeze_at(point)?)
    })
}

/// Writes the process down as it stands at a call of WASI: `STEPWELL_STATE_FREEZE_POINT` or `STEPWELL_STATE_BLOCKED`. One
/// made with `stepwell_process_builder_freezable` is over afterwards, in `STEPWELL_STATE_FROZEN`; any other stays as it is,
/// and its run is repeated, which takes as long as it has.
///
/// `STEPWELL_NOT_FREEZABLE`: it does not stand at a call, has a directory of the host's mounted (see
/// `stepwell_process_freeze_detached`), or cannot be repeated: it is then as it was. Or its stack is too deep: a freezable
/// process is then over too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_freeze(
    process: *mut stepwell_process,
    out: *mut *mut stepwell_image,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(process)?.freeze(Process::freeze)?)
    })
}

/// As `stepwell_process_freeze`, with directories of the host left out: `stepwell_image_absent` names them, and
/// `stepwell_template_thaw_attached` opens again, by its path, what is open there. The process has to be one made with
/// `stepwell_process_builder_freezable`, because a run on files of the host's cannot be repeated.
///
/// As `stepwell_process_freeze`, but for the directory. `STEPWELL_NOT_FREEZABLE` also: a mount is a tree above a directory of the
/// host's and not read-only, so that the guest may have changed what the directory does not have; or a file that is open there
/// has no name any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_freeze_detached(
    process: *mut stepwell_process,
    out: *mut *mut stepwell_image,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(process)?.freeze(Process::freeze_detached)?)
    })
}
