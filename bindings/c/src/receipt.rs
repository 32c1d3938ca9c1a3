//! Receipts: what ran on what, and what came out.

use std::ffi::c_char;

use engine::vfs::Errno;

use crate::builder::parse_receipt;
use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::process::stepwell_process;
use crate::status::{Failure, STEPWELL_INVALID_ARGUMENT, at, stepwell_status};
use crate::strings::stepwell_strings;

/// The receipt of the run as it stands now: canonical JSON in UTF-8. Equal receipts mean equal runs. `reason` says why the run
/// may not be the same again, if only the caller knows that: a name in lower case, `interrupted` for example, or NULL.
///
/// `STEPWELL_INVALID_ARGUMENT`: no receipt was asked for. `STEPWELL_ERRNO`: the host's files cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_receipt(
    process: *mut stepwell_process,
    reason: *const c_char,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let reason = (!reason.is_null()).then(|| door.text(reason, "the reason")).transpose()?;
        let receipt = door.exclusive(process)?.process.receipt();
        let receipt = receipt.map_err(|errno: Errno| at("the files")(errno))?;
        let mut receipt = receipt.ok_or_else(|| {
            Failure::about(STEPWELL_INVALID_ARGUMENT, "the process", "writes no receipt")
        })?;
        if let Some(reason) = reason {
            receipt.not_deterministic(reason);
        }
        out.give(receipt.to_json().into())
    })
}

/// Has a thawed process, which has not run since, write a receipt. `image_sha256` is borrowed: the 32 bytes of the SHA-256 of
/// the image as it was saved. Its files may have been changed before.
///
/// `STEPWELL_WRONG_STATE`: it was not thawed, or has run, or was fed, drained or offered something since. `STEPWELL_FILES`: the files cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_keep_receipt(
    process: *mut stepwell_process,
    image_sha256: *const u8,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(door.slice(image_sha256, 32)?);
        Ok(door.exclusive(process)?.process.keep_receipt(sha256)?)
    })
}

/// Each field in which a run that was made again differs from the recorded one, as text; none if the runs are equal. Both
/// receipts are JSON in UTF-8, and borrowed for the call.
///
/// `STEPWELL_RECEIPT`: one of them is no receipt, or was changed. `STEPWELL_INVALID_UTF8`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_receipt_differences(
    recorded: *const u8,
    recorded_len: usize,
    found: *const u8,
    found_len: usize,
    out: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let recorded = door.slice(recorded, recorded_len)?;
        let found = door.slice(found, found_len)?;
        let (recorded, found) = (parse_receipt(recorded)?, parse_receipt(found)?);
        out.give(recorded.differences(&found).iter().map(ToString::to_string).collect())
    })
}
