//! A file system, by paths.

use std::ops::ControlFlow;

use stepwell_vfs::{Access, Cookie, EPOCH, Errno, FileSystem, FileType, Ino};
use tempfile::TempDir;

use crate::op::{Op, Place, contents, summary};

/// A file system, and the tempdir that it is or lies above.
pub(crate) struct Ours(pub(crate) Box<dyn FileSystem>, pub(crate) Option<TempDir>);

impl Ours {
    fn dir<'a>(&mut self, path: &'a str) -> Result<(Ino, &'a str), Errno> {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        Ok((self.find(dir)?, name))
    }

    fn find(&mut self, path: &str) -> Result<Ino, Errno> {
        let mut at = self.0.root();
        for name in path.split('/').filter(|name| !matches!(*name, "" | ".")) {
            at = self.0.lookup(at, name)?;
        }
        Ok(at)
    }

    fn run(&mut self, op: &Op) -> Result<String, Errno> {
        let done = |_| "ok".to_owned();
        match op {
            Op::Create(path) => {
                let (dir, name) = self.dir(path)?;
                self.0.create_file(dir, name, EPOCH).map(|_| "ok".to_owned())
            }
            Op::Mkdir(path) => {
                let (dir, name) = self.dir(path)?;
                self.0.create_dir(dir, name, EPOCH).map(|_| "ok".to_owned())
            }
            Op::Symlink(target, path) => {
                let (dir, name) = self.dir(path)?;
                self.0.create_symlink(dir, name, target, EPOCH).map(|_| "ok".to_owned())
            }
            Op::Link(from, to) => {
                let ino = self.find(from)?;
                let (dir, name) = self.dir(to)?;
                self.0.link(ino, dir, name, EPOCH).map(done)
            }
            Op::Unlink(path) => {
                let (dir, name) = self.dir(path)?;
                self.0.unlink(dir, name, EPOCH).map(done)
            }
            Op::Rmdir(path) => {
                let (dir, name) = self.dir(path)?;
                self.0.remove_dir(dir, name, EPOCH).map(done)
            }
            Op::Rename(from, to) => {
                let (from, from_name) = self.dir(from)?;
                let (to, to_name) = self.dir(to)?;
                self.0.rename(from, from_name, to, to_name, EPOCH).map(done)
            }
            Op::Write(path, offset, len) => self.held(path, true, |fs, ino| {
                let n = fs.write_at(ino, *offset, &contents(*len), EPOCH)?;
                assert_eq!(n, *len);
                Ok("ok".to_owned())
            }),
            Op::Truncate(path, len) => {
                self.held(path, true, |fs, ino| fs.set_len(ino, *len, EPOCH).map(done))
            }
            Op::Read(path) => {
                self.held(path, false, |fs, ino| read(fs, ino).map(|all| summary(&all)))
            }
            Op::Stat(path) => self.stat(path),
            Op::List(path) => self.list(path),
        }
    }

    fn held(
        &mut self,
        path: &str,
        write: bool,
        act: impl FnOnce(&mut dyn FileSystem, Ino) -> Result<String, Errno>,
    ) -> Result<String, Errno> {
        let ino = self.find(path)?;
        match self.0.stat(ino)?.file_type {
            FileType::Directory => return Err(Errno::Isdir),
            FileType::SymbolicLink => return Err(Errno::Inval),
            _ => {}
        }
        self.0.open(ino, Access { read: true, write })?;
        let result = act(&mut *self.0, ino);
        self.0.close(ino);
        result
    }

    fn stat(&mut self, path: &str) -> Result<String, Errno> {
        let ino = self.find(path)?;
        let stat = self.0.stat(ino)?;
        assert_eq!(stat.ino, ino);
        Ok(match stat.file_type {
            FileType::Directory => "directory".to_owned(),
            FileType::SymbolicLink => format!("link of {}", stat.size),
            _ => format!("file of {} with {} names", stat.size, stat.nlink),
        })
    }

    fn list(&mut self, path: &str) -> Result<String, Errno> {
        let dir = self.find(path)?;
        let mut entries = Vec::new();
        self.0.read_dir(dir, Cookie::START, &mut |entry| {
            entries.push((entry.name.to_owned(), entry.ino, entry.file_type, entry.cookie));
            ControlFlow::Continue(())
        })?;
        assert!(entries.is_sorted_by(|a, b| a.3 < b.3), "{entries:?}");
        assert!(entries.iter().all(|entry| entry.3 >= Cookie::FIRST), "{entries:?}");
        let mut names = Vec::new();
        for (name, ino, file_type, _) in entries {
            assert_eq!(self.0.lookup(dir, &name), Ok(ino));
            assert_eq!(self.0.stat(ino)?.file_type, file_type);
            let target = match self.0.read_link(ino) {
                Ok(target) => format!("{target:?}"),
                Err(errno) => {
                    assert_eq!(errno, Errno::Inval);
                    String::new()
                }
            };
            names.push(format!("{name}{target}"));
        }
        names.sort();
        Ok(names.join(" "))
    }
}

impl Place for Ours {
    fn apply(&mut self, op: &Op) -> String {
        self.run(op).unwrap_or_else(|errno| errno.name().to_owned())
    }
}

pub(crate) fn read(fs: &mut dyn FileSystem, ino: Ino) -> Result<Vec<u8>, Errno> {
    let mut all = vec![b'?'; usize::try_from(fs.stat(ino)?.size).unwrap() + 3];
    let n = fs.read_at(ino, 0, &mut all)?;
    all.truncate(n);
    Ok(all)
}
