//! A process's side without the directories of the host, which are opened again where it goes on.

use alloc::string::String;
use alloc::vec::Vec;

use vfs::{Access, FileType, Mount, Node, Unattached, Undetached};

use crate::Context;
use crate::fd_table::{Descriptor, Object};

impl Context {
    /// An independent copy in which what is mounted of the host's is left out. Descriptors that are open there are known by
    /// the paths of what they stand for, and keep their offsets, flags and rights.
    ///
    /// # Errors
    /// As [`Namespace::detach`](vfs::Namespace::detach).
    pub fn detach(&self) -> Result<Self, Undetached> {
        let held: Vec<(Node, FileType)> =
            self.fds.slots().iter().flatten().filter_map(held_by).collect();
        let (fs, places) = self.fs.detach(&held)?;
        let mut places = places.into_iter();
        let mut fds = self.fds.clone();
        for descriptor in fds.open_mut() {
            if held_by(descriptor).is_some()
                && let Some(place) = places.next()
            {
                move_to(descriptor, place);
            }
        }
        Ok(self.with(fs, fds))
    }

    /// The paths at which directories of the host were left out. A process cannot go on before each is attached.
    pub fn absent(&self) -> impl Iterator<Item = &str> {
        self.fs.absent()
    }

    /// Puts a directory where one was left out, and opens again what was open there.
    ///
    /// # Errors
    /// As [`Namespace::attach`](vfs::Namespace::attach), also if opening fails.
    pub fn attach(mut self, path: &str, mount: Mount) -> Result<Self, Unattached> {
        let held: Vec<Node> =
            self.fds.slots().iter().flatten().filter_map(Descriptor::node).collect();
        let names: Vec<Option<String>> = held.iter().map(|node| self.path_of(*node)).collect();
        let found = self.fs.attach(path, mount, &held)?;
        let mut found = found.into_iter().zip(names);
        for descriptor in self.fds.open_mut() {
            let Some(node) = descriptor.node() else { continue };
            let Some((Some(ino), name)) = found.next() else { continue };
            let access = match descriptor.object {
                Object::File { access, .. } => access,
                _ => Access { read: true, write: false },
            };
            let place = Node { ino, ..node };
            self.fs.fs(place.mount).open(ino, access).map_err(|errno| Unattached::Missing {
                path: name.unwrap_or_else(|| path.into()),
                errno,
            })?;
            move_to(descriptor, place);
        }
        Ok(self)
    }
}

/// What a descriptor holds, and what that is.
fn held_by(descriptor: &Descriptor) -> Option<(Node, FileType)> {
    match descriptor.object {
        Object::File { node, file_type, .. } => Some((node, file_type)),
        Object::Dir { node, .. } => Some((node, FileType::Directory)),
        _ => None,
    }
}

fn move_to(descriptor: &mut Descriptor, place: Node) {
    if let Object::File { node, .. } | Object::Dir { node, .. } = &mut descriptor.object {
        *node = place;
    }
}
