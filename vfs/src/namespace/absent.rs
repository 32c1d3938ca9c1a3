//! Directories of the host that are left out of a copy, and opened again where that goes on.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;

use super::{Mount, MountId, Mounted, Namespace, Node};
use crate::{Access, EPOCH, Errno, FileSystem, FileType, Ino, Quota, Tree};

/// Why a directory of the host cannot be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Undetached {
    /// What is mounted at this path is a tree above a directory of the host, which the guest may change.
    Changeable(String),
    /// Something that is held in the mount at this path has no name there any more.
    Nameless(String),
}

impl fmt::Display for Undetached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changeable(path) => {
                write!(
                    f,
                    "{path} is a directory of the host that is mounted copy-on-write: changes would be lost"
                )
            }
            Self::Nameless(path) => {
                write!(
                    f,
                    "a file that is open has been removed from {path}, a directory of the host"
                )
            }
        }
    }
}

impl core::error::Error for Undetached {}

/// Why a directory cannot be put where one was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unattached {
    /// None was left out at this path.
    Unwanted(String),
    /// There is not what was open, at this path.
    Missing {
        /// The path.
        path: String,
        /// What looking for it gave.
        errno: Errno,
    },
}

impl fmt::Display for Unattached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unwanted(path) => write!(f, "no directory of the host was left out at {path}"),
            Self::Missing { path, errno } => write!(f, "{path} cannot be opened again: {errno}"),
        }
    }
}

impl core::error::Error for Unattached {}

impl Namespace {
    /// An independent copy without the directories of the host. In place of each is a tree that has nothing but what of it
    /// is held, and what others are mounted on, so that [`Namespace::attach`] finds it again by its path. Also where each
    /// of `held` is in the copy; it is held there once for each time that it is in the list.
    ///
    /// # Errors
    /// [`Undetached`], of the first mount of which it is true.
    pub fn detach(&self, held: &[(Node, FileType)]) -> Result<(Self, Vec<Node>), Undetached> {
        let mut moved: BTreeMap<(u16, Ino), Ino> = BTreeMap::new();
        let mut copy = Self { mounts: Vec::new(), walked: self.walked };
        for (index, mounted) in (0..).zip(&self.mounts) {
            let fs = &mounted.mount.fs;
            let above_host = fs.as_tree().is_some_and(Tree::has_lower);
            if above_host && !mounted.mount.read_only {
                return Err(Undetached::Changeable(mounted.path.clone()));
            }
            let fork = if above_host { None } else { fs.fork() };
            let absent = mounted.absent || fork.is_none();
            let fs = match fork {
                Some(fork) => fork,
                None => self.skeleton(index, mounted, held, &mut moved)?,
            };
            let covers = mounted.covers.map(|node| moved_to(node, &moved));
            let mount = Mount { fs, read_only: mounted.mount.read_only };
            copy.mounts.push(Mounted { mount, path: mounted.path.clone(), covers, absent });
        }
        let places = held.iter().map(|(node, _)| moved_to(*node, &moved)).collect();
        Ok((copy, places))
    }

    /// A tree with what of a mount is held or mounted on.
    fn skeleton(
        &self,
        index: u16,
        mounted: &Mounted,
        held: &[(Node, FileType)],
        moved: &mut BTreeMap<(u16, Ino), Ino>,
    ) -> Result<Box<dyn FileSystem>, Undetached> {
        let nameless = || Undetached::Nameless(mounted.path.clone());
        let mut tree = Tree::new(Quota::default(), EPOCH);
        let root = (Node { mount: MountId(index), ino: mounted.mount.fs.root() }, false);
        let covered = self.mounts.iter().filter_map(|other| Some((other.covers?, false)));
        let held_there = held.iter().map(|(node, ty)| (*node, *ty != FileType::Directory));
        for (node, is_file) in [root].into_iter().chain(covered).chain(held_there) {
            if node.mount.0 != index {
                continue;
            }
            let path = mounted.mount.fs.path_of(node.ino).ok_or_else(nameless)?;
            let ino = match tree.find(&path) {
                Ok(ino) => Ok(ino),
                Err(_) if is_file => tree.write_file(&path, Bytes::new(), EPOCH),
                Err(_) => tree.create_dirs(&path, EPOCH),
            };
            moved.insert((index, node.ino), ino.map_err(|_| nameless())?);
        }
        let access = Access { read: true, write: false };
        for (node, _) in held.iter().filter(|(node, _)| node.mount.0 == index) {
            let opened = tree.open(moved_to(*node, moved).ino, access);
            opened.map_err(|_| nameless())?;
        }
        Ok(Box::new(tree))
    }

    /// The paths at which directories of the host were left out.
    pub fn absent(&self) -> impl Iterator<Item = &str> {
        self.mounts.iter().filter(|mounted| mounted.absent).map(|mounted| mounted.path.as_str())
    }

    /// Puts a directory where one was left out. Also where each of `held` is now, if it is in this mount; nothing is
    /// held there yet. Directories that others are mounted on are made if they are missing.
    ///
    /// # Errors
    /// [`Unattached`]. Then no mount has changed, but directories that were made in the new one stay.
    pub fn attach(
        &mut self,
        path: &str,
        mut mount: Mount,
        held: &[Node],
    ) -> Result<Vec<Option<Ino>>, Unattached> {
        let wanted = |mounted: &Mounted| mounted.absent && mounted.path == path;
        let index = self.mounts.iter().position(wanted);
        let index = index.ok_or_else(|| Unattached::Unwanted(path.into()))?;
        let is_there = |node: &Node| usize::from(node.mount.0) == index;
        let old = &mut self.mounts[index].mount.fs;
        let mut find = |node: Node| match is_there(&node) {
            true => find_again(&mut **old, node.ino, path, &mut *mount.fs).map(Some),
            false => Ok(None),
        };
        let found = held.iter().map(|node| find(*node)).collect::<Result<Vec<_>, _>>()?;
        let covers: Vec<Option<Node>> = self.mounts.iter().map(|mounted| mounted.covers).collect();
        let old = &mut self.mounts[index].mount.fs;
        let mut uncovered = Vec::new();
        for (at, node) in covers.into_iter().enumerate() {
            if let Some(node) = node.filter(is_there) {
                let ino = mount_point(&mut **old, node.ino, path, &mut *mount.fs)?;
                uncovered.push((at, Node { ino, ..node }));
            }
        }
        for (at, node) in uncovered {
            self.mounts[at].covers = Some(node);
        }
        self.mounts[index].mount = mount;
        self.mounts[index].absent = false;
        Ok(found)
    }
}

/// Where a node is now.
fn moved_to(node: Node, moved: &BTreeMap<(u16, Ino), Ino>) -> Node {
    let ino = moved.get(&(node.mount.0, node.ino)).copied();
    Node { ino: ino.unwrap_or(node.ino), ..node }
}

/// The directory for a mount, which is made if it is missing, as when it was mounted first.
fn mount_point(
    old: &mut dyn FileSystem,
    ino: Ino,
    mount: &str,
    new: &mut dyn FileSystem,
) -> Result<Ino, Unattached> {
    let path = old.path_of(ino).unwrap_or_default();
    let mut at = new.root();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        at = match new.lookup(at, name) {
            Err(Errno::Noent) => new.create_dir(at, name, EPOCH),
            found => found,
        }
        .map_err(|errno| missing(mount, &path, errno))?;
    }
    find_again(old, ino, mount, new)
}

fn missing(mount: &str, path: &str, errno: Errno) -> Unattached {
    Unattached::Missing { path: format!("{}/{path}", mount.trim_end_matches('/')), errno }
}

/// Finds in one file system what is at the same path in another. Symbolic links are not followed: nothing was reached
/// through one.
fn find_again(
    old: &mut dyn FileSystem,
    ino: Ino,
    mount: &str,
    new: &mut dyn FileSystem,
) -> Result<Ino, Unattached> {
    let path = old.path_of(ino).unwrap_or_default();
    let missing = |errno| missing(mount, &path, errno);
    let is_file = old.stat(ino).map_err(missing)?.file_type != FileType::Directory;
    let (mut at, mut file_type) = (new.root(), FileType::Directory);
    for name in path.split('/').filter(|name| !name.is_empty()) {
        (at, file_type) = new.lookup_type(at, name).map_err(missing)?;
    }
    match (is_file, file_type) {
        (true, FileType::RegularFile) | (false, FileType::Directory) => Ok(at),
        (true, FileType::Directory) => Err(missing(Errno::Isdir)),
        (true, _) => Err(missing(Errno::Nxio)),
        (false, _) => Err(missing(Errno::Notdir)),
    }
}
