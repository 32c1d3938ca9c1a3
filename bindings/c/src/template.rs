//! Images that are ready to go on.

use ::bytes::Bytes;
use engine::{Image, Limits, Template};

use crate::door::Door;
use crate::engine::stepwell_engine;
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::image::stepwell_image;
use crate::limits::{optional, stepwell_limits};
use crate::mounts::stepwell_mounts;
use crate::process::{Running, stepwell_process};
use crate::status::{Outcome, stepwell_status};
use crate::unused::Unused;

/// An image with the code that goes on from it. Owned by the caller. Never changes, so any number of threads may use it at
/// once.
pub struct stepwell_template {
    _private: (),
}

impl Noun for stepwell_template {
    type Value = Template;
    const TAG: u32 = u32::from_le_bytes(*b"tmpl");
    const NAME: &'static str = "stepwell_template";
}

impl Shared for stepwell_template {}

/// Reads what `stepwell_image_save_prepared` has written. `data` is copied, once. `limits` is copied and takes the place of
/// those that the process was frozen with; NULL keeps them.
///
/// Function bodies are not checked again: keep a checksum with the bytes. Bytes that were changed are safe, but may trap or
/// run without counting steps. Nothing but the code is kept, so a process of it has no backtrace and cannot be frozen.
///
/// `STEPWELL_IMAGE`: they are damaged or of another version, or do not fit into the limits. `STEPWELL_INTERPRETER`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_load(
    engine: *const stepwell_engine,
    data: *const u8,
    len: usize,
    limits: *const stepwell_limits,
    out: *mut *mut stepwell_template,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let engine = *door.exclusive(engine)?;
        let data = Bytes::copy_from_slice(door.slice(data, len)?);
        out.give(Template::load(&engine, &data, optional(door, limits)?)?)
    })
}

/// The image that it was made from, which it shares.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_image(
    template: *const stepwell_template,
    out: *mut *mut stepwell_image,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.shared(template)?.image().clone())
    })
}

/// Steps that were taken until the process was frozen.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_steps(
    template: *const stepwell_template,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.write(door.shared(template)?.image().steps()))
}

/// Makes a process that stands where the frozen one stood. `limits` is copied and takes the place of the image's; NULL keeps
/// them. Steps and memory of the frozen part count.
///
/// `STEPWELL_IMAGE`: the image is damaged, or does not fit into the limits. `STEPWELL_FILES`: directories of the host were left
/// out of it, which `stepwell_template_thaw_attached` takes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_thaw(
    template: *const stepwell_template,
    limits: *const stepwell_limits,
    out: *mut *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let template = door.shared(template)?;
        out.give(Running::of(template.thaw_with(limits_of(door, template.image(), limits)?)?))
    })
}

/// As `stepwell_template_thaw`, with a directory of the host, or other files, where each was left out when the process was
/// frozen by `stepwell_process_freeze_detached`. What was open there is opened again, by its path and as it was, and stands at
/// the offset where it stood. Directories on which others were mounted are made where they are missing, also if the call fails
/// later. The call uses `mounts` up, also if it fails, unless a handle is refused.
///
/// The run can be repeated, and so have a backtrace or be frozen without `stepwell_image_prepare_freezable`, only if no mount
/// writes through to a directory of the host's.
///
/// As `stepwell_template_thaw`. `STEPWELL_FILES`: a mount is missing, or is at a path where none was left out; or what was open is
/// not there, which is named.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_thaw_attached(
    template: *const stepwell_template,
    limits: *const stepwell_limits,
    mounts: *mut stepwell_mounts,
    out: *mut *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let template = door.shared(template)?;
        let limits = limits_of(door, template.image(), limits)?;
        let mounts = Unused::of(door, mounts)?.take().by_path();
        out.give(Running::of(template.thaw_attached(limits, mounts)?))
    })
}

/// Frees a template. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_free(template: *mut stepwell_template) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(template) };
}

/// The limits that a process of an image gets: those that are given, unless they are NULL.
pub(crate) fn limits_of(
    door: &Door,
    image: &Image,
    limits: *const stepwell_limits,
) -> Outcome<Limits> {
    Ok(optional(door, limits)?.unwrap_or_else(|| image.limits()))
}
