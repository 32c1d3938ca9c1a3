//! Host directories that others change while a guest uses them: every answer is an error or bytes that were there, nothing
//! comes from outside or goes there, and what is copy-on-write changes nothing.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use stepwell_vfs::host::{HostDir, HostFs};
use stepwell_vfs::{
    Access, Cookie, EPOCH, Errno, FileSystem, FileType, Ino, Quota, SetTimes, Tree, diff,
};
use tempfile::TempDir;

/// A directory that is mounted and one beside it that nobody may see.
struct Host(TempDir);

/// What files begin with, what they have later, what the guest writes, and what lies outside, by offset.
const FIRST: u8 = b'0';
const LATER: u8 = b'a';
const GUEST: u8 = b'A';
const SECRET: &[u8] = &[b'!'; 64];

fn content(first: u8, len: u8) -> Vec<u8> {
    (0..len).map(|i| first + i % 10).collect()
}

impl Host {
    fn new() -> Self {
        let host = Self(TempDir::new().unwrap());
        fs::create_dir_all(host.inside("d/e")).unwrap();
        for path in ["f", "d/f", "d/e/g"] {
            fs::write(host.inside(path), content(FIRST, 40)).unwrap();
        }
        symlink("d/f", host.inside("l")).unwrap();
        fs::create_dir_all(host.outside("e")).unwrap();
        for path in ["f", "g", "secret", "e/g"] {
            fs::write(host.outside(path), SECRET).unwrap();
        }
        host
    }

    fn inside(&self, path: &str) -> PathBuf {
        self.0.path().join("inside").join(path)
    }

    fn outside(&self, path: &str) -> PathBuf {
        self.0.path().join("outside").join(path)
    }

    fn above(&self) -> Tree {
        let lower = HostDir::open(&self.inside("")).unwrap();
        Tree::above(Arc::new(lower), Quota::default(), EPOCH)
    }

    fn in_place(&self) -> HostFs {
        HostFs::open(&self.inside("")).unwrap()
    }

    /// Removes whatever is there.
    fn clear(&self, path: &str) {
        let path = self.inside(path);
        if fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_dir()) {
            fs::remove_dir_all(path).unwrap();
        } else {
            let _ = fs::remove_file(path);
        }
    }

    fn write(&self, path: &str, len: u8) {
        fs::write(self.inside(path), content(LATER, len)).unwrap();
    }

    fn link(&self, path: &str, target: &Path) {
        symlink(target, self.inside(path)).unwrap();
    }
}

/// Everything below `dir` in which a change of any kind would show.
fn digest(dir: &Path) -> BTreeMap<PathBuf, String> {
    let mut seen = BTreeMap::new();
    let mut rest = vec![dir.to_path_buf()];
    while let Some(path) = rest.pop() {
        let Ok(metadata) = fs::symlink_metadata(&path) else {
            continue;
        };
        let bytes = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
        if metadata.is_dir() {
            rest.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        let times = (metadata.mtime(), metadata.mtime_nsec(), metadata.ctime_nsec());
        let line = format!("{bytes:?} {} {} {times:?}", metadata.ino(), metadata.nlink());
        seen.insert(path, line);
    }
    seen
}

/// What others may do to the files between two operations.
type Change = (&'static str, fn(&Host));

const CHANGES: &[Change] = &[
    ("a file is removed", |host| host.clear("d/f")),
    ("a file becomes shorter", |host| truncate(host, "d/f", 5)),
    ("a file becomes empty", |host| truncate(host, "d/f", 0)),
    ("a file becomes longer", |host| {
        let mut file = OpenOptions::new().append(true).open(host.inside("d/f")).unwrap();
        file.write_all(&content(LATER, 60)).unwrap();
    }),
    ("a file is written over", |host| host.write("d/f", 60)),
    ("a file is replaced by another", |host| {
        host.write("new", 60);
        fs::rename(host.inside("new"), host.inside("d/f")).unwrap();
    }),
    ("a file becomes a directory", |host| {
        host.clear("d/f");
        fs::create_dir(host.inside("d/f")).unwrap();
        host.write("d/f/g", 10);
    }),
    ("a file becomes a link that leads out", |host| {
        host.clear("d/f");
        host.link("d/f", &host.outside("secret"));
    }),
    ("a file becomes a link that leads out by its parents", |host| {
        host.clear("d/f");
        host.link("d/f", Path::new("../../outside/secret"));
    }),
    ("a file becomes a socket", |host| {
        host.clear("d/f");
        drop(UnixListener::bind(host.inside("d/f")).unwrap());
    }),
    ("a directory is removed", |host| host.clear("d")),
    ("a directory becomes a file", |host| {
        host.clear("d");
        host.write("d", 10);
    }),
    ("a directory becomes a link that leads out", |host| {
        host.clear("d");
        host.link("d", &host.outside(""));
    }),
    ("a directory inside another becomes a link that leads out", |host| {
        host.clear("d/e");
        host.link("d/e", &host.outside("e"));
    }),
    ("a directory becomes a link to where it was moved", |host| {
        fs::rename(host.inside("d"), host.outside("moved")).unwrap();
        fs::rename(host.outside("moved"), host.inside("moved")).unwrap();
        host.link("d", Path::new("moved"));
    }),
    ("a directory is replaced by another with the same names", |host| {
        fs::rename(host.inside("d"), host.inside("before")).unwrap();
        fs::create_dir_all(host.inside("d/e")).unwrap();
        host.write("d/f", 20);
        host.write("d/e/g", 20);
    }),
    ("a directory comes to lie below its child", |host| {
        fs::rename(host.inside("d/e"), host.inside("e")).unwrap();
        fs::rename(host.inside("d"), host.inside("e/d")).unwrap();
    }),
    ("a link leads elsewhere", |host| {
        host.clear("l");
        host.link("l", &host.outside("secret"));
    }),
    ("a link becomes a file", |host| {
        host.clear("l");
        host.write("l", 10);
    }),
    ("names are added", |host| {
        host.write("d/new", 10);
        fs::hard_link(host.inside("d/f"), host.inside("d/e/linked")).unwrap();
    }),
    ("all of it is removed", |host| host.clear("")),
];

fn truncate(host: &Host, path: &str, len: u64) {
    OpenOptions::new().write(true).open(host.inside(path)).unwrap().set_len(len).unwrap();
}

const READ: Access = Access { read: true, write: false };
const WRITE: Access = Access { read: true, write: true };

/// How much a guest has seen before the change.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Seen {
    Nothing,
    Names,
    Listings,
    /// And everything is open.
    Open,
}

/// A guest that uses a file system, and remembers what it has seen of it.
struct Guest<F> {
    fs: F,
    known: Vec<Ino>,
    open: Vec<Ino>,
}

impl<F: FileSystem> Guest<F> {
    fn new(fs: F) -> Self {
        let known = vec![fs.root()];
        Self { fs, known, open: Vec::new() }
    }

    fn sees(&mut self, seen: Seen) {
        if seen == Seen::Nothing {
            return;
        }
        let root = self.fs.root();
        let d = self.fs.lookup(root, "d").unwrap();
        let e = self.fs.lookup(d, "e").unwrap();
        for (dir, name) in [(root, "f"), (root, "l"), (d, "f"), (e, "g")] {
            let ino = self.fs.lookup(dir, name).unwrap();
            self.known.push(ino);
        }
        self.known.extend([d, e]);
        for ino in self.known.clone() {
            if seen != Seen::Names {
                let _ = self.list(ino);
            }
            if seen == Seen::Open && self.fs.stat(ino).unwrap().file_type != FileType::SymbolicLink
            {
                let is_dir = self.fs.stat(ino).unwrap().file_type == FileType::Directory;
                self.fs.open(ino, if is_dir { READ } else { WRITE }).unwrap();
                self.open.push(ino);
            }
        }
    }

    fn list(&mut self, dir: Ino) -> Result<Vec<Ino>, Errno> {
        let mut found = Vec::new();
        self.fs.read_dir(dir, Cookie::START, &mut |entry| {
            found.push(entry.ino);
            ControlFlow::Continue(())
        })?;
        Ok(found)
    }

    /// Reads a file in two pieces, which hold what was there at some time, or what the guest has written.
    fn reads(&mut self, ino: Ino) {
        let Ok(stat) = self.fs.stat(ino) else {
            return;
        };
        for offset in [0_u8, 25] {
            let mut out = [b'?'; 200];
            let Ok(n) = self.fs.read_at(ino, offset.into(), &mut out) else {
                continue;
            };
            assert!(offset == 0 || n as u64 + u64::from(offset) <= stat.size.max(offset.into()));
            for (i, byte) in out.iter().enumerate() {
                let digit = u8::try_from((usize::from(offset) + i) % 10).unwrap();
                let possible = [0, FIRST + digit, LATER + digit, GUEST + digit];
                assert!(if i < n { possible.contains(byte) } else { *byte == b'?' }, "{out:?}");
            }
        }
    }

    /// Asks everything about everything.
    fn looks(&mut self) {
        for ino in self.known.clone() {
            self.reads(ino);
            let _ = self.fs.read_link(ino);
            let _ = self.fs.sync(ino);
            for name in NAMES {
                if let Ok(found) = self.fs.lookup(ino, name)
                    && !self.known.contains(&found)
                {
                    self.known.push(found);
                    self.reads(found);
                }
            }
            for ino in self.list(ino).unwrap_or_default() {
                self.reads(ino);
            }
        }
    }

    /// Changes everything there is.
    fn changes(&mut self) {
        for ino in self.known.clone() {
            let written = self.fs.write_at(ino, 3, &content(GUEST, 10)[3..], EPOCH);
            if written == Ok(7) {
                let mut out = [0; 7];
                if self.fs.read_at(ino, 3, &mut out).is_ok() {
                    assert_eq!(&out, b"DEFGHIJ", "what was written can be read");
                }
            }
            let _ = self.fs.set_len(ino, 7, EPOCH);
            let times = SetTimes { accessed: Some(EPOCH), modified: Some(EPOCH) };
            let _ = self.fs.set_times(ino, times, EPOCH);
            let _ = self.fs.create_file(ino, "made", EPOCH);
            let _ = self.fs.create_dir(ino, "made too", EPOCH);
            let _ = self.fs.create_symlink(ino, "linked", "../../outside", EPOCH);
            for other in self.known.clone() {
                let _ = self.fs.link(other, ino, "link", EPOCH);
                let _ = self.fs.rename(ino, "made", other, "moved", EPOCH);
                let _ = self.fs.rename(ino, "f", other, "secret", EPOCH);
                let _ = self.fs.rename(ino, "e", other, "g", EPOCH);
            }
            for name in NAMES {
                let _ = self.fs.unlink(ino, name, EPOCH);
                let _ = self.fs.remove_dir(ino, name, EPOCH);
            }
        }
        for ino in self.open.drain(..) {
            self.fs.close(ino);
        }
    }
}

const NAMES: &[&str] = &["f", "d", "e", "g", "l", "secret", "link", "moved", "new"];

/// Every change, after the guest has seen this much.
fn every_change(mut check: impl FnMut(&Host, Seen, &'static str, fn(&Host))) {
    for (name, change) in CHANGES {
        for seen in [Seen::Nothing, Seen::Names, Seen::Listings, Seen::Open] {
            check(&Host::new(), seen, name, *change);
        }
    }
}

#[test]
fn a_tree_above_a_directory_that_changes_neither_leaves_it_nor_changes_it() {
    every_change(|host, seen, name, change| {
        let mut guest = Guest::new(host.above());
        let base = guest.fs.fork();
        guest.sees(seen);
        change(host);
        let before = digest(host.0.path());
        guest.looks();
        let mut fork = Guest { fs: guest.fs.fork(), known: guest.known.clone(), open: Vec::new() };
        guest.changes();
        fork.looks();
        let _ = guest.fs.digest();
        let _ = diff(&base, &guest.fs);
        assert_eq!(digest(host.0.path()), before, "{name}, {seen:?}");
    });
}

#[test]
fn a_directory_used_in_place_that_changes_is_not_left() {
    every_change(|host, seen, name, change| {
        let mut guest = Guest::new(host.in_place());
        guest.sees(seen);
        change(host);
        let before = digest(&host.outside(""));
        guest.looks();
        guest.changes();
        guest.looks();
        assert_eq!(digest(&host.outside("")), before, "{name}, {seen:?}");
    });
}

#[test]
fn what_a_guest_has_written_stays_whatever_happens_below() {
    every_change(|host, seen, name, change| {
        let mut tree = host.above();
        let whole = content(GUEST, 40);
        for path in ["f", "d/f", "d/e/g"] {
            let ino = tree.find(path).unwrap();
            assert_eq!(tree.write_at(ino, 0, &whole, EPOCH), Ok(40));
        }
        let mut guest = Guest::new(tree);
        guest.sees(seen);
        change(host);
        guest.looks();
        for path in ["f", "d/f", "d/e/g"] {
            assert_eq!(guest.fs.read_file(path).as_ref(), Ok(&whole), "{name}, {seen:?}, {path}");
        }
    });
}

#[test]
fn a_number_that_the_host_uses_again_is_not_the_same_file() {
    for _ in 0..8 {
        let host = Host::new();
        let mut tree = host.above();
        let f = tree.find("d/f").unwrap();
        tree.write_at(f, 0, &content(GUEST, 40), EPOCH).unwrap();
        let number = fs::metadata(host.inside("d/f")).unwrap().ino();
        host.clear("d/f");
        host.write("d/e/new", 20);
        if fs::metadata(host.inside("d/e/new")).unwrap().ino() != number {
            continue;
        }
        assert_eq!(tree.read_file("d/e/new"), Ok(content(LATER, 20)));
        assert_eq!(tree.read_file("d/f"), Ok(content(GUEST, 40)));
        return;
    }
}

#[test]
fn a_file_that_was_replaced_is_not_read_as_half_of_each() {
    for read_before in [false, true] {
        let host = Host::new();
        let mut tree = host.above();
        let f = tree.find("d/f").unwrap();
        let mut out = [0; 80];
        if read_before {
            assert_eq!(tree.read_at(f, 0, &mut out), Ok(40));
        }
        host.write("new", 60);
        fs::rename(host.inside("new"), host.inside("d/f")).unwrap();
        match tree.read_at(f, 0, &mut out) {
            Ok(n) => assert_eq!(&out[..n], content(FIRST, 40), "{read_before}"),
            Err(errno) => assert_eq!(errno, Errno::Noent, "{read_before}"),
        }
        // A tree that has not looked before finds the new one.
        assert_eq!(host.above().read_file("d/f"), Ok(content(LATER, 60)));
    }
}
