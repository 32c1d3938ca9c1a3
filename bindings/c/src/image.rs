//! Frozen processes.

use std::ffi::c_char;

use ::bytes::Bytes;
use engine::Image;

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::engine::stepwell_engine;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::limits::stepwell_limits;
use crate::module::stepwell_module;
use crate::process::ending::stepwell_backtrace;
use crate::status::stepwell_status;
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

/// Whether bytes start as those of an image do. `data` is borrowed for the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_is_image(
    data: *const u8,
    len: usize,
    out: *mut bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.write(Image::is_image(door.slice(data, len)?)))
}

/// Reads an image of `module`. `data` is copied, once. `limits` is copied and takes the place of those that the process was
/// frozen with; NULL keeps them. The bytes may come from anywhere: what they hold is checked.
///
/// `STEPWELL_IMAGE`: they are damaged, of another module, or do not fit into the limits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_load(
    module: *const stepwell_module,
    data: *const u8,
    len: usize,
    limits: *const stepwell_limits,
    out: *mut *mut stepwell_image,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let module = door.shared(module)?;
        let data = door.slice(data, len)?;
        let limits = (!limits.is_null()).then(|| door.exclusive(limits)).transpose()?;
        let limits = limits.map(|limits| *limits);
        out.give(Image::load(Bytes::copy_from_slice(data), module, &[], limits)?)
    })
}

/// Writes an image as bytes, which any host can load that has the same module.
///
/// `STEPWELL_NOT_FREEZABLE`: its clock or its entropy is the host's, or a tree lies above a directory of the host's.
/// `STEPWELL_IMAGE`: it is of another module.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_save(
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
        out.give(door.exclusive(image)?.save(module, &[])?.into())
    })
}

/// As `stepwell_image_save`, with the module's own bytes in it, for `stepwell_image_embedded_module`. `wasm` is what the
/// module was made from, and borrowed for the call.
///
/// `STEPWELL_NOT_FREEZABLE`; `STEPWELL_IMAGE`: it is of another module, or `wasm` is not its bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_save_whole(
    image: *const stepwell_image,
    module: *const stepwell_module,
    wasm: *const u8,
    wasm_len: usize,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let module = door.shared(module)?;
        let wasm = door.slice(wasm, wasm_len)?;
        out.give(door.exclusive(image)?.save_whole(module, wasm, &[])?.into())
    })
}

/// Writes an image with the code that goes on from it, for `stepwell_template_load`, which needs neither the module nor the
/// work of `stepwell_image_prepare` then.
///
/// `STEPWELL_IMAGE`: it is of another module. `STEPWELL_NOT_FREEZABLE`: as for `stepwell_image_save`, or a function on its
/// stack would become too large.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_save_prepared(
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
        out.give(door.exclusive(image)?.save_prepared(module)?.into())
    })
}

/// Makes the module that lies in the bytes of an image ready to run. The answer is NULL if none does. `data` is copied.
///
/// `STEPWELL_IMAGE`: the bytes are no image or damaged. As `stepwell_module_new`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_embedded_module(
    engine: *const stepwell_engine,
    data: *const u8,
    len: usize,
    out: *mut *mut stepwell_module,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let engine = *door.exclusive(engine)?;
        let data = Bytes::copy_from_slice(door.slice(data, len)?);
        match Image::embedded(&data)? {
            Some(wasm) => out.give(engine::Module::new(&engine, wasm)?),
            None => out.write(std::ptr::null_mut()),
        }
    })
}

/// What `stepwell_image_set_origin` has noted in the bytes of an image, without loading it. `data` is copied.
///
/// `STEPWELL_IMAGE`: the bytes are no image or damaged.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_origin(
    data: *const u8,
    len: usize,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let data = Bytes::copy_from_slice(door.slice(data, len)?);
        out.give(Image::origin_of(&data)?.into())
    })
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
        let mut image = door.exclusive(image)?;
        let noted = image.clone().with_origin(origin);
        *image = noted;
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
    door.pass(|door| {
        let out = door.output(out)?;
        let module = door.shared(module)?;
        out.give(door.exclusive(image)?.prepare(module)?)
    })
}

/// Frees an image. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_free(image: *mut stepwell_image) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(image) };
}
