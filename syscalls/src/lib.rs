//! WASI preview1 as plain functions over bytes, without an interpreter.
//!
//! A call is `(context, memory, arguments) -> Result<(), Stop>`: [`Context`] is one process's side, [`GuestMemory`] is
//! a byte slice, and the arguments are the numbers that the guest passed. The 46 imports of `wasi_snapshot_preview1`
//! are the rows of [`PREVIEW1`], the 45 of `wasi_unstable` those of [`UNSTABLE`]; the linker, the trace and
//! docs/preview1.md all come from these rows.
//!
//! A call checks everything and then acts: first the descriptor, then what is passed by value, then every pointer, then
//! what the pointers lead to. One that cannot finish yet returns [`Stop::Pending`] and has changed nothing, so the host
//! makes the same call again when something of [`Wait`] has happened.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod abi;
mod args;
mod clock;
mod context;
mod entropy;
mod fd;
mod fd_table;
mod io;
mod memory;
mod open;
mod order;
mod path;
mod poll;
mod proc;
mod random;
mod readdir;
mod reopen;
mod sock;
mod socket;
mod state;
mod stop;
mod syscall;
mod table;
mod trace;
mod unstable;
mod wasmedge;

pub use self::context::{Context, Setup};
pub use self::entropy::{Entropy, SeededEntropy};
pub use self::memory::GuestMemory;
pub use self::order::OutputStream;
pub use self::socket::{ConnectionId, Socket};
pub use self::state::{NotStandard, Unsaved};
pub use self::stop::{Fault, Stop, Wait};
pub use self::syscall::{Form, PATH_ERRORS, Param, Syscall, ValType};
pub use self::table::{MODULES, PREVIEW1, UNSTABLE, find};
pub use self::trace::{TraceCall, TraceResult};
pub use self::wasmedge::WASMEDGE;
