//! Bytes that the library hands out.

use ::bytes::Bytes;

use crate::door::peek;
use crate::handle::{self, Noun, Shared};

/// Bytes that the library has handed out: output of a guest, a file, an archive. Owned by the caller; never changes, so any
/// thread may read it. There is no NUL behind them, and there may be some in them.
pub struct stepwell_bytes {
    _private: (),
}

impl Noun for stepwell_bytes {
    type Value = Bytes;
    const TAG: u32 = u32::from_le_bytes(*b"byts");
    const NAME: &'static str = "stepwell_bytes";
}

impl Shared for stepwell_bytes {}

/// The first byte. Borrowed until the bytes are freed. NULL for NULL; not to be read if there are 0 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_bytes_data(bytes: *const stepwell_bytes) -> *const u8 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(bytes) }.map_or(std::ptr::null(), |bytes| bytes.as_ptr())
}

/// How many bytes there are; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_bytes_len(bytes: *const stepwell_bytes) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(bytes) }.map_or(0, Bytes::len)
}

/// Frees bytes. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_bytes_free(bytes: *mut stepwell_bytes) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(bytes) };
}
