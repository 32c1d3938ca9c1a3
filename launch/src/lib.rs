//! From a source file to what can run: its runtime found and installed, compiled if need be, its interpreter started.
//!
//! What the user is told, what runs a compiler and which limits hold is the caller's: see [`Toolchain`].

#![forbid(unsafe_code)]

mod artefacts;
pub mod compile;
mod error;
pub mod files;
pub mod modules;
mod select;
pub mod warm;

pub use compile::{Compiled, ToolRun, Toolchain};
pub use error::{Error, ErrorKind};
pub use modules::Checked;
pub use select::{ensure_installed, is_module, select};
