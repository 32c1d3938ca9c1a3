//! Copy-on-write trees of files.

pub(crate) mod archive;
pub(crate) mod diff;
pub(crate) mod files;
pub(crate) mod listing;
pub(crate) mod saved;

use std::ffi::c_char;

use engine::vfs::{EPOCH, Quota, Tree};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::host;
use crate::status::{Failure, STEPWELL_INVALID_ARGUMENT, at, stepwell_status};

/// A copy-on-write tree of files in memory. Owned by the caller. One thread at a time; a fork shares what neither side has
/// changed and is independent.
///
/// Paths are UTF-8, with `/` between names; slashes at the start do not matter. They have no `..`, and symbolic links in them
/// are not followed. One that ends in a slash must be a directory. What is made or changed here gets the time
/// 2026-01-01T00:00:00Z.
///
/// A tree above a directory of the host's (`stepwell_tree_above`) looks there when it has to: each of its calls may then also
/// fail with what the host says, IO or ACCES for example.
pub struct stepwell_tree {
    _private: (),
}

impl Noun for stepwell_tree {
    type Value = Tree;
    const TAG: u32 = u32::from_le_bytes(*b"tree");
    const NAME: &'static str = "stepwell_tree";
}

/// A maximum of a tree, with its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_quota {
    /// Bytes in files and in the targets of symbolic links. Default: 1 GiB.
    STEPWELL_QUOTA_BYTES = 0,
    /// Files, directories and links. Default: 1 million.
    STEPWELL_QUOTA_INODES = 1,
    /// The largest size of one file, holes included. Default: 16 TiB.
    STEPWELL_QUOTA_FILE_BYTES = 2,
}

use stepwell_quota::*;

/// Makes an empty tree.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_new(
    out: *mut *mut stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.give(Tree::new(Quota::default(), EPOCH)))
}

/// Makes a tree that starts as a directory of the host's, which is read when somebody looks and never changed.
///
/// `STEPWELL_HOST`: the host does not open it. `STEPWELL_UNSUPPORTED`: this build has no host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_above(
    host_path: *const c_char,
    out: *mut *mut stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(host::above(door.bytes(host_path, "the path")?)?)
    })
}

/// Makes an independent copy in constant time.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_fork(
    tree: *const stepwell_tree,
    out: *mut *mut stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(tree)?.fork())
    })
}

/// Sets one maximum: `quota` is a `stepwell_quota`. A tree that holds more already just cannot grow.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such maximum.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_set_quota(
    tree: *mut stepwell_tree,
    quota: u32,
    max: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut tree = door.exclusive(tree)?;
        let mut changed = tree.quota();
        match quota {
            _ if quota == STEPWELL_QUOTA_BYTES as u32 => changed.bytes_max = max,
            _ if quota == STEPWELL_QUOTA_INODES as u32 => changed.inodes_max = max,
            _ if quota == STEPWELL_QUOTA_FILE_BYTES as u32 => changed.file_bytes_max = max,
            _ => {
                let text = "is none that a tree has";
                return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the quota", text));
            }
        }
        tree.set_quota(changed);
        Ok(())
    })
}

/// How many bytes count against `STEPWELL_QUOTA_BYTES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_bytes_used(
    tree: *const stepwell_tree,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.write(door.exclusive(tree)?.bytes_used()))
}

/// How many inodes count against `STEPWELL_QUOTA_INODES`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_inodes_used(
    tree: *const stepwell_tree,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.write(door.exclusive(tree)?.inodes_used()))
}

/// The SHA-256 of everything that the tree holds: 32 bytes, equal for equal trees on every host. Names, types, permission
/// bits, times, contents and links count.
///
/// `STEPWELL_ERRNO`: what lies below it cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_digest(
    tree: *mut stepwell_tree,
    out: *mut u8,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out.cast::<[u8; 32]>())?;
        out.write(door.exclusive(tree)?.digest().map_err(at("/"))?)
    })
}

/// Frees a tree. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_free(tree: *mut stepwell_tree) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(tree) };
}
