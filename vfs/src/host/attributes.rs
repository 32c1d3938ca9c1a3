//! What the host's metadata says, in our words.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cap_fs_ext::MetadataExt;
use cap_std::fs::Metadata;

use crate::{FileType, Ino, Stat, Timestamp};

/// What makes two names one file: the device and the inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(u64, u64);

impl Key {
    pub(super) fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }
}

pub(super) fn file_type(metadata: &Metadata) -> FileType {
    let file_type = metadata.file_type();
    if file_type.is_dir() {
        FileType::Directory
    } else if file_type.is_file() {
        FileType::RegularFile
    } else if file_type.is_symlink() {
        FileType::SymbolicLink
    } else {
        special_type(file_type)
    }
}

#[cfg(unix)]
fn special_type(file_type: cap_std::fs::FileType) -> FileType {
    use cap_std::fs::FileTypeExt;
    match () {
        () if file_type.is_block_device() => FileType::BlockDevice,
        () if file_type.is_char_device() => FileType::CharacterDevice,
        () if file_type.is_socket() => FileType::SocketStream,
        () => FileType::Unknown,
    }
}

#[cfg(not(unix))]
fn special_type(_: cap_std::fs::FileType) -> FileType {
    FileType::Unknown
}

pub(super) fn stat(ino: Ino, metadata: &Metadata) -> Stat {
    let file_type = file_type(metadata);
    let (nlink, size) = match (file_type, metadata.nlink()) {
        // Some file systems do not count the directories in a directory, and each has its own idea of its size.
        (FileType::Directory, 0) => (0, 0),
        (FileType::Directory, nlink) => (nlink.max(2), 0),
        (_, nlink) => (nlink, metadata.len()),
    };
    Stat {
        ino,
        file_type,
        nlink,
        size,
        accessed: accessed(metadata),
        modified: modified(metadata),
        changed: changed(metadata),
    }
}

pub(super) fn accessed(metadata: &Metadata) -> Timestamp {
    metadata.accessed().map_or(Timestamp(0), |time| timestamp(time.into_std()))
}

pub(super) fn modified(metadata: &Metadata) -> Timestamp {
    metadata.modified().map_or(Timestamp(0), |time| timestamp(time.into_std()))
}

#[cfg(unix)]
fn changed(metadata: &Metadata) -> Timestamp {
    use cap_std::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
    let nanoseconds = u64::try_from(metadata.ctime_nsec()).unwrap_or(0);
    Timestamp(seconds.saturating_mul(1_000_000_000).saturating_add(nanoseconds))
}

#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> Timestamp {
    modified(metadata)
}

/// The 12 permission bits.
#[cfg(unix)]
pub(super) fn mode(metadata: &Metadata) -> u32 {
    cap_std::fs::MetadataExt::mode(metadata) & 0o7777
}

#[cfg(not(unix))]
pub(super) fn mode(metadata: &Metadata) -> u32 {
    if metadata.is_dir() { 0o755 } else { 0o644 }
}

/// A time before 1970 is 1970, and one after 2554 is then.
pub(super) fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
}

pub(super) fn system_time(time: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(time.0)
}
