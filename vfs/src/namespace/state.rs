//! A namespace as bytes and back. Trees are written as [`Tree::save`] does.

use alloc::boxed::Box;
use alloc::vec::Vec;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::{Mount, MountId, Mounted, Namespace, Node, normalize};
use crate::state::{check, decode, encode, take_end, take_mark};
use crate::{Base, Ino, LoadError, Tree, Unsaved};

/// What the bytes of a namespace start with.
const MARK: &[u8] = b"stepwell namespace state 1\n";
/// What stands before a tree that only stands for a directory of the host.
const ABSENT: &[u8] = b"absent\n";
/// Each mount point is compared with all others.
const MOUNTS_MAX: usize = 1000;
/// More than are ever walked.
const WALKED_MAX: u64 = 1 << 63;

#[derive(Serialize, Deserialize)]
struct State<'a> {
    walked: u64,
    #[serde(borrow)]
    mounts: Vec<MountState<'a>>,
}

#[derive(Serialize, Deserialize)]
struct MountState<'a> {
    path: &'a str,
    read_only: bool,
    /// The number of a mount, and an inode there.
    covers: Option<(u16, u64)>,
    #[serde(borrow)]
    tree: &'a serde_bytes::Bytes,
}

impl Namespace {
    /// Every mount as bytes, with its path, and how much was walked. The same state gives the same bytes.
    ///
    /// A tree that has much of one of `bases` is written as the difference to that.
    ///
    /// # Errors
    /// [`Unsaved::Mount`], [`Unsaved::MountPoint`]: of the first mount of which it is true.
    pub fn save(&self, bases: &[Base]) -> Result<Vec<u8>, Unsaved> {
        let trees: Vec<Vec<u8>> = self
            .mounts
            .iter()
            .map(|mounted| self.save_mount(mounted, bases))
            .collect::<Result<_, _>>()?;
        let mounts = self.mounts.iter().zip(&trees).map(|(mounted, tree)| MountState {
            path: &mounted.path,
            read_only: mounted.mount.read_only,
            covers: mounted.covers.map(|node| (node.mount.0, node.ino.0)),
            tree: serde_bytes::Bytes::new(tree),
        });
        let state = State { walked: self.walked, mounts: mounts.collect() };
        Ok([MARK, &encode(&state)].concat())
    }

    fn save_mount(&self, mounted: &Mounted, bases: &[Base]) -> Result<Vec<u8>, Unsaved> {
        let gone = || Unsaved::MountPoint(mounted.path.clone());
        if mounted.covers.is_some_and(|node| !self.is_mountable(node)) {
            return Err(gone());
        }
        let elsewhere = || Unsaved::Mount(mounted.path.clone());
        let tree = mounted.mount.fs.as_tree().ok_or_else(elsewhere)?;
        let tree = tree.save(tree.nearest(bases)).map_err(|_| elsewhere())?;
        Ok(if mounted.absent { [ABSENT, &tree].concat() } else { tree })
    }

    /// The namespace that was saved. The contents of files are slices of `bytes`.
    ///
    /// `bases` must have each base that a difference was written to; their order does not matter.
    ///
    /// # Errors
    /// As [`Tree::load`].
    pub fn load(bytes: &Bytes, bases: &[Base]) -> Result<Self, LoadError> {
        let mut rest: &[u8] = bytes;
        take_mark(&mut rest, MARK)?;
        let state: State<'_> = decode(&mut rest)?;
        take_end(rest)?;
        check(state.walked <= WALKED_MAX, "too much was walked")?;
        check(!state.mounts.is_empty(), "there is no root")?;
        check(state.mounts.len() <= MOUNTS_MAX, "there are too many mounts")?;
        let mut namespace = Self { mounts: Vec::new(), walked: state.walked };
        for mount in &state.mounts {
            let tree: &[u8] = mount.tree;
            let absent = tree.strip_prefix(ABSENT);
            let tree = bytes.slice_ref(absent.unwrap_or(tree));
            namespace.add(mount, Tree::load(&tree, bases)?, absent.is_some())?;
        }
        Ok(namespace)
    }

    /// Adds a mount behind those that are there.
    fn add(&mut self, state: &MountState<'_>, tree: Tree, absent: bool) -> Result<(), LoadError> {
        let path = normalize(state.path).ok().filter(|path| path == state.path);
        let path = path.ok_or(LoadError::Inconsistent("a mount has no path"))?;
        check(u16::try_from(self.mounts.len()).is_ok(), "there are too many mounts")?;
        check(self.mounts.is_empty() == (path == "/"), "the first mount is the root")?;
        check(self.mounts.is_empty() == state.covers.is_none(), "a mount hides no directory")?;
        let covers = state.covers.map(|(mount, ino)| Node { mount: MountId(mount), ino: Ino(ino) });
        if let Some(node) = covers {
            check(self.is_mountable(node), "a mount hides no directory")?;
            check(!self.is_mount_point(node), "two mounts are in one place")?;
        }
        let mount = Mount { fs: Box::new(tree), read_only: state.read_only };
        self.mounts.push(Mounted { mount, path, covers, absent });
        Ok(())
    }

    /// Whether `node` is a directory with a name, in a tree.
    fn is_mountable(&self, node: Node) -> bool {
        let mounted = self.mounts.get(usize::from(node.mount.0));
        let tree = mounted.and_then(|mounted| mounted.mount.fs.as_tree());
        tree.is_some_and(|tree| tree.is_linked_directory(node.ino))
    }
}
