//! What is known of one file without opening it.

use serde::{Deserialize, Serialize};

use crate::Ino;

/// Nanoseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Timestamp(pub u64);

/// What an inode or a descriptor is, with the numbers of preview1's `filetype`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FileType {
    /// A pipe, or something that preview1 has no name for.
    Unknown = 0,
    /// A block device; only host directories have them.
    BlockDevice = 1,
    /// A character device: a terminal, or the null device.
    CharacterDevice = 2,
    /// A directory.
    Directory = 3,
    /// A regular file.
    RegularFile = 4,
    /// A datagram socket.
    SocketDgram = 5,
    /// A byte-stream socket.
    SocketStream = 6,
    /// A symbolic link.
    SymbolicLink = 7,
}

/// The attributes of an inode: preview1's `filestat` without the device number, which the namespace knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// The inode's number, unique in its file system while the inode lives.
    pub ino: Ino,
    /// What it is.
    pub file_type: FileType,
    /// How many names it has. For a directory: 2 and one for each directory in it.
    pub nlink: u64,
    /// Bytes of a file, or of a symbolic link's target. A directory has 0.
    pub size: u64,
    /// When it was last read, as far as somebody set it: reading does not.
    pub accessed: Timestamp,
    /// When its contents last changed.
    pub modified: Timestamp,
    /// When its contents or attributes last changed.
    pub changed: Timestamp,
}
