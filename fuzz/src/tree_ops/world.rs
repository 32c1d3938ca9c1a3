//! A tree beside its model: each operation is done to both.

use std::ops::ControlFlow;

use stepwell_vfs::{
    Access, Cookie, Errno, FileSystem, FileType, Ino, Quota, SetTimes, Timestamp, Tree,
};

use super::common::{NOW, entries};
use super::plain::{Id, Kind, Model, ROOT};
use crate::choices::Choices;

pub(super) const INODES_MAX: usize = 14;
const BYTES_MAX: u64 = 60_000;
/// What a write may take beyond its own bytes.
const CHUNK_BYTES: u64 = 16 << 10;
pub(super) const QUOTA: Quota =
    Quota { bytes_max: BYTES_MAX, inodes_max: INODES_MAX as u64, file_bytes_max: 1 << 41 };
const NAMES: &[&str] = &["a", "b", "c", "d", "e"];
/// Offsets are near the start, around where chunks meet, or anywhere.
const OFFSETS_MAX: &[usize] = &[20, 20_000, 40_000];

/// A tree, its model, and which number of the one is which of the other.
pub(crate) struct World {
    pub(crate) tree: Tree,
    model: Model,
    known: Vec<(Id, Ino)>,
    now: Timestamp,
}

impl World {
    pub(crate) fn new(tree: Tree, model: Model) -> Self {
        let known = vec![(ROOT, tree.root())];
        Self { tree, model, known, now: NOW }
    }

    pub(crate) fn fork(&self) -> Self {
        Self {
            tree: self.tree.fork(),
            model: self.model.clone(),
            known: self.known.clone(),
            now: self.now,
        }
    }

    fn any_inode(&self, choices: &mut Choices<'_>) -> (Id, Ino) {
        choices.one_of(&self.known)
    }

    /// Two results that name an inode: the same error, or the same inode as ever.
    fn meet(&mut self, ours: Result<Ino, Errno>, theirs: Result<Id, Errno>) {
        let (ino, id) = match (ours, theirs) {
            (Ok(ino), Ok(id)) => (ino, id),
            (ours, theirs) => return assert_eq!(ours.err(), theirs.err()),
        };
        match self.known.iter().find(|row| row.0 == id || row.1 == ino) {
            Some(row) => assert_eq!(*row, (id, ino), "an inode keeps its number"),
            None => self.known.push((id, ino)),
        }
    }

    /// A random operation.
    pub(crate) fn step(&mut self, choices: &mut Choices<'_>) {
        self.now.0 += 1;
        match choices.below(20) {
            kind @ 0..10 => self.change_names(kind, choices),
            kind @ 10..16 => self.use_bytes(kind, choices),
            16 => {
                let (id, ino) = self.any_inode(choices);
                let ours = self.tree.open(ino, Access { read: true, write: true });
                assert_eq!(ours, self.model.open(id));
            }
            17 => {
                let (id, ino) = self.any_inode(choices);
                self.tree.close(ino);
                self.model.close(id);
            }
            18 => {
                let (id, ino) = self.any_inode(choices);
                let accessed = Some(Timestamp(choices.u64()));
                let times = SetTimes { accessed, modified: None };
                let ours = self.tree.set_times(ino, times, self.now);
                assert_eq!(ours, self.model.set_times(id, times, self.now));
            }
            _ => {
                let (id, ino) = self.any_inode(choices);
                let mut names = Vec::new();
                let ours = self.tree.read_dir(ino, Cookie::START, &mut |entry| {
                    names.push(entry.name.to_owned());
                    ControlFlow::Continue(())
                });
                assert_eq!(ours.map(|()| names), self.model.list(id));
            }
        }
    }

    fn change_names(&mut self, kind: usize, choices: &mut Choices<'_>) {
        let ((id, ino), name) = (self.any_inode(choices), choices.one_of(NAMES));
        let (to_id, to) = self.any_inode(choices);
        let (tree, model, now) = (&mut self.tree, &mut self.model, self.now);
        match kind {
            0 => {
                let (ours, theirs) = (tree.lookup(ino, name), model.lookup(id, name));
                self.meet(ours, theirs);
            }
            1 | 2 => {
                let ours = tree.create_file(ino, name, now);
                let theirs = model.create(id, name, Kind::File(Vec::new()), now);
                self.meet(ours, theirs);
            }
            3 | 4 => {
                let ours = tree.create_dir(ino, name, now);
                let theirs = model.create(id, name, Kind::Dir(Vec::new()), now);
                self.meet(ours, theirs);
            }
            5 => {
                let ours = tree.create_symlink(ino, name, "t", now);
                // The target's byte counts, which is not modelled.
                if ours != Err(Errno::Nospc) || tree.bytes_used() < BYTES_MAX {
                    let theirs = model.create(id, name, Kind::Symlink("t".into()), now);
                    self.meet(ours, theirs);
                }
            }
            6 => assert_eq!(tree.link(to, ino, name, now), model.link(to_id, id, name, now)),
            7 => assert_eq!(tree.unlink(ino, name, now), model.unlink(id, name, now)),
            8 => assert_eq!(tree.remove_dir(ino, name, now), model.remove_dir(id, name, now)),
            _ => {
                let to_name = choices.one_of(NAMES);
                let ours = tree.rename(ino, name, to, to_name, now);
                assert_eq!(ours, model.rename(id, name, to_id, to_name, now));
            }
        }
    }

    fn use_bytes(&mut self, kind: usize, choices: &mut Choices<'_>) {
        let (id, ino) = self.any_inode(choices);
        let range = choices.one_of(OFFSETS_MAX);
        let at = choices.below(range);
        match kind {
            10 | 11 => {
                let mut out = [0xaa; 300];
                let ours = self.tree.read_at(ino, at as u64, &mut out);
                assert_eq!(ours.map(|count| out[..count].to_vec()), self.model.read(id, at, 300));
            }
            12..15 => {
                let len = choices.below(400) + 1;
                self.write((id, ino), at, &vec![choices.byte(); len]);
            }
            _ => {
                let ours = self.tree.set_len(ino, at as u64, self.now);
                assert_eq!(ours, self.model.set_len(id, at, self.now));
            }
        }
    }

    fn write(&mut self, (id, ino): (Id, Ino), at: usize, bytes: &[u8]) {
        let ours = self.tree.write_at(ino, at as u64, bytes, self.now);
        // What a chunk costs is not modelled: how much fits is taken from the tree.
        let fits = match ours {
            Ok(fits) => fits,
            Err(Errno::Nospc) => {
                let least = self.tree.bytes_used() + bytes.len() as u64 + CHUNK_BYTES;
                return assert!(least > BYTES_MAX, "it would have fitted");
            }
            Err(_) => bytes.len(),
        };
        let theirs = self.model.write(id, at, &bytes[..fits], self.now);
        assert_eq!(ours, theirs);
    }

    /// Everything that can be seen of the tree is as the model says, held inodes without a name included.
    pub(crate) fn check(&mut self) {
        let mut dirs = vec![(ROOT, self.tree.root())];
        while let Some((id, dir)) = dirs.pop() {
            let ours = entries(&mut self.tree, dir, Cookie::START);
            assert!(ours.is_sorted_by(|a, b| a.0 < b.0), "the order of cookies");
            let names = ours.iter().map(|row| row.3.clone()).collect();
            assert_eq!(Ok(names), self.model.list(id));
            for (_, ino, file_type, name) in ours {
                let child = self.model.lookup(id, &name);
                self.meet(Ok(ino), child);
                if file_type == FileType::Directory {
                    dirs.push((child.expect("it was met"), ino));
                }
            }
        }
        for (id, ino) in self.known.clone() {
            let ours = self.tree.stat(ino).map(|stat| {
                let times = [stat.accessed, stat.modified, stat.changed];
                (stat.file_type, stat.nlink, stat.size, times)
            });
            assert_eq!(ours, self.model.stat(id), "{ino:?}");
            if let Some(bytes) = self.model.bytes(id) {
                let mut out = vec![0xaa; bytes.len() + 1];
                assert_eq!(self.tree.read_at(ino, 0, &mut out), Ok(bytes.len()));
                assert!(out[..bytes.len()] == *bytes, "the bytes of {ino:?}");
            }
        }
        assert_eq!(self.tree.inodes_used(), self.model.inodes_used() as u64);
        assert!(self.tree.bytes_used() <= BYTES_MAX, "the quota");
    }

    /// Removing everything gives everything back.
    pub(crate) fn check_that_all_is_given_back(mut self) {
        for (id, ino) in self.known.clone() {
            for _ in 0..self.model.held(id) {
                self.tree.close(ino);
            }
        }
        let root = self.tree.root();
        for (_, _, _, name) in entries(&mut self.tree, root, Cookie::START) {
            super::remove(&mut self.tree, &name);
        }
        assert_eq!((self.tree.bytes_used(), self.tree.inodes_used()), (0, 1));
    }
}
