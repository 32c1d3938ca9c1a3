//! Lists of texts that the library hands out.

use std::ptr::null;

use crate::door::peek;
use crate::handle::{self, Noun, Shared};

/// A list of texts: names of exports, results, removed paths. Owned by the caller; never changes, so any thread may read it.
pub struct stepwell_strings {
    _private: (),
}

impl Noun for stepwell_strings {
    type Value = Vec<String>;
    const TAG: u32 = u32::from_le_bytes(*b"strs");
    const NAME: &'static str = "stepwell_strings";
}

impl Shared for stepwell_strings {}

/// How many texts there are; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_strings_count(strings: *const stepwell_strings) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(strings) }.map_or(0, Vec::len)
}

/// The first byte of a text in UTF-8, without NUL at its end. Borrowed until the list is freed. NULL if there is no such
/// text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_strings_data(
    strings: *const stepwell_strings,
    index: usize,
) -> *const u8 {
    // SAFETY: the caller keeps the rules of the header.
    let strings = unsafe { peek(strings) };
    strings.and_then(|strings| strings.get(index)).map_or(null(), |text| text.as_ptr())
}

/// How many bytes a text has; 0 if there is no such text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_strings_len(
    strings: *const stepwell_strings,
    index: usize,
) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    let strings = unsafe { peek(strings) };
    strings.and_then(|strings| strings.get(index)).map_or(0, String::len)
}

/// Frees a list. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_strings_free(strings: *mut stepwell_strings) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(strings) };
}
