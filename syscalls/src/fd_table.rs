//! Descriptors: numbers to open things, the lowest free number first.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use vfs::{Access, Errno, FileType, Node};

use crate::ConnectionId;
use crate::abi::{FdFlags, Rights};

/// What a descriptor stands for.
#[derive(Clone, Debug)]
pub(crate) enum Object {
    Stdin,
    Stdout,
    Stderr,
    /// A file, or something of the host that is not a directory.
    File {
        node: Node,
        access: Access,
        file_type: FileType,
    },
    /// A directory; one that was there from the start has a name.
    Dir {
        node: Node,
        preopen: Option<Arc<str>>,
    },
    /// Connections that were offered and not yet accepted.
    Listener(VecDeque<ConnectionId>),
    Socket(ConnectionId),
}

/// An open thing with what belongs to the number alone.
#[derive(Clone, Debug)]
pub(crate) struct Descriptor {
    pub(crate) object: Object,
    /// Rights that the guest gave up, here and for what is opened through it. Only these are ever refused; see
    /// docs/RATIONALE.md, "Rights".
    pub(crate) dropped_base: Rights,
    pub(crate) dropped_inheriting: Rights,
    /// Rights that it has and is silent about, because nobody asked for them.
    pub(crate) unasked: Rights,
    pub(crate) flags: FdFlags,
    pub(crate) offset: u64,
}

impl Descriptor {
    #[inline]
    pub(crate) fn new(object: Object) -> Self {
        Self {
            object,
            dropped_base: Rights::NONE,
            dropped_inheriting: Rights::NONE,
            unasked: Rights::NONE,
            flags: FdFlags::NONE,
            offset: 0,
        }
    }

    /// Refuses what needs a right that the guest gave up.
    ///
    /// # Errors
    /// [`Errno::Notcapable`].
    pub(crate) fn need(&self, rights: Rights) -> Result<(), Errno> {
        if self.dropped_base.intersects(rights) { Err(Errno::Notcapable) } else { Ok(()) }
    }

    /// The inode that it holds.
    pub(crate) fn node(&self) -> Option<Node> {
        match self.object {
            Object::File { node, .. } | Object::Dir { node, .. } => Some(node),
            _ => None,
        }
    }

    /// The directory that it stands for.
    ///
    /// # Errors
    /// [`Errno::Notdir`].
    pub(crate) fn dir(&self) -> Result<Node, Errno> {
        match self.object {
            Object::Dir { node, .. } => Ok(node),
            _ => Err(Errno::Notdir),
        }
    }

    /// The rights that the guest is told: all that make sense for what it is, but those that it gave up. What a
    /// descriptor was asked for shows in `FD_READ` and `FD_WRITE`.
    pub(crate) fn rights(&self) -> (Rights, Rights) {
        let (base, inheriting) = self.object.rights();
        let base = base.without(self.dropped_base).without(self.unasked);
        (base, inheriting.without(self.dropped_inheriting))
    }

    /// Gives up all rights but these.
    ///
    /// # Errors
    /// [`Errno::Notcapable`]: it has not all of them.
    pub(crate) fn keep_rights(&mut self, base: Rights, inheriting: Rights) -> Result<(), Errno> {
        let (has_base, has_inheriting) = self.rights();
        if !has_base.contains(base) || !has_inheriting.contains(inheriting) {
            return Err(Errno::Notcapable);
        }
        let given_up = has_base.union(self.unasked).without(base);
        self.dropped_base = self.dropped_base.union(given_up);
        let given_up = has_inheriting.without(inheriting);
        self.dropped_inheriting = self.dropped_inheriting.union(given_up);
        Ok(())
    }
}

/// What every stream and socket may.
const STREAM: Rights =
    Rights::FD_FDSTAT_SET_FLAGS.union(Rights::FD_FILESTAT_GET).union(Rights::POLL_FD_READWRITE);
/// Those of an accepted connection.
const SOCKET: Rights =
    STREAM.union(Rights::FD_READ).union(Rights::FD_WRITE).union(Rights::SOCK_SHUTDOWN);
/// Those of a directory: all `PATH_` rights but `PATH_FILESTAT_SET_SIZE`, and what works on the directory itself.
const DIR: Rights = Rights(0x07b7_fe00);
/// Those of what is opened through a directory.
const DIR_INHERITING: Rights = Rights(0x0ff7_ffff);

impl Object {
    /// The rights of a fresh descriptor, for itself and for what is opened through it.
    fn rights(&self) -> (Rights, Rights) {
        match self {
            Self::Stdin => (STREAM.union(Rights::FD_READ), Rights::NONE),
            Self::Stdout | Self::Stderr => (STREAM.union(Rights::FD_WRITE), Rights::NONE),
            Self::File { access, .. } => {
                let read = if access.read { Rights::NONE } else { Rights::FD_READ };
                let write = if access.write { Rights::NONE } else { Rights::FD_WRITE };
                (Rights::ALL.without(read).without(write), Rights::ALL)
            }
            Self::Dir { .. } => (DIR, DIR_INHERITING),
            Self::Listener(_) => (STREAM.union(Rights::SOCK_ACCEPT), SOCKET),
            Self::Socket(_) => (SOCKET, Rights::NONE),
        }
    }
}

/// The open descriptors of one process.
#[derive(Clone, Debug)]
pub(crate) struct FdTable {
    slots: Vec<Option<Descriptor>>,
    /// No number below this one is free.
    first_free: usize,
    fds_max: usize,
}

impl FdTable {
    pub(crate) fn new(fds_max: u32) -> Self {
        let fds_max = usize::try_from(fds_max).unwrap_or(usize::MAX);
        Self { slots: Vec::new(), first_free: 0, fds_max }
    }

    /// The table with these descriptors, by number.
    pub(crate) fn of(fds_max: u32, slots: Vec<Option<Descriptor>>) -> Self {
        Self { slots, ..Self::new(fds_max) }
    }

    /// The descriptors by number, up to the last one that is open.
    pub(crate) fn slots(&self) -> &[Option<Descriptor>] {
        let len = self.slots.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        &self.slots[..len]
    }

    /// The open descriptors in the order of their numbers, to change them.
    pub(crate) fn open_mut(&mut self) -> impl Iterator<Item = &mut Descriptor> {
        self.slots.iter_mut().flatten()
    }

    /// Sets how many may be open at once.
    pub(crate) fn limit(&mut self, fds_max: u32) {
        self.fds_max = usize::try_from(fds_max).unwrap_or(usize::MAX);
    }

    /// How many may be open.
    pub(crate) fn fds_max(&self) -> u32 {
        u32::try_from(self.fds_max).unwrap_or(u32::MAX)
    }

    /// The descriptor `fd`.
    ///
    /// # Errors
    /// [`Errno::Badf`].
    pub(crate) fn get(&self, fd: u32) -> Result<&Descriptor, Errno> {
        let slot = usize::try_from(fd).ok().and_then(|fd| self.slots.get(fd));
        slot.and_then(Option::as_ref).ok_or(Errno::Badf)
    }

    /// As [`FdTable::get`], to change it.
    pub(crate) fn get_mut(&mut self, fd: u32) -> Result<&mut Descriptor, Errno> {
        let slot = usize::try_from(fd).ok().and_then(|fd| self.slots.get_mut(fd));
        slot.and_then(Option::as_mut).ok_or(Errno::Badf)
    }

    /// The descriptor `fd`, if none of `rights` was given up.
    ///
    /// # Errors
    /// [`Errno::Badf`], [`Errno::Notcapable`].
    pub(crate) fn need(&self, fd: u32, rights: Rights) -> Result<&Descriptor, Errno> {
        let descriptor = self.get(fd)?;
        descriptor.need(rights)?;
        Ok(descriptor)
    }

    /// As [`FdTable::need`], to change it.
    pub(crate) fn need_mut(&mut self, fd: u32, rights: Rights) -> Result<&mut Descriptor, Errno> {
        let descriptor = self.get_mut(fd)?;
        descriptor.need(rights)?;
        Ok(descriptor)
    }

    /// The number that the next descriptor takes.
    ///
    /// # Errors
    /// [`Errno::Mfile`]: every number is taken.
    pub(crate) fn vacancy(&mut self) -> Result<Vacancy, Errno> {
        while self.slots.get(self.first_free).is_some_and(Option::is_some) {
            self.first_free += 1;
        }
        if self.first_free >= self.fds_max {
            return Err(Errno::Mfile);
        }
        let fd = u32::try_from(self.first_free).map_err(|_| Errno::Mfile)?;
        Ok(Vacancy(fd))
    }

    /// Puts a descriptor under the number that [`FdTable::vacancy`] found.
    #[inline]
    pub(crate) fn put(&mut self, vacancy: Vacancy, descriptor: Descriptor) -> u32 {
        let index = self.first_free;
        if index == self.slots.len() {
            self.slots.push(Some(descriptor));
        } else {
            self.slots[index] = Some(descriptor);
        }
        vacancy.0
    }

    /// Takes the descriptor `fd` out.
    ///
    /// # Errors
    /// [`Errno::Badf`].
    #[inline]
    pub(crate) fn take(&mut self, fd: u32) -> Result<Descriptor, Errno> {
        let index = usize::try_from(fd).map_err(|_| Errno::Badf)?;
        let descriptor = self.slots.get_mut(index).and_then(Option::take).ok_or(Errno::Badf)?;
        self.first_free = self.first_free.min(index);
        Ok(descriptor)
    }

    /// Moves the descriptor `from` to the number `to`, which is open: what was there before, or `None` if the two are
    /// the same.
    ///
    /// # Errors
    /// [`Errno::Badf`]: one of them is not open.
    pub(crate) fn renumber(&mut self, from: u32, to: u32) -> Result<Option<Descriptor>, Errno> {
        self.get(from)?;
        self.get(to)?;
        if from == to {
            return Ok(None);
        }
        let moved = self.take(from)?;
        Ok(Some(core::mem::replace(self.get_mut(to)?, moved)))
    }

    /// Takes every descriptor out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Descriptor> + use<> {
        self.first_free = 0;
        core::mem::take(&mut self.slots).into_iter().flatten()
    }
}

/// A number that is free, as long as the table does not change.
#[derive(Debug)]
pub(crate) struct Vacancy(u32);
