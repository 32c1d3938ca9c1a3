//! A descriptor as plain data.

use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use vfs::{Access, FileType, Ino, LoadError, MountId, Namespace, Node};

use super::check;
use crate::ConnectionId;
use crate::abi::{FdFlags, Rights};
use crate::fd_table::{Descriptor, Object};

#[derive(Serialize, Deserialize)]
pub(super) struct DescriptorState<'a> {
    #[serde(borrow)]
    object: ObjectState<'a>,
    dropped_base: u64,
    dropped_inheriting: u64,
    unasked: u64,
    flags: u16,
    offset: u64,
}

#[derive(Serialize, Deserialize)]
enum ObjectState<'a> {
    Stdin,
    Stdout,
    Stderr,
    File { node: NodeState, read: bool, write: bool },
    Dir { node: NodeState, preopen: Option<&'a str> },
    Listener(Vec<u32>),
    Socket(u32),
}

/// The number of a mount, and an inode there.
type NodeState = (u16, u64);

impl<'a> DescriptorState<'a> {
    pub(super) fn of(descriptor: &'a Descriptor) -> Self {
        let state = |node: &Node| (node.mount.0, node.ino.0);
        let object = match &descriptor.object {
            Object::Stdin => ObjectState::Stdin,
            Object::Stdout => ObjectState::Stdout,
            Object::Stderr => ObjectState::Stderr,
            // A tree has regular files only.
            Object::File { node, access: Access { read, write }, file_type: _ } => {
                ObjectState::File { node: state(node), read: *read, write: *write }
            }
            Object::Dir { node, preopen } => {
                ObjectState::Dir { node: state(node), preopen: preopen.as_deref() }
            }
            Object::Listener(queue) => ObjectState::Listener(queue.iter().map(|id| id.0).collect()),
            Object::Socket(id) => ObjectState::Socket(id.0),
        };
        Self {
            object,
            dropped_base: descriptor.dropped_base.0,
            dropped_inheriting: descriptor.dropped_inheriting.0,
            unasked: descriptor.unasked.0,
            flags: descriptor.flags.0,
            offset: descriptor.offset,
        }
    }

    /// The descriptor; whether there is what it stands for is another question.
    ///
    /// # Errors
    /// [`LoadError::Inconsistent`].
    pub(super) fn descriptor(self) -> Result<Descriptor, LoadError> {
        let rights = self.dropped_base | self.dropped_inheriting | self.unasked;
        check(rights & !Rights::ALL.0 == 0, "a right has no name")?;
        check(self.flags & !FdFlags::ALL.0 == 0, "a flag has no name")?;
        check(i64::try_from(self.offset).is_ok(), "an offset is too large")?;
        let node = |(mount, ino)| Node { mount: MountId(mount), ino: Ino(ino) };
        let object = match self.object {
            ObjectState::Stdin => Object::Stdin,
            ObjectState::Stdout => Object::Stdout,
            ObjectState::Stderr => Object::Stderr,
            ObjectState::File { node: state, read, write } => Object::File {
                node: node(state),
                access: Access { read, write },
                file_type: FileType::RegularFile,
            },
            ObjectState::Dir { node: state, preopen } => {
                Object::Dir { node: node(state), preopen: preopen.map(Arc::from) }
            }
            ObjectState::Listener(queue) => {
                Object::Listener(queue.into_iter().map(ConnectionId).collect())
            }
            ObjectState::Socket(id) => Object::Socket(ConnectionId(id)),
        };
        Ok(Descriptor {
            object,
            dropped_base: Rights(self.dropped_base),
            dropped_inheriting: Rights(self.dropped_inheriting),
            unasked: Rights(self.unasked),
            flags: FdFlags(self.flags),
            offset: self.offset,
        })
    }
}

/// What is at a node, if there is such a mount and inode.
pub(super) fn file_type(fs: &mut Namespace, node: Node) -> Option<FileType> {
    fs.mounts().nth(node.mount.0.into())?;
    fs.fs(node.mount).stat(node.ino).ok().map(|stat| stat.file_type)
}
