//! Memory for callers that have none of their own: the host of `stepwell.wasm`.

use std::alloc::{Layout, alloc, dealloc};
use std::ptr::null_mut;

/// Alignment that every type of the header is content with.
const ALIGN: usize = 8;

/// Bytes in the library's memory for what a call is to be given: NULL for 0 bytes, or if there is no memory. Owned by the
/// caller. Only `stepwell.wasm` has this: elsewhere the caller has memory of its own.
#[unsafe(no_mangle)]
pub extern "C" fn stepwell_alloc(len: usize) -> *mut u8 {
    match Layout::from_size_align(len, ALIGN) {
        // SAFETY: the layout has a size.
        Ok(layout) if len > 0 => unsafe { alloc(layout) },
        _ => null_mut(),
    }
}

/// Frees what `stepwell_alloc` gave for `len` bytes. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_free(data: *mut u8, len: usize) {
    if let (false, Ok(layout)) = (data.is_null(), Layout::from_size_align(len, ALIGN)) {
        // SAFETY: by the contract it was allocated with this layout.
        unsafe { dealloc(data, layout) };
    }
}
