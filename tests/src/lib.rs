//! What the tests that cross the packages share: guests compiled by Stepwell's own C compiler or built from
//! Rust, every kind of file system to run them over, and a run from start to end.

mod compile;
mod counter;
mod listing;
mod place;
mod run;
mod rust;
mod scripts;

pub use self::compile::{compile, compile_wasm};
pub use self::counter::{COUNT_EXPORT, COUNTED_EXPORT, counting};
pub use self::listing::{Listing, list, list_host};
pub use self::place::{Entry, Mode, Place};
pub use self::run::{Ran, Run};
pub use self::rust::{rust_guest, rust_guest_wasm};
pub use self::scripts::{SCRIPT_BASE, Script, scripts};
