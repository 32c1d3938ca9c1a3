//! Why a call did not simply succeed.

use core::fmt;

use vfs::Errno;

use crate::abi::FdFlags;

/// Why a call did not simply succeed.
///
/// Whatever it is, the call has changed nothing that the guest can see. Only where a disk of the host fails in the
/// middle, what came before may be in the guest's buffer.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The call failed; the guest gets the number as the call's result.
    Errno(Errno),
    /// The call cannot finish yet. Make the same call again when something of [`Wait`] has happened.
    Pending(Wait),
    /// The guest ended itself with this code.
    Exit(u32),
    /// The guest passed a pointer outside its memory, which is a trap.
    Fault(Fault),
}

impl From<Errno> for Stop {
    fn from(errno: Errno) -> Self {
        Self::Errno(errno)
    }
}

/// What would let a pending call finish; any one of it is enough to try again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Standard input is fed or closed.
    pub input: bool,
    /// Standard output or standard error is drained or closed.
    pub output: bool,
    /// So many nanoseconds pass on the process's clock.
    pub nanoseconds: Option<u64>,
    /// A connection is offered, or one of the sockets is fed, drained or closed.
    pub socket: bool,
}

impl Wait {
    /// Standard input is fed or closed.
    pub(crate) fn input() -> Self {
        Self { input: true, ..Self::default() }
    }

    /// Standard output or standard error is drained or closed.
    pub(crate) fn output() -> Self {
        Self { output: true, ..Self::default() }
    }

    /// Something happens to a socket.
    pub(crate) fn socket() -> Self {
        Self { socket: true, ..Self::default() }
    }

    /// Turns "would have to wait" into a wait, unless the descriptor asked to be told instead.
    #[inline]
    pub(crate) fn instead<T>(self, flags: FdFlags, result: Result<T, Errno>) -> Result<T, Stop> {
        match result {
            Err(Errno::Again) if !flags.contains(FdFlags::NONBLOCK) => Err(Stop::Pending(self)),
            result => Ok(result?),
        }
    }
}

/// A pointer that leads outside the guest's memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The function that was called, as the spec spells it.
    pub function: &'static str,
    /// The argument that holds the pointer, or leads to it.
    pub argument: &'static str,
    /// Where the pointer leads.
    pub address: u32,
    /// How many bytes were wanted there.
    pub len: u64,
    /// How many bytes the memory has.
    pub memory_len: u64,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { function, argument, address, len, memory_len } = self;
        write!(f, "{function}: {argument} points at {address:#010x}")?;
        if u64::from(*address) < *memory_len {
            write!(f, ", where {len} bytes do not fit into the memory")?;
        } else {
            write!(f, ", outside memory")?;
        }
        write!(f, " ({memory_len} bytes)")
    }
}

impl core::error::Error for Fault {}
