//! The numbers of a host's files: given in the order in which they are first seen.

use std::boxed::Box;
use std::fs::File;
use std::sync::Arc;

use cap_std::fs::Dir;
use hashbrown::HashMap;

use super::attributes::Key;
use super::listing::{Listing, Row};
use crate::{Errno, FileType, Ino};

/// One file of the host and how to reach it.
#[derive(Debug)]
pub(super) struct Inode {
    pub(super) key: Key,
    pub(super) file_type: FileType,
    /// A name that it has, as far as we know; the root has none.
    pub(super) place: Option<Place>,
    /// How often it is held.
    pub(super) holds: u32,
    /// Open while it is held.
    pub(super) handles: Handles,
    /// Of a directory that was listed.
    pub(super) listing: Option<Box<Listing>>,
}

/// A name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) dir: Ino,
    pub(super) name: Box<str>,
}

/// What is open of an inode; a file that was opened to read and write has one handle in both places.
#[derive(Debug, Default)]
pub(super) struct Handles {
    pub(super) dir: Option<Arc<Dir>>,
    pub(super) reader: Option<Arc<File>>,
    pub(super) writer: Option<Arc<File>>,
}

impl Handles {
    pub(super) fn file(&self) -> Option<&Arc<File>> {
        self.reader.as_ref().or(self.writer.as_ref())
    }
}

/// Every inode that was seen and is not known to be gone.
#[derive(Debug)]
pub(super) struct Inodes {
    by_ino: HashMap<Ino, Inode>,
    by_key: HashMap<Key, Ino>,
    /// The number last given.
    last: u64,
}

impl Inodes {
    pub(super) fn new() -> Self {
        Self { by_ino: HashMap::new(), by_key: HashMap::new(), last: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.by_ino.len()
    }

    /// A new number for what has `key`, without a place.
    pub(super) fn add(&mut self, key: Key, file_type: FileType) -> Ino {
        self.last += 1;
        let ino = Ino(self.last);
        let handles = Handles::default();
        let inode = Inode { key, file_type, place: None, holds: 0, handles, listing: None };
        self.by_ino.insert(ino, inode);
        self.by_key.insert(key, ino);
        ino
    }

    /// The number of what was seen as `place` just now, new if need be.
    pub(super) fn see(&mut self, key: Key, file_type: FileType, place: Place) -> Ino {
        let ino = self.listed(key, file_type, &place);
        if let Some(inode) = self.by_ino.get_mut(&ino) {
            inode.place = Some(place);
        }
        ino
    }

    /// As [`Inodes::see`], but what has a place keeps it.
    pub(super) fn listed(&mut self, key: Key, file_type: FileType, place: &Place) -> Ino {
        let known = self.by_key.get(&key).copied();
        // Another type under the same key is another file: the host has used its number again.
        let same = known.filter(|ino| self.by_ino[ino].file_type == file_type);
        let ino = same.unwrap_or_else(|| self.add(key, file_type));
        if let Some(inode) = self.by_ino.get_mut(&ino) {
            inode.place.get_or_insert_with(|| place.clone());
        }
        ino
    }

    pub(super) fn find(&self, key: Key) -> Option<Ino> {
        self.by_key.get(&key).copied()
    }

    pub(super) fn get(&self, ino: Ino) -> Result<&Inode, Errno> {
        self.by_ino.get(&ino).ok_or(Errno::Stale)
    }

    pub(super) fn get_mut(&mut self, ino: Ino) -> Result<&mut Inode, Errno> {
        self.by_ino.get_mut(&ino).ok_or(Errno::Stale)
    }

    /// `ino` is no longer at `place`.
    pub(super) fn left(&mut self, ino: Ino, place: &Place) {
        if let Ok(inode) = self.get_mut(ino)
            && inode.place.as_ref() == Some(place)
        {
            inode.place = None;
        }
    }

    /// The file is gone from the host, so its key may come back as another's.
    pub(super) fn forget(&mut self, ino: Ino) {
        if let Some(inode) = self.by_ino.remove(&ino)
            && self.by_key.get(&inode.key) == Some(&ino)
        {
            self.by_key.remove(&inode.key);
        }
    }

    /// Notes a new entry in the listing of `place`'s directory, if it was ever listed.
    pub(super) fn list(&mut self, place: &Place, ino: Ino, file_type: FileType) {
        if let Some(listing) = self.listing(place.dir) {
            listing.put(Row { name: place.name.clone(), ino, file_type });
        }
    }

    /// Notes that an entry is gone.
    pub(super) fn unlist(&mut self, place: &Place) {
        if let Some(listing) = self.listing(place.dir) {
            listing.remove(&place.name);
        }
    }

    /// Notes that the entry at `from` is at `to` now.
    pub(super) fn relist(&mut self, from: &Place, to: &Place, ino: Ino, file_type: FileType) {
        if from.dir != to.dir {
            self.unlist(from);
            self.list(to, ino, file_type);
        } else if let Some(listing) = self.listing(to.dir) {
            listing.rename(&from.name, Row { name: to.name.clone(), ino, file_type });
        }
    }

    fn listing(&mut self, dir: Ino) -> Option<&mut Listing> {
        self.by_ino.get_mut(&dir)?.listing.as_deref_mut()
    }
}
