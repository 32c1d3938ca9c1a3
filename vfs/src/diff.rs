//! What changed between two trees, in time that grows with the changes.
//!
//! Inodes are compared, not paths: the two inode tables share what neither side has touched, so the inodes that
//! differ are found without a walk. A directory that differs tells which names have gone and which are new. A name
//! that has gone and one that is new for the same inode are a rename. See docs/RATIONALE.md, "A diff of inodes".

mod side;

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use self::side::{Key, Pair, Side};
use crate::content::Content;
use crate::map::Map;
use crate::tree::{Directory, Inode, Inodes, Kind, Source};
use crate::{FileType, Ino, Tree};

/// One difference between an earlier tree and a later one.
///
/// [`Change::Removed`] and `from` are paths in the earlier tree, every other path is one in the later tree. Paths
/// have no slash at either end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A name that is new. A new directory is followed by everything in it; what was moved into it is renamed.
    Added {
        /// Where it is.
        path: String,
        /// What it is; an inode with several names is added once for each new one.
        ino: Ino,
    },
    /// A file whose bytes or permission bits have changed, or that another of the same kind has replaced. It is
    /// listed under each of its names that is not new.
    Modified {
        /// Where it is.
        path: String,
        /// What it is.
        ino: Ino,
    },
    /// A name that has gone. A directory goes with everything in it, except what was moved out of it.
    Removed {
        /// Where it was.
        path: String,
    },
    /// A name of an inode that another has taken the place of. What is in a directory moves along and is not listed.
    Renamed {
        /// Where it was.
        from: String,
        /// Where it is.
        path: String,
        /// What it is.
        ino: Ino,
    },
}

impl Change {
    /// The path that a list of changes is sorted by: where it is, or was.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Added { path, .. }
            | Self::Modified { path, .. }
            | Self::Removed { path }
            | Self::Renamed { path, .. } => path,
        }
    }

    /// The order of several changes of one path: away with the old before the new comes.
    fn rank(&self) -> u8 {
        match self {
            Self::Removed { .. } => 0,
            Self::Renamed { .. } => 1,
            Self::Added { .. } => 2,
            Self::Modified { .. } => 3,
        }
    }
}

/// What has changed from `base` to `now`, sorted by path. Times are not compared, nor are the permission bits of
/// directories.
///
/// `base` is an earlier state of `now`: a [`Tree::fork`] that has been left alone since. Loading a directory of the
/// lower source is no change, and of a lower file that has changed only those names are listed that have been
/// loaded. Two trees that have each gone their own way can be compared as well, as long as `now` has loaded what
/// `base` has; inodes that both have made under one number are then taken for one.
#[must_use]
pub fn diff(base: &Tree, now: &Tree) -> Vec<Change> {
    let pair = Pair::new(base, now);
    let mut keys = BTreeSet::new();
    Inodes::diff(&base.inodes, &now.inodes, |ino, old, new| {
        keys.extend(old.map(|_| pair.base.key(ino)));
        keys.extend(new.map(|_| pair.now.key(ino)));
    });
    let mut names = Names::default();
    let mut modified = Vec::new();
    for key in keys {
        match (pair.base.inode(key), pair.now.inode(key)) {
            (Some(old), Some(new)) => {
                names.compare(&pair, key, Some(&old), Some(&new));
                if !new.is_dir() && !is_same(&old, &new) {
                    modified.push(key);
                }
            }
            (Some(old), None) => names.compare(&pair, key, Some(&old), None),
            (None, Some(new)) => names.compare(&pair, key, None, Some(&new)),
            (None, None) => {}
        }
    }
    let mut changes = names.into_changes(&pair, &modified);
    changes.sort_by(|a, b| a.path().cmp(b.path()).then(a.rank().cmp(&b.rank())));
    changes.dedup();
    changes
}

/// Whether two files have the same content and permission bits, or two symbolic links the same target.
fn is_same(old: &Inode, new: &Inode) -> bool {
    match (&old.kind, &new.kind) {
        (Kind::File(a), Kind::File(b)) => old.mode == new.mode && Content::same(a, b),
        (Kind::Symlink(a), Kind::Symlink(b)) => a == b,
        _ => false,
    }
}

/// A name that only one tree has.
struct Row {
    key: Key,
    /// The directory that it is in, and the name there.
    place: (Key, Arc<str>),
    path: String,
}

/// The names that only the older tree has and those that only the newer one has.
#[derive(Default)]
struct Names {
    gone: Vec<Row>,
    new: Vec<Row>,
}

impl Names {
    /// Compares what is in a directory; one of the two may not exist.
    fn compare(&mut self, pair: &Pair<'_>, dir: Key, old: Option<&Inode>, new: Option<&Inode>) {
        let (old, new) = (old.and_then(directory), new.and_then(directory));
        let none = Map::default();
        let (mut old_side, mut new_side) = (pair.base, pair.now);
        let mut old_names = old.map_or(&none, |old| &old.names);
        let mut new_names = new.map_or(&none, |new| &new.names);
        // Where one side has not loaded what the other has, it has what the other found.
        if let (Some(old), Some(new)) = (old, new) {
            match (&old.source, &new.source) {
                (Source::Unloaded, Source::Loaded(found)) => {
                    (old_side, old_names) = (pair.now, found);
                }
                (Source::Loaded(found), Source::Unloaded) => {
                    (new_side, new_names) = (pair.base, found);
                }
                _ => {}
            }
        }
        Map::diff(old_names, new_names, |name, old, new| {
            let old = old.map(|entry| old_side.key(entry.ino.0));
            let new = new.map(|entry| new_side.key(entry.ino.0));
            if old != new {
                self.gone.extend(old.and_then(|key| row(pair.base, key, dir, &name.text)));
                self.new.extend(new.and_then(|key| row(pair.now, key, dir, &name.text)));
            }
        });
    }

    /// Names that have gone and names that are new become renames as far as they are those of one inode. What
    /// remains is removed, added, or replaced where both are one name in one directory.
    fn into_changes(mut self, pair: &Pair<'_>, modified: &[Key]) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut added = BTreeMap::new();
        self.gone.sort_by(|a, b| a.path.cmp(&b.path));
        self.new.sort_by(|a, b| a.path.cmp(&b.path));
        let mut gone: BTreeMap<Key, VecDeque<Row>> = BTreeMap::new();
        for row in self.gone {
            gone.entry(row.key).or_default().push_back(row);
        }
        for Row { key, place, path } in self.new {
            let Some(ino) = pair.now.find(key) else {
                continue;
            };
            let froms =
                gone.entry(key).or_insert_with(|| lost_row(pair, key).into_iter().collect());
            if let Some(Row { path: from, .. }) = froms.pop_front() {
                changes.push(Change::Renamed { from, path, ino });
            } else {
                added.insert(place, (key, path, ino));
            }
        }
        // What was in a directory that has gone has gone with it.
        let gone = gone.into_values().flatten().filter(|row| pair.now.exists(row.place.0));
        for Row { key, place, path } in gone {
            match added.remove(&place) {
                Some((by, path, ino)) if is_replaceable(key, by) => {
                    let (old, new) = (pair.base.inode(key), pair.now.inode(by));
                    if !matches!((old, new), (Some(old), Some(new)) if is_same(&old, &new)) {
                        changes.push(Change::Modified { path, ino });
                    }
                }
                by => {
                    added.extend(by.map(|by| (place, by)));
                    changes.push(Change::Removed { path });
                }
            }
        }
        let added: BTreeMap<_, _> = added.into_values().map(|(_, path, ino)| (path, ino)).collect();
        let modified = modified.iter().flat_map(|key| pair.now.names(*key));
        let modified = modified.filter(|(path, _)| !added.contains_key(path));
        changes.extend(modified.map(|(path, ino)| Change::Modified { path, ino }));
        changes.extend(added.into_iter().map(|(path, ino)| Change::Added { path, ino }));
        changes
    }
}

fn directory(inode: &Inode) -> Option<&Directory> {
    match &inode.kind {
        Kind::Directory(directory) => Some(directory),
        Kind::File(_) | Kind::Symlink(_) => None,
    }
}

/// Whether one inode in place of the other is the same thing modified.
fn is_replaceable(old: Key, new: Key) -> bool {
    old.kind() == new.kind() && new.kind() != FileType::Directory
}

fn row(side: Side<'_>, key: Key, dir: Key, name: &Arc<str>) -> Option<Row> {
    let path = side.path(dir, name)?;
    Some(Row { key, place: (dir, Arc::clone(name)), path })
}

/// Where an inode was below, if it has been moved out of a directory that was loaded, emptied and removed in
/// between, so that neither tree has it.
fn lost_row(pair: &Pair<'_>, key: Key) -> Option<Row> {
    if pair.base.find(key).is_some() {
        return None;
    }
    let (dir, name) = pair.base.origin(key)?;
    if pair.now.exists(dir) { None } else { row(pair.base, key, dir, name) }
}
