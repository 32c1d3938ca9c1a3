//! Operations on names: create, link, remove, rename.

use alloc::sync::Arc;

use super::{Directory, Entry, Inode, Kind, Place, Tree};
use crate::{Errno, FileType, Ino, PATH_BYTES_MAX, Timestamp};

impl Tree {
    /// Gives a new inode a name.
    ///
    /// # Errors
    /// [`Errno::Notdir`], [`Errno::Exist`], [`Errno::Noent`], [`Errno::Nametoolong`], [`Errno::Nospc`].
    pub(super) fn create(
        &mut self,
        dir: Ino,
        name: &str,
        kind: Kind,
        now: Timestamp,
    ) -> Result<Ino, Errno> {
        self.check_vacant(dir, name)?;
        self.check_linked(dir)?;
        self.check_reach(dir, name, 0)?;
        let inode = Inode::new(kind, now);
        let bytes = inode.bytes_charged();
        if bytes > self.bytes.left() {
            return Err(Errno::Nospc);
        }
        self.rows.take(1)?;
        self.bytes.used += bytes;
        let ino = self.number();
        self.inodes.insert(ino, inode);
        self.attach(dir, Arc::from(name), Ino(ino), None, now);
        Ok(Ino(ino))
    }

    /// See [`FileSystem::link`](crate::FileSystem::link).
    pub(super) fn link_inode(
        &mut self,
        ino: Ino,
        dir: Ino,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.check_vacant(dir, name)?;
        self.check_linked(dir)?;
        if self.inode(ino)?.is_dir() {
            return Err(Errno::Perm);
        }
        self.check_linked(ino)?;
        self.check_reach(dir, name, 0)?;
        self.rows.take(1)?;
        self.attach(dir, Arc::from(name), ino, None, now);
        if let Ok(inode) = self.inode_mut(ino) {
            inode.rows += 1;
            inode.changed = now;
        }
        Ok(())
    }

    /// See [`FileSystem::unlink`](crate::FileSystem::unlink).
    pub(super) fn unlink_name(
        &mut self,
        dir: Ino,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Errno> {
        let entry = self.entry(dir, name)?;
        if self.inode(entry.ino)?.is_dir() {
            return Err(Errno::Isdir);
        }
        self.remove(dir, name, now);
        Ok(())
    }

    /// See [`FileSystem::remove_dir`](crate::FileSystem::remove_dir).
    pub(super) fn remove_dir_name(
        &mut self,
        dir: Ino,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Errno> {
        let entry = self.entry(dir, name)?;
        if !self.directory(entry.ino)?.is_empty() {
            return Err(Errno::Notempty);
        }
        self.remove(dir, name, now);
        Ok(())
    }

    /// See [`FileSystem::rename`](crate::FileSystem::rename).
    pub(super) fn rename_name(
        &mut self,
        (from, from_name): (Ino, &str),
        (to, to_name): (Ino, &str),
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.directory(from)?;
        self.directory(to)?;
        let source = self.entry(from, from_name)?;
        self.check_linked(to)?;
        let target = self.directory(to)?.get(to_name);
        self.check_rename(source.ino, from, to, target)?;
        if target.is_some_and(|target| target.ino == source.ino) {
            return Ok(());
        }
        self.check_reach(to, to_name, self.reach(source.ino))?;
        // A name that is replaced keeps its place in the listing, and so does an inode that is renamed within its
        // directory. Otherwise a guest that renames what it lists would meet each entry again at the end, for ever.
        let cookie = match target {
            Some(target) => Some(target.cookie),
            None if from == to => Some(source.cookie),
            None => None,
        };
        if target.is_some() {
            self.remove(to, to_name, now);
        }
        self.detach(from, from_name, now);
        self.attach(to, Arc::from(to_name), source.ino, cookie, now);
        if let Ok(inode) = self.inode_mut(source.ino) {
            inode.changed = now;
        }
        Ok(())
    }

    /// Whether `source` may be moved from `from` into `to`, onto `target`.
    fn check_rename(
        &mut self,
        source: Ino,
        from: Ino,
        to: Ino,
        target: Option<Entry>,
    ) -> Result<(), Errno> {
        let is_dir = self.inode(source)?.is_dir();
        if is_dir && self.is_within(to, source) {
            return Err(Errno::Inval);
        }
        let Some(target) = target.filter(|target| target.ino != source) else {
            return Ok(());
        };
        let onto_dir = self.inode(target.ino)?.is_dir();
        match (is_dir, onto_dir) {
            // What the source lies in has an entry, whatever the source is.
            (_, true) if self.is_within(from, target.ino) => Err(Errno::Notempty),
            (true, false) => Err(Errno::Notdir),
            (false, true) => Err(Errno::Isdir),
            (true, true) if !self.directory(target.ino)?.is_empty() => Err(Errno::Notempty),
            _ => Ok(()),
        }
    }

    /// Whether `dir` is `above` or lies below it.
    fn is_within(&self, dir: Ino, above: Ino) -> bool {
        let mut at = dir;
        while at != above {
            let Some(place) = self.place(at) else { return false };
            at = Ino(place.dir);
        }
        true
    }

    /// Whether everything would have a path of a sensible length from the root if something that reaches so many bytes
    /// further were called `name` in `dir`. So whoever lists a tree with its paths has no more work than the quota of
    /// inodes allows.
    pub(super) fn check_reach(&self, dir: Ino, name: &str, reach: usize) -> Result<(), Errno> {
        let mut len = name.len() + 1 + reach;
        let mut at = dir;
        while let Some(place) = self.place(at).filter(|_| len < PATH_BYTES_MAX) {
            len += place.name.len() + 1;
            at = Ino(place.dir);
        }
        if len < PATH_BYTES_MAX { Ok(()) } else { Err(Errno::Nametoolong) }
    }

    /// How far a directory reaches; nothing else reaches further than itself.
    fn reach(&self, ino: Ino) -> usize {
        match self.inodes.get(&ino.0).map(|inode| &inode.kind) {
            Some(Kind::Directory(directory)) => directory.reach,
            _ => 0,
        }
    }

    /// Notes in `dir` and above that something that reaches so many bytes further is called `name` in `dir`.
    fn extend_reach(&mut self, dir: Ino, name: &str, reach: usize) {
        let mut reach = name.len() + 1 + reach;
        let mut at = Some(dir);
        while let Some(dir) = at.filter(|dir| self.reach(*dir) < reach) {
            let Some(Kind::Directory(directory)) =
                self.inodes.get_mut(&dir.0).map(|inode| &mut inode.kind)
            else {
                return;
            };
            directory.reach = reach;
            at = self.place(dir).map(|place| {
                reach += place.name.len() + 1;
                Ino(place.dir)
            });
        }
    }

    /// Where a directory is; `None` for the root.
    fn place(&self, dir: Ino) -> Option<&Place> {
        self.inodes.get(&dir.0)?.places.iter().next()
    }

    /// The entry of `name`.
    pub(super) fn entry(&mut self, dir: Ino, name: &str) -> Result<Entry, Errno> {
        self.directory(dir)?.get(name).ok_or(Errno::Noent)
    }

    fn check_vacant(&mut self, dir: Ino, name: &str) -> Result<(), Errno> {
        match self.directory(dir)?.get(name) {
            Some(_) => Err(Errno::Exist),
            None => Ok(()),
        }
    }

    /// An inode that has been removed takes no new names.
    fn check_linked(&self, ino: Ino) -> Result<(), Errno> {
        if Self::is_linked(ino, self.inode(ino)?) { Ok(()) } else { Err(Errno::Noent) }
    }

    /// Removes a name that may be removed, and its inode with the last one.
    fn remove(&mut self, dir: Ino, name: &str, now: Timestamp) {
        let Some(ino) = self.detach(dir, name, now) else {
            return;
        };
        if let Some(inode) = self.inodes.get_mut(&ino.0) {
            inode.changed = now;
            // A name costs one, the first one that of the inode, which is given back with the inode.
            let own = u64::from(inode.lower.is_none());
            let rows = inode.rows.min(inode.names().max(own));
            let freed = inode.rows - rows;
            inode.rows = rows;
            self.rows.give(freed);
        }
        self.release(ino);
    }

    /// Takes a name out of its directory; both must exist.
    fn detach(&mut self, dir: Ino, name: &str, now: Timestamp) -> Option<Ino> {
        let entry = self.change(dir, now)?.remove(name)?;
        let inode = self.inodes.get_mut(&entry.ino.0)?;
        inode.places.remove(&Place { dir: dir.0, name: Arc::from(name) });
        if inode.is_dir() {
            self.change(dir, now)?.subdirs -= 1;
        }
        Some(entry.ino)
    }

    /// Puts a name into a directory, which has none like it.
    fn attach(&mut self, dir: Ino, name: Arc<str>, ino: Ino, cookie: Option<u64>, now: Timestamp) {
        let Some(inode) = self.inodes.get_mut(&ino.0) else {
            return;
        };
        inode.places.insert(Place { dir: dir.0, name: Arc::clone(&name) });
        let file_type = inode.file_type();
        self.extend_reach(dir, &name, self.reach(ino));
        if let Some(directory) = self.change(dir, now) {
            directory.insert(name, ino, file_type, cookie);
            directory.subdirs += u64::from(file_type == FileType::Directory);
        }
    }

    /// A loaded directory whose entries are about to change.
    fn change(&mut self, dir: Ino, now: Timestamp) -> Option<&mut Directory> {
        let inode = self.inodes.get_mut(&dir.0)?;
        inode.touch(now);
        match &mut inode.kind {
            Kind::Directory(directory) => Some(directory),
            _ => None,
        }
    }
}
