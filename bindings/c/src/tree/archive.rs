//! Trees as tar archives.

use ::bytes::Bytes;
use engine::vfs::{EPOCH, Tree};

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::status::stepwell_status;
use crate::strings::stepwell_strings;
use crate::tree::stepwell_tree;

/// Adds the files of a tar archive (ustar, GNU or PAX, not compressed) to a tree. `archive` is copied once, and the files are
/// slices of that copy.
///
/// `STEPWELL_ARCHIVE`: it is cut off or malformed, has an entry that a tree cannot hold, or does not fit. Then nothing has
/// changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_import_tar(
    tree: *mut stepwell_tree,
    archive: *const u8,
    archive_len: usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let archive = door.slice(archive, archive_len)?;
        let mut tree = door.exclusive(tree)?;
        Ok(tree.import_tar(Bytes::copy_from_slice(archive), EPOCH)?)
    })
}

/// Writes a tree as a tar archive. Equal trees make equal archives.
///
/// `STEPWELL_ARCHIVE`: what lies below the tree cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_export_tar(
    tree: *mut stepwell_tree,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let mut archive = Vec::new();
        door.exclusive(tree)?.export_tar(&mut archive)?;
        out.give(archive.into())
    })
}

/// Writes what `tree` has and `base` has not as a tar archive, and lists the paths of `base` that are to be removed before it
/// is unpacked there. `base` is an earlier fork of `tree`. `removed` may be NULL.
///
/// `STEPWELL_ARCHIVE`: what lies below the tree cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_export_diff_tar(
    tree: *mut stepwell_tree,
    base: *const stepwell_tree,
    out: *mut *mut stepwell_bytes,
    removed: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let list = (!removed.is_null()).then(|| door.output(removed)).transpose()?;
        let base = door.exclusive(base)?.fork();
        let mut archive = Vec::new();
        let mut tree = door.exclusive(tree)?;
        let removed = Tree::export_diff_tar(&base, &mut tree, &mut archive)?;
        if let Some(list) = list {
            list.give(removed)?;
        }
        out.give(archive.into())
    })
}
