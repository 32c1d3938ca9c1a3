//! What a tree and a host directory have in common: operations on inodes and names.
//!
//! There are no paths here and no open-file objects: an inode is a number, an open file is an inode that is held, and
//! offsets and flags belong to the caller's descriptor. So a file system is plain data that can be moved, forked and
//! written to an image. See docs/RATIONALE.md, "Inodes, not file objects".

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use core::ops::ControlFlow;

use crate::{Errno, FileType, Stat, Timestamp, Tree};

/// The number of an inode. Numbers are deterministic and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ino(pub u64);

/// A place in a directory's listing: the entries after it are those whose cookie is greater.
///
/// An entry keeps its cookie for as long as it exists, whatever happens to its neighbours. [`Cookie::START`] is before the
/// first entry. 1 and 2 are left to `.` and `..`, which a file system does not list itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cookie(pub u64);

impl Cookie {
    /// Before the first entry.
    pub const START: Self = Self(0);
    /// The smallest cookie that an entry of a file system has.
    pub const FIRST: Self = Self(3);
}

/// One row of a directory's listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DirEntry<'a> {
    /// The entry's own cookie; pass it to go on after this entry.
    pub cookie: Cookie,
    /// The inode that the name stands for.
    pub ino: Ino,
    /// What it is, the link itself for a symbolic link.
    pub file_type: FileType,
    /// One component, never `.` or `..`.
    pub name: &'a str,
}

/// What an open descriptor will do to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// It may read.
    pub read: bool,
    /// It may write, truncate and allocate.
    pub write: bool,
}

/// Which times to change and to what; `None` leaves one alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetTimes {
    /// The new access time.
    pub accessed: Option<Timestamp>,
    /// The new modification time.
    pub modified: Option<Timestamp>,
}

/// A file system: inodes and the names that lead to them.
///
/// `name` is always one component that has passed [`GuestPath::parse`](crate::GuestPath): not empty, not `.` or `..`, no
/// `/`, no NUL, at most 255 bytes. `now` is the time that a change is stamped with. An operation that fails has changed
/// nothing. Where several errors hold, the first of the list that the method documents is returned; every method that
/// takes a directory returns [`Errno::Notdir`] first if it is none, and [`Errno::Io`] when a host below fails.
///
/// An inode lives while it has a name or is held ([`FileSystem::open`]).
pub trait FileSystem: Send + Sync {
    /// The directory that everything hangs from.
    fn root(&self) -> Ino;

    /// The inode that `name` stands for in `dir`; a symbolic link is not followed.
    ///
    /// # Errors
    /// [`Errno::Noent`]: there is no such name.
    fn lookup(&mut self, dir: Ino, name: &str) -> Result<Ino, Errno>;

    /// As [`FileSystem::lookup`], with what the inode is: what a walk asks of every component.
    ///
    /// # Errors
    /// As [`FileSystem::lookup`].
    fn lookup_type(&mut self, dir: Ino, name: &str) -> Result<(Ino, FileType), Errno> {
        let ino = self.lookup(dir, name)?;
        Ok((ino, self.stat(ino)?.file_type))
    }

    /// The attributes of `ino`.
    ///
    /// # Errors
    /// [`Errno::Stale`]: the inode is gone.
    fn stat(&mut self, ino: Ino) -> Result<Stat, Errno>;

    /// The target of a symbolic link, exactly as it was given.
    ///
    /// # Errors
    /// [`Errno::Inval`]: `ino` is not a symbolic link.
    fn read_link(&mut self, ino: Ino) -> Result<Arc<str>, Errno>;

    /// Makes an empty file.
    ///
    /// # Errors
    /// [`Errno::Exist`], [`Errno::Noent`] (the directory itself has been removed), [`Errno::Nametoolong`] (in a tree: the
    /// path from the root would have 4096 bytes or more), [`Errno::Nospc`] (no inode is left).
    fn create_file(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<Ino, Errno>;

    /// Makes an empty directory.
    ///
    /// # Errors
    /// As [`FileSystem::create_file`].
    fn create_dir(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<Ino, Errno>;

    /// Makes a symbolic link to `target`, which need not exist.
    ///
    /// # Errors
    /// As [`FileSystem::create_file`].
    fn create_symlink(
        &mut self,
        dir: Ino,
        name: &str,
        target: &str,
        now: Timestamp,
    ) -> Result<Ino, Errno>;

    /// Gives `ino` one more name. A symbolic link is linked itself.
    ///
    /// # Errors
    /// [`Errno::Exist`], [`Errno::Noent`] (the directory is removed), [`Errno::Perm`] (`ino` is a directory),
    /// [`Errno::Noent`] (the inode is removed).
    fn link(&mut self, ino: Ino, dir: Ino, name: &str, now: Timestamp) -> Result<(), Errno>;

    /// Removes a name that is not a directory's.
    ///
    /// # Errors
    /// [`Errno::Noent`], [`Errno::Isdir`].
    fn unlink(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<(), Errno>;

    /// Removes an empty directory.
    ///
    /// # Errors
    /// [`Errno::Noent`], [`Errno::Notdir`] (the name is no directory's), [`Errno::Notempty`].
    fn remove_dir(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<(), Errno>;

    /// Moves `from_name` in `from` to `to_name` in `to`, replacing what is there, as `rename(2)` does. Two names of
    /// one inode are left as they are. Constant time, also for a directory.
    ///
    /// # Errors
    /// [`Errno::Noent`]; [`Errno::Inval`] (a directory into itself or below); [`Errno::Notempty`] (onto a directory
    /// that the name lies in or below); [`Errno::Notdir`] (a directory onto something else); [`Errno::Isdir`]
    /// (something else onto a directory); [`Errno::Notempty`] (onto a directory with entries).
    fn rename(
        &mut self,
        from: Ino,
        from_name: &str,
        to: Ino,
        to_name: &str,
        now: Timestamp,
    ) -> Result<(), Errno>;

    /// Holds `ino`, so that it outlives its last name, and prepares it for `access`. Each call is undone by one
    /// [`FileSystem::close`].
    ///
    /// # Errors
    /// [`Errno::Stale`]; on a host directory whatever opening the host's file gives.
    fn open(&mut self, ino: Ino, access: Access) -> Result<(), Errno>;

    /// Lets go of what [`FileSystem::open`] held.
    fn close(&mut self, ino: Ino);

    /// Reads into `out` from byte `offset`: how many bytes, 0 at or past the end, fewer than asked only there.
    ///
    /// # Errors
    /// [`Errno::Isdir`].
    fn read_at(&mut self, ino: Ino, offset: u64, out: &mut [u8]) -> Result<usize, Errno>;

    /// Writes `bytes` at `offset`, growing the file, with a hole before `offset` if need be: how many bytes were
    /// written, fewer than given only when the quota ends in the middle.
    ///
    /// # Errors
    /// [`Errno::Isdir`]; [`Errno::Fbig`] (past the largest file); [`Errno::Nospc`] (not one byte fits the quota).
    fn write_at(
        &mut self,
        ino: Ino,
        offset: u64,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<usize, Errno>;

    /// Cuts or grows a file to `len` bytes. What is added reads as zero and costs nothing.
    ///
    /// # Errors
    /// [`Errno::Isdir`], [`Errno::Fbig`].
    fn set_len(&mut self, ino: Ino, len: u64, now: Timestamp) -> Result<(), Errno>;

    /// Changes times, those of the link itself for a symbolic link.
    ///
    /// # Errors
    /// [`Errno::Stale`].
    fn set_times(&mut self, ino: Ino, times: SetTimes, now: Timestamp) -> Result<(), Errno>;

    /// Brings a file or directory to the disk, where there is one.
    ///
    /// # Errors
    /// [`Errno::Io`].
    fn sync(&mut self, ino: Ino) -> Result<(), Errno>;

    /// Visits the entries of `dir` whose cookie is greater than `after`, in the order of their cookies, until `visit`
    /// breaks.
    ///
    /// # Errors
    /// Only [`Errno::Notdir`] and [`Errno::Io`].
    fn read_dir(
        &mut self,
        dir: Ino,
        after: Cookie,
        visit: &mut dyn FnMut(DirEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Errno>;

    /// A path of `ino` from the root, without a slash at either end, for messages; `None` where it has none or nobody
    /// knows.
    fn path_of(&self, ino: Ino) -> Option<String> {
        let _ = ino;
        None
    }

    /// An independent copy in constant time, or `None` where there can be none (a host directory).
    fn fork(&self) -> Option<Box<dyn FileSystem>>;

    /// This file system as a tree, if it is one.
    fn as_tree(&self) -> Option<&Tree> {
        None
    }

    /// As [`FileSystem::as_tree`], to change it.
    fn as_tree_mut(&mut self) -> Option<&mut Tree> {
        None
    }
}
