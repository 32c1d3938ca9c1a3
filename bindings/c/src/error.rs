//! Errors as the caller gets them.

use std::ffi::{CString, c_char};
use std::ptr::null;

use crate::door::peek;
use crate::handle::{self, Noun, Shared};
use crate::status::{Failure, STEPWELL_OK, stepwell_status};

/// Why a call failed. Owned by the caller; never changes, so any thread may read it.
pub struct stepwell_error {
    _private: (),
}

pub(crate) struct Report {
    status: stepwell_status,
    errno: u16,
    message: CString,
}

impl Noun for stepwell_error {
    type Value = Report;
    const TAG: u32 = u32::from_le_bytes(*b"errr");
    const NAME: &'static str = "stepwell_error";
}

impl Shared for stepwell_error {}

impl stepwell_error {
    pub(crate) fn give(failure: &Failure) -> *mut Self {
        // A guest's names may hold NUL, which would end the text for C.
        let mut text = failure.to_string().into_bytes();
        text.iter_mut().filter(|byte| **byte == 0).for_each(|byte| *byte = b'?');
        let message = CString::new(text).unwrap_or_default();
        handle::give(Report { status: failure.status, errno: failure.errno(), message })
    }
}

/// The status that the call returned; `STEPWELL_OK` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_error_status(error: *const stepwell_error) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(error) }.map_or(STEPWELL_OK, |report| report.status)
}

/// The number that WASI preview1 gives to what a file operation failed with; 0 if it was something else, or for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_error_errno(error: *const stepwell_error) -> u16 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(error) }.map_or(0, |report| report.errno)
}

/// What went wrong, for people: UTF-8 that ends in NUL. Borrowed until the error is freed. NULL for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_error_message(error: *const stepwell_error) -> *const c_char {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(error) }.map_or(null(), |report| report.message.as_ptr())
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_error_free(error: *mut stepwell_error) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(error) };
}
