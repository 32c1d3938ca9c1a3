//! The files that a process starts with.

use std::ffi::c_char;

use crate::builder::stepwell_process_builder;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::status::stepwell_status;
use crate::tree::stepwell_tree;
use crate::unused::Unused;

/// Mounts a tree at an absolute path of the guest's, `/` for its root. The process gets a fork: `tree` stays as it is.
///
/// `STEPWELL_ERRNO`: INVAL (the path is not absolute, or has `..`), BUSY (something is mounted there).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_mount_tree(
    builder: *mut stepwell_process_builder,
    guest_path: *const c_char,
    tree: *const stepwell_tree,
    read_only: bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| Unused::of(door, builder)?.mounts.add_tree(door, guest_path, tree, read_only))
}

/// Mounts a directory of the host's at an absolute path of the guest's: `mode` is a `stepwell_host_mode`. Nothing that the
/// guest does leads out of the directory.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such mode. `STEPWELL_HOST`: the host does not open the directory.
/// `STEPWELL_UNSUPPORTED`: this build has no host. `STEPWELL_ERRNO`: as for `stepwell_process_builder_mount_tree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_mount_host(
    builder: *mut stepwell_process_builder,
    guest_path: *const c_char,
    host_path: *const c_char,
    mode: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| Unused::of(door, builder)?.mounts.add_host(door, guest_path, host_path, mode))
}

/// Gives the guest no directory: it can open nothing, and descriptor 3 is free. What was mounted is not looked at.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_without_files(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.has_files = false;
        Ok(())
    })
}
