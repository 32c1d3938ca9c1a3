//! Every kind of file system that a guest may run over, with the same files in it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use engine::vfs::host::{HostDir, HostFs};
use engine::vfs::{EPOCH, FileSystem, Mount, Namespace, Quota, Tree};
use tempfile::TempDir;

/// Where the guest's files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In memory, made there.
    Memory,
    /// In memory, above a directory of the host.
    CopyOnWrite,
    /// In a directory of the host.
    ReadWrite,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Memory, Self::CopyOnWrite, Self::ReadWrite];
}

/// One thing that the guest finds. Directories come before what is in them.
#[derive(Clone, Copy, Debug)]
pub enum Entry<'a> {
    /// A directory.
    Directory(&'a str),
    /// A file and its content.
    File(&'a str, &'a [u8]),
    /// A symbolic link: its path and its target.
    Symlink(&'a str, &'a str),
    /// One more name of a file: its path and the one before.
    HardLink(&'a str, &'a str),
}

/// A file system with some files in it, and the directory of the host that it lies in or above.
pub struct Place {
    /// How it is made.
    pub mode: Mode,
    directory: Option<TempDir>,
    tree: Option<Tree>,
}

impl Place {
    /// A place with `entries` in it.
    ///
    /// # Panics
    /// If they cannot be made.
    #[must_use]
    pub fn new(mode: Mode, entries: &[Entry<'_>]) -> Self {
        if mode == Mode::Memory {
            let mut tree = Tree::new(Quota::default(), EPOCH);
            for entry in entries {
                put(&mut tree, *entry);
            }
            return Self { mode, directory: None, tree: Some(tree) };
        }
        let directory = TempDir::new().expect("a temporary directory");
        for entry in entries {
            make(directory.path(), *entry);
        }
        Self { mode, directory: Some(directory), tree: None }
    }

    /// The file system, as a guest's only one. Every call gives a new view of the same files; what a guest changes
    /// stays only where it is read-write.
    ///
    /// # Panics
    /// If the host's directory cannot be opened.
    #[must_use]
    pub fn namespace(&self) -> Namespace {
        Namespace::new(Mount { fs: self.file_system(), read_only: false })
    }

    /// As [`Place::namespace`], but the guest may change nothing.
    ///
    /// # Panics
    /// If the host's directory cannot be opened.
    #[must_use]
    pub fn read_only(&self) -> Namespace {
        Namespace::new(Mount { fs: self.file_system(), read_only: true })
    }

    fn file_system(&self) -> Box<dyn FileSystem> {
        match (&self.tree, &self.directory) {
            (Some(tree), _) => Box::new(tree.fork()),
            (None, Some(directory)) if self.mode == Mode::ReadWrite => {
                Box::new(HostFs::open(directory.path()).expect("the directory is opened"))
            }
            (None, directory) => Box::new(above(directory.as_ref())),
        }
    }

    /// The hash of what is there now; of a directory of the host, with its times.
    ///
    /// # Panics
    /// If it cannot be read.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut tree = match (&self.tree, &self.directory) {
            (Some(tree), _) => tree.fork(),
            (None, directory) => above(directory.as_ref()),
        };
        tree.digest().expect("everything can be read")
    }

    /// The directory of the host, if there is one.
    #[must_use]
    pub fn directory(&self) -> Option<&Path> {
        self.directory.as_ref().map(TempDir::path)
    }
}

/// A tree above a directory, which a place has unless it is in memory.
fn above(directory: Option<&TempDir>) -> Tree {
    let path = directory.expect("a directory unless in memory").path();
    let lower = HostDir::open(path).expect("the directory is opened");
    Tree::above(Arc::new(lower), Quota::default(), EPOCH)
}

fn put(tree: &mut Tree, entry: Entry<'_>) {
    fn parent(path: &str) -> (&str, &str) {
        path.rsplit_once('/').unwrap_or(("", path))
    }
    let done = match entry {
        Entry::Directory(path) => tree.create_dirs(path, EPOCH).map(|_| ()),
        Entry::File(path, bytes) => tree.write_file(path, bytes.to_vec().into(), EPOCH).map(|_| ()),
        Entry::Symlink(path, target) => {
            let (dir, name) = parent(path);
            let dir = tree.find(dir).expect("its directory");
            tree.create_symlink(dir, name, target, EPOCH).map(|_| ())
        }
        Entry::HardLink(path, first) => {
            let (dir, name) = parent(path);
            let (dir, ino) = (tree.find(dir), tree.find(first));
            tree.link(ino.expect("the first name"), dir.expect("its directory"), name, EPOCH)
        }
    };
    done.expect("the entry is made");
}

fn make(root: &Path, entry: Entry<'_>) {
    let done = match entry {
        Entry::Directory(path) => fs::create_dir(root.join(path)),
        Entry::File(path, bytes) => fs::write(root.join(path), bytes),
        Entry::Symlink(path, target) => symlink(target, &root.join(path)),
        Entry::HardLink(path, first) => fs::hard_link(root.join(first), root.join(path)),
    };
    done.expect("the entry is made");
}

#[cfg(unix)]
fn symlink(target: &str, path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(not(unix))]
fn symlink(target: &str, path: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}
