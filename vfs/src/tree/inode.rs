//! What the inode table holds.

use alloc::sync::Arc;

use super::Directory;
use crate::content::Content;
use crate::map::{Key, Map};
use crate::{FileType, LowerId, Timestamp};

/// A file, directory or symbolic link.
#[derive(Clone)]
pub(crate) struct Inode {
    pub(crate) kind: Kind,
    /// Its names. A directory has one, the root none.
    pub(crate) places: Places,
    /// How many names it has in lower directories that have not been loaded.
    pub(crate) unseen: u64,
    /// How much it counts against the quota of inodes: one for itself and one for each further name, but nothing for
    /// what the lower source has.
    pub(crate) rows: u64,
    pub(crate) mode: u32,
    pub(crate) accessed: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) changed: Timestamp,
    /// Which file of the lower source it was loaded from.
    pub(crate) lower: Option<LowerId>,
}

#[derive(Clone)]
pub(crate) enum Kind {
    File(Content),
    Directory(Directory),
    Symlink(Arc<str>),
}

impl Inode {
    /// A new inode without a name.
    pub(crate) fn new(kind: Kind, now: Timestamp) -> Self {
        let mode = match kind {
            Kind::File(_) => 0o644,
            Kind::Directory(_) => 0o755,
            Kind::Symlink(_) => 0o777,
        };
        Self {
            kind,
            places: Places::None,
            unseen: 0,
            rows: 1,
            mode,
            accessed: now,
            modified: now,
            changed: now,
            lower: None,
        }
    }

    pub(crate) fn file_type(&self) -> FileType {
        match self.kind {
            Kind::File(_) => FileType::RegularFile,
            Kind::Directory(_) => FileType::Directory,
            Kind::Symlink(_) => FileType::SymbolicLink,
        }
    }

    pub(crate) fn is_dir(&self) -> bool {
        matches!(self.kind, Kind::Directory(_))
    }

    /// How many names it has.
    pub(crate) fn names(&self) -> u64 {
        self.places.len() + self.unseen
    }

    /// How many bytes it counts against the quota.
    pub(crate) fn bytes_charged(&self) -> u64 {
        match &self.kind {
            Kind::File(content) => content.charged(),
            Kind::Symlink(target) if self.lower.is_none() => target.len() as u64,
            Kind::Directory(_) | Kind::Symlink(_) => 0,
        }
    }

    /// Its contents have changed.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.modified = now;
        self.changed = now;
    }
}

/// A name in a directory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) dir: u64,
    pub(crate) name: Arc<str>,
}

impl Key for Place {
    fn rank(&self) -> u64 {
        self.dir
    }
}

/// The names of an inode. Nearly always there is one.
#[derive(Clone)]
pub(crate) enum Places {
    None,
    One(Place),
    Many(Map<Place, ()>),
}

impl Places {
    /// How many there are.
    pub(crate) fn len(&self) -> u64 {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(places) => places.len() as u64,
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Place> {
        let (one, many) = match self {
            Self::None => (None, None),
            Self::One(place) => (Some(place), None),
            Self::Many(places) => (None, Some(places.iter().map(|(place, ())| place))),
        };
        one.into_iter().chain(many.into_iter().flatten())
    }

    pub(crate) fn insert(&mut self, place: Place) {
        match self {
            Self::None => *self = Self::One(place),
            Self::One(first) => {
                let mut places = Map::default();
                places.insert(first.clone(), ());
                places.insert(place, ());
                *self = Self::Many(places);
            }
            Self::Many(places) => {
                places.insert(place, ());
            }
        }
    }

    pub(crate) fn remove(&mut self, place: &Place) {
        match self {
            Self::One(only) if only == place => *self = Self::None,
            Self::None | Self::One(_) => {}
            Self::Many(places) => {
                places.remove(place);
            }
        }
    }
}
