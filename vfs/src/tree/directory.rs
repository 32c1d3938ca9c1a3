//! The entries of one directory, by name and in the order of their cookies.

use alloc::sync::Arc;
use core::cmp::Ordering;
use core::ops::Bound;

use crate::map::{Key, Map, Probe};
use crate::{Cookie, FileType, Ino};

/// A directory's entries.
#[derive(Clone)]
pub(crate) struct Directory {
    pub(crate) names: Map<Name, Entry>,
    /// Cookies to names.
    order: Map<u64, Row>,
    next_cookie: u64,
    /// How many of the entries are directories.
    pub(crate) subdirs: u64,
    /// No path from here to something below is longer than so many bytes. It never shrinks.
    pub(crate) reach: usize,
    pub(crate) source: Source,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) ino: Ino,
    pub(crate) cookie: u64,
    /// What the inode is, which never changes. So neither a walk nor a listing looks for the inode.
    pub(crate) file_type: FileType,
}

/// One row of the listing.
#[derive(Clone)]
struct Row {
    name: Arc<str>,
    ino: Ino,
    file_type: FileType,
}

/// A name, ordered by its hash first, so that a search compares numbers that lie side by side and reads one text.
/// Names with the same hash are in the order of their texts, so a guest that makes many of them gains nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Name {
    hash: u64,
    pub(crate) text: Arc<str>,
}

/// A name to look for.
struct Wanted<'a> {
    hash: u64,
    text: &'a str,
}

/// Whether a directory has a lower one below it.
#[derive(Clone)]
pub(crate) enum Source {
    /// It has none: a guest or the embedder made it.
    Own,
    /// Nobody has looked into it yet.
    Unloaded,
    /// It has been loaded, with these names.
    Loaded(Map<Name, Entry>),
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            names: Map::default(),
            order: Map::default(),
            next_cookie: Cookie::FIRST.0,
            subdirs: 0,
            reach: 0,
            source: Source::Own,
        }
    }
}

impl Directory {
    /// A directory whose entries are still below.
    pub(crate) fn unloaded() -> Self {
        Self { source: Source::Unloaded, ..Self::default() }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Entry> {
        self.names.get(&Wanted::new(name)).copied()
    }

    /// Whether it is known to have no entries.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Adds a name that is not there, at `cookie` or at the end.
    pub(crate) fn insert(
        &mut self,
        name: Arc<str>,
        ino: Ino,
        file_type: FileType,
        cookie: Option<u64>,
    ) {
        let cookie = cookie.unwrap_or_else(|| {
            let next = self.next_cookie;
            self.next_cookie += 1;
            next
        });
        self.order.insert(cookie, Row { name: Arc::clone(&name), ino, file_type });
        self.names.insert(Name::new(name), Entry { ino, cookie, file_type });
    }

    /// Removes a name: its entry.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Entry> {
        let entry = self.names.remove(&Wanted::new(name))?;
        self.order.remove(&entry.cookie);
        Some(entry)
    }

    /// The entries after a cookie, in order.
    pub(crate) fn after(
        &self,
        cookie: Cookie,
    ) -> impl Iterator<Item = (Cookie, &str, Ino, FileType)> {
        let rows = self.order.range(Bound::Excluded(&cookie.0));
        rows.map(|(cookie, row)| (Cookie(*cookie), &*row.name, row.ino, row.file_type))
    }

    /// The cookie of the next name.
    pub(crate) fn next_cookie(&self) -> u64 {
        self.next_cookie
    }

    /// Gives the next name this cookie.
    pub(crate) fn set_next_cookie(&mut self, cookie: u64) {
        self.next_cookie = cookie;
    }

    /// The name at a cookie.
    pub(crate) fn name_at(&self, cookie: u64) -> Option<&Arc<str>> {
        self.order.get(&cookie).map(|row| &row.name)
    }

    /// Visits, in order, each cookie at which two listings differ, with what is there in the newer one.
    pub(crate) fn diff<'a>(
        old: &'a Self,
        new: &'a Self,
        mut visit: impl FnMut(u64, Option<(&'a str, Ino)>),
    ) {
        let parts = |row: &'a Row| (&*row.name, row.ino);
        Map::diff(&old.order, &new.order, |cookie, old, new| {
            let (old, new) = (old.map(parts), new.map(parts));
            if old != new {
                visit(*cookie, new);
            }
        });
    }
}

impl Name {
    fn new(text: Arc<str>) -> Self {
        Self { hash: hash(&text), text }
    }
}

impl Key for Name {
    fn rank(&self) -> u64 {
        self.hash
    }
}

impl<'a> Wanted<'a> {
    fn new(text: &'a str) -> Self {
        Self { hash: hash(text), text }
    }
}

impl Probe<Name> for Wanted<'_> {
    fn order(&self, name: &Name) -> Ordering {
        self.hash.cmp(&name.hash).then_with(|| self.text.cmp(&*name.text))
    }

    fn rank(&self) -> u64 {
        self.hash
    }
}

/// Spreads names evenly, the same on every host: eight bytes at a time, each mixed into all bits.
fn hash(name: &str) -> u64 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| {
        let hash = (hash ^ word).wrapping_mul(MIX);
        hash ^ (hash >> 32)
    };
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    let hash = words.iter().fold(0, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let rest = rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
    mix(hash, rest ^ ((name.len() as u64) << 56)).wrapping_mul(MIX)
}
