//! File systems and where a guest sees them: what a process starts with, and what one that is thawed is given.

use std::ffi::c_char;

use engine::vfs::{EPOCH, Errno, FileSystem, Mount, Namespace, Quota, Tree};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::host;
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, at, stepwell_status};
use crate::tree::stepwell_tree;
use crate::unused::Unused;

/// How a guest sees a directory of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_host_mode {
    /// It reads; every change is an error.
    STEPWELL_HOST_MODE_READ_ONLY = 0,
    /// It reads and changes; the changes stay in a tree above the directory.
    STEPWELL_HOST_MODE_COPY_ON_WRITE = 1,
    /// It reads and changes the host's files, at once. The run cannot be repeated then, and not be frozen but by
    /// `stepwell_process_freeze_detached`.
    STEPWELL_HOST_MODE_READ_WRITE = 2,
}

use stepwell_host_mode::*;

/// Files for a process that goes on from an image in which directories of the host were left out: see
/// `stepwell_template_thaw_attached`, which uses the list up. Then every call but free is `STEPWELL_USED`. Owned by the
/// caller. One thread at a time.
pub struct stepwell_mounts {
    _private: (),
}

impl Noun for stepwell_mounts {
    type Value = Option<Mounts>;
    const TAG: u32 = u32::from_le_bytes(*b"mnts");
    const NAME: &'static str = "stepwell_mounts";
}

/// Makes an empty list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_mounts_new(
    out: *mut *mut stepwell_mounts,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.give(Some(Mounts::default())))
}

/// Adds a tree at an absolute path of the guest's, as `stepwell_process_builder_mount_tree` mounts one.
///
/// `STEPWELL_ERRNO`: INVAL (the path is not absolute, or has `..`), BUSY (the list has something there).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_mounts_add_tree(
    mounts: *mut stepwell_mounts,
    guest_path: *const c_char,
    tree: *const stepwell_tree,
    read_only: bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| Unused::of(door, mounts)?.add_tree(door, guest_path, tree, read_only))
}

/// Adds a directory of the host's at an absolute path of the guest's, as `stepwell_process_builder_mount_host` mounts one:
/// `mode` is a `stepwell_host_mode`.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such mode. `STEPWELL_HOST`: the host does not open the directory.
/// `STEPWELL_UNSUPPORTED`: this build has no host. `STEPWELL_ERRNO`: as for `stepwell_mounts_add_tree`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_mounts_add_host(
    mounts: *mut stepwell_mounts,
    guest_path: *const c_char,
    host_path: *const c_char,
    mode: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| Unused::of(door, mounts)?.add_host(door, guest_path, host_path, mode))
}

/// Frees a list, used up or not. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_mounts_free(mounts: *mut stepwell_mounts) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(mounts) };
}

/// Mounts, of which no two are at one path.
#[derive(Default)]
pub(crate) struct Mounts(Vec<Mounted>);

/// A file system and where the guest sees it.
struct Mounted {
    /// The names on the way, so that sorting puts the outer before the inner.
    names: Vec<String>,
    mount: Mount,
}

impl Mounted {
    fn path(&self) -> String {
        format!("/{}", self.names.join("/"))
    }
}

impl Mounts {
    /// Adds a fork of a tree.
    pub(crate) fn add_tree(
        &mut self,
        door: &Door,
        guest_path: *const c_char,
        tree: *const stepwell_tree,
        read_only: bool,
    ) -> Outcome {
        let names = self.place(door, guest_path)?;
        let fs = Box::new(door.exclusive(tree)?.fork());
        self.0.push(Mounted { names, mount: Mount { fs, read_only } });
        Ok(())
    }

    /// Adds a directory of the host's in one of its modes.
    pub(crate) fn add_host(
        &mut self,
        door: &Door,
        guest_path: *const c_char,
        host_path: *const c_char,
        mode: u32,
    ) -> Outcome {
        let names = self.place(door, guest_path)?;
        let host_path = door.bytes(host_path, "the host's path")?;
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
        self.0.push(Mounted { names, mount: Mount { fs, read_only } });
        Ok(())
    }

    /// The names on the way to an absolute path at which there is nothing yet.
    fn place(&self, door: &Door, guest_path: *const c_char) -> Outcome<Vec<String>> {
        let path = door.text(guest_path, "the path")?;
        let names = path.split('/').filter(|name| !matches!(*name, "" | ".")).map(str::to_owned);
        let names: Vec<String> = names.collect();
        if !path.starts_with('/') || names.iter().any(|name| name == "..") {
            return Err(at(path)(Errno::Inval));
        }
        match self.0.iter().any(|mounted| mounted.names == names) {
            true => Err(at(path)(Errno::Busy)),
            false => Ok(names),
        }
    }

    /// Each path and what is mounted there, an outer one before those inside it.
    pub(crate) fn by_path(self) -> Vec<(String, Mount)> {
        let Self(mut mounts) = self;
        mounts.sort_by(|a, b| a.names.cmp(&b.names));
        mounts.into_iter().map(|mounted| (mounted.path(), mounted.mount)).collect()
    }

    /// All of them as one name space, an outer one mounted before those inside it: a later mount hides what is below it. The
    /// root is an empty tree unless there is another.
    pub(crate) fn namespace(self) -> Outcome<Namespace> {
        let mut mounts = self.by_path().into_iter().peekable();
        let root = mounts.next_if(|(path, _)| path == "/").map(|(_, root)| root);
        let mut namespace = Namespace::new(root.unwrap_or_else(|| Mount {
            fs: Box::new(Tree::new(Quota::default(), EPOCH)),
            read_only: false,
        }));
        for (path, mount) in mounts {
            namespace.mount(&path, mount, EPOCH).map_err(at(&path))?;
        }
        Ok(namespace)
    }
}
