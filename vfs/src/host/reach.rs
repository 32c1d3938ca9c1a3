//! From an inode's number to the host's file: by a handle if there is one, by the place where it was seen if not.

use std::boxed::Box;
use std::fs::File;
use std::sync::Arc;
use std::vec::Vec;

use cap_fs_ext::DirExt;
use cap_std::fs::{Dir, Metadata};

use super::HostFs;
use super::attributes::Key;
use super::errno::errno;
use super::file;
use super::inodes::Place;
use crate::{Access, Errno, FileType, Ino};

impl HostFs {
    /// The handle of a directory, opened from the nearest parent that has one.
    pub(super) fn dir(&mut self, ino: Ino) -> Result<Arc<Dir>, Errno> {
        if self.inodes.get(ino)?.file_type != FileType::Directory {
            return Err(Errno::Notdir);
        }
        let mut to_open = Vec::new();
        let mut at = ino;
        let mut handle = loop {
            if let Some(handle) = self.open_dir(at)? {
                break handle;
            }
            // The places are what we saw, one after the other: if the host moved directories in between they may
            // even go in a circle.
            if to_open.len() > self.inodes.len() {
                return Err(Errno::Noent);
            }
            to_open.push(at);
            at = self.place(at)?.dir;
        };
        while let Some(ino) = to_open.pop() {
            let inode = self.inodes.get(ino)?;
            let name = &*inode.place.as_ref().ok_or(Errno::Noent)?.name;
            let opened = handle.open_dir_nofollow(name).map_err(errno)?;
            if Key::of(&opened.dir_metadata().map_err(errno)?) != inode.key {
                return Err(Errno::Noent);
            }
            handle = Arc::new(opened);
            self.open_dirs.insert(ino.0, handle.clone());
        }
        Ok(handle)
    }

    /// A directory's handle, if there is one.
    fn open_dir(&mut self, ino: Ino) -> Result<Option<Arc<Dir>>, Errno> {
        if ino == self.root_ino {
            return Ok(Some(self.root.clone()));
        }
        let inode = self.inodes.get(ino)?;
        Ok(inode.handles.dir.clone().or_else(|| self.open_dirs.get(ino.0)))
    }

    /// Where `ino` was seen last.
    fn place(&self, ino: Ino) -> Result<&Place, Errno> {
        self.inodes.get(ino)?.place.as_ref().ok_or(Errno::Noent)
    }

    /// The directory and the name of `ino`, if it is still there.
    pub(super) fn reach(&mut self, ino: Ino) -> Result<(Arc<Dir>, Box<str>, Metadata), Errno> {
        let Place { dir, name } = self.place(ino)?.clone();
        let dir = self.dir(dir)?;
        let metadata = dir.symlink_metadata(&*name).map_err(errno)?;
        if Key::of(&metadata) != self.inodes.get(ino)?.key {
            return Err(Errno::Noent);
        }
        Ok((dir, name, metadata))
    }

    pub(super) fn metadata(&mut self, ino: Ino) -> Result<Metadata, Errno> {
        let inode = self.inodes.get(ino)?;
        if ino == self.root_ino {
            return self.root.dir_metadata().map_err(errno);
        }
        if let Some(dir) = &inode.handles.dir {
            return dir.dir_metadata().map_err(errno);
        }
        if let Some(file) = inode.handles.file() {
            return Metadata::from_file(file).map_err(errno);
        }
        match self.reach(ino) {
            Ok((_, _, metadata)) => Ok(metadata),
            Err(Errno::Noent) => Err(Errno::Stale),
            Err(errno) => Err(errno),
        }
    }

    /// Opens the file itself, through no handle that there is.
    fn open_file(&mut self, ino: Ino, access: Access) -> Result<Arc<File>, Errno> {
        match self.inodes.get(ino)?.file_type {
            FileType::RegularFile => {}
            FileType::Directory => return Err(Errno::Isdir),
            FileType::SymbolicLink => return Err(Errno::Inval),
            _ => return Err(Errno::Nxio),
        }
        let Place { dir, name } = self.place(ino)?.clone();
        let dir = self.dir(dir)?;
        let (file, metadata) = file::open(&dir, &name, access)?;
        if Key::of(&metadata) != self.inodes.get(ino)?.key {
            return Err(Errno::Stale);
        }
        Ok(Arc::new(file))
    }

    /// A handle to read from, opened for this once if the file is not held to be read.
    pub(super) fn reader(&mut self, ino: Ino) -> Result<Arc<File>, Errno> {
        match &self.inodes.get(ino)?.handles.reader {
            Some(file) => Ok(file.clone()),
            None => self.open_file(ino, READ),
        }
    }

    /// A handle to write to, opened for this once if the file is not held to be written.
    pub(super) fn writer(&mut self, ino: Ino) -> Result<Arc<File>, Errno> {
        match &self.inodes.get(ino)?.handles.writer {
            Some(file) => Ok(file.clone()),
            None => self.open_file(ino, WRITE),
        }
    }

    /// Opens what `access` needs and is not open yet.
    pub(super) fn hold_file(&mut self, ino: Ino, access: Access) -> Result<(), Errno> {
        let handles = &self.inodes.get(ino)?.handles;
        let enough = (!access.read || handles.reader.is_some())
            && (!access.write || handles.writer.is_some())
            && handles.file().is_some();
        if enough {
            return Ok(());
        }
        let (file, access) = if access.read || access.write {
            (self.open_file(ino, access)?, access)
        } else {
            // Only held, so that it lives on: whatever opens it will do.
            match self.open_file(ino, READ) {
                Err(Errno::Acces) => (self.open_file(ino, WRITE)?, WRITE),
                file => (file?, READ),
            }
        };
        let handles = &mut self.inodes.get_mut(ino)?.handles;
        if access.read {
            handles.reader = Some(file.clone());
        }
        if access.write {
            handles.writer = Some(file);
        }
        Ok(())
    }

    /// The handle through which times are set, where there is one; without, it is the name that is used.
    pub(super) fn handle_for_times(&mut self, ino: Ino) -> Result<Option<Arc<File>>, Errno> {
        let inode = self.inodes.get(ino)?;
        if let Some(file) = inode.handles.file() {
            return Ok(Some(file.clone()));
        }
        if inode.place.is_some() {
            return Ok(None);
        }
        match self.open_dir(ino)? {
            Some(dir) => file::of_dir(&dir).map(|file| Some(Arc::new(file))),
            None => Ok(None),
        }
    }
}

const READ: Access = Access { read: true, write: false };
const WRITE: Access = Access { read: false, write: true };
