//! A host directory that the guest changes in place.

use std::boxed::Box;
use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::string::String;
use std::sync::Arc;
use std::vec::Vec;

use cap_fs_ext::{DirExt, MetadataExt, SystemTimeSpec};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};

use super::attributes::{Key, file_type, stat, system_time};
use super::errno::errno;
use super::file;
use super::inodes::{Inodes, Place};
use super::listing::Row;
use super::recent::Recent;
use crate::{
    Access, Cookie, DirEntry, Errno, FileSystem, FileType, Ino, PATH_BYTES_MAX, SetTimes, Stat,
    Timestamp,
};

/// A real directory: every change by the guest is a change of the host's files, at once.
///
/// Three things are the host's and not ours: the times that changes are stamped with (`now` is not used), how much
/// fits, and what others do in the directory meanwhile. It cannot be forked. Devices, pipes and sockets are seen and
/// cannot be opened; names that are not UTF-8 are not seen.
#[derive(Debug)]
pub struct HostFs {
    pub(super) root: Arc<Dir>,
    pub(super) root_ino: Ino,
    pub(super) inodes: Inodes,
    pub(super) open_dirs: Recent<Dir>,
}

const OPEN_DIRS_MAX: usize = 128;

impl HostFs {
    /// Opens the directory at `path`.
    ///
    /// # Errors
    /// What the host says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let root = Arc::new(Dir::open_ambient_dir(path, ambient_authority())?);
        let mut inodes = Inodes::new();
        let root_ino = inodes.add(Key::of(&root.dir_metadata()?), FileType::Directory);
        Ok(Self { root, root_ino, inodes, open_dirs: Recent::new(OPEN_DIRS_MAX) })
    }

    /// What was made just now as `name`.
    fn made(&mut self, handle: &Dir, dir: Ino, name: &str) -> Result<Ino, Errno> {
        let metadata = handle.symlink_metadata(name).map_err(errno)?;
        Ok(self.made_with(&metadata, dir, name))
    }

    fn made_with(&mut self, metadata: &Metadata, dir: Ino, name: &str) -> Ino {
        let place = Place { dir, name: name.into() };
        let file_type = file_type(metadata);
        let ino = self.inodes.see(Key::of(metadata), file_type, place.clone());
        self.inodes.list(&place, ino, file_type);
        ino
    }

    /// What `metadata` was taken of has lost its name at `place`.
    fn removed(&mut self, place: &Place, metadata: &Metadata) {
        let Some(ino) = self.inodes.find(Key::of(metadata)) else {
            return;
        };
        self.inodes.left(ino, place);
        let last_name = metadata.is_dir() || metadata.nlink() <= 1;
        if last_name && self.inodes.get(ino).is_ok_and(|inode| inode.holds == 0) {
            self.forget(ino);
        }
    }

    fn forget(&mut self, ino: Ino) {
        self.inodes.forget(ino);
        self.open_dirs.remove(ino.0);
    }

    /// Lists the directory anew.
    fn refresh(&mut self, dir: Ino) -> Result<(), Errno> {
        let mut seen = match list(&*self.dir(dir)?) {
            // A removed directory that is still held has no entries.
            Err(Errno::Noent) => Vec::new(),
            seen => seen?,
        };
        seen.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let inodes = &mut self.inodes;
        let mut row = |(name, metadata): (String, Metadata)| {
            let name = name.into_boxed_str();
            let place = Place { dir, name: name.clone() };
            let file_type = file_type(&metadata);
            Row { name, ino: inodes.listed(Key::of(&metadata), file_type, &place), file_type }
        };
        let rows = seen.into_iter().map(&mut row).collect();
        self.inodes.get_mut(dir)?.listing.get_or_insert_default().refresh(rows);
        Ok(())
    }
}

/// The entries of a directory, in no order.
fn list(dir: &Dir) -> Result<Vec<(String, Metadata)>, Errno> {
    let mut seen = Vec::new();
    for entry in dir.entries().map_err(errno)? {
        let entry = entry.map_err(errno)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // An entry that is gone meanwhile was not there.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        seen.push((name, metadata));
    }
    Ok(seen)
}

impl FileSystem for HostFs {
    fn root(&self) -> Ino {
        self.root_ino
    }

    fn lookup(&mut self, dir: Ino, name: &str) -> Result<Ino, Errno> {
        Ok(self.lookup_type(dir, name)?.0)
    }

    fn lookup_type(&mut self, dir: Ino, name: &str) -> Result<(Ino, FileType), Errno> {
        let metadata = self.dir(dir)?.symlink_metadata(name).map_err(errno)?;
        let place = Place { dir, name: name.into() };
        let file_type = file_type(&metadata);
        Ok((self.inodes.see(Key::of(&metadata), file_type, place), file_type))
    }

    fn stat(&mut self, ino: Ino) -> Result<Stat, Errno> {
        Ok(stat(ino, &self.metadata(ino)?))
    }

    fn read_link(&mut self, ino: Ino) -> Result<Arc<str>, Errno> {
        if self.inodes.get(ino)?.file_type != FileType::SymbolicLink {
            return Err(Errno::Inval);
        }
        let (dir, name, _) = self.reach(ino)?;
        let target = dir.read_link_contents(&*name).map_err(errno)?;
        target.to_str().map(Arc::from).ok_or(Errno::Ilseq)
    }

    fn create_file(&mut self, dir: Ino, name: &str, _: Timestamp) -> Result<Ino, Errno> {
        let metadata = file::create(&*self.dir(dir)?, name)?;
        Ok(self.made_with(&metadata, dir, name))
    }

    fn create_dir(&mut self, dir: Ino, name: &str, _: Timestamp) -> Result<Ino, Errno> {
        let handle = self.dir(dir)?;
        handle.create_dir(name).map_err(errno)?;
        self.made(&handle, dir, name)
    }

    fn create_symlink(
        &mut self,
        dir: Ino,
        name: &str,
        target: &str,
        _: Timestamp,
    ) -> Result<Ino, Errno> {
        let handle = self.dir(dir)?;
        symlink(&handle, name, target)?;
        self.made(&handle, dir, name)
    }

    fn link(&mut self, ino: Ino, dir: Ino, name: &str, _: Timestamp) -> Result<(), Errno> {
        let to = self.dir(dir)?;
        if to.symlink_metadata(name).is_ok() {
            return Err(Errno::Exist);
        }
        if self.inodes.get(ino)?.file_type == FileType::Directory {
            return Err(Errno::Perm);
        }
        let (from, from_name, metadata) = self.reach(ino)?;
        from.hard_link(&*from_name, &to, name).map_err(errno)?;
        let place = Place { dir, name: name.into() };
        self.inodes.list(&place, ino, file_type(&metadata));
        Ok(())
    }

    fn unlink(&mut self, dir: Ino, name: &str, _: Timestamp) -> Result<(), Errno> {
        let handle = self.dir(dir)?;
        let metadata = handle.symlink_metadata(name).map_err(errno)?;
        if metadata.is_dir() {
            return Err(Errno::Isdir);
        }
        handle.remove_file(name).map_err(errno)?;
        let place = Place { dir, name: name.into() };
        self.inodes.unlist(&place);
        self.removed(&place, &metadata);
        Ok(())
    }

    fn remove_dir(&mut self, dir: Ino, name: &str, _: Timestamp) -> Result<(), Errno> {
        let handle = self.dir(dir)?;
        let metadata = handle.symlink_metadata(name).map_err(errno)?;
        if !metadata.is_dir() {
            return Err(Errno::Notdir);
        }
        handle.remove_dir(name).map_err(errno).map_err(full)?;
        let place = Place { dir, name: name.into() };
        self.inodes.unlist(&place);
        self.removed(&place, &metadata);
        Ok(())
    }

    fn rename(
        &mut self,
        from: Ino,
        from_name: &str,
        to: Ino,
        to_name: &str,
        _: Timestamp,
    ) -> Result<(), Errno> {
        let (from_dir, to_dir) = (self.dir(from)?, self.dir(to)?);
        let moved = from_dir.symlink_metadata(from_name).map_err(errno)?;
        let replaced = to_dir.symlink_metadata(to_name).ok();
        if replaced.as_ref().is_some_and(|replaced| Key::of(replaced) == Key::of(&moved)) {
            return Ok(());
        }
        from_dir.rename(from_name, &to_dir, to_name).map_err(errno).map_err(full)?;
        let from = Place { dir: from, name: from_name.into() };
        let to = Place { dir: to, name: to_name.into() };
        if let Some(replaced) = replaced {
            self.removed(&to, &replaced);
        }
        let ino = self.inodes.see(Key::of(&moved), file_type(&moved), to.clone());
        self.inodes.relist(&from, &to, ino, file_type(&moved));
        Ok(())
    }

    fn open(&mut self, ino: Ino, access: Access) -> Result<(), Errno> {
        match self.inodes.get(ino)?.file_type {
            FileType::Directory if access.write => return Err(Errno::Isdir),
            FileType::Directory => {
                let dir = self.dir(ino)?;
                self.inodes.get_mut(ino)?.handles.dir = Some(dir);
            }
            FileType::SymbolicLink => {}
            _ => self.hold_file(ino, access)?,
        }
        self.inodes.get_mut(ino)?.holds += 1;
        Ok(())
    }

    fn close(&mut self, ino: Ino) {
        let Ok(inode) = self.inodes.get_mut(ino) else {
            return;
        };
        inode.holds = inode.holds.saturating_sub(1);
        if inode.holds > 0 {
            return;
        }
        let handles = core::mem::take(&mut inode.handles);
        let gone = match (inode.file_type, handles.file()) {
            (_, Some(file)) => {
                Metadata::from_file(file).is_ok_and(|metadata| metadata.nlink() == 0)
            }
            (FileType::RegularFile, None) => false,
            _ => inode.place.is_none() && ino != self.root_ino,
        };
        if gone {
            self.forget(ino);
        }
    }

    fn read_at(&mut self, ino: Ino, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
        file::read_at(&*self.reader(ino)?, offset, out)
    }

    fn write_at(
        &mut self,
        ino: Ino,
        offset: u64,
        bytes: &[u8],
        _: Timestamp,
    ) -> Result<usize, Errno> {
        file::write_at(&*self.writer(ino)?, offset, bytes)
    }

    fn set_len(&mut self, ino: Ino, len: u64, _: Timestamp) -> Result<(), Errno> {
        let file = self.writer(ino)?;
        if len > file::OFFSET_MAX {
            return Err(Errno::Fbig);
        }
        file.set_len(len).map_err(errno)
    }

    fn set_times(&mut self, ino: Ino, times: SetTimes, _: Timestamp) -> Result<(), Errno> {
        if let Some(file) = self.handle_for_times(ino)? {
            return file::set_times(&file, times).map_err(errno);
        }
        let (dir, name, _) = self.reach(ino)?;
        let spec = |time: Timestamp| {
            SystemTimeSpec::Absolute(cap_std::time::SystemTime::from_std(system_time(time)))
        };
        let (accessed, modified) = (times.accessed.map(spec), times.modified.map(spec));
        dir.set_symlink_times(&*name, accessed, modified).map_err(errno)
    }

    fn sync(&mut self, ino: Ino) -> Result<(), Errno> {
        let inode = self.inodes.get(ino)?;
        match (inode.file_type, inode.handles.file()) {
            (_, Some(file)) => file.sync_all().map_err(errno),
            (FileType::Directory, _) => file::of_dir(&*self.dir(ino)?)?.sync_all().map_err(errno),
            (FileType::RegularFile, _) => self.reader(ino)?.sync_all().map_err(errno),
            _ => Ok(()),
        }
    }

    fn read_dir(
        &mut self,
        dir: Ino,
        after: Cookie,
        visit: &mut dyn FnMut(DirEntry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Errno> {
        if after == Cookie::START || self.inodes.get(dir)?.listing.is_none() {
            self.refresh(dir)?;
        }
        let listing = self.inodes.get(dir)?.listing.as_ref();
        for entry in listing.into_iter().flat_map(|listing| listing.after(after)) {
            if visit(entry).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn path_of(&self, ino: Ino) -> Option<String> {
        let mut names = Vec::new();
        let mut at = ino;
        while at != self.root_ino {
            let place = self.inodes.get(at).ok()?.place.as_ref()?;
            names.push(&*place.name);
            at = place.dir;
            if names.len() >= PATH_BYTES_MAX {
                return None;
            }
        }
        names.reverse();
        Some(names.join("/"))
    }

    fn fork(&self) -> Option<Box<dyn FileSystem>> {
        None
    }
}

/// Some hosts say of a directory with entries that it exists.
fn full(errno: Errno) -> Errno {
    match errno {
        Errno::Exist => Errno::Notempty,
        errno => errno,
    }
}

#[cfg(not(windows))]
fn symlink(dir: &Dir, name: &str, target: &str) -> Result<(), Errno> {
    dir.symlink_contents(target, name).map_err(errno)
}

/// Windows asks what the target is before it exists.
#[cfg(windows)]
fn symlink(_: &Dir, _: &str, _: &str) -> Result<(), Errno> {
    Err(Errno::Notsup)
}
