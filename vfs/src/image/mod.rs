//! Tar archives in and out of a tree.
//!
//! An archive is the form in which a tree is kept and handed on. What is written depends on nothing but the tree, and
//! reading it back gives the same names, contents, links, modes, and times of access and modification.

mod export;
mod import;
mod member;
mod pax;
mod sparse;
mod stored;

use alloc::string::String;
use core::fmt;

use crate::Errno;

pub use self::export::TarWriter;

/// Why an archive could not be read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImageError {
    /// The archive ends before its end mark.
    Truncated {
        /// Where more bytes were expected.
        at: u64,
    },
    /// There is no entry where one should be.
    Malformed {
        /// Where, in bytes.
        at: u64,
        /// What is wrong, and what to do.
        reason: &'static str,
    },
    /// An entry is one that a tree cannot hold.
    Entry {
        /// The entry's path as the archive has it.
        path: String,
        /// Where the entry starts, in bytes.
        at: u64,
        /// What is wrong, and what to do.
        reason: &'static str,
    },
    /// The tree refused an entry, or could not be read.
    Tree {
        /// The path in the tree.
        path: String,
        /// Why.
        errno: Errno,
    },
    /// The archive could not be written out.
    Write(std::io::Error),
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { at } => write!(
                f,
                "the tar archive ends at byte {at} without its end mark; copy or download it again"
            ),
            Self::Malformed { at, reason } => {
                write!(f, "no tar entry at byte {at}: {reason}")
            }
            Self::Entry { path, at, reason } => {
                write!(f, "the tar entry {path:?} at byte {at} {reason}")
            }
            Self::Tree { path, errno: Errno::Nospc } => {
                write!(f, "{path:?} does not fit: the tree's quota is used up; raise it")
            }
            Self::Tree { path, errno } => write!(f, "{path:?}: {errno}"),
            Self::Write(error) => write!(f, "the tar archive could not be written: {error}"),
        }
    }
}

impl core::error::Error for ImageError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Tree { errno, .. } => Some(errno),
            Self::Write(error) => Some(error),
            _ => None,
        }
    }
}

/// A header's size, and what everything in an archive is padded to.
const BLOCK_BYTES: usize = 512;
