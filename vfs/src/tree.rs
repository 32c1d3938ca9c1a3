//! The copy-on-write file system in memory.
//!
//! Names lead to inode numbers through a persistent [`Map`] and numbers lead to inodes through a persistent table
//! ([`Inodes`]), so two names of one file stay one file whatever is copied, and a fork shares everything until one side
//! changes. The table is one for the whole tree: nothing here recurses, however deep the guest nests its directories.

mod directory;
mod file_system;
mod inode;
mod load;
mod names;
mod paths;
mod state;
mod table;

use alloc::sync::Arc;
use core::fmt;

use bytes::Bytes;

pub(crate) use self::directory::{Directory, Entry, Source};
pub(crate) use self::inode::{Inode, Kind, Place};
pub use self::state::Base;
pub(crate) use self::table::Inodes;
use crate::content::Content;
use crate::map::Map;
use crate::quota::Charge;
use crate::{Errno, Ino, Lower, LowerId, LowerKind, Quota, Timestamp};

/// The number of the root directory.
pub(crate) const ROOT: u64 = 1;
/// The permission bits that are kept.
const MODE_BITS: u32 = 0o7777;

/// A copy-on-write file system in memory.
///
/// It starts empty ([`Tree::new`]) or above a read-only source ([`Tree::above`]), which is loaded as far as somebody
/// looks and never changed. A clone takes constant time and is independent.
///
/// ```
/// use stepwell_vfs::{EPOCH, Quota, Tree};
///
/// let mut tree = Tree::new(Quota::default(), EPOCH);
/// tree.write_file("etc/motd", "hello\n".into(), EPOCH)?;
/// let mut fork = tree.fork();
/// fork.write_file("etc/motd", "bye\n".into(), EPOCH)?;
/// assert_eq!(tree.read_file("etc/motd")?, b"hello\n");
/// # Ok::<(), stepwell_vfs::Errno>(())
/// ```
#[derive(Clone)]
pub struct Tree {
    pub(crate) inodes: Inodes,
    /// Where each loaded inode comes from, also those that have been removed since.
    pub(crate) origins: Map<u64, Origin>,
    /// The number that each [`LowerId`] has been loaded as.
    pub(crate) loaded: Map<u64, u64>,
    pub(crate) lower: Option<Arc<dyn Lower>>,
    /// How often each inode is open that is. It is not in the inode: to open a file for reading must not copy the way
    /// to it in a fork.
    held: Map<u64, u64>,
    next_ino: u64,
    bytes: Charge,
    rows: Charge,
    file_bytes_max: u64,
}

/// Where a loaded inode comes from, and what it was there.
#[derive(Clone)]
pub(crate) struct Origin {
    pub(crate) id: LowerId,
    /// The directory that it was found in.
    pub(crate) dir: u64,
    /// Its name there.
    pub(crate) name: Arc<str>,
    pub(crate) kind: LowerKind,
    pub(crate) mode: u32,
}

impl Tree {
    /// An empty tree.
    #[must_use]
    pub fn new(quota: Quota, now: Timestamp) -> Self {
        Self::with_root(Inode::new(Kind::Directory(Directory::default()), now), None, quota)
    }

    /// A tree that starts as what `lower` holds. A directory is loaded when somebody first looks into it, and a
    /// file's bytes when they are read; changes stay in the tree.
    #[must_use]
    pub fn above(lower: Arc<dyn Lower>, quota: Quota, now: Timestamp) -> Self {
        let mut root = Inode::new(Kind::Directory(Directory::unloaded()), now);
        root.lower = Some(LowerId(0));
        Self::with_root(root, Some(lower), quota)
    }

    fn with_root(root: Inode, lower: Option<Arc<dyn Lower>>, quota: Quota) -> Self {
        let mut inodes = Inodes::default();
        inodes.insert(ROOT, root);
        Self {
            inodes,
            origins: Map::default(),
            loaded: Map::default(),
            lower,
            held: Map::default(),
            next_ino: ROOT + 1,
            bytes: Charge { used: 0, max: quota.bytes_max },
            rows: Charge { used: 1, max: quota.inodes_max },
            file_bytes_max: quota.file_bytes_max,
        }
    }

    /// An independent copy, in constant time. Inodes that are held are held in both.
    #[must_use]
    pub fn fork(&self) -> Self {
        self.clone()
    }

    /// Whether it lies above a lower source.
    #[must_use]
    pub fn has_lower(&self) -> bool {
        self.lower.is_some()
    }

    /// How many bytes count against [`Quota::bytes_max`].
    #[must_use]
    pub fn bytes_used(&self) -> u64 {
        self.bytes.used
    }

    /// How many inodes count against [`Quota::inodes_max`].
    #[must_use]
    pub fn inodes_used(&self) -> u64 {
        self.rows.used
    }

    /// How much this tree may hold.
    #[must_use]
    pub fn quota(&self) -> Quota {
        Quota {
            bytes_max: self.bytes.max,
            inodes_max: self.rows.max,
            file_bytes_max: self.file_bytes_max,
        }
    }

    /// Changes how much this tree may hold. Where it holds more already, it just cannot grow.
    pub fn set_quota(&mut self, quota: Quota) {
        self.bytes.max = quota.bytes_max;
        self.rows.max = quota.inodes_max;
        self.file_bytes_max = quota.file_bytes_max;
    }

    /// The permission bits of `ino`, which are kept for archives and never checked.
    ///
    /// # Errors
    /// [`Errno::Stale`]: the inode is gone.
    pub fn mode(&self, ino: Ino) -> Result<u32, Errno> {
        Ok(self.inode(ino)?.mode)
    }

    /// Changes the permission bits of `ino`: the lowest twelve.
    ///
    /// # Errors
    /// [`Errno::Stale`]: the inode is gone.
    pub fn set_mode(&mut self, ino: Ino, mode: u32) -> Result<(), Errno> {
        self.inode_mut(ino)?.mode = mode & MODE_BITS;
        Ok(())
    }

    /// Replaces the content of a file by a slice that is shared, not copied.
    ///
    /// # Errors
    /// [`Errno::Stale`], [`Errno::Isdir`], [`Errno::Inval`] (a symbolic link), [`Errno::Fbig`], [`Errno::Nospc`].
    pub fn set_content(&mut self, ino: Ino, bytes: Bytes, now: Timestamp) -> Result<(), Errno> {
        let old = self.content(ino)?.charged();
        let new = self.check_content(bytes.len(), old)?;
        let inode = self.inode_mut(ino)?;
        inode.kind = Kind::File(Content::shared(bytes));
        inode.touch(now);
        self.bytes.used = self.bytes.used - old + new;
        Ok(())
    }

    /// Visits what is not a hole in a file, in order: offset and bytes. Bytes of a lower file are read piece by
    /// piece.
    ///
    /// # Errors
    /// [`Errno::Stale`], [`Errno::Isdir`], [`Errno::Inval`] (a symbolic link), and what reading the lower file gives.
    pub fn segments(&mut self, ino: Ino, visit: &mut dyn FnMut(u64, &[u8])) -> Result<(), Errno> {
        self.content(ino)?.segments(visit)
    }

    /// How often `ino` is held: opened and not yet closed.
    #[must_use]
    pub fn holds(&self, ino: Ino) -> u64 {
        self.held.get(&ino.0).copied().unwrap_or(0)
    }

    fn inode(&self, ino: Ino) -> Result<&Inode, Errno> {
        self.inodes.get(&ino.0).ok_or(Errno::Stale)
    }

    fn inode_mut(&mut self, ino: Ino) -> Result<&mut Inode, Errno> {
        self.inodes.get_mut(&ino.0).ok_or(Errno::Stale)
    }

    fn content(&self, ino: Ino) -> Result<&Content, Errno> {
        match &self.inode(ino)?.kind {
            Kind::File(content) => Ok(content),
            Kind::Directory(_) => Err(Errno::Isdir),
            Kind::Symlink(_) => Err(Errno::Inval),
        }
    }

    /// A directory, loaded.
    fn directory(&mut self, ino: Ino) -> Result<&Directory, Errno> {
        if self.lower.is_some()
            && let Kind::Directory(Directory { source: Source::Unloaded, .. }) =
                self.inode(ino)?.kind
        {
            self.load_directory(ino)?;
        }
        match &self.inode(ino)?.kind {
            Kind::Directory(directory) => Ok(directory),
            _ => Err(Errno::Notdir),
        }
    }

    /// What a content of `len` bytes counts, if it fits in place of one that counts `old`.
    fn check_content(&self, len: usize, old: u64) -> Result<u64, Errno> {
        let len = len as u64;
        if len > self.file_bytes_max {
            return Err(Errno::Fbig);
        }
        if len.saturating_sub(old) > self.bytes.left() {
            return Err(Errno::Nospc);
        }
        Ok(len)
    }

    /// The next inode number. There are more than a guest can use up.
    fn number(&mut self) -> u64 {
        let ino = self.next_ino;
        self.next_ino += 1;
        ino
    }

    /// Whether `ino` is the root or has a name.
    pub(crate) fn is_linked(ino: Ino, inode: &Inode) -> bool {
        ino.0 == ROOT || inode.names() > 0
    }

    /// Whether `ino` is a directory that can be reached from the root.
    pub(crate) fn is_linked_directory(&self, ino: Ino) -> bool {
        self.inode(ino).is_ok_and(|inode| inode.is_dir() && Self::is_linked(ino, inode))
    }

    /// Drops an inode that has no name and is not held, and gives back what it counted.
    fn release(&mut self, ino: Ino) {
        let Some(inode) = self.inodes.get(&ino.0) else {
            return;
        };
        if Self::is_linked(ino, inode) || self.held.get(&ino.0).is_some() {
            return;
        }
        self.bytes.give(inode.bytes_charged());
        self.rows.give(inode.rows);
        self.inodes.remove(&ino.0);
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree")
            .field("inodes", &self.inodes.len())
            .field("bytes_used", &self.bytes.used)
            .finish_non_exhaustive()
    }
}
