//! The files of a process.

use std::ffi::c_char;

use engine::vfs::{Errno, Namespace, Tree};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::process::stepwell_process;
use crate::status::{Outcome, at, stepwell_status};
use crate::strings::stepwell_strings;
use crate::tree::stepwell_tree;

/// The guest's paths at which something is mounted, the root first.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_mounts(
    process: *const stepwell_process,
    out: *mut *mut stepwell_strings,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let running = door.exclusive(process)?;
        out.give(running.process.files().mounts().map(|(path, _)| path.to_owned()).collect())
    })
}

/// The tree that is mounted at exactly this path, as it is now: a fork, which the process does not see.
///
/// `STEPWELL_ERRNO`: NOENT (nothing is mounted there), NOTSUP (a directory of the host's, which is written through).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_tree(
    process: *const stepwell_process,
    guest_path: *const c_char,
    out: *mut *mut stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let path = door.text(guest_path, "the path")?;
        out.give(tree_at(door.exclusive(process)?.process.files(), path)?.fork())
    })
}

/// Replaces the tree that is mounted at exactly this path by a fork of `tree`, which should be one of the process's own tree:
/// what the guest has open is looked for under the same inode numbers. Its run cannot be repeated any more.
///
/// `STEPWELL_ERRNO`: as for `stepwell_process_tree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_set_tree(
    process: *mut stepwell_process,
    guest_path: *const c_char,
    tree: *const stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let path = door.text(guest_path, "the path")?;
        let new = door.exclusive(tree)?.fork();
        let mut running = door.exclusive(process)?;
        // Before the files are taken in hand, so that a failure changes nothing.
        tree_at(running.process.files(), path)?;
        let mut mounts = running.process.fs().mounts_mut();
        let mount = mounts.find(|(mounted, _)| *mounted == path);
        let (_, mount) = mount.ok_or_else(|| at(path)(Errno::Noent))?;
        *mount.fs.as_tree_mut().ok_or_else(|| at(path)(Errno::Notsup))? = new;
        Ok(())
    })
}

fn tree_at<'a>(files: &'a Namespace, path: &str) -> Outcome<&'a Tree> {
    let mount = files.mounts().find(|(mounted, _)| *mounted == path);
    let (_, mount) = mount.ok_or_else(|| at(path)(Errno::Noent))?;
    mount.fs.as_tree().ok_or_else(|| at(path)(Errno::Notsup))
}
