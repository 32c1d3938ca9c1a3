//! The files that a process starts with.

use std::ffi::c_char;

use engine::vfs::{EPOCH, Errno, FileSystem, Mount, Namespace, Quota, Tree};

use crate::builder::{Unused, host, stepwell_process_builder};
use crate::door::Door;
use crate::error::stepwell_error;
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, at, stepwell_status};
use crate::tree::stepwell_tree;

/// How a guest sees a directory of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_host_mode {
    /// It reads; every change is an error.
    STEPWELL_HOST_MODE_READ_ONLY = 0,
    /// It reads and changes; the changes stay in a tree above the directory.
    STEPWELL_HOST_MODE_COPY_ON_WRITE = 1,
    /// It reads and changes the host's files, at once. The run cannot be frozen.
    STEPWELL_HOST_MODE_READ_WRITE = 2,
}

use stepwell_host_mode::*;

/// A file system and where the guest sees it.
pub(crate) struct Mounted {
    /// The names on the way, so that sorting puts the outer before the inner.
    names: Vec<String>,
    mount: Mount,
}

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
    door.pass(|door| {
        let path = door.text(guest_path, "the path")?;
        let fs = Box::new(door.exclusive(tree)?.fork());
        add(&mut Unused::of(door, builder)?, path, Mount { fs, read_only })
    })
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
    door.pass(|door| {
        let path = door.text(guest_path, "the path")?;
        let host_path = door.bytes(host_path, "the host's path")?;
        let mut builder = Unused::of(door, builder)?;
        let read_only = mode == STEPWELL_HOST_MODE_READ_ONLY as u32;
        let fs: Box<dyn FileSystem> = match mode {
            _ if mode == STEPWELL_HOST_MODE_READ_WRITE as u32 => host::writable(host_path)?,
            _ if read_only || mode == STEPWELL_HOST_MODE_COPY_ON_WRITE as u32 => {
                Box::new(host::above(host_path)?)
            }
            _ => {
                let text = "is none that there is";
                return Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the mode", text));
            }
        };
        add(&mut builder, path, Mount { fs, read_only })
    })
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
        Unused::of(door, builder)?.options().has_files = false;
        Ok(())
    })
}

fn add(builder: &mut Unused, path: &str, mount: Mount) -> Outcome {
    let names = path.split('/').filter(|name| !matches!(*name, "" | ".")).map(str::to_owned);
    let names: Vec<String> = names.collect();
    if !path.starts_with('/') || names.iter().any(|name| name == "..") {
        return Err(at(path)(Errno::Inval));
    }
    let mounts = &mut builder.options().mounts;
    if mounts.iter().any(|mounted| mounted.names == names) {
        return Err(at(path)(Errno::Busy));
    }
    mounts.push(Mounted { names, mount });
    Ok(())
}

/// All mounts, an outer one before those inside it: a later mount hides what is below it.
pub(super) fn namespace(mut mounts: Vec<Mounted>) -> Outcome<Namespace> {
    mounts.sort_by(|a, b| a.names.cmp(&b.names));
    if mounts.first().is_none_or(|first| !first.names.is_empty()) {
        let fs = Box::new(Tree::new(Quota::default(), EPOCH));
        mounts.insert(0, Mounted { names: Vec::new(), mount: Mount { fs, read_only: false } });
    }
    let mut mounts = mounts.into_iter();
    let root = mounts.next().expect("a root was put there");
    let mut namespace = Namespace::new(root.mount);
    for Mounted { names, mount } in mounts {
        let path = format!("/{}", names.join("/"));
        namespace.mount(&path, mount, EPOCH).map_err(at(&path))?;
    }
    Ok(namespace)
}
