//! Connections that the embedder offers to the guest, in memory: there is no network.

use alloc::collections::{BTreeMap, VecDeque};

use vfs::{Errno, Input, Output};

use crate::Context;
use crate::fd_table::{Descriptor, Object};

/// A connection, as the embedder names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub(crate) u32);

impl ConnectionId {
    /// The connections that were offered to the guest before this one.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

/// Both directions of a connection.
#[derive(Clone, Debug)]
pub struct Socket {
    /// What the guest receives: the embedder feeds and closes it.
    pub input: Input,
    /// What the guest sends: the embedder drains it. It is closed once the guest has hung up.
    pub output: Output,
}

/// Every connection that was offered and not yet taken back. The guest may close its end; what it has sent stays.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections {
    pub(crate) sockets: BTreeMap<ConnectionId, Socket>,
    pub(crate) offered: u32,
}

impl Connections {
    /// The connection, if the embedder has not taken it back.
    ///
    /// # Errors
    /// [`Errno::Connreset`].
    pub(crate) fn get_mut(&mut self, id: ConnectionId) -> Result<&mut Socket, Errno> {
        self.sockets.get_mut(&id).ok_or(Errno::Connreset)
    }

    /// Closes the guest's end.
    pub(crate) fn hang_up(&mut self, id: ConnectionId) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.input.close();
            socket.output.close();
        }
    }
}

impl Context {
    /// Opens a listening socket on the lowest free descriptor, for the guest to accept from: its number.
    ///
    /// # Errors
    /// [`Errno::Mfile`].
    pub fn add_listener(&mut self) -> Result<u32, Errno> {
        let vacancy = self.fds.vacancy()?;
        Ok(self.fds.put(vacancy, Descriptor::new(Object::Listener(VecDeque::new()))))
    }

    /// Offers a connection to the listening descriptor `fd`, after those that the guest has not accepted yet.
    ///
    /// # Errors
    /// [`Errno::Badf`]; [`Errno::Notsock`]: it is not a listening socket; [`Errno::Overflow`]: 2^32 were offered.
    pub fn offer(&mut self, fd: u32, socket: Socket) -> Result<ConnectionId, Errno> {
        let Object::Listener(queue) = &mut self.fds.get_mut(fd)?.object else {
            return Err(Errno::Notsock);
        };
        let id = ConnectionId(self.connections.offered);
        self.connections.offered = id.0.checked_add(1).ok_or(Errno::Overflow)?;
        self.connections.sockets.insert(id, socket);
        queue.push_back(id);
        Ok(id)
    }

    /// The connections that were offered and not taken back, in the order of offering: what a host that has loaded a
    /// process knows them by.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.connections.sockets.keys().copied()
    }

    /// A connection, to feed and drain it; `None` once it was taken back.
    pub fn connection(&mut self, id: ConnectionId) -> Option<&mut Socket> {
        self.connections.sockets.get_mut(&id)
    }

    /// Takes a connection back. A guest that still has it open gets `CONNRESET`.
    pub fn take_connection(&mut self, id: ConnectionId) -> Option<Socket> {
        self.connections.sockets.remove(&id)
    }
}
