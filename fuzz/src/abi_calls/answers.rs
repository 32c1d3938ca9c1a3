//! What calls answer with: each is read as a whole, a little beyond its end, and freed.

use std::ptr::{null, null_mut};
use std::slice::from_raw_parts;

use stepwell_c::*;

/// A text or bytes of an answer; nothing where there is none.
fn piece(data: *const u8, len: usize) -> Vec<u8> {
    match data.is_null() {
        true => {
            assert_eq!(len, 0);
            Vec::new()
        }
        // SAFETY: an answer that is not NULL has as many bytes as it says, for as long as its handle lives.
        false => unsafe { from_raw_parts(data, len) }.to_vec(),
    }
}

/// Copies what a handle of bytes holds, and frees it.
pub(super) fn take_bytes(handle: *mut ()) -> Vec<u8> {
    let bytes: *mut stepwell_bytes = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        let copy = piece(stepwell_bytes_data(bytes), stepwell_bytes_len(bytes));
        stepwell_bytes_free(bytes);
        copy
    }
}

pub(super) fn take_strings(handle: *mut ()) -> Vec<Vec<u8>> {
    let strings: *mut stepwell_strings = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        let count = stepwell_strings_count(strings);
        let text =
            |at| piece(stepwell_strings_data(strings, at), stepwell_strings_len(strings, at));
        let texts = (0..=count).map(text).collect();
        stepwell_strings_free(strings);
        texts
    }
}

pub(super) fn read_diff(handle: *mut ()) {
    let diff: *mut stepwell_diff = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        for at in 0..=stepwell_diff_count(diff) {
            piece(stepwell_diff_path(diff, at), stepwell_diff_path_len(diff, at));
            piece(stepwell_diff_from(diff, at), stepwell_diff_from_len(diff, at));
            stepwell_diff_change(diff, at);
        }
        stepwell_diff_free(diff);
    }
}

pub(super) fn read_listing(handle: *mut ()) {
    let listing: *mut stepwell_listing = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        for at in 0..=stepwell_listing_count(listing) {
            piece(stepwell_listing_name(listing, at), stepwell_listing_name_len(listing, at));
            stepwell_listing_type(listing, at);
        }
        stepwell_listing_free(listing);
    }
}

pub(super) fn read_stat(handle: *mut ()) {
    let stat: *mut stepwell_stat = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        stepwell_stat_type(stat);
        stepwell_stat_size(stat);
        assert!(stepwell_stat_links(stat) > 0, "what is found has a name");
        assert!(stepwell_stat_mode(stat) < 1 << 12);
        stepwell_stat_accessed(stat);
        stepwell_stat_modified(stat);
        stepwell_stat_free(stat);
    }
}

pub(super) fn read_backtrace(handle: *mut ()) {
    let backtrace: *mut stepwell_backtrace = handle.cast();
    // SAFETY: the handle is live until it is freed here.
    unsafe {
        let count = stepwell_backtrace_count(backtrace);
        for at in 0..=count {
            piece(
                stepwell_backtrace_name(backtrace, at),
                stepwell_backtrace_name_len(backtrace, at),
            );
            assert_eq!(stepwell_backtrace_function(backtrace, at) == u32::MAX, at == count);
        }
        stepwell_backtrace_free(backtrace);
    }
}

/// Everything that answers NULL with nothing.
pub(super) fn of_nothing() {
    // SAFETY: all of these take NULL.
    unsafe {
        assert!(stepwell_bytes_data(null()).is_null() && stepwell_bytes_len(null()) == 0);
        assert!(stepwell_strings_data(null(), 0).is_null() && stepwell_strings_count(null()) == 0);
        assert!(stepwell_error_message(null()).is_null() && stepwell_error_errno(null()) == 0);
        assert_eq!(stepwell_backtrace_count(null()), 0);
        assert_eq!(stepwell_listing_count(null()), 0);
        assert_eq!(stepwell_diff_count(null()), 0);
        assert_eq!(stepwell_stat_size(null()), 0);
        stepwell_error_free(null_mut());
        stepwell_bytes_free(null_mut());
        assert!(!stepwell_version().is_null());
    }
    assert_eq!(stepwell_abi_version(), STEPWELL_ABI_VERSION);
}
