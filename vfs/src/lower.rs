//! The read-only source that a copy-on-write tree may lie above.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::{Errno, Timestamp};

/// A file or directory of a [`Lower`]; the source gives the numbers and 0 is its root directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LowerId(pub u64);

/// What an entry of a [`Lower`] directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LowerKind {
    /// A regular file of so many bytes.
    File {
        /// Its size when it was listed.
        size: u64,
    },
    /// A directory, listed when somebody first looks into it.
    Directory,
    /// A symbolic link and its target.
    Symlink(Arc<str>),
}

/// One entry of a [`Lower`] directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowerEntry {
    /// One valid component.
    pub name: String,
    /// The source's number for it. Two names with one number are hard links of one file.
    pub id: LowerId,
    /// What it is.
    pub kind: LowerKind,
    /// When it was last read.
    pub accessed: Timestamp,
    /// When its contents last changed.
    pub modified: Timestamp,
    /// Its permission bits, kept for archives.
    pub mode: u32,
}

/// A read-only source of files: a tree above it loads a directory's entries when somebody first looks into it, and a
/// file's bytes when they are read and have not been written over.
pub trait Lower: Send + Sync {
    /// The entries of a directory, sorted by name (bytes), without `.` and `..`. What cannot be shown to a guest (devices,
    /// names that are not UTF-8) is left out.
    ///
    /// # Errors
    /// [`Errno::Notdir`], [`Errno::Noent`] (gone meanwhile), [`Errno::Acces`], [`Errno::Io`].
    fn read_dir(&self, dir: LowerId) -> Result<Vec<LowerEntry>, Errno>;

    /// Fills `out` from byte `offset` of a file: how many bytes; 0 at the end.
    ///
    /// # Errors
    /// [`Errno::Noent`] (gone meanwhile), [`Errno::Acces`], [`Errno::Io`].
    fn read_at(&self, file: LowerId, offset: u64, out: &mut [u8]) -> Result<usize, Errno>;

    /// How many names a file or link that was listed has, those in directories that nobody has looked into included: for
    /// so long as one of them is left, the file is not gone.
    fn nlink(&self, file: LowerId) -> u64 {
        let _ = file;
        1
    }
}
