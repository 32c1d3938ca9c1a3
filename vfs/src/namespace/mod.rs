//! File systems mounted on each other, and the walk of a path through them.

mod absent;
mod state;
mod walk;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

pub use self::absent::{Unattached, Undetached};
use self::walk::Walk;
use crate::path::{Step, steps};
use crate::{Errno, FileSystem, FileType, GuestPath, Ino, Timestamp};

/// Which mount, in the order of mounting; 0 is the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MountId(pub u16);

/// An inode of a mounted file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The mount.
    pub mount: MountId,
    /// The inode in the mount's file system.
    pub ino: Ino,
}

/// A file system and how the guest may use it.
pub struct Mount {
    /// The files.
    pub fs: Box<dyn FileSystem>,
    /// Whether every change by the guest is [`Errno::Rofs`].
    pub read_only: bool,
}

/// Whether a symbolic link as the last component is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// It is; a trailing slash follows in any case.
    Yes,
    /// The link itself is meant.
    No,
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// The directory that holds, or would hold, the last component. Where `name` is `None`, the node itself.
    pub dir: Node,
    /// The last component after links, or `None` where the path ends in `.` or `..` or at a mount's root.
    pub name: Option<Cow<'a, str>>,
    /// What the name stands for, if it exists.
    pub node: Option<Node>,
    /// What `node` is, the link itself for a symbolic link.
    pub file_type: Option<FileType>,
    /// Whether the path ends in a slash or dots, so that only a directory will do. A `node` then is one.
    pub wants_directory: bool,
}

/// What a guest can reach: a root file system and others mounted on its directories.
pub struct Namespace {
    /// In the order of mounting, never empty.
    mounts: Vec<Mounted>,
    /// Components of paths that were walked so far, those of links included.
    walked: u64,
}

/// A mount and its place.
struct Mounted {
    mount: Mount,
    /// Absolute and normalised: `/`, or `/a/b` without a slash at the end.
    path: String,
    /// The directory that it hides; none for the root.
    covers: Option<Node>,
    /// Whether it only stands for a directory of the host that was left out.
    absent: bool,
}

impl Namespace {
    /// A namespace of one file system.
    #[must_use]
    pub fn new(root: Mount) -> Self {
        Self {
            mounts: Vec::from([Mounted {
                mount: root,
                path: String::from("/"),
                covers: None,
                absent: false,
            }]),
            walked: 0,
        }
    }

    /// Mounts `mount` at the absolute guest path `path`, which is created (with its parents) if it is missing, in
    /// read-only mounts too. Symbolic links on the way are followed.
    ///
    /// # Errors
    /// [`Errno::Inval`] (not absolute, or with `..` or NUL); [`Errno::Nametoolong`]; [`Errno::Busy`] (something is
    /// mounted exactly there); [`Errno::Notdir`]; whatever creating the directories gives; [`Errno::Nospc`] (65 536
    /// mounts).
    pub fn mount(&mut self, path: &str, mount: Mount, now: Timestamp) -> Result<MountId, Errno> {
        let path = normalize(path)?;
        if self.mounts.iter().any(|mounted| mounted.path == path) {
            return Err(Errno::Busy);
        }
        let id = MountId(u16::try_from(self.mounts.len()).map_err(|_| Errno::Nospc)?);
        let covered = self.create_dirs(&path[1..], now)?;
        if self.is_mount_point(covered) {
            return Err(Errno::Busy);
        }
        self.mounts.push(Mounted { mount, path, covers: Some(covered), absent: false });
        Ok(id)
    }

    /// The directory at `path`, made if it is missing, with its parents.
    fn create_dirs(&mut self, path: &str, now: Timestamp) -> Result<Node, Errno> {
        let mut node = self.root();
        let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
        for end in ends {
            // Each time from the root, so that a link on the way may lead up.
            let prefix = GuestPath::parse(&path.as_bytes()[..end])?;
            let found = self.walk(self.root(), prefix, Follow::Yes)?;
            node = match (found.node, found.name) {
                (Some(node), _) => node,
                (None, Some(name)) => {
                    let ino = self.fs(found.dir.mount).create_dir(found.dir.ino, &name, now)?;
                    Node { mount: found.dir.mount, ino }
                }
                (None, None) => return Err(Errno::Noent),
            };
        }
        match self.fs(node.mount).stat(node.ino)?.file_type {
            FileType::Directory => Ok(node),
            _ => Err(Errno::Notdir),
        }
    }

    /// The root directory.
    #[must_use]
    pub fn root(&self) -> Node {
        self.root_of(MountId(0))
    }

    /// The root directory of a mount.
    #[must_use]
    pub fn root_of(&self, mount: MountId) -> Node {
        Node { mount, ino: self.mounts[usize::from(mount.0)].mount.fs.root() }
    }

    /// Whether something is mounted on `node`, or `node` is the root of a mount: it can be neither removed nor renamed.
    #[must_use]
    pub fn is_mount_point(&self, node: Node) -> bool {
        self.root_of(node.mount) == node
            || self.mounts.iter().any(|mounted| mounted.covers == Some(node))
    }

    /// The mounts with the absolute guest path of each, in order.
    pub fn mounts(&self) -> impl Iterator<Item = (&str, &Mount)> {
        self.mounts.iter().map(|mounted| (mounted.path.as_str(), &mounted.mount))
    }

    /// As [`Namespace::mounts`], to change them.
    pub fn mounts_mut(&mut self) -> impl Iterator<Item = (&str, &mut Mount)> {
        self.mounts.iter_mut().map(|mounted| (mounted.path.as_str(), &mut mounted.mount))
    }

    /// The file system of a mount, for reading.
    ///
    /// # Panics
    /// If `mount` is not of this namespace.
    pub fn fs(&mut self, mount: MountId) -> &mut dyn FileSystem {
        &mut *self.mounts[usize::from(mount.0)].mount.fs
    }

    /// The file system of a mount, for a change by the guest.
    ///
    /// # Errors
    /// [`Errno::Rofs`]: it is mounted read-only.
    ///
    /// # Panics
    /// If `mount` is not of this namespace.
    pub fn fs_mut(&mut self, mount: MountId) -> Result<&mut dyn FileSystem, Errno> {
        let mount = &mut self.mounts[usize::from(mount.0)].mount;
        if mount.read_only {
            return Err(Errno::Rofs);
        }
        Ok(&mut *mount.fs)
    }

    /// How many components of paths were walked since the start, those of links included: a measure of the work.
    #[must_use]
    pub fn walked(&self) -> u64 {
        self.walked
    }

    /// Walks `path` from `base`, component by component, following symbolic links and crossing mounts.
    ///
    /// A missing last component is no error: then [`Found::node`] is `None`. Behind a dangling link that is followed,
    /// that component is the link's target, which is so created inside the root or not at all.
    ///
    /// # Errors
    /// At the first component that fails: [`Errno::Perm`] (a step above `base`, or an absolute link whose mount's root
    /// is not below `base`), [`Errno::Nametoolong`] (in a link's target), [`Errno::Noent`], [`Errno::Notdir`] (also a
    /// trailing slash on a file), [`Errno::Loop`] (the 41st symbolic link), and what the file systems give.
    pub fn walk<'a>(
        &mut self,
        base: Node,
        path: GuestPath<'a>,
        follow: Follow,
    ) -> Result<Found<'a>, Errno> {
        Walk::new(self, base, path, follow).run()
    }

    /// The root of what is mounted on `node`, or `node`.
    fn uncover(&self, node: Node) -> Node {
        match self.mounts.as_slice() {
            [_] => node,
            mounts => match mounts.iter().position(|mounted| mounted.covers == Some(node)) {
                None => node,
                Some(mount) => Node {
                    mount: MountId(u16::try_from(mount).expect("mount() bounds the number")),
                    ino: mounts[mount].mount.fs.root(),
                },
            },
        }
    }

    /// An independent copy in constant time.
    ///
    /// # Errors
    /// The guest path of a mount that cannot be forked.
    pub fn fork(&self) -> Result<Self, &str> {
        let fork = |mounted: &Mounted| {
            Some(Mounted {
                mount: Mount { fs: mounted.mount.fs.fork()?, read_only: mounted.mount.read_only },
                path: mounted.path.clone(),
                covers: mounted.covers,
                absent: mounted.absent,
            })
        };
        let mounts = self.mounts.iter().map(|mounted| fork(mounted).ok_or(mounted.path.as_str()));
        Ok(Self { mounts: mounts.collect::<Result<_, _>>()?, walked: self.walked })
    }
}

/// `path` without `.`, empty components and a slash at the end.
fn normalize(path: &str) -> Result<String, Errno> {
    if !path.starts_with('/') || path.contains('\0') {
        return Err(Errno::Inval);
    }
    let mut normal = String::new();
    for step in steps(path) {
        let Step::Down(name) = step else {
            return Err(Errno::Inval);
        };
        normal.push('/');
        normal.push_str(name);
    }
    if normal.is_empty() {
        normal.push('/');
    }
    Ok(normal)
}
