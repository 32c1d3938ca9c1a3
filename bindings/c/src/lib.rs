//! Stepwell's C ABI: each function checks what it is given, calls the engine, and writes the answer.
//!
//! `include/stepwell.h` is generated from this crate: its comments are the ones here, written for readers of C. What holds
//! for every function stands at the top of the header, and the SAFETY comments refer to it.
//!
//! | file | noun |
//! |---|---|
//! | `handle.rs`, `door.rs`, `unused.rs` | what all handles have in common; how pointers become references |
//! | `status.rs`, `error.rs`, `bytes.rs`, `strings.rs`, `version.rs` | what every other noun answers with |
//! | `engine.rs`, `module.rs`, `limits.rs` | what a process is made from |
//! | `tree.rs`, `tree/`, `mounts.rs`, `host.rs` | files; what only a build with a host has |
//! | `builder.rs`, `builder/` | what a process starts with |
//! | `process.rs`, `process/`, `interrupt.rs` | a run |
//! | `image.rs`, `image/`, `template.rs`, `pool.rs` | a frozen run |
//! | `receipt.rs` | what ran on what |

#![allow(non_camel_case_types, reason = "these are the names of the header")]
#![allow(clippy::missing_safety_doc, reason = "the top of the header has the rules for all")]
#![allow(clippy::enum_variant_names, reason = "enumerators of C share one namespace")]

mod builder;
mod bytes;
mod door;
mod engine;
mod error;
mod handle;
mod host;
mod image;
mod interrupt;
mod limits;
#[cfg(target_family = "wasm")]
mod linear;
mod module;
mod mounts;
mod pool;
mod process;
mod receipt;
mod status;
mod strings;
mod template;
mod tree;
mod unused;
mod version;

pub use self::builder::files::*;
pub use self::builder::world::*;
pub use self::builder::*;
pub use self::bytes::*;
pub use self::engine::*;
pub use self::error::*;
pub use self::image::export::*;
pub use self::image::keeping::*;
pub use self::image::*;
pub use self::interrupt::*;
pub use self::limits::*;
#[cfg(target_family = "wasm")]
pub use self::linear::*;
pub use self::module::*;
pub use self::mounts::*;
pub use self::pool::*;
pub use self::process::ending::*;
pub use self::process::files::*;
pub use self::process::freezing::*;
pub use self::process::sockets::*;
pub use self::process::streams::*;
pub use self::process::*;
pub use self::receipt::*;
pub use self::status::*;
pub use self::strings::*;
pub use self::template::*;
pub use self::tree::archive::*;
pub use self::tree::diff::*;
pub use self::tree::files::*;
pub use self::tree::listing::*;
pub use self::tree::saved::*;
pub use self::tree::*;
pub use self::version::*;
