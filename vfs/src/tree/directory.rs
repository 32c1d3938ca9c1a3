//! The entries of one directory, by name and in the order of their cookies.

use alloc::sync::Arc;
use core::ops::Bound;

use crate::map::Map;
use crate::{Cookie, Ino};

/// A directory's entries.
#[derive(Clone)]
pub(crate) struct Directory {
    pub(crate) names: Map<Arc<str>, Entry>,
    /// Cookies to names.
    order: Map<u64, (Arc<str>, Ino)>,
    next_cookie: u64,
    /// How many of the entries are directories.
    pub(crate) subdirs: u64,
    pub(crate) source: Source,
}

/// What a name stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) ino: Ino,
    pub(crate) cookie: u64,
}

/// Whether a directory has a lower one below it.
#[derive(Clone)]
pub(crate) enum Source {
    /// It has none: a guest or the embedder made it.
    Own,
    /// Nobody has looked into it yet.
    Unloaded,
    /// It has been loaded, with these names.
    Loaded(Map<Arc<str>, Entry>),
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            names: Map::default(),
            order: Map::default(),
            next_cookie: Cookie::FIRST.0,
            subdirs: 0,
            source: Source::Own,
        }
    }
}

impl Directory {
    /// A directory whose entries are still below.
    pub(crate) fn unloaded() -> Self {
        Self {
            source: Source::Unloaded,
            ..Self::default()
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<Entry> {
        self.names.get(name).copied()
    }

    /// Whether it is known to have no entries.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Adds a name that is not there, at `cookie` or at the end.
    pub(crate) fn insert(&mut self, name: Arc<str>, ino: Ino, cookie: Option<u64>) {
        let cookie = cookie.unwrap_or_else(|| {
            let next = self.next_cookie;
            self.next_cookie += 1;
            next
        });
        self.order.insert(cookie, (Arc::clone(&name), ino));
        self.names.insert(name, Entry { ino, cookie });
    }

    /// Removes a name: its entry.
    pub(crate) fn remove(&mut self, name: &str) -> Option<Entry> {
        let entry = self.names.remove(name)?;
        self.order.remove(&entry.cookie);
        Some(entry)
    }

    /// The entries after a cookie, in order.
    pub(crate) fn after(&self, cookie: Cookie) -> impl Iterator<Item = (Cookie, &str, Ino)> {
        let rows = self.order.range(Bound::Excluded(&cookie.0));
        rows.map(|(cookie, (name, ino))| (Cookie(*cookie), &**name, *ino))
    }
}
