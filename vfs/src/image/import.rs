//! From an archive into a tree.

use alloc::string::String;
use alloc::vec::Vec;

use bytes::Bytes;
use tar::EntryType;

use super::ImageError;
use super::member::{Member, Members};
use crate::path::{NAME_BYTES_MAX, Step, steps};
use crate::{Errno, FileSystem, FileType, Ino, SetTimes, Timestamp, Tree};

impl Tree {
    /// Adds what is in a tar archive, over what is there. Contents of files are shared with `archive`, not copied,
    /// except those of files with holes. An entry that comes twice counts as it comes last. Directories that have no
    /// entry of their own are stamped `now`.
    ///
    /// ustar, GNU and PAX archives are read; owners, groups and extended attributes are not kept. An archive that is
    /// compressed must be decompressed first. When this fails, the tree is as it was.
    ///
    /// # Errors
    /// In the order of the archive: [`ImageError::Truncated`], [`ImageError::Malformed`]; [`ImageError::Entry`] (a path
    /// with `..` or NUL or that is not UTF-8, a device, a link to nowhere); [`ImageError::Tree`] (the quota).
    pub fn import_tar(&mut self, archive: Bytes, now: Timestamp) -> Result<(), ImageError> {
        let mut import = Import { tree: self.clone(), now, parent: None, dirs: Vec::new() };
        let mut members = Members::new(archive);
        while let Some(member) = members.next()? {
            import.add(&member)?;
        }
        import.finish()?;
        *self = import.tree;
        Ok(())
    }
}

/// A tree to which members are added.
struct Import {
    tree: Tree,
    now: Timestamp,
    /// The directory of the last member: the next one is mostly in it too.
    parent: Option<(String, Ino)>,
    /// Times of directories, set when nothing will change them any more.
    dirs: Vec<(String, Ino, SetTimes)>,
}

impl Import {
    fn add(&mut self, member: &Member) -> Result<(), ImageError> {
        let refused = |reason| ImageError::Entry {
            path: String::from_utf8_lossy(&member.path).into_owned(),
            at: member.at,
            reason,
        };
        let path = clean(&member.path).map_err(refused)?;
        let failed = |errno| ImageError::Tree { path: path.clone(), errno };
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if name.is_empty() {
            let root = self.tree.root();
            return match member.entry_type {
                EntryType::Directory => self.dress_dir(root, path.clone(), member).map_err(failed),
                _ => Err(refused("would replace the root directory; pack it under a name")),
            };
        }
        let dir = self.parent(parent).map_err(|errno| match errno {
            Errno::Notdir => refused("lies below what is no directory; pack the archive again"),
            errno => failed(errno),
        })?;
        match member.entry_type {
            EntryType::Directory => self.add_dir(dir, name, &path, member).map_err(failed),
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                self.clear(dir, name).map_err(failed)?;
                self.add_file(dir, name, member).map_err(failed)
            }
            EntryType::Symlink => {
                let target = text(&member.link).map_err(refused)?;
                self.clear(dir, name).map_err(failed)?;
                self.add_symlink(dir, name, target, member).map_err(failed)
            }
            EntryType::Link => {
                let target = clean(&member.link).map_err(refused)?;
                let nowhere = "is a hard link to what is not in the archive before it; add that";
                let ino = self.tree.find(&target).map_err(|_| refused(nowhere))?;
                self.add_link(dir, name, ino).map_err(failed)
            }
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                Err(refused("is a device or a pipe, which a tree cannot hold; leave it out"))
            }
            _ => Err(refused("is of a type that is not known; pack it as a file or leave it out")),
        }
    }

    /// The directory at `path`, made if it is missing; links are not followed.
    fn parent(&mut self, path: &str) -> Result<Ino, Errno> {
        if let Some((known, ino)) = &self.parent
            && known == path
        {
            return Ok(*ino);
        }
        let mut dir = self.tree.root();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            dir = match self.tree.lookup(dir, name) {
                Ok(ino) => ino,
                Err(Errno::Noent) => self.tree.create_dir(dir, name, self.now)?,
                Err(errno) => return Err(errno),
            };
        }
        if self.tree.stat(dir)?.file_type != FileType::Directory {
            return Err(Errno::Notdir);
        }
        self.parent = Some((path.into(), dir));
        Ok(dir)
    }

    /// Makes room for what comes later under the same name.
    fn clear(&mut self, dir: Ino, name: &str) -> Result<(), Errno> {
        match self.tree.unlink(dir, name, self.now) {
            Ok(()) | Err(Errno::Noent) => Ok(()),
            Err(Errno::Isdir) => {
                self.parent = None;
                self.tree.remove_dir(dir, name, self.now)
            }
            Err(errno) => Err(errno),
        }
    }

    fn add_dir(&mut self, dir: Ino, name: &str, path: &str, member: &Member) -> Result<(), Errno> {
        let known = match self.tree.lookup(dir, name) {
            Ok(ino) if self.tree.stat(ino)?.file_type == FileType::Directory => Some(ino),
            _ => None,
        };
        let ino = match known {
            Some(ino) => ino,
            None => {
                self.clear(dir, name)?;
                self.tree.create_dir(dir, name, self.now)?
            }
        };
        self.dress_dir(ino, path.into(), member)
    }

    fn dress_dir(&mut self, ino: Ino, path: String, member: &Member) -> Result<(), Errno> {
        self.dirs.push((path, ino, times(member)));
        self.tree.set_mode(ino, member.mode)
    }

    fn add_file(&mut self, dir: Ino, name: &str, member: &Member) -> Result<(), Errno> {
        let ino = self.tree.create_file(dir, name, self.now)?;
        match member.segments.as_slice() {
            [(0, contents)] if contents.len() as u64 == member.size => {
                self.tree.set_content(ino, contents.clone(), self.now)?;
            }
            segments => {
                self.tree.set_len(ino, member.size, self.now)?;
                for (offset, bytes) in segments {
                    let written = self.tree.write_at(ino, *offset, bytes, self.now)?;
                    if written < bytes.len() {
                        return Err(Errno::Nospc);
                    }
                }
            }
        }
        self.tree.set_mode(ino, member.mode)?;
        self.tree.set_times(ino, times(member), self.now)
    }

    fn add_symlink(
        &mut self,
        dir: Ino,
        name: &str,
        target: &str,
        member: &Member,
    ) -> Result<(), Errno> {
        let ino = self.tree.create_symlink(dir, name, target, self.now)?;
        self.tree.set_times(ino, times(member), self.now)
    }

    fn add_link(&mut self, dir: Ino, name: &str, ino: Ino) -> Result<(), Errno> {
        if self.tree.lookup(dir, name) == Ok(ino) {
            return Ok(());
        }
        self.clear(dir, name)?;
        self.tree.link(ino, dir, name, self.now)
    }

    fn finish(&mut self) -> Result<(), ImageError> {
        for (path, ino, times) in core::mem::take(&mut self.dirs) {
            match self.tree.set_times(ino, times, self.now) {
                // The archive replaced the directory later.
                Ok(()) | Err(Errno::Stale) => {}
                Err(errno) => return Err(ImageError::Tree { path, errno }),
            }
        }
        Ok(())
    }
}

fn times(member: &Member) -> SetTimes {
    SetTimes { accessed: Some(member.accessed), modified: Some(member.modified) }
}

/// The path as a tree has it: relative to the root, without `.` and empty components.
fn clean(path: &[u8]) -> Result<String, &'static str> {
    let path = text(path)?;
    let mut cleaned = String::with_capacity(path.len());
    for step in steps(path) {
        let Step::Down(name) = step else {
            return Err("has `..` in its path; pack the archive again without it");
        };
        if name.len() > NAME_BYTES_MAX {
            return Err("has a name of more than 255 bytes; shorten it");
        }
        if !cleaned.is_empty() {
            cleaned.push('/');
        }
        cleaned.push_str(name);
    }
    Ok(cleaned)
}

fn text(bytes: &[u8]) -> Result<&str, &'static str> {
    let text = core::str::from_utf8(bytes)
        .map_err(|_| "has a name that is not UTF-8; rename it and pack the archive again")?;
    if text.contains('\0') {
        return Err("has a NUL byte in a name; rename it and pack the archive again");
    }
    Ok(text)
}
