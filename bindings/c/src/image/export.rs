//! What an image needs of the one who goes on from it: directories of the host, or another engine.

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::image::stepwell_image;
use crate::module::stepwell_module;
use crate::status::stepwell_status;
use crate::strings::stepwell_strings;

/// The guest's paths at which directories of the host were left out: `stepwell_template_thaw_attached` has to be given a mount
/// for each. None, unless the process was frozen by `stepwell_process_freeze_detached`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_absent(
    image: *const stepwell_image,
    out: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(image)?.absent().map(str::to_owned).collect())
    })
}

/// The guest's paths of the directories that are open from the start, from descriptor 3 on: an engine that runs what
/// `stepwell_image_to_wasm` gives has to open as many, in this order.
///
/// `STEPWELL_NOT_PORTABLE`: something else is open, or one of these or a standard stream is not, or has flags; there is input
/// that the process has not read, or output that the host has not drained.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_preopens(
    image: *const stepwell_image,
    out: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(image)?.preopens()?.into_iter().map(str::to_owned).collect())
    })
}

/// Writes a module that goes on from here when its `_start` is called, on any engine with WASI preview1. What is the host's
/// comes from that engine: files, standard streams, clock and random numbers; nothing counts steps, and limits do not go
/// along. Arguments and environment have been read before.
///
/// `STEPWELL_NOT_PORTABLE`: as `stepwell_image_preopens`, or what would be written is not valid or more than engines take.
/// `STEPWELL_NOT_FREEZABLE`: its stack is too deep. `STEPWELL_IMAGE`: it is of another module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_to_wasm(
    image: *const stepwell_image,
    module: *const stepwell_module,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let module = door.shared(module)?;
        out.give(door.exclusive(image)?.to_wasm(module)?.into())
    })
}
