//! From a tree to bytes.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use super::record::{DirectoryRecord, FileRecord, Head, KindRecord, Record};
use super::{Base, MARK};
use crate::content::Content;
use crate::state::encode;
use crate::tree::{Directory, Inode, Inodes, Kind, Tree};
use crate::{Ino, Unsaved};

/// Takes the bytes piece by piece.
type Sink<'a> = dyn FnMut(&[u8]) + 'a;

impl Tree {
    /// The tree as bytes, from which [`Tree::load`] makes one that behaves in no way differently. The same state gives
    /// the same bytes.
    ///
    /// With a base, only what differs is written. Where the base is an earlier state of this tree, finding it takes time
    /// that grows with the changes; another tree will do, but not save anything.
    ///
    /// # Errors
    /// [`Unsaved::Lower`].
    pub fn save(&self, base: Option<&Base>) -> Result<Vec<u8>, Unsaved> {
        let mut out = Vec::new();
        self.write_state(base, &mut |bytes| out.extend_from_slice(bytes))?;
        Ok(out)
    }

    /// Which of several bases has the most of this tree, if one has anything.
    pub(crate) fn nearest<'b>(&self, bases: &'b [Base]) -> Option<&'b Base> {
        let nearest = |base: &'b Base| {
            let changes = Changes::find(self, &base.tree)?;
            let written = changes.gone.len() + changes.numbers.len();
            (written < self.inodes.len()).then_some((written, base))
        };
        bases.iter().filter_map(nearest).min_by_key(|(written, _)| *written).map(|(_, base)| base)
    }

    /// As [`Tree::save`], piece by piece.
    pub(super) fn write_state(
        &self,
        base: Option<&Base>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Unsaved> {
        if self.lower.is_some() {
            return Err(Unsaved::Lower);
        }
        let of_base = base.and_then(|base| Some((base, Changes::find(self, &base.tree)?)));
        let none = Inodes::default();
        let (inodes, changes, digest) = match of_base {
            Some((base, changes)) => (&base.tree.inodes, changes, Some(base.digest)),
            None => (&none, Changes::all(self), None),
        };
        let head = Head {
            base: digest,
            next_ino: self.next_ino,
            bytes_max: self.bytes.max,
            inodes_max: self.rows.max,
            file_bytes_max: self.file_bytes_max,
            held: self.held.iter().map(|(ino, holds)| (*ino, *holds)).collect(),
            gone: changes.gone,
            records: changes.numbers.len() as u64,
        };
        sink(MARK);
        sink(&encode(&head));
        for ino in changes.numbers {
            if let Some(inode) = self.inodes.get(&ino) {
                write_record(ino, inode, inodes.get(&ino), sink);
            }
        }
        Ok(())
    }
}

/// The numbers, in order, of inodes in which a tree differs from a base.
#[derive(Default)]
struct Changes {
    /// Those that only the base has.
    gone: Vec<u64>,
    /// Those that the tree has, and the base not like that.
    numbers: Vec<u64>,
}

impl Changes {
    /// `None` if one number is a file here and a directory there: then the base is none.
    fn find(tree: &Tree, base: &Tree) -> Option<Self> {
        let mut changes = Self::default();
        let mut fits = true;
        Inodes::diff(&base.inodes, &tree.inodes, |ino, old, new| match (old, new) {
            (Some(old), Some(new)) => {
                fits = fits && old.file_type() == new.file_type();
                if !is_same_state(old, new) {
                    changes.numbers.push(ino);
                }
            }
            (Some(_), None) => changes.gone.push(ino),
            (None, _) => changes.numbers.push(ino),
        });
        fits.then_some(changes)
    }

    fn all(tree: &Tree) -> Self {
        let mut all = Self::default();
        Inodes::diff(&Inodes::default(), &tree.inodes, |ino, _, _| all.numbers.push(ino));
        all
    }
}

/// Whether two inodes are the same in all that a record has.
fn is_same_state(old: &Inode, new: &Inode) -> bool {
    let attributes = |inode: &Inode| (inode.mode, inode.accessed, inode.modified, inode.changed);
    attributes(old) == attributes(new)
        && match (&old.kind, &new.kind) {
            (Kind::Directory(old), Kind::Directory(new)) => {
                let mut same = old.next_cookie() == new.next_cookie() && old.reach == new.reach;
                Directory::diff(old, new, |_, _| same = false);
                same
            }
            (old, new) => is_same_content(old, new),
        }
}

/// Whether two files have the same bytes, or two links the same target.
fn is_same_content(old: &Kind, new: &Kind) -> bool {
    match (old, new) {
        (Kind::File(old), Kind::File(new)) => Content::is_same_state(old, new),
        (Kind::Symlink(old), Kind::Symlink(new)) => old == new,
        _ => false,
    }
}

fn write_record(ino: u64, inode: &Inode, old: Option<&Inode>, sink: &mut Sink<'_>) {
    let record = |kind| Record {
        ino,
        mode: inode.mode,
        accessed: inode.accessed.0,
        modified: inode.modified.0,
        changed: inode.changed.0,
        kind,
    };
    let old = old.map(|old| &old.kind);
    let none = Directory::default();
    let kind = match &inode.kind {
        kind if old.is_some_and(|old| is_same_content(old, kind)) => KindRecord::Kept,
        Kind::File(content) => {
            // Only a lower file has none, and there is no lower source.
            let base = content.shown_base().unwrap_or(Cow::Borrowed(&[]));
            let chunks = content.chunks().map(|(index, chunk)| (index, chunk.into())).collect();
            let file = FileRecord { len: content.len(), base: &base, chunks };
            return sink(&encode(&record(KindRecord::File(file))));
        }
        Kind::Directory(directory) => {
            let old = match old {
                Some(Kind::Directory(old)) => old,
                _ => &none,
            };
            let mut rows = Vec::new();
            Directory::diff(old, directory, |cookie, row| {
                rows.push((cookie, row.map(|(name, Ino(ino))| (name, ino))));
            });
            let next_cookie = directory.next_cookie();
            let reach = directory.reach as u64;
            KindRecord::Directory(DirectoryRecord { next_cookie, reach, rows })
        }
        Kind::Symlink(target) => KindRecord::Symlink(target),
    };
    sink(&encode(&record(kind)));
}
