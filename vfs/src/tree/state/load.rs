//! From bytes to a tree: a fork of the base is changed, and then checked.

use alloc::sync::Arc;
use alloc::vec::Vec;

use bytes::Bytes;

use super::record::{DirectoryRecord, FileRecord, Head, KindRecord, Record};
use super::{Base, MARK, check};
use crate::content::Content;
use crate::map::Map;
use crate::quota::Charge;
use crate::state::{check as ensure, decode, take_end, take_mark};
use crate::tree::inode::Places;
use crate::tree::{Directory, Inode, Inodes, Kind, MODE_BITS, Place, Tree};
use crate::{Cookie, FileType, Ino, LoadError, NAME_BYTES_MAX, PATH_BYTES_MAX, Timestamp};

/// No number of an inode or cookie is as large: a guest that made a billion a second would need three days. It bounds
/// what a number in hostile bytes can make the table cost.
const NUMBER_MAX: u64 = 1 << 48;
/// A count of holds that no process reaches.
const HOLDS_MAX: u64 = 1 << 32;

impl Tree {
    /// The tree that was saved, with the same numbers, cookies, holds and quota. The contents of files are slices of
    /// `bytes`, which so live as long as the tree.
    ///
    /// `bases` must have the base that it was saved with; others do not matter. Whatever the bytes are, what is loaded
    /// is consistent: what can be derived is derived, and the rest is checked.
    ///
    /// # Errors
    /// [`LoadError::Version`], [`LoadError::Malformed`], [`LoadError::NoBase`], [`LoadError::Inconsistent`].
    pub fn load(bytes: &Bytes, bases: &[Base]) -> Result<Self, LoadError> {
        let mut rest: &[u8] = bytes;
        take_mark(&mut rest, MARK)?;
        let head: Head = decode(&mut rest)?;
        let base = match head.base {
            None => Self::without_inodes(),
            Some(digest) => {
                let base = bases.iter().find(|base| base.digest == digest);
                base.ok_or(LoadError::NoBase { digest })?.tree.fork()
            }
        };
        let mut loading = Loading { bytes, tree: base.fork(), rows: Vec::new() };
        loading.take_head(&head)?;
        loading.take_records(&mut rest, &head)?;
        take_end(rest)?;
        loading.take_rows()?;
        check::settle(&base, &mut loading.tree)?;
        Ok(loading.tree)
    }

    /// What a tree without a base differs from.
    fn without_inodes() -> Self {
        Self {
            inodes: Inodes::default(),
            origins: Map::default(),
            loaded: Map::default(),
            lower: None,
            held: Map::default(),
            next_ino: 0,
            bytes: Charge { used: 0, max: 0 },
            rows: Charge { used: 0, max: 0 },
            file_bytes_max: 0,
        }
    }
}

/// At a cookie the name that is there now, with its inode.
type Row<'a> = (u64, Option<(&'a str, u64)>);

/// A tree as it is loaded.
struct Loading<'a> {
    bytes: &'a Bytes,
    tree: Tree,
    /// What changes in each directory. It may lead to inodes that come later.
    rows: Vec<(u64, Vec<Row<'a>>)>,
}

impl<'a> Loading<'a> {
    fn take_head(&mut self, head: &Head) -> Result<(), LoadError> {
        let tree = &mut self.tree;
        ensure(head.next_ino <= NUMBER_MAX, "the next number is too large")?;
        tree.next_ino = head.next_ino;
        tree.bytes.max = head.bytes_max;
        tree.rows.max = head.inodes_max;
        tree.file_bytes_max = head.file_bytes_max;
        tree.held = Map::default();
        for (ino, holds) in &head.held {
            ensure((1..HOLDS_MAX).contains(holds), "an inode is held so often")?;
            let before = tree.held.insert(*ino, *holds);
            ensure(before.is_none(), "an inode is held twice")?;
        }
        ensure(head.gone.is_sorted_by(|a, b| a < b), "numbers are not in order")?;
        head.gone.iter().try_for_each(|ino| self.remove(*ino))
    }

    /// Removes an inode of the base, with all that is in it.
    fn remove(&mut self, ino: u64) -> Result<(), LoadError> {
        let inode = self.tree.inodes.get(&ino).cloned();
        let inode = inode.ok_or(LoadError::Inconsistent("what is gone was not there"))?;
        self.tree.inodes.remove(&ino);
        if let Kind::Directory(directory) = inode.kind {
            for (_, name, child, _) in directory.after(Cookie::START) {
                self.lose_place(child, Place { dir: ino, name: Arc::from(name) });
            }
        }
        Ok(())
    }

    fn lose_place(&mut self, ino: Ino, place: Place) {
        if let Some(inode) = self.tree.inodes.get_mut(&ino.0) {
            inode.places.remove(&place);
        }
    }

    fn take_records(&mut self, rest: &mut &'a [u8], head: &Head) -> Result<(), LoadError> {
        let mut next = 1;
        for _ in 0..head.records {
            let record: Record<'a> = decode(rest)?;
            ensure(record.ino >= next, "numbers are not in order")?;
            ensure(record.ino < self.tree.next_ino, "a number is not given yet")?;
            next = record.ino + 1;
            let is_gone = head.gone.binary_search(&record.ino).is_ok();
            ensure(!is_gone, "a number is given twice")?;
            self.take_record(record)?;
        }
        Ok(())
    }

    fn take_record(&mut self, record: Record<'a>) -> Result<(), LoadError> {
        ensure(record.mode & !MODE_BITS == 0, "there are no such permission bits")?;
        let old = self.tree.inodes.get(&record.ino);
        let (places, old) = match old {
            Some(old) => (old.places.clone(), Some(&old.kind)),
            None => (Places::None, None),
        };
        let kind = match (record.kind, old) {
            (KindRecord::Kept, Some(Kind::File(content))) => Kind::File(content.clone()),
            (KindRecord::Kept, Some(Kind::Symlink(target))) => Kind::Symlink(Arc::clone(target)),
            (KindRecord::File(file), None | Some(Kind::File(_))) => {
                Kind::File(content(self.bytes, &file)?)
            }
            (KindRecord::Symlink(target), None | Some(Kind::Symlink(_))) => {
                Kind::Symlink(Arc::from(target))
            }
            (KindRecord::Directory(new), None) => {
                Kind::Directory(self.directory(record.ino, Directory::default(), new)?)
            }
            (KindRecord::Directory(new), Some(Kind::Directory(old))) => {
                let old = old.clone();
                Kind::Directory(self.directory(record.ino, old, new)?)
            }
            _ => return Err(LoadError::Inconsistent("an inode is not what it was")),
        };
        let inode = Inode {
            places,
            mode: record.mode,
            accessed: Timestamp(record.accessed),
            modified: Timestamp(record.modified),
            ..Inode::new(kind, Timestamp(record.changed))
        };
        self.tree.inodes.insert(record.ino, inode);
        Ok(())
    }

    /// The directory, with its rows still to be changed.
    fn directory(
        &mut self,
        ino: u64,
        mut directory: Directory,
        record: DirectoryRecord<'a>,
    ) -> Result<Directory, LoadError> {
        let cookies = Cookie::FIRST.0..=NUMBER_MAX;
        ensure(cookies.contains(&record.next_cookie), "the next cookie is none")?;
        let reach = usize::try_from(record.reach).ok().filter(|reach| *reach < PATH_BYTES_MAX);
        directory.reach = reach.ok_or(LoadError::Inconsistent("a path is too long"))?;
        directory.set_next_cookie(record.next_cookie);
        self.rows.push((ino, record.rows));
        Ok(directory)
    }

    /// Changes what is in the directories, now that all inodes are there.
    fn take_rows(&mut self) -> Result<(), LoadError> {
        for (dir, rows) in core::mem::take(&mut self.rows) {
            ensure(rows.is_sorted_by(|a, b| a.0 < b.0), "cookies are not in order")?;
            for (cookie, _) in &rows {
                self.clear(dir, *cookie);
            }
            for (cookie, row) in rows {
                if let Some((name, ino)) = row {
                    self.put(dir, cookie, name, Ino(ino))?;
                }
            }
        }
        Ok(())
    }

    /// Removes the row at a cookie, if there is one.
    fn clear(&mut self, dir: u64, cookie: u64) {
        let Some(directory) = directory_mut(&mut self.tree, dir) else {
            return;
        };
        let Some(name) = directory.name_at(cookie).cloned() else {
            return;
        };
        if let Some(entry) = directory.remove(&name) {
            directory.subdirs -= u64::from(entry.file_type == FileType::Directory);
            self.lose_place(entry.ino, Place { dir, name });
        }
    }

    fn put(&mut self, dir: u64, cookie: u64, name: &str, ino: Ino) -> Result<(), LoadError> {
        ensure(is_name(name), "a name is none")?;
        let name: Arc<str> = Arc::from(name);
        let inode = self.tree.inodes.get_mut(&ino.0);
        let inode = inode.ok_or(LoadError::Inconsistent("a name leads nowhere"))?;
        let file_type = inode.file_type();
        inode.places.insert(Place { dir, name: Arc::clone(&name) });
        let directory = directory_mut(&mut self.tree, dir);
        let directory = directory.ok_or(LoadError::Inconsistent("a name is in no directory"))?;
        let is_given = (Cookie::FIRST.0..directory.next_cookie()).contains(&cookie);
        ensure(is_given, "a cookie is not given yet")?;
        ensure(directory.get(&name).is_none(), "a name is there twice")?;
        directory.subdirs += u64::from(file_type == FileType::Directory);
        directory.insert(name, ino, file_type, Some(cookie));
        Ok(())
    }
}

fn directory_mut(tree: &mut Tree, ino: u64) -> Option<&mut Directory> {
    match &mut tree.inodes.get_mut(&ino)?.kind {
        Kind::Directory(directory) => Some(directory),
        _ => None,
    }
}

fn content(bytes: &Bytes, file: &FileRecord<'_>) -> Result<Content, LoadError> {
    let base = bytes.slice_ref(file.base);
    let chunks = file.chunks.iter().map(|(index, chunk)| (*index, chunk.as_ref()));
    Content::from_state(file.len, base, chunks).map_err(LoadError::Inconsistent)
}

/// Whether a name is one that [`GuestPath::parse`](crate::GuestPath) lets through.
fn is_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.len() <= NAME_BYTES_MAX
        && !name.bytes().any(|byte| matches!(byte, b'/' | 0))
}
