//! One of the places that the same layout is put into, and what is done there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use stepwell_vfs::host::{HostDir, HostFs};
use stepwell_vfs::{
    Access, Cookie, DirEntry, EPOCH, Errno, FileType, Follow, Found, GuestPath, Ino, Mount,
    MountId, Namespace, Node, Quota, Tree,
};

use super::layout::{Entry, dump, make};
use super::reference::End;
use crate::choices::Choices;

/// The directory that is changed in place, below the outer one.
pub(super) const CHANGED: &str = "changed";
/// The directory below a tree, which is not changed.
pub(super) const BELOW: &str = "below";
/// The directory of which a part is mounted.
const PARTLY: &str = "partly";
/// The name on which the mount is.
pub(super) const MOUNT: &str = "m";

pub(super) struct World {
    pub(super) name: &'static str,
    /// Whether the directory [`MOUNT`] is a mount.
    pub(super) is_mounted: bool,
    namespace: Namespace,
}

/// What is done where a path leads.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Look,
    CreateFile,
    CreateDir,
    CreateLink,
    Write,
    Unlink,
    RemoveDir,
}

impl Action {
    pub(super) fn any(choices: &mut Choices<'_>) -> Self {
        const ALL: [Action; 7] = [
            Action::Look,
            Action::CreateFile,
            Action::CreateDir,
            Action::CreateLink,
            Action::Write,
            Action::Unlink,
            Action::RemoveDir,
        ];
        choices.one_of(&ALL)
    }
}

impl World {
    /// Every kind of place, with the same in it.
    pub(super) fn all(outer: &Path, entries: &[Entry]) -> Vec<Self> {
        for name in [CHANGED, BELOW, PARTLY] {
            make(&outer.join(name), entries);
        }
        let changed = HostFs::open(&outer.join(CHANGED)).expect("a directory");
        let below = Arc::new(HostDir::open(&outer.join(BELOW)).expect("a directory"));
        let mount = HostFs::open(&outer.join(PARTLY).join(MOUNT)).expect("a directory");
        let alone = |fs| Namespace::new(Mount { fs, read_only: false });
        let mut partly = alone(Box::new(copy(&outer.join(PARTLY), MOUNT)));
        let mounted = Mount { fs: Box::new(mount), read_only: false };
        let mounted = partly.mount(&format!("/{MOUNT}"), mounted, EPOCH);
        assert_eq!(mounted, Ok(MountId(1)));
        let world = |name, namespace| Self { name, is_mounted: false, namespace };
        vec![
            world("host", alone(Box::new(changed))),
            world("tree", alone(Box::new(copy(&outer.join(CHANGED), "")))),
            world(
                "tree above a host",
                alone(Box::new(Tree::above(below, Quota::default(), EPOCH))),
            ),
            Self { is_mounted: true, ..world("host mounted on a tree", partly) },
        ]
    }

    /// Walks, and compares with where it should end. What was found, if anything.
    pub(super) fn check<'a>(
        &mut self,
        base: &[String],
        path: GuestPath<'a>,
        follow: Follow,
        expected: &Result<End, Errno>,
    ) -> Option<Found<'a>> {
        let start = self.node(base);
        let found = self.namespace.walk(start, path, follow);
        let expected = expected.as_ref().map_err(|errno| *errno).map(|end| match end {
            End::Name(dir, name) if self.is_mounted && dir.is_empty() && name == MOUNT => {
                (self.node(&end.path()), None, true)
            }
            End::Directory(path) => (self.node(path), None, true),
            End::Name(dir, name) => (self.node(dir), Some(name.as_str()), true),
            End::Missing(dir, name, _) => (self.node(dir), Some(name.as_str()), false),
        });
        let place = found.as_ref().map_err(|errno| *errno);
        let place = place.map(|found| (found.dir, found.name.as_deref(), found.node.is_some()));
        assert_eq!(place, expected, "{}: {path:?} {follow:?} from {base:?}", self.name);
        let found = found.ok()?;
        let fs = self.namespace.fs(found.dir.mount);
        let looked_up = match &found.name {
            None => Some(found.dir.ino),
            Some(name) => fs.lookup(found.dir.ino, name).ok(),
        };
        assert_eq!(found.node.map(|node| node.ino), looked_up, "{}: {path:?}", self.name);
        Some(found)
    }

    /// The node at a path without links, by looking up each name.
    fn node(&mut self, path: &[String]) -> Node {
        let mut node = self.namespace.root();
        for (depth, name) in path.iter().enumerate() {
            let fs = self.namespace.fs(node.mount);
            node.ino = fs.lookup(node.ino, name).expect("a directory of the layout");
            if self.is_mounted && depth == 0 && name == MOUNT {
                node = self.namespace.root_of(MountId(1));
            }
        }
        node
    }

    pub(super) fn act(&mut self, found: &Found<'_>, action: Action) -> Result<(), Errno> {
        let dir = found.dir.ino;
        let fs = self.namespace.fs_mut(found.dir.mount)?;
        let Some(name) = found.name.as_deref() else {
            return Ok(());
        };
        match (action, found.node) {
            (Action::Look, _) | (Action::Write, None) => Ok(()),
            (Action::CreateFile | Action::CreateLink, None) if found.wants_directory => Ok(()),
            (Action::CreateFile, _) => fs.create_file(dir, name, EPOCH).map(drop),
            (Action::CreateDir, _) => fs.create_dir(dir, name, EPOCH).map(drop),
            (Action::CreateLink, _) => fs.create_symlink(dir, name, "../a", EPOCH).map(drop),
            (Action::Unlink, _) => fs.unlink(dir, name, EPOCH),
            (Action::RemoveDir, _) => fs.remove_dir(dir, name, EPOCH),
            (Action::Write, Some(node)) => {
                if fs.stat(node.ino)?.file_type != FileType::RegularFile {
                    return Ok(());
                }
                fs.open(node.ino, Access { read: false, write: true })?;
                let written = fs.write_at(node.ino, 3, b"written", EPOCH);
                fs.close(node.ino);
                written.map(drop)
            }
        }
    }

    /// As [`dump`], through the namespace.
    pub(super) fn dump(&mut self) -> BTreeMap<String, String> {
        let mut seen = BTreeMap::new();
        let mut rest = vec![(String::new(), self.namespace.root())];
        while let Some((prefix, dir)) = rest.pop() {
            let mut entries = Vec::new();
            let fs = self.namespace.fs(dir.mount);
            let listed = fs.read_dir(dir.ino, Cookie::START, &mut |entry: DirEntry<'_>| {
                entries.push((entry.name.to_owned(), entry.ino, entry.file_type));
                ControlFlow::Continue(())
            });
            listed.expect("a directory");
            for (name, ino, file_type) in entries {
                let path = format!("{prefix}{name}");
                let mut node = Node { mount: dir.mount, ino };
                if self.is_mounted && path == MOUNT {
                    node = self.namespace.root_of(MountId(1));
                }
                if file_type == FileType::Directory {
                    rest.push((format!("{path}/"), node));
                }
                let text = self.text(node, file_type);
                seen.insert(path, text);
            }
        }
        seen
    }

    fn text(&mut self, node: Node, file_type: FileType) -> String {
        let fs = self.namespace.fs(node.mount);
        match file_type {
            FileType::Directory => "directory".to_owned(),
            FileType::SymbolicLink => format!("-> {}", fs.read_link(node.ino).expect("a link")),
            _ => {
                let size = fs.stat(node.ino).expect("a file").size;
                let mut bytes = vec![b'?'; usize::try_from(size).expect("a small file") + 1];
                let n = fs.read_at(node.ino, 0, &mut bytes).expect("a file");
                format!("file {}", bytes[..n].escape_ascii())
            }
        }
    }
}

/// The directory `root` as a tree; what is in its directory `empty` is left out.
fn copy(root: &Path, empty: &str) -> Tree {
    let mut tree = Tree::new(Quota::default(), EPOCH);
    let hidden = format!("{empty}/");
    for (path, text) in dump(root, false) {
        if path.starts_with(&hidden) {
            continue;
        }
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let dir = tree.find(parent).expect("parents come first");
        let made = add(&mut tree, root, &path, (dir, name), &text);
        made.unwrap_or_else(|errno| panic!("{path:?}: {errno}"));
    }
    tree
}

fn add(
    tree: &mut Tree,
    root: &Path,
    path: &str,
    (dir, name): (Ino, &str),
    text: &str,
) -> Result<(), Errno> {
    use stepwell_vfs::FileSystem;

    match text.strip_prefix("-> ") {
        Some(target) => tree.create_symlink(dir, name, target, EPOCH).map(drop),
        None if text == "directory" => tree.create_dir(dir, name, EPOCH).map(drop),
        None => {
            let bytes: Cow<'_, [u8]> = std::fs::read(root.join(path)).expect("a file").into();
            tree.write_file(path, bytes.into_owned().into(), EPOCH).map(drop)
        }
    }
}
