//! What changed between two trees.

use std::ptr::null;

use engine::vfs::{self, Change};

use crate::door::{Door, peek};
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::status::stepwell_status;
use crate::tree::stepwell_tree;

/// How a path differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_change {
    /// The name is new. A new directory is followed by everything in it.
    STEPWELL_CHANGE_ADDED = 0,
    /// The content or the permission bits have changed.
    STEPWELL_CHANGE_MODIFIED = 1,
    /// The name has gone, with everything below it.
    STEPWELL_CHANGE_REMOVED = 2,
    /// The name has taken the place of another: `stepwell_diff_from`. What is below it moves along and is not listed.
    STEPWELL_CHANGE_RENAMED = 3,
}

use stepwell_change::*;

/// What changed between two trees, sorted by path. Owned by the caller; never changes, so any thread may read it.
pub struct stepwell_diff {
    _private: (),
}

impl Noun for stepwell_diff {
    type Value = Vec<Change>;
    const TAG: u32 = u32::from_le_bytes(*b"diff");
    const NAME: &'static str = "stepwell_diff";
}

impl Shared for stepwell_diff {}

/// Lists what has changed from `base` to `tree`, in time that grows with the changes. `base` is an earlier fork of `tree`
/// that was left alone since. Times do not count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_diff(
    tree: *const stepwell_tree,
    base: *const stepwell_tree,
    out: *mut *mut stepwell_diff,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        // In turn, so that a tree can be compared with itself.
        let base = door.exclusive(base)?.fork();
        let now = door.exclusive(tree)?.fork();
        out.give(vfs::diff(&base, &now))
    })
}

/// How many changes there are; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_count(diff: *const stepwell_diff) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(diff) }.map_or(0, Vec::len)
}

/// What a change is; `STEPWELL_CHANGE_ADDED` if there is no such change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_change(
    diff: *const stepwell_diff,
    index: usize,
) -> stepwell_change {
    // SAFETY: the caller keeps the rules of the header.
    match unsafe { peek(diff) }.and_then(|changes| changes.get(index)) {
        None | Some(Change::Added { .. }) => STEPWELL_CHANGE_ADDED,
        Some(Change::Modified { .. }) => STEPWELL_CHANGE_MODIFIED,
        Some(Change::Removed { .. }) => STEPWELL_CHANGE_REMOVED,
        Some(Change::Renamed { .. }) => STEPWELL_CHANGE_RENAMED,
    }
}

/// The first byte of the path that a change is about, in UTF-8 without NUL at its end, and without a slash at either end.
/// Borrowed until the list is freed. NULL if there is no such change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_path(diff: *const stepwell_diff, index: usize) -> *const u8 {
    // SAFETY: the caller keeps the rules of the header.
    let changes = unsafe { peek(diff) };
    changes.and_then(|changes| changes.get(index)).map_or(null(), |change| change.path().as_ptr())
}

/// How many bytes that path has; 0 if there is no such change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_path_len(diff: *const stepwell_diff, index: usize) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    let changes = unsafe { peek(diff) };
    changes.and_then(|changes| changes.get(index)).map_or(0, |change| change.path().len())
}

/// The first byte of the path that something was renamed from. Borrowed until the list is freed. NULL if the change is no
/// rename, or there is no such change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_from(diff: *const stepwell_diff, index: usize) -> *const u8 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { from(diff, index) }.map_or(null(), str::as_ptr)
}

/// How many bytes that path has; 0 if there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_from_len(diff: *const stepwell_diff, index: usize) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { from(diff, index) }.map_or(0, str::len)
}

/// # Safety
/// The rules of the header hold for `diff`.
unsafe fn from<'a>(diff: *const stepwell_diff, index: usize) -> Option<&'a str> {
    // SAFETY: this function's contract.
    match unsafe { peek(diff) }?.get(index)? {
        Change::Renamed { from, .. } => Some(from),
        _ => None,
    }
}

/// Frees a list of changes. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_diff_free(diff: *mut stepwell_diff) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(diff) };
}
