//! Frozen processes.

pub(crate) mod export;
pub(crate) mod keeping;

use std::ffi::c_char;

use ::bytes::Bytes;
use engine::{Error, Image, Module, Template};

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::limits::stepwell_limits;
use crate::module::stepwell_module;
use crate::process::ending::stepwell_backtrace;
use crate::status::{Outcome, stepwell_status};
use crate::template::stepwell_template;

/// A process that stands still at a call of WASI, as plain data: its stack, memories, files, streams, clock and random numbers.
/// Owned by the caller. One thread at a time; a template of it is for many.
pub struct stepwell_image {
    _private: (),
}

impl Noun for stepwell_image {
    type Value = Image;
    const TAG: u32 = u32::from_le_bytes(*b"imag");
    const NAME: &'static str = "stepwell_image";
}

/// Notes where the module comes from, in words of the caller's own, for when the image is saved.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_set_origin(
    image: *mut stepwell_image,
    origin: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let origin = door.text(origin, "the origin")?;
        door.exclusive(image)?.set_origin(origin);
        Ok(())
    })
}

/// Steps that were taken until the process was frozen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_steps(
    image: *const stepwell_image,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(image)?.steps())
    })
}

/// Calls of WASI that had finished when the process was frozen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_syscalls(
    image: *const stepwell_image,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(image)?.syscalls())
    })
}

/// Bytes of all linear memories of the process.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_memory_bytes(
    image: *const stepwell_image,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(image)?.memory_bytes())
    })
}

/// The SHA-256 of the module that it is of: 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_module_sha256(
    image: *const stepwell_image,
    out: *mut u8,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out.cast::<[u8; 32]>())?;
        out.write(door.exclusive(image)?.module_sha256())
    })
}

/// The name of the call of WASI that it stands at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_syscall(
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
        let image = door.exclusive(image)?;
        out.give(Bytes::copy_from_slice(image.syscall(module).unwrap_or_default().as_bytes()))
    })
}

/// The functions that are active, the outermost first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_backtrace(
    image: *const stepwell_image,
    module: *const stepwell_module,
    out: *mut *mut stepwell_backtrace,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let module = door.shared(module)?;
        out.give(door.exclusive(image)?.backtrace(module))
    })
}

/// Makes an image ready to go on, any number of times: writes the copy of the module that starts where it stands.
///
/// `STEPWELL_IMAGE`: it is of another module. `STEPWELL_NOT_FREEZABLE`: a function on its stack would become too large.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_prepare(
    image: *const stepwell_image,
    module: *const stepwell_module,
    out: *mut *mut stepwell_template,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| ready(door, image, module, out, Image::prepare))
}

/// As `stepwell_image_prepare`, for processes that can be frozen without repeating their run: they take the same steps and a
/// little longer. See `stepwell_process_builder_freezable`.
///
/// As `stepwell_image_prepare`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_prepare_freezable(
    image: *const stepwell_image,
    module: *const stepwell_module,
    out: *mut *mut stepwell_template,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| ready(door, image, module, out, Image::prepare_freezable))
}

/// As `stepwell_image_prepare`, for processes that account for where their steps go: see `stepwell_process_profile`. The steps
/// of the frozen part are a stack of their own, `[frozen]`. They are several times slower.
///
/// As `stepwell_image_prepare`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_prepare_profiled(
    image: *const stepwell_image,
    module: *const stepwell_module,
    out: *mut *mut stepwell_template,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| ready(door, image, module, out, Image::prepare_profiled))
}

/// The most that its processes may use, unless they are given other limits: a copy.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_limits(
    image: *const stepwell_image,
    out: *mut *mut stepwell_limits,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(image)?.limits())
    })
}

/// Frees an image. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_free(image: *mut stepwell_image) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(image) };
}

/// Gives the template that `way` makes of an image.
fn ready(
    door: &Door,
    image: *const stepwell_image,
    module: *const stepwell_module,
    out: *mut *mut stepwell_template,
    way: impl FnOnce(&Image, &Module) -> Result<Template, Error>,
) -> Outcome {
    let out = door.output(out)?;
    let module = door.shared(module)?;
    out.give(way(&*door.exclusive(image)?, module)?)
}
