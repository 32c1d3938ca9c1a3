//! Connections, in memory, that the host offers to a guest that listens. There is no network, and nothing waits in here.

use bytes::Bytes;
use syscalls::{ConnectionId, Socket};
use vfs::{Errno, Input, Output, StreamKind};

use crate::Process;
use crate::replay::Event;

impl Process {
    /// The descriptors of the listeners that the process was built with, in their order.
    #[must_use]
    pub fn listeners(&self) -> &[u32] {
        &self.listeners
    }

    /// Offers a connection to the guest's listener on the descriptor `listener`, after those that it has not accepted yet.
    ///
    /// It can be fed before it is accepted. Until the guest's next syscall nothing happens: run the process. The
    /// connection is there until it is [`reset`](Connection::reset), also after the guest has closed it.
    ///
    /// # Errors
    /// - [`Errno::Badf`]: the guest has closed the listener, or the process has ended.
    /// - [`Errno::Notsock`]: the guest has put something else under this number.
    /// - [`Errno::Overflow`]: 2^32 connections were offered.
    pub fn offer(&mut self, listener: u32) -> Result<ConnectionId, Errno> {
        if self.is_over() {
            return Err(Errno::Badf);
        }
        let queue_bytes_max = self.limits().output_queue_bytes_max;
        let id = self.context_mut().offer(listener, socket(queue_bytes_max))?;
        self.record(Event::Offer(listener, queue_bytes_max));
        Ok(id)
    }

    /// The connections that were offered and not reset, in the order of offering: what a host knows them by that has thawed
    /// the process.
    pub fn connections(&self) -> impl Iterator<Item = ConnectionId> {
        self.store.data().context.connections()
    }

    /// A connection that was offered to this process.
    pub fn connection(&mut self, id: ConnectionId) -> Connection<'_> {
        Connection { process: self, id }
    }
}

/// Both directions of a connection, as the host sees them. One that was [`reset`](Connection::reset) takes nothing, gives
/// nothing and is closed.
#[must_use = "it does nothing by itself"]
pub struct Connection<'a> {
    process: &'a mut Process,
    id: ConnectionId,
}

impl Connection<'_> {
    /// Appends to what the guest receives, without a copy. What nobody will receive is dropped: after
    /// [`Connection::close_input`], or if the guest has shut this direction down.
    pub fn feed(&mut self, bytes: Bytes) {
        if self.socket().is_some_and(|socket| !socket.input.is_closed()) {
            self.process.undergo(Event::FeedConnection(self.id, bytes));
        }
    }

    /// How many bytes the guest has not received yet, to feed no more than it takes.
    #[must_use]
    pub fn queued(&mut self) -> usize {
        self.socket().map_or(0, |socket| socket.input.queued())
    }

    /// Ends what the guest receives, after what was fed.
    pub fn close_input(&mut self) {
        self.process.undergo(Event::CloseInput(self.id));
    }

    /// Takes what the guest has sent since the last call.
    pub fn drain(&mut self) -> Bytes {
        let sent = self.socket().map(|socket| socket.output.drain()).unwrap_or_default();
        if !sent.is_empty() {
            self.process.record(Event::Drain(self.id));
        }
        sent
    }

    /// Says that nobody reads what the guest sends: sending fails with `EPIPE`.
    pub fn close_output(&mut self) {
        self.process.undergo(Event::CloseOutput(self.id));
    }

    /// Whether the guest sends no more than what can be drained now: it has closed the connection or shut this direction
    /// down, or has ended; or the host has closed it.
    #[must_use]
    pub fn is_closed(&mut self) -> bool {
        self.process.is_over() || self.socket().is_none_or(|socket| socket.output.is_closed())
    }

    /// Takes the connection away and forgets it, with all that was not received and not drained. A guest that has it open
    /// gets `ECONNRESET`.
    pub fn reset(self) {
        self.process.undergo(Event::Reset(self.id));
    }

    fn socket(&mut self) -> Option<&mut Socket> {
        self.process.context_mut().connection(self.id)
    }
}

/// A connection on which nothing has happened yet, whose sending side holds so many bytes.
pub(crate) fn socket(queue_bytes_max: usize) -> Socket {
    Socket {
        input: Input::new(StreamKind::Pipe),
        output: Output::new(StreamKind::Pipe, queue_bytes_max),
    }
}
