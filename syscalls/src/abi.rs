//! The wire structs and flags of preview1, with the numbers of the spec.

use vfs::{Errno, Stat};

/// Declares a set of flags over an integer.
macro_rules! flags {
    ($(#[$doc:meta])* $name:ident: $repr:ty { $($flag:ident = $bit:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $repr);

        #[allow(dead_code, reason = "a set names every flag of the spec, used here or not")]
        impl $name {
            pub(crate) const NONE: Self = Self(0);
            $(pub(crate) const $flag: Self = Self(1 << $bit);)*
            /// Every flag that the spec names.
            pub(crate) const ALL: Self = Self(0 $(| 1 << $bit)*);

            /// Takes the flags that a guest passed.
            ///
            /// # Errors
            /// [`Errno::Inval`]: a bit has no name.
            pub(crate) fn parse(bits: u32) -> Result<Self, Errno> {
                match <$repr>::try_from(bits) {
                    Ok(bits) if bits & !Self::ALL.0 == 0 => Ok(Self(bits)),
                    _ => Err(Errno::Inval),
                }
            }

            pub(crate) const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            pub(crate) const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }

            pub(crate) const fn union(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            pub(crate) const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }
        }
    };
}

flags! {
    /// `fdflags`.
    FdFlags: u16 { APPEND = 0, DSYNC = 1, NONBLOCK = 2, RSYNC = 3, SYNC = 4, }
}

flags! {
    /// `lookupflags`.
    LookupFlags: u32 { SYMLINK_FOLLOW = 0, }
}

flags! {
    /// `oflags`.
    OFlags: u16 { CREAT = 0, DIRECTORY = 1, EXCL = 2, TRUNC = 3, }
}

flags! {
    /// `fstflags`.
    FstFlags: u16 { ATIM = 0, ATIM_NOW = 1, MTIM = 2, MTIM_NOW = 3, }
}

flags! {
    /// `subclockflags`.
    SubclockFlags: u16 { ABSTIME = 0, }
}

flags! {
    /// `riflags`: how to receive.
    RiFlags: u16 { PEEK = 0, WAITALL = 1, }
}

flags! {
    /// `sdflags`: which halves of a socket to shut down.
    SdFlags: u8 { RD = 0, WR = 1, }
}

flags! {
    /// `rights`.
    Rights: u64 {
        FD_DATASYNC = 0,
        FD_READ = 1,
        FD_SEEK = 2,
        FD_FDSTAT_SET_FLAGS = 3,
        FD_SYNC = 4,
        FD_TELL = 5,
        FD_WRITE = 6,
        FD_ADVISE = 7,
        FD_ALLOCATE = 8,
        PATH_CREATE_DIRECTORY = 9,
        PATH_CREATE_FILE = 10,
        PATH_LINK_SOURCE = 11,
        PATH_LINK_TARGET = 12,
        PATH_OPEN = 13,
        FD_READDIR = 14,
        PATH_READLINK = 15,
        PATH_RENAME_SOURCE = 16,
        PATH_RENAME_TARGET = 17,
        PATH_FILESTAT_GET = 18,
        PATH_FILESTAT_SET_SIZE = 19,
        PATH_FILESTAT_SET_TIMES = 20,
        FD_FILESTAT_GET = 21,
        FD_FILESTAT_SET_SIZE = 22,
        FD_FILESTAT_SET_TIMES = 23,
        PATH_SYMLINK = 24,
        PATH_REMOVE_DIRECTORY = 25,
        PATH_UNLINK_FILE = 26,
        POLL_FD_READWRITE = 27,
        SOCK_SHUTDOWN = 28,
        SOCK_ACCEPT = 29,
    }
}

/// `roflags`: the bytes received were cut. A stream never cuts, so no other value is written.
pub(crate) const ROFLAGS_NONE: u16 = 0;

/// How many bytes a `filestat` has.
pub(crate) const FILESTAT_BYTES: usize = 64;

/// `filestat`: the attributes of a file, on the device `dev`.
pub(crate) fn filestat(dev: u64, stat: &Stat) -> [u8; FILESTAT_BYTES] {
    let mut bytes = [0; FILESTAT_BYTES];
    bytes[0..8].copy_from_slice(&dev.to_le_bytes());
    bytes[8..16].copy_from_slice(&stat.ino.0.to_le_bytes());
    bytes[16] = stat.file_type as u8;
    bytes[24..32].copy_from_slice(&stat.nlink.to_le_bytes());
    bytes[32..40].copy_from_slice(&stat.size.to_le_bytes());
    bytes[40..48].copy_from_slice(&stat.accessed.0.to_le_bytes());
    bytes[48..56].copy_from_slice(&stat.modified.0.to_le_bytes());
    bytes[56..64].copy_from_slice(&stat.changed.0.to_le_bytes());
    bytes
}

/// How many bytes an `fdstat` has.
pub(crate) const FDSTAT_BYTES: usize = 24;

/// `fdstat`: what a descriptor is and may do.
pub(crate) fn fdstat(
    file_type: vfs::FileType,
    flags: FdFlags,
    base: Rights,
    inheriting: Rights,
) -> [u8; FDSTAT_BYTES] {
    let mut bytes = [0; FDSTAT_BYTES];
    bytes[0] = file_type as u8;
    bytes[2..4].copy_from_slice(&flags.0.to_le_bytes());
    bytes[8..16].copy_from_slice(&base.0.to_le_bytes());
    bytes[16..24].copy_from_slice(&inheriting.0.to_le_bytes());
    bytes
}

/// How many bytes a `prestat` has.
pub(crate) const PRESTAT_BYTES: usize = 8;

/// `prestat` of a directory whose name has `name_len` bytes.
pub(crate) fn prestat_dir(name_len: u32) -> [u8; PRESTAT_BYTES] {
    let mut bytes = [0; PRESTAT_BYTES];
    bytes[4..8].copy_from_slice(&name_len.to_le_bytes());
    bytes
}

/// How many bytes the fixed part of a `dirent` has; the name follows.
pub(crate) const DIRENT_BYTES: usize = 24;

/// The fixed part of a `dirent`.
pub(crate) fn dirent(
    next: u64,
    ino: u64,
    name_len: u32,
    file_type: vfs::FileType,
) -> [u8; DIRENT_BYTES] {
    let mut bytes = [0; DIRENT_BYTES];
    bytes[0..8].copy_from_slice(&next.to_le_bytes());
    bytes[8..16].copy_from_slice(&ino.to_le_bytes());
    bytes[16..20].copy_from_slice(&name_len.to_le_bytes());
    bytes[20] = file_type as u8;
    bytes
}

/// How many bytes an `event` has.
pub(crate) const EVENT_BYTES: usize = 32;

/// `whence`: what an offset is counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whence {
    Set,
    Cur,
    End,
}

impl Whence {
    /// Takes a number in preview1's order.
    ///
    /// # Errors
    /// [`Errno::Inval`].
    pub(crate) fn parse(number: u32) -> Result<Self, Errno> {
        match number {
            0 => Ok(Self::Set),
            1 => Ok(Self::Cur),
            2 => Ok(Self::End),
            _ => Err(Errno::Inval),
        }
    }
}

/// The last number of `advice`.
pub(crate) const ADVICE_LAST: u32 = 5;

/// Takes a `clockid`.
///
/// # Errors
/// [`Errno::Inval`].
pub(crate) fn clock_id(number: u32) -> Result<vfs::ClockId, Errno> {
    match number {
        0 => Ok(vfs::ClockId::Realtime),
        1 => Ok(vfs::ClockId::Monotonic),
        2 => Ok(vfs::ClockId::ProcessCputime),
        3 => Ok(vfs::ClockId::ThreadCputime),
        _ => Err(Errno::Inval),
    }
}

#[cfg(test)]
mod tests {
    use vfs::{FileType, Ino, Timestamp};

    use super::*;

    #[test]
    fn structs_are_laid_out_as_in_the_spec() {
        let stat = Stat {
            ino: Ino(2),
            file_type: FileType::SymbolicLink,
            nlink: 3,
            size: 4,
            accessed: Timestamp(5),
            modified: Timestamp(6),
            changed: Timestamp(7),
        };
        let words = |bytes: &[u8]| -> alloc::vec::Vec<u64> {
            bytes.chunks_exact(8).map(|word| crate::memory::u64_at(word, 0)).collect()
        };
        assert_eq!(words(&filestat(1, &stat)), [1, 2, 7, 3, 4, 5, 6, 7]);
        let flags = FdFlags::APPEND.union(FdFlags::SYNC);
        let fdstat = fdstat(FileType::RegularFile, flags, Rights(8), Rights(9));
        assert_eq!(words(&fdstat), [0x0011_0004, 8, 9]);
        assert_eq!(words(&prestat_dir(5)), [5 << 32]);
        assert_eq!(words(&dirent(1, 2, 3, FileType::Directory)), [1, 2, 3 | 3 << 32]);
    }

    #[test]
    fn sets_hold_every_flag_of_the_spec_and_no_other() {
        let all = (FdFlags::ALL.0, OFlags::ALL.0, FstFlags::ALL.0, LookupFlags::ALL.0);
        assert_eq!(all, (0x1f, 0xf, 0xf, 1));
        assert_eq!(Rights::ALL.0, (1 << 30) - 1);
        assert_eq!(OFlags::parse(0x10), Err(Errno::Inval));
        assert_eq!(OFlags::parse(0x1_0001), Err(Errno::Inval));
        assert_eq!(SdFlags::parse(0x103), Err(Errno::Inval));
    }
}
