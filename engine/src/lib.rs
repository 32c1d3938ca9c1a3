//! Runs WASI guests on an interpreter, driven by the host.
//!
//! ```
//! use stepwell::vfs::{Mount, Namespace, Quota, Timestamp, Tree};
//! use stepwell::{Engine, Module, Process, State};
//!
//! # fn main() -> Result<(), stepwell::Error> {
//! let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x07\x0a\x01\x06_start\0\0\x0a\x04\x01\x02\0\x0b";
//! let module = Module::new(&Engine::default(), wasm.as_slice().into())?;
//! let mut process = Process::builder(&module).arg("demo").spawn()?;
//! let state = loop {
//!     match process.run(1_000_000) {
//!         State::Yielded => continue,
//!         state => break state,
//!     }
//! };
//! assert_eq!(state, State::Exited(0));
//! # Ok(())
//! # }
//! ```
//!
//! | noun | what it is |
//! |---|---|
//! | [`Engine`] | the settings that modules are compiled with |
//! | [`Module`] | a checked module: valid, of supported proposals only, importing only what the syscall table has |
//! | [`Process`] | one run of a module: arguments, files, streams, clock, steps; [`Process::run`] returns a [`State`] |
//! | [`Connection`] | both directions of a connection that the host offers to a guest that listens |
//! | [`Limits`] | every maximum, with its unit |
//! | [`Profile`] | where the steps of a run went |
//! | [`Receipt`] | what ran on what and what came out, as hashes |
//! | [`Image`], [`Template`] | a frozen process, and the code that goes on from it |
//! | [`Pool`], [`Backing`] | finished processes that are used again, and what their memories lie on |
//! | [`Trap`], [`Frame`] | how a run failed, and where |
//! | [`Error`] | why a module or a process could not be made |
//!
//! [`vfs`] holds the files, mounts and streams that a process is built from.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod backing;
mod builder;
mod connection;
mod cost;
mod ending;
mod engine;
mod entry;
mod error;
mod files;
mod free_operators;
mod freeze;
mod growth;
mod host;
mod image;
mod json;
mod limits;
mod module;
mod names;
mod outcome;
mod pool;
mod process;
mod profile;
mod profiler;
mod proposal;
mod receipt;
mod recorder;
mod replay;
mod rewrite;
mod store;
mod streams;
mod template;
mod trap;
mod unwind;
mod value;
mod watch;

pub use syscalls::{ConnectionId, Entropy, OutputStream, SeededEntropy, Wait};
pub use vfs;

pub use self::backing::{Backing, MemoryImage, MemorySlot};
pub use self::builder::ProcessBuilder;
pub use self::connection::Connection;
pub use self::engine::Engine;
pub use self::error::Error;
pub use self::freeze::FreezePoint;
pub use self::image::Image;
pub use self::limits::{Limit, Limits};
pub use self::module::Module;
pub use self::pool::Pool;
pub use self::process::{Process, State};
pub use self::profile::Profile;
pub use self::receipt::{Difference, Inputs, Receipt, ReceiptError};
pub use self::replay::NoBacktrace;
pub use self::template::Template;
pub use self::trap::{Frame, Trap, TrapKind};
pub use self::value::Value;
pub use self::watch::TracedCall;

/// The programs of the README, as tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct ReadmeDoctests;
