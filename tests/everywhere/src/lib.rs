//! One run of a program as one line of text, in every build of the engine.
//!
//! A program comes as two byte strings: its module, and a [`Bundle`] of all that it starts with. They are made once, where
//! there is a cache of runtimes, and run wherever the engine runs: so this crate needs no files, no clock and no catalogue,
//! and builds for targets without an operating system.

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]

mod bundle;
mod frozen;
mod guest;
#[cfg(target_arch = "wasm32")]
mod raw;
mod row;
mod schedule;
mod wire;

pub use self::bundle::{Bundle, File, Kind};
pub use self::frozen::Left;
pub use self::guest::{Guest, Ran};
pub use self::row::Row;
pub use self::schedule::{Schedule, Whole};
pub use self::wire::Malformed;
