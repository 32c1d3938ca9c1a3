//! Files by path, for embedders and archives. Symbolic links are not followed.

use alloc::vec::Vec;

use bytes::Bytes;

use super::Tree;
use crate::path::{Step, steps, wants_directory};
use crate::{Errno, FileSystem, Ino, NAME_BYTES_MAX, Timestamp};

impl Tree {
    /// What is at `path`: `a/b`, where slashes at the start do not matter. A symbolic link at its end is found
    /// itself.
    ///
    /// # Errors
    /// [`Errno::Inval`] (a component `..`, or NUL), [`Errno::Nametoolong`]; [`Errno::Notdir`], [`Errno::Noent`], and
    /// what loading a lower directory gives.
    pub fn find(&mut self, path: &str) -> Result<Ino, Errno> {
        let names = components(path)?;
        let (ino, rest) = self.descend(&names)?;
        if !rest.is_empty() {
            return Err(Errno::Noent);
        }
        if wants_directory(path) {
            self.directory(ino)?;
        }
        Ok(ino)
    }

    /// Makes a directory and those above it, as far as they are missing.
    ///
    /// # Errors
    /// As [`Tree::find`], without [`Errno::Noent`]; [`Errno::Nospc`]. Then nothing has been made.
    pub fn create_dirs(&mut self, path: &str, now: Timestamp) -> Result<Ino, Errno> {
        let names = components(path)?;
        let (ino, missing) = self.descend(&names)?;
        self.directory(ino)?;
        self.check_rows(missing.len())?;
        self.check_path(ino, missing)?;
        self.create_all(ino, missing, now)
    }

    /// Makes a file, and the directories above it, or replaces the content of the one that is there. The tree shares
    /// `bytes` and does not copy them.
    ///
    /// # Errors
    /// As [`Tree::create_dirs`]; [`Errno::Isdir`] (`path` names a directory, or ends in a slash), [`Errno::Loop`]
    /// (it names a symbolic link), [`Errno::Fbig`]. Then nothing has changed.
    pub fn write_file(&mut self, path: &str, bytes: Bytes, now: Timestamp) -> Result<Ino, Errno> {
        let names = components(path)?;
        let (ino, missing) = self.descend(&names)?;
        let Some((name, dirs)) = missing.split_last() else {
            let inode = self.inode(ino)?;
            return match inode.kind {
                super::Kind::Symlink(_) => Err(Errno::Loop),
                super::Kind::File(_) if wants_directory(path) => Err(Errno::Notdir),
                _ => self.set_content(ino, bytes, now).map(|()| ino),
            };
        };
        if wants_directory(path) {
            return Err(Errno::Isdir);
        }
        self.directory(ino)?;
        self.check_content(bytes.len(), 0)?;
        self.check_rows(missing.len())?;
        self.check_path(ino, missing)?;
        let dir = self.create_all(ino, dirs, now)?;
        let file = self.create_file(dir, name, now)?;
        self.set_content(file, bytes, now)?;
        Ok(file)
    }

    /// The whole content of a file. A file with holes may be far larger than what it counts: see
    /// [`Tree::segments`].
    ///
    /// # Errors
    /// As [`Tree::find`]; [`Errno::Isdir`]; [`Errno::Inval`] (a symbolic link); [`Errno::Nomem`] (larger than
    /// memory).
    pub fn read_file(&mut self, path: &str) -> Result<Vec<u8>, Errno> {
        let ino = self.find(path)?;
        let content = self.content(ino)?;
        let len = usize::try_from(content.len()).map_err(|_| Errno::Nomem)?;
        let mut out = Vec::new();
        out.try_reserve_exact(len).map_err(|_| Errno::Nomem)?;
        out.resize(len, 0);
        let count = content.read(0, &mut out)?;
        out.truncate(count);
        Ok(out)
    }

    /// Walks as far as names exist: the last inode and the names that are missing below it.
    fn descend<'a, 'b>(&mut self, names: &'b [&'a str]) -> Result<(Ino, &'b [&'a str]), Errno> {
        let mut at = self.root();
        for (index, name) in names.iter().enumerate() {
            match self.directory(at)?.get(name) {
                Some(entry) => at = entry.ino,
                None => return Ok((at, &names[index..])),
            }
        }
        Ok((at, &[]))
    }

    fn check_rows(&self, wanted: usize) -> Result<(), Errno> {
        if wanted as u64 > self.rows.left() { Err(Errno::Nospc) } else { Ok(()) }
    }

    /// Whether names below `dir` can be reached by a path, before the first of them is made.
    fn check_path(&self, dir: Ino, names: &[&str]) -> Result<(), Errno> {
        match names.split_first() {
            None => Ok(()),
            Some((name, below)) => {
                self.check_reach(dir, name, below.iter().map(|name| name.len() + 1).sum())
            }
        }
    }

    fn create_all(&mut self, dir: Ino, names: &[&str], now: Timestamp) -> Result<Ino, Errno> {
        names.iter().try_fold(dir, |dir, name| self.create_dir(dir, name, now))
    }
}

/// The names in a path from an embedder.
fn components(path: &str) -> Result<Vec<&str>, Errno> {
    if path.contains('\0') {
        return Err(Errno::Inval);
    }
    let name = |step| match step {
        Step::Up => Err(Errno::Inval),
        Step::Down(name) if name.len() > NAME_BYTES_MAX => Err(Errno::Nametoolong),
        Step::Down(name) => Ok(name),
    };
    steps(path).map(name).collect()
}
