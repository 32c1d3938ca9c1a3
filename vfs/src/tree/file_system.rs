//! A tree as a [`FileSystem`].

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::ControlFlow;

use super::{Directory, Kind, Tree};
use crate::content::Content;
use crate::{
    Access, Cookie, DirEntry, Errno, FileSystem, FileType, Ino, SetTimes, Stat, Timestamp,
};

impl FileSystem for Tree {
    fn root(&self) -> Ino {
        Ino(super::ROOT)
    }

    fn lookup(&mut self, dir: Ino, name: &str) -> Result<Ino, Errno> {
        Ok(self.entry(dir, name)?.ino)
    }

    /// Does not look into a directory that it finds, unlike [`Tree::stat`].
    fn lookup_type(&mut self, dir: Ino, name: &str) -> Result<(Ino, FileType), Errno> {
        let entry = self.entry(dir, name)?;
        Ok((entry.ino, entry.file_type))
    }

    /// The link count of a directory of the lower source is known only when it has been loaded, so asking for it
    /// loads the directory. One that cannot be listed says that it has no directories in it.
    fn stat(&mut self, ino: Ino) -> Result<Stat, Errno> {
        if self.lower.is_some() && self.inode(ino)?.is_dir() {
            let _ = self.directory(ino);
        }
        let inode = self.inode(ino)?;
        let (size, nlink) = match &inode.kind {
            Kind::File(content) => (content.len(), inode.names()),
            Kind::Symlink(target) => (target.len() as u64, inode.names()),
            Kind::Directory(_) if !Self::is_linked(ino, inode) => (0, 0),
            Kind::Directory(directory) => (0, 2 + directory.subdirs),
        };
        Ok(Stat {
            ino,
            file_type: inode.file_type(),
            nlink,
            size,
            accessed: inode.accessed,
            modified: inode.modified,
            changed: inode.changed,
        })
    }

    fn read_link(&mut self, ino: Ino) -> Result<Arc<str>, Errno> {
        match &self.inode(ino)?.kind {
            Kind::Symlink(target) => Ok(Arc::clone(target)),
            _ => Err(Errno::Inval),
        }
    }

    fn create_file(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<Ino, Errno> {
        self.create(dir, name, Kind::File(Content::default()), now)
    }

    fn create_dir(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<Ino, Errno> {
        self.create(dir, name, Kind::Directory(Directory::default()), now)
    }

    fn create_symlink(
        &mut self,
        dir: Ino,
        name: &str,
        target: &str,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        self.create(dir, name, Kind::Symlink(Arc::from(target)), now)
    }

    fn link(&mut self, ino: Ino, dir: Ino, name: &str, now: Timestamp) -> Result<(), Errno> {
        self.link_inode(ino, dir, name, now)
    }

    fn unlink(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<(), Errno> {
        self.unlink_name(dir, name, now)
    }

    fn remove_dir(&mut self, dir: Ino, name: &str, now: Timestamp) -> Result<(), Errno> {
        self.remove_dir_name(dir, name, now)
    }

    fn rename(
        &mut self,
        from: Ino,
        from_name: &str,
        to: Ino,
        to_name: &str,
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.rename_name((from, from_name), (to, to_name), now)
    }

    fn open(&mut self, ino: Ino, _: Access) -> Result<(), Errno> {
        self.inode(ino)?;
        let holds = self.held.get(&ino.0).copied().unwrap_or(0);
        self.held.insert(ino.0, holds + 1);
        Ok(())
    }

    fn close(&mut self, ino: Ino) {
        match self.held.get(&ino.0).copied() {
            Some(holds @ 2..) => {
                self.held.insert(ino.0, holds - 1);
            }
            _ => {
                self.held.remove(&ino.0);
                self.release(ino);
            }
        }
    }

    fn read_at(&mut self, ino: Ino, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
        self.content(ino)?.read(offset, out)
    }

    fn write_at(
        &mut self,
        ino: Ino,
        offset: u64,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<usize, Errno> {
        self.content(ino)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let room = self.file_bytes_max.saturating_sub(offset);
        if room == 0 {
            return Err(Errno::Fbig);
        }
        let bytes = &bytes[..bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        let left = self.bytes.left();
        let inode = self.inodes.get_mut(&ino.0).ok_or(Errno::Stale)?;
        let Kind::File(content) = &mut inode.kind else {
            return Err(Errno::Isdir);
        };
        let before = content.charged();
        let count = content.write(offset, bytes, left)?;
        self.bytes.used = self.bytes.used - before + content.charged();
        inode.touch(now);
        Ok(count)
    }

    fn set_len(&mut self, ino: Ino, len: u64, now: Timestamp) -> Result<(), Errno> {
        self.content(ino)?;
        if len > self.file_bytes_max {
            return Err(Errno::Fbig);
        }
        let inode = self.inodes.get_mut(&ino.0).ok_or(Errno::Stale)?;
        let Kind::File(content) = &mut inode.kind else {
            return Err(Errno::Isdir);
        };
        let before = content.charged();
        content.set_len(len);
        self.bytes.used = self.bytes.used - before + content.charged();
        inode.touch(now);
        Ok(())
    }

    fn set_times(&mut self, ino: Ino, times: SetTimes, now: Timestamp) -> Result<(), Errno> {
        let inode = self.inode_mut(ino)?;
        inode.accessed = times.accessed.unwrap_or(inode.accessed);
        inode.modified = times.modified.unwrap_or(inode.modified);
        inode.changed = now;
        Ok(())
    }

    fn sync(&mut self, ino: Ino) -> Result<(), Errno> {
        self.inode(ino).map(|_| ())
    }

    fn read_dir(
        &mut self,
        dir: Ino,
        after: Cookie,
        visit: &mut dyn FnMut(DirEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        for (cookie, name, ino, file_type) in self.directory(dir)?.after(after) {
            if visit(DirEntry { cookie, ino, file_type, name }).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn path_of(&self, ino: Ino) -> Option<String> {
        let mut names = Vec::new();
        let mut at = ino.0;
        while at != super::ROOT {
            let place = self.inodes.get(&at)?.places.iter().next()?;
            names.push(&*place.name);
            at = place.dir;
        }
        names.reverse();
        Some(names.join("/"))
    }

    fn fork(&self) -> Option<Box<dyn FileSystem>> {
        Some(Box::new(self.clone()))
    }

    fn as_tree(&self) -> Option<&Tree> {
        Some(self)
    }

    fn as_tree_mut(&mut self) -> Option<&mut Tree> {
        Some(self)
    }
}
