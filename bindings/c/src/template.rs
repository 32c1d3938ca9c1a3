//! Images that are ready to go on.

use engine::Template;

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::limits::stepwell_limits;
use crate::process::{Running, stepwell_process};
use crate::status::stepwell_status;

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

/// Makes a process that stands where the frozen one stood. `limits` is copied and takes the place of the image's; NULL keeps
/// them. Steps and memory of the frozen part count.
///
/// `STEPWELL_IMAGE`: the image is damaged, or does not fit into the limits.
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
        let process = match limits.is_null() {
            true => template.thaw()?,
            false => {
                let limits = *door.exclusive(limits)?;
                template.thaw_with(limits)?
            }
        };
        out.give(Running::of(process))
    })
}

/// Frees a template. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_template_free(template: *mut stepwell_template) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(template) };
}
