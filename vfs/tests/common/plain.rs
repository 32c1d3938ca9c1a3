//! A file system in which nothing is shared and nothing is clever.

#![allow(dead_code, reason = "each test crate uses its own part")]

use stepwell_vfs::{Errno, FileType, SetTimes, Timestamp};

pub(crate) type Id = usize;

pub(crate) const ROOT: Id = 0;

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    File(Vec<u8>),
    /// Names in the order of the listing.
    Dir(Vec<(String, Id)>),
    Symlink(String),
}

#[derive(Clone, Debug)]
struct Node {
    kind: Kind,
    names: u64,
    held: u64,
    /// Whether it was there from the start, and how many of its names were: these cost nothing.
    is_lower: bool,
    links_counted: u64,
    parent: Id,
    accessed: Timestamp,
    modified: Timestamp,
    changed: Timestamp,
}

/// The nodes are never removed; one without a name that is not held is gone.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    nodes: Vec<Node>,
    inodes_max: usize,
}

impl Model {
    pub(crate) fn new(inodes_max: usize, now: Timestamp) -> Self {
        let mut model = Self { nodes: Vec::new(), inodes_max };
        model.push(Kind::Dir(Vec::new()), ROOT, now);
        model.nodes[ROOT].names = 1;
        model
    }

    fn push(&mut self, kind: Kind, parent: Id, now: Timestamp) -> Id {
        self.nodes.push(Node {
            kind,
            names: 0,
            held: 0,
            is_lower: false,
            links_counted: 0,
            parent,
            accessed: now,
            modified: now,
            changed: now,
        });
        self.nodes.len() - 1
    }

    /// Adds what the lower source has.
    pub(crate) fn load(&mut self, dir: Id, name: &str, kind: Kind) -> Id {
        let id = self.push(kind, dir, Timestamp(2));
        self.nodes[id].is_lower = true;
        self.load_link(dir, name, id);
        id
    }

    pub(crate) fn load_link(&mut self, dir: Id, name: &str, id: Id) {
        self.nodes[id].names += 1;
        let Kind::Dir(entries) = &mut self.nodes[dir].kind else { panic!("a directory") };
        entries.push((name.to_owned(), id));
    }

    fn node(&self, id: Id) -> Result<&Node, Errno> {
        let node = &self.nodes[id];
        if node.names == 0 && node.held == 0 { Err(Errno::Stale) } else { Ok(node) }
    }

    fn dir(&self, id: Id) -> Result<&Vec<(String, Id)>, Errno> {
        match &self.node(id)?.kind {
            Kind::Dir(entries) => Ok(entries),
            _ => Err(Errno::Notdir),
        }
    }

    fn change(&mut self, dir: Id, now: Timestamp) -> &mut Vec<(String, Id)> {
        let node = &mut self.nodes[dir];
        node.modified = now;
        node.changed = now;
        let Kind::Dir(entries) = &mut node.kind else { panic!("a directory") };
        entries
    }

    fn is_dir(&self, id: Id) -> bool {
        matches!(self.nodes[id].kind, Kind::Dir(_))
    }

    pub(crate) fn inodes_used(&self) -> usize {
        let lives = |node: &&Node| node.names > 0 || node.held > 0;
        let cost = |node: &Node| {
            usize::from(!node.is_lower) + usize::try_from(node.links_counted).unwrap()
        };
        self.nodes.iter().filter(lives).map(cost).sum()
    }

    pub(crate) fn held(&self, id: Id) -> u64 {
        self.nodes[id].held
    }

    pub(crate) fn bytes(&self, id: Id) -> Option<&Vec<u8>> {
        match &self.node(id).ok()?.kind {
            Kind::File(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn list(&self, dir: Id) -> Result<Vec<String>, Errno> {
        Ok(self.dir(dir)?.iter().map(|entry| entry.0.clone()).collect())
    }

    pub(crate) fn stat(&self, id: Id) -> Result<(FileType, u64, u64, [Timestamp; 3]), Errno> {
        let node = self.node(id)?;
        let (file_type, nlink, size) = match &node.kind {
            Kind::File(bytes) => (FileType::RegularFile, node.names, bytes.len()),
            Kind::Symlink(target) => (FileType::SymbolicLink, node.names, target.len()),
            Kind::Dir(_) if node.names == 0 => (FileType::Directory, 0, 0),
            Kind::Dir(entries) => {
                let subdirs = entries.iter().filter(|entry| self.is_dir(entry.1)).count();
                (FileType::Directory, 2 + subdirs as u64, 0)
            }
        };
        Ok((file_type, nlink, size as u64, [node.accessed, node.modified, node.changed]))
    }

    pub(crate) fn lookup(&self, dir: Id, name: &str) -> Result<Id, Errno> {
        let entries = self.dir(dir)?;
        entries.iter().find(|entry| entry.0 == name).map(|entry| entry.1).ok_or(Errno::Noent)
    }

    fn check_new(&self, dir: Id, name: &str) -> Result<(), Errno> {
        if self.lookup(dir, name).is_ok() {
            return Err(Errno::Exist);
        }
        if self.nodes[dir].names == 0 {
            return Err(Errno::Noent);
        }
        Ok(())
    }

    fn check_room(&self) -> Result<(), Errno> {
        if self.inodes_used() < self.inodes_max { Ok(()) } else { Err(Errno::Nospc) }
    }

    pub(crate) fn create(
        &mut self,
        dir: Id,
        name: &str,
        kind: Kind,
        now: Timestamp,
    ) -> Result<Id, Errno> {
        self.dir(dir)?;
        self.check_new(dir, name)?;
        self.check_room()?;
        let id = self.push(kind, dir, now);
        self.nodes[id].names = 1;
        self.change(dir, now).push((name.to_owned(), id));
        Ok(id)
    }

    pub(crate) fn link(
        &mut self,
        id: Id,
        dir: Id,
        name: &str,
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.dir(dir)?;
        self.check_new(dir, name)?;
        self.node(id)?;
        if self.is_dir(id) {
            return Err(Errno::Perm);
        }
        if self.nodes[id].names == 0 {
            return Err(Errno::Noent);
        }
        self.check_room()?;
        self.nodes[id].names += 1;
        self.nodes[id].links_counted += 1;
        self.nodes[id].changed = now;
        self.change(dir, now).push((name.to_owned(), id));
        Ok(())
    }

    /// One name fewer; the entry itself is left to the caller.
    fn drop_name(&mut self, id: Id, now: Timestamp) {
        let node = &mut self.nodes[id];
        node.names -= 1;
        node.changed = now;
        let free = if node.is_lower { 0 } else { 1 };
        node.links_counted = node.links_counted.min(node.names.saturating_sub(free));
    }

    pub(crate) fn unlink(&mut self, dir: Id, name: &str, now: Timestamp) -> Result<(), Errno> {
        let id = self.lookup(dir, name)?;
        if self.is_dir(id) {
            return Err(Errno::Isdir);
        }
        self.change(dir, now).retain(|entry| entry.0 != name);
        self.drop_name(id, now);
        Ok(())
    }

    pub(crate) fn remove_dir(&mut self, dir: Id, name: &str, now: Timestamp) -> Result<(), Errno> {
        let id = self.lookup(dir, name)?;
        if !self.dir(id)?.is_empty() {
            return Err(Errno::Notempty);
        }
        self.change(dir, now).retain(|entry| entry.0 != name);
        self.drop_name(id, now);
        Ok(())
    }

    /// Whether `dir` is `above` or lies below it.
    fn is_within(&self, dir: Id, above: Id) -> bool {
        let mut at = dir;
        while at != above && at != ROOT {
            at = self.nodes[at].parent;
        }
        at == above
    }

    pub(crate) fn rename(
        &mut self,
        from: Id,
        from_name: &str,
        to: Id,
        to_name: &str,
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.dir(from)?;
        self.dir(to)?;
        let id = self.lookup(from, from_name)?;
        if self.nodes[to].names == 0 {
            return Err(Errno::Noent);
        }
        if self.is_within(to, id) {
            return Err(Errno::Inval);
        }
        if let Ok(target) = self.lookup(to, to_name) {
            match (self.is_dir(id), self.is_dir(target)) {
                _ if id == target => return Ok(()),
                (_, true) if self.is_within(from, target) => return Err(Errno::Notempty),
                (true, false) => return Err(Errno::Notdir),
                (false, true) => return Err(Errno::Isdir),
                (true, true) if !self.dir(target)?.is_empty() => return Err(Errno::Notempty),
                _ => {}
            }
            self.change(from, now);
            let entries = self.change(to, now);
            entries.iter_mut().find(|entry| entry.0 == to_name).unwrap().1 = id;
            self.change(from, now).retain(|entry| entry.0 != from_name);
            self.drop_name(target, now);
        } else if from == to {
            let entries = self.change(from, now);
            entries.iter_mut().find(|entry| entry.0 == from_name).unwrap().0 = to_name.to_owned();
        } else {
            self.change(from, now).retain(|entry| entry.0 != from_name);
            self.change(to, now).push((to_name.to_owned(), id));
        }
        self.nodes[id].parent = to;
        self.nodes[id].changed = now;
        Ok(())
    }

    pub(crate) fn open(&mut self, id: Id) -> Result<(), Errno> {
        self.node(id)?;
        self.nodes[id].held += 1;
        Ok(())
    }

    pub(crate) fn close(&mut self, id: Id) {
        self.nodes[id].held = self.nodes[id].held.saturating_sub(1);
    }

    fn file(&self, id: Id) -> Result<&Vec<u8>, Errno> {
        match &self.node(id)?.kind {
            Kind::File(bytes) => Ok(bytes),
            Kind::Dir(_) => Err(Errno::Isdir),
            Kind::Symlink(_) => Err(Errno::Inval),
        }
    }

    fn change_file(&mut self, id: Id, now: Timestamp) -> &mut Vec<u8> {
        let node = &mut self.nodes[id];
        node.modified = now;
        node.changed = now;
        let Kind::File(bytes) = &mut node.kind else { panic!("a file") };
        bytes
    }

    pub(crate) fn read(&self, id: Id, at: usize, count: usize) -> Result<Vec<u8>, Errno> {
        Ok(self.file(id)?.iter().skip(at).take(count).copied().collect())
    }

    pub(crate) fn write(
        &mut self,
        id: Id,
        at: usize,
        bytes: &[u8],
        now: Timestamp,
    ) -> Result<usize, Errno> {
        self.file(id)?;
        let file = self.change_file(id, now);
        file.resize(file.len().max(at + bytes.len()), 0);
        file[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }

    pub(crate) fn set_len(&mut self, id: Id, len: usize, now: Timestamp) -> Result<(), Errno> {
        self.file(id)?;
        self.change_file(id, now).resize(len, 0);
        Ok(())
    }

    pub(crate) fn set_times(
        &mut self,
        id: Id,
        times: SetTimes,
        now: Timestamp,
    ) -> Result<(), Errno> {
        self.node(id)?;
        let node = &mut self.nodes[id];
        node.accessed = times.accessed.unwrap_or(node.accessed);
        node.modified = times.modified.unwrap_or(node.modified);
        node.changed = now;
        Ok(())
    }
}
