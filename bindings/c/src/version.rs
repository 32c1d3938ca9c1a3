//! Which library this is.

use std::ffi::{CStr, c_char};

/// The number of the interface that this header describes. It goes up when a program has to be compiled anew.
pub const STEPWELL_ABI_VERSION: u32 = 1;

/// The number of the interface that the library has. A program that finds another one than `STEPWELL_ABI_VERSION` calls
/// nothing else.
#[unsafe(no_mangle)]
pub extern "C" fn stepwell_abi_version() -> u32 {
    STEPWELL_ABI_VERSION
}

/// The library's version, `STEPWELL_VERSION` when the header is its own. A constant that ends in NUL and is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn stepwell_version() -> *const c_char {
    const VERSION: &CStr =
        match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
            Ok(version) => version,
            Err(_) => panic!("a version has no NUL"),
        };
    VERSION.as_ptr()
}
