//! One of the two trees of a diff, as seen from both.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::content::Content;
use crate::tree::{Directory, Inode, Kind, Origin, ROOT};
use crate::{FileType, Ino, LowerKind, Timestamp, Tree};

/// What makes an inode the same in two trees. Numbers do not for a lower file: two forks may have loaded it at
/// different times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Root,
    Lower(u64, Rank),
    Own(u64, Rank),
}

/// A file type in an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Directory,
    File,
    Symlink,
}

impl Key {
    pub(super) fn kind(self) -> FileType {
        match self {
            Self::Root | Self::Lower(_, Rank::Directory) | Self::Own(_, Rank::Directory) => {
                FileType::Directory
            }
            Self::Lower(_, Rank::File) | Self::Own(_, Rank::File) => FileType::RegularFile,
            Self::Lower(_, Rank::Symlink) | Self::Own(_, Rank::Symlink) => FileType::SymbolicLink,
        }
    }
}

/// The two trees.
pub(super) struct Pair<'a> {
    pub(super) base: Side<'a>,
    pub(super) now: Side<'a>,
}

impl<'a> Pair<'a> {
    pub(super) fn new(base: &'a Tree, now: &'a Tree) -> Self {
        Self { base: Side { tree: base, other: now }, now: Side { tree: now, other: base } }
    }
}

/// One tree, with the other one for what only that has loaded.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    tree: &'a Tree,
    other: &'a Tree,
}

impl<'a> Side<'a> {
    /// The key of an inode number of this tree, which may have been removed.
    pub(super) fn key(self, ino: u64) -> Key {
        if ino == ROOT {
            return Key::Root;
        }
        if let Some(origin) = self.tree.origins.get(&ino)
            && self.tree.loaded.get(&origin.id.0) == Some(&ino)
        {
            return Key::Lower(origin.id.0, origin_rank(origin));
        }
        let inode = self.tree.inodes.get(&ino);
        Key::Own(ino, inode.map_or(Rank::File, inode_rank))
    }

    /// The inode number of `key`, if this tree has loaded it and it has a name.
    pub(super) fn find(self, key: Key) -> Option<Ino> {
        let ino = match key {
            Key::Root => ROOT,
            Key::Own(ino, _) => ino,
            Key::Lower(id, _) => *self.tree.loaded.get(&id)?,
        };
        let inode = self.tree.inodes.get(&ino)?;
        let is_found = self.key(ino) == key && Tree::is_linked(Ino(ino), inode);
        is_found.then_some(Ino(ino))
    }

    /// The inode of `key`. One that only the other tree has loaded is here what it was when it was loaded there.
    pub(super) fn inode(self, key: Key) -> Option<Cow<'a, Inode>> {
        if let Some(ino) = self.find(key) {
            return self.tree.inodes.get(&ino.0).map(Cow::Borrowed);
        }
        let (_, origin) = self.unloaded(key)?;
        let kind = match &origin.kind {
            LowerKind::File { size } => {
                Kind::File(Content::lower(self.other.lower.clone()?, origin.id, *size))
            }
            LowerKind::Directory => Kind::Directory(Directory::unloaded()),
            LowerKind::Symlink(target) => Kind::Symlink(Arc::clone(target)),
        };
        let inode = Inode::new(kind, Timestamp::default());
        Some(Cow::Owned(Inode { mode: origin.mode, ..inode }))
    }

    /// Whether there is an inode for `key`.
    pub(super) fn exists(self, key: Key) -> bool {
        self.find(key).is_some() || self.unloaded(key).is_some()
    }

    /// Where the other tree has loaded `key` from, if this one has not.
    pub(super) fn origin(self, key: Key) -> Option<(Key, &'a Arc<str>)> {
        let (other, origin) = self.unloaded(key)?;
        Some((other.key(origin.dir), &origin.name))
    }

    fn unloaded(self, key: Key) -> Option<(Self, &'a Origin)> {
        let Key::Lower(id, rank) = key else {
            return None;
        };
        if self.tree.loaded.get(&id).is_some() {
            return None;
        }
        let other = Self { tree: self.other, other: self.tree };
        let origin = self.other.origins.get(self.other.loaded.get(&id)?)?;
        (origin_rank(origin) == rank).then_some((other, origin))
    }

    /// The path of `name` in a directory.
    pub(super) fn path(self, dir: Key, name: &str) -> Option<String> {
        let mut names = Vec::from([name]);
        let mut at = dir;
        while at != Key::Root {
            let (parent, name) = match self.find(at) {
                Some(ino) => {
                    let place = self.tree.inodes.get(&ino.0)?.places.iter().next()?;
                    (self.key(place.dir), &*place.name)
                }
                None => self.origin(at).map(|(dir, name)| (dir, &**name))?,
            };
            names.push(name);
            at = parent;
        }
        names.reverse();
        Some(names.join("/"))
    }

    /// The paths of all names of an inode.
    pub(super) fn names(self, key: Key) -> Vec<(String, Ino)> {
        let Some(ino) = self.find(key) else {
            return Vec::new();
        };
        let Some(inode) = self.tree.inodes.get(&ino.0) else {
            return Vec::new();
        };
        let paths =
            inode.places.iter().filter_map(|place| self.path(self.key(place.dir), &place.name));
        paths.map(|path| (path, ino)).collect()
    }
}

fn inode_rank(inode: &Inode) -> Rank {
    match inode.kind {
        Kind::Directory(_) => Rank::Directory,
        Kind::File(_) => Rank::File,
        Kind::Symlink(_) => Rank::Symlink,
    }
}

fn origin_rank(origin: &Origin) -> Rank {
    match origin.kind {
        LowerKind::Directory => Rank::Directory,
        LowerKind::File { .. } => Rank::File,
        LowerKind::Symlink(_) => Rank::Symlink,
    }
}
