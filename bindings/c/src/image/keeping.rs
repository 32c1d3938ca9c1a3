//! Images as bytes.

use std::ptr::null;

use ::bytes::Bytes;
use engine::Image;

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::engine::stepwell_engine;
use crate::error::stepwell_error;
use crate::image::stepwell_image;
use crate::limits::{optional, stepwell_limits};
use crate::module::stepwell_module;
use crate::status::{Outcome, stepwell_status};
use crate::tree::saved::{known, stepwell_bases};

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
    door.pass(|door| load(door, module, door.slice(data, len)?, null(), limits, out))
}

/// As `stepwell_image_load`, for bytes of `stepwell_image_save_above`: `bases` has the trees that they may be differences to, and
/// may be NULL.
///
/// As `stepwell_image_load`; also if a base is not there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_load_above(
    module: *const stepwell_module,
    data: *const u8,
    len: usize,
    bases: *const stepwell_bases,
    limits: *const stepwell_limits,
    out: *mut *mut stepwell_image,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| load(door, module, door.slice(data, len)?, bases, limits, out))
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
    door.pass(|door| save(door, image, module, null(), out))
}

/// As `stepwell_image_save`, with each tree as the difference to that one of `bases` that it has most in common with, if any.
/// `bases` may be NULL.
///
/// As `stepwell_image_save`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_image_save_above(
    image: *const stepwell_image,
    module: *const stepwell_module,
    bases: *const stepwell_bases,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| save(door, image, module, bases, out))
}

/// Writes an image and the code that goes on from it as bytes for a cache, which `stepwell_template_load` reads: whoever keeps
/// these needs neither the module nor `stepwell_image_prepare` again.
///
/// As `stepwell_image_prepare`, then as `stepwell_image_save`.
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

fn load(
    door: &Door,
    module: *const stepwell_module,
    data: &[u8],
    bases: *const stepwell_bases,
    limits: *const stepwell_limits,
    out: *mut *mut stepwell_image,
) -> Outcome {
    let out = door.output(out)?;
    let module = door.shared(module)?;
    let (bases, limits) = (known(door, bases)?, optional(door, limits)?);
    out.give(Image::load(Bytes::copy_from_slice(data), module, &bases, limits)?)
}

fn save(
    door: &Door,
    image: *const stepwell_image,
    module: *const stepwell_module,
    bases: *const stepwell_bases,
    out: *mut *mut stepwell_bytes,
) -> Outcome {
    let out = door.output(out)?;
    let module = door.shared(module)?;
    let bases = known(door, bases)?;
    out.give(door.exclusive(image)?.save(module, &bases)?.into())
}
