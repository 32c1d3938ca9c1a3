//! What the tests of trees share: a lower source in memory, and a tree written out as text.

#![allow(dead_code, reason = "each test crate uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use stepwell_vfs::{
    Cookie, Errno, FileSystem, FileType, Ino, Lower, LowerEntry, LowerId, LowerKind, Timestamp,
    Tree,
};

pub(crate) const NOW: Timestamp = Timestamp(1_000);

/// A lower source whose files are given as rows.
#[derive(Default)]
pub(crate) struct MemoryLower {
    dirs: BTreeMap<u64, Vec<LowerEntry>>,
    files: BTreeMap<u64, Vec<u8>>,
    /// Directories that cannot be listed.
    broken: BTreeSet<u64>,
    /// How many directories have been listed.
    pub(crate) listed: AtomicU64,
}

impl MemoryLower {
    /// A source with an empty root.
    pub(crate) fn new() -> Self {
        Self { dirs: BTreeMap::from([(0, Vec::new())]), ..Self::default() }
    }

    pub(crate) fn file(mut self, path: &str, bytes: &[u8]) -> Self {
        let id = self.next_id();
        self.files.insert(id, bytes.to_vec());
        self.add(path, id, LowerKind::File { size: bytes.len() as u64 });
        self
    }

    pub(crate) fn dir(mut self, path: &str) -> Self {
        let id = self.next_id();
        self.dirs.insert(id, Vec::new());
        self.add(path, id, LowerKind::Directory);
        self
    }

    pub(crate) fn symlink(mut self, path: &str, target: &str) -> Self {
        let id = self.next_id();
        self.files.insert(id, Vec::new());
        self.add(path, id, LowerKind::Symlink(target.into()));
        self
    }

    pub(crate) fn hard_link(mut self, old: &str, new: &str) -> Self {
        let entry = self.entry(old).clone();
        self.add(new, entry.id.0, entry.kind);
        self
    }

    pub(crate) fn broken(mut self, path: &str) -> Self {
        let id = self.entry(path).id.0;
        self.broken.insert(id);
        self
    }

    fn next_id(&self) -> u64 {
        // Numbers that look like those of a host, not like those of a tree.
        5000 - (self.dirs.len() + self.files.len()) as u64
    }

    fn entry(&self, path: &str) -> &LowerEntry {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.dirs[&self.dir_id(dir)].iter().find(|entry| entry.name == name).unwrap()
    }

    fn dir_id(&self, path: &str) -> u64 {
        if path.is_empty() { 0 } else { self.entry(path).id.0 }
    }

    fn add(&mut self, path: &str, id: u64, kind: LowerKind) {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let dir = self.dir_id(dir);
        let entries = self.dirs.get_mut(&dir).unwrap();
        let entry = LowerEntry {
            name: name.to_owned(),
            id: LowerId(id),
            kind,
            accessed: Timestamp(1),
            modified: Timestamp(2),
            mode: 0o640,
        };
        entries.push(entry);
        entries.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

impl Lower for MemoryLower {
    fn read_dir(&self, dir: LowerId) -> Result<Vec<LowerEntry>, Errno> {
        self.listed.fetch_add(1, Ordering::Relaxed);
        if self.broken.contains(&dir.0) {
            return Err(Errno::Acces);
        }
        self.dirs.get(&dir.0).cloned().ok_or(Errno::Notdir)
    }

    fn read_at(&self, file: LowerId, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
        let bytes = self.files.get(&file.0).ok_or(Errno::Io)?;
        let rest = bytes.get(usize::try_from(offset).unwrap()..).unwrap_or_default();
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn nlink(&self, file: LowerId) -> u64 {
        self.dirs.values().flatten().filter(|entry| entry.id == file).count() as u64
    }
}

/// The entries of a directory in order, with their cookies.
pub(crate) fn entries(
    tree: &mut Tree,
    dir: Ino,
    after: Cookie,
) -> Vec<(Cookie, Ino, FileType, String)> {
    let mut out = Vec::new();
    tree.read_dir(dir, after, &mut |entry| {
        out.push((entry.cookie, entry.ino, entry.file_type, entry.name.to_owned()));
        ControlFlow::Continue(())
    })
    .unwrap();
    out
}

/// The names in a directory in order.
pub(crate) fn names(tree: &mut Tree, path: &str) -> Vec<String> {
    let dir = tree.find(path).unwrap();
    entries(tree, dir, Cookie::START).into_iter().map(|entry| entry.3).collect()
}

/// Every path below the root with what is there: kind, permission bits, and content or target.
pub(crate) fn contents(tree: &mut Tree) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut dirs = vec![(tree.root(), String::new())];
    while let Some((dir, prefix)) = dirs.pop() {
        for (_, ino, file_type, name) in entries(tree, dir, Cookie::START) {
            let path = format!("{prefix}{name}");
            let text = match file_type {
                FileType::Directory => {
                    dirs.push((ino, format!("{path}/")));
                    "directory".to_owned()
                }
                FileType::SymbolicLink => format!("-> {}", tree.read_link(ino).unwrap()),
                _ => {
                    let bytes = tree.read_file(&path).unwrap();
                    format!("{:o} {}", tree.mode(ino).unwrap(), bytes.escape_ascii())
                }
            };
            out.insert(path, text);
        }
    }
    out
}
