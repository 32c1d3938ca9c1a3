//! Random operations, done to a tree and to its model: each answer must be the model's.

#![allow(dead_code, reason = "each test crate uses its own part")]

use proptest::prelude::*;
use stepwell_vfs::{Access, Cookie, Errno, FileSystem, Ino, Quota, SetTimes, Timestamp, Tree};

use super::common::{NOW, entries};
use super::plain::{self, Id, Model};

pub(crate) const INODES_MAX: usize = 14;
pub(crate) const BYTES_MAX: u64 = 60_000;
pub(crate) const FILE_BYTES_MAX: u64 = 1 << 41;

/// An operation. A directory or an inode is given by its place in the list of those that are known, modulo its
/// length.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Lookup(usize, &'static str),
    CreateFile(usize, &'static str),
    CreateDir(usize, &'static str),
    CreateSymlink(usize, &'static str),
    Link(usize, usize, &'static str),
    Unlink(usize, &'static str),
    RemoveDir(usize, &'static str),
    Rename(usize, &'static str, usize, &'static str),
    Open(usize),
    Close(usize),
    Read(usize, usize),
    Write(usize, usize, usize, u8),
    SetLen(usize, usize),
    SetTimes(usize, u64),
    List(usize),
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    let name = || prop::sample::select(vec!["a", "b", "c", "d", "e"]);
    let ino = || 0..100usize;
    let offset = || prop_oneof![0..20usize, 0..40_000usize];
    prop_oneof![
        4 => (ino(), name()).prop_map(|(d, n)| Op::Lookup(d, n)),
        3 => (ino(), name()).prop_map(|(d, n)| Op::CreateFile(d, n)),
        3 => (ino(), name()).prop_map(|(d, n)| Op::CreateDir(d, n)),
        1 => (ino(), name()).prop_map(|(d, n)| Op::CreateSymlink(d, n)),
        2 => (ino(), ino(), name()).prop_map(|(i, d, n)| Op::Link(i, d, n)),
        3 => (ino(), name()).prop_map(|(d, n)| Op::Unlink(d, n)),
        2 => (ino(), name()).prop_map(|(d, n)| Op::RemoveDir(d, n)),
        6 => (ino(), name(), ino(), name()).prop_map(|(d, n, e, m)| Op::Rename(d, n, e, m)),
        1 => ino().prop_map(Op::Open),
        1 => ino().prop_map(Op::Close),
        2 => (ino(), offset()).prop_map(|(i, at)| Op::Read(i, at)),
        4 => (ino(), offset(), 1..400usize, any::<u8>())
            .prop_map(|(i, at, n, byte)| Op::Write(i, at, n, byte)),
        2 => (ino(), offset()).prop_map(|(i, len)| Op::SetLen(i, len)),
        1 => (ino(), any::<u64>()).prop_map(|(i, at)| Op::SetTimes(i, at)),
        2 => ino().prop_map(Op::List),
    ]
}

/// A tree, its model, and which number of the one is which of the other.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) tree: Tree,
    pub(crate) model: Model,
    known: Vec<(Id, Ino)>,
    now: u64,
}

impl World {
    pub(crate) fn new(tree: Tree, model: Model) -> Self {
        let known = vec![(plain::ROOT, tree.root())];
        Self { tree, model, known, now: NOW.0 }
    }

    fn pick(&self, index: usize) -> (Id, Ino) {
        self.known[index % self.known.len()]
    }

    /// Two results that name an inode: the same error, or the same inode as ever.
    fn meet(&mut self, ours: Result<Ino, Errno>, theirs: Result<Id, Errno>) {
        let (ino, id) = match (ours, theirs) {
            (Ok(ino), Ok(id)) => (ino, id),
            (ours, theirs) => {
                assert_eq!(ours.err(), theirs.err());
                return;
            }
        };
        match self.known.iter().find(|row| row.0 == id || row.1 == ino) {
            Some(row) => assert_eq!(*row, (id, ino), "an inode keeps its number"),
            None => self.known.push((id, ino)),
        }
    }

    pub(crate) fn apply(&mut self, op: &Op) {
        self.now += 1;
        let now = Timestamp(self.now);
        match *op {
            Op::Lookup(..)
            | Op::CreateFile(..)
            | Op::CreateDir(..)
            | Op::CreateSymlink(..)
            | Op::Link(..)
            | Op::Unlink(..)
            | Op::RemoveDir(..)
            | Op::Rename(..) => self.apply_to_names(op, now),
            Op::Open(ino) => {
                let (id, ino) = self.pick(ino);
                let ours = self.tree.open(ino, Access { read: true, write: true });
                assert_eq!(ours, self.model.open(id));
            }
            Op::Close(ino) => {
                let (id, ino) = self.pick(ino);
                self.tree.close(ino);
                self.model.close(id);
            }
            Op::Read(..) | Op::Write(..) | Op::SetLen(..) => self.apply_to_bytes(op, now),
            Op::SetTimes(ino, at) => {
                let (id, ino) = self.pick(ino);
                let times = SetTimes { accessed: Some(Timestamp(at)), modified: None };
                assert_eq!(
                    self.tree.set_times(ino, times, now),
                    self.model.set_times(id, times, now)
                );
            }
            Op::List(dir) => {
                let (id, ino) = self.pick(dir);
                let mut names = Vec::new();
                let ours = self.tree.read_dir(ino, Cookie::START, &mut |entry| {
                    names.push(entry.name.to_owned());
                    std::ops::ControlFlow::Continue(())
                });
                assert_eq!(ours.map(|()| names), self.model.list(id));
            }
        }
    }

    fn apply_to_bytes(&mut self, op: &Op, now: Timestamp) {
        match *op {
            Op::Read(ino, at) => {
                let (id, ino) = self.pick(ino);
                let mut out = [0xaa; 300];
                let ours = self.tree.read_at(ino, at as u64, &mut out);
                assert_eq!(ours.map(|count| out[..count].to_vec()), self.model.read(id, at, 300));
            }
            Op::Write(ino, at, count, byte) => {
                let (id, ino) = self.pick(ino);
                let ours = self.tree.write_at(ino, at as u64, &vec![byte; count], now);
                // What a chunk costs is not modelled: how much fits is taken from the tree.
                let fits = match ours {
                    Ok(fits) => fits,
                    Err(Errno::Nospc)
                        if self.tree.bytes_used() + count as u64 + 16_384 > BYTES_MAX =>
                    {
                        return;
                    }
                    Err(_) => count,
                };
                let theirs = self.model.write(id, at, &vec![byte; fits], now);
                assert_eq!(ours, theirs);
            }
            Op::SetLen(ino, len) => {
                let (id, ino) = self.pick(ino);
                assert_eq!(
                    self.tree.set_len(ino, len as u64, now),
                    self.model.set_len(id, len, now)
                );
            }
            _ => unreachable!("not an operation on bytes"),
        }
    }

    fn apply_to_names(&mut self, op: &Op, now: Timestamp) {
        let (tree, model) = (&mut self.tree, &mut self.model);
        let known = self.known.clone();
        let pick = |index: usize| known[index % known.len()];
        match *op {
            Op::Lookup(dir, name) => {
                let (id, ino) = pick(dir);
                let (ours, theirs) = (tree.lookup(ino, name), model.lookup(id, name));
                self.meet(ours, theirs);
            }
            Op::CreateFile(dir, name) => {
                let (id, ino) = pick(dir);
                let ours = tree.create_file(ino, name, now);
                let theirs = model.create(id, name, plain::Kind::File(Vec::new()), now);
                self.meet(ours, theirs);
            }
            Op::CreateDir(dir, name) => {
                let (id, ino) = pick(dir);
                let ours = tree.create_dir(ino, name, now);
                let theirs = model.create(id, name, plain::Kind::Dir(Vec::new()), now);
                self.meet(ours, theirs);
            }
            Op::CreateSymlink(dir, name) => {
                let (id, ino) = pick(dir);
                let ours = tree.create_symlink(ino, name, "t", now);
                if ours == Err(Errno::Nospc) && tree.bytes_used() == BYTES_MAX {
                    return;
                }
                let theirs = model.create(id, name, plain::Kind::Symlink("t".into()), now);
                self.meet(ours, theirs);
            }
            Op::Link(file, dir, name) => {
                let ((file_id, file), (id, ino)) = (pick(file), pick(dir));
                assert_eq!(tree.link(file, ino, name, now), model.link(file_id, id, name, now));
            }
            Op::Unlink(dir, name) => {
                let (id, ino) = pick(dir);
                assert_eq!(tree.unlink(ino, name, now), model.unlink(id, name, now));
            }
            Op::RemoveDir(dir, name) => {
                let (id, ino) = pick(dir);
                assert_eq!(tree.remove_dir(ino, name, now), model.remove_dir(id, name, now));
            }
            Op::Rename(dir, name, to, to_name) => {
                let ((id, ino), (to_id, to)) = (pick(dir), pick(to));
                let ours = tree.rename(ino, name, to, to_name, now);
                assert_eq!(ours, model.rename(id, name, to_id, to_name, now));
            }
            _ => unreachable!("not an operation on names"),
        }
    }

    /// Everything that can be seen of the tree is as the model says, held inodes without a name included.
    pub(crate) fn check(&mut self) {
        let mut dirs = vec![(plain::ROOT, self.tree.root())];
        while let Some((id, dir)) = dirs.pop() {
            let ours = entries(&mut self.tree, dir, Cookie::START);
            assert!(ours.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert!(ours.first().is_none_or(|first| first.0 >= Cookie::FIRST));
            let names: Vec<_> = ours.iter().map(|row| row.3.clone()).collect();
            assert_eq!(Ok(names), self.model.list(id));
            for (_, ino, file_type, name) in ours {
                let child = self.model.lookup(id, &name);
                self.meet(Ok(ino), child);
                if file_type == stepwell_vfs::FileType::Directory {
                    dirs.push((child.unwrap(), ino));
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
        assert!(self.tree.bytes_used() <= BYTES_MAX);
    }

    /// Removing everything gives everything back.
    pub(crate) fn check_that_all_is_given_back(mut self) {
        for (id, ino) in self.known.clone() {
            for _ in 0..self.model.held(id) {
                self.tree.close(ino);
            }
        }
        let mut dirs = vec![self.tree.root()];
        let mut at = 0;
        while at < dirs.len() {
            for (_, ino, file_type, name) in entries(&mut self.tree, dirs[at], Cookie::START) {
                if file_type == stepwell_vfs::FileType::Directory {
                    dirs.push(ino);
                } else {
                    self.tree.unlink(dirs[at], &name, NOW).unwrap();
                }
            }
            at += 1;
        }
        for dir in dirs.into_iter().rev() {
            for (_, _, _, name) in entries(&mut self.tree, dir, Cookie::START) {
                self.tree.remove_dir(dir, &name, NOW).unwrap();
            }
        }
        assert_eq!((self.tree.bytes_used(), self.tree.inodes_used()), (0, 1));
    }
}

pub(crate) fn quota() -> Quota {
    Quota { bytes_max: BYTES_MAX, inodes_max: INODES_MAX as u64, file_bytes_max: FILE_BYTES_MAX }
}

pub(crate) fn ops() -> impl Strategy<Value = Vec<Op>> {
    proptest::collection::vec(op(), 0..60)
}
