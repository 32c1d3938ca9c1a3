//! How much a tree may hold.

use crate::Errno;

/// The most that one tree holds. What a [`Lower`](crate::Lower) below it holds does not count until it is written
/// over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes in files and in the targets of symbolic links. A hole costs nothing, except that within 16 KiB before
    /// written bytes it is stored like them; each 16 KiB of a file but the first count at least 256 bytes if anything is
    /// written in them. Beyond it a write is short, then [`Errno::Nospc`].
    pub bytes_max: u64,
    /// Inodes, the root included, and one for each name of a file beyond its first. Beyond it creating and linking
    /// are [`Errno::Nospc`].
    pub inodes_max: u64,
    /// The largest size of one file, holes included. Beyond it is [`Errno::Fbig`].
    pub file_bytes_max: u64,
}

impl Default for Quota {
    /// 1 GiB in files, a million inodes, files of at most 16 TiB: what the usual file system of Linux allows.
    fn default() -> Self {
        Self { bytes_max: 1 << 30, inodes_max: 1_000_000, file_bytes_max: 16 << 40 }
    }
}

/// A quantity charged against a maximum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    pub(crate) used: u64,
    pub(crate) max: u64,
}

impl Charge {
    /// How much is left.
    pub(crate) fn left(self) -> u64 {
        self.max.saturating_sub(self.used)
    }

    /// Takes all of `wanted` or nothing.
    pub(crate) fn take(&mut self, wanted: u64) -> Result<(), Errno> {
        if wanted > self.left() {
            return Err(Errno::Nospc);
        }
        self.used += wanted;
        Ok(())
    }

    /// Gives back what was taken.
    pub(crate) fn give(&mut self, freed: u64) {
        self.used = self.used.saturating_sub(freed);
    }
}
