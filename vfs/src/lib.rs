//! Files without WebAssembly: trees, mounts, streams and the clock.
//!
//! | noun | what it is |
//! |---|---|
//! | [`Tree`] | a copy-on-write file system in memory; [`Tree::fork`] takes constant time |
//! | [`FileSystem`] | what a tree and a host directory have in common: operations on inodes and names |
//! | [`Namespace`] | file systems mounted on each other, and the walk of a path through them |
//! | [`Lower`] | the read-only source that a tree may lie above, loaded on first touch |
//! | [`Input`], [`Output`] | standard streams as queues that the host feeds and drains |
//! | [`Clock`] | the only source of time, file times included |
//! | [`Errno`] | the only error: POSIX names with the numbers of WASI preview1 |
//!
//! Nothing here knows WASI's calls or an interpreter. Without the default feature `std` the crate has no host
//! directories, and without `archives`, which that includes, no archives and needs nothing but `core` and `alloc`.

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "archives")]
extern crate std;

mod clock;
mod content;
mod diff;
mod digest;
mod errno;
mod fs;
#[cfg(feature = "std")]
pub mod host;
#[cfg(feature = "archives")]
mod image;
mod lower;
mod map;
mod namespace;
mod path;
mod quota;
mod stat;
mod state;
mod stream;
mod tree;

pub use self::clock::{Clock, ClockId, EPOCH, VirtualClock};
pub use self::diff::{Change, diff};
pub use self::errno::Errno;
pub use self::fs::{Access, Cookie, DirEntry, FileSystem, Ino, SetTimes};
#[cfg(feature = "archives")]
pub use self::image::{ImageError, TarWriter};
pub use self::lower::{Lower, LowerEntry, LowerId, LowerKind};
pub use self::namespace::{Follow, Found, Mount, MountId, Namespace, Node, Unattached, Undetached};
pub use self::path::{GuestPath, NAME_BYTES_MAX, PATH_BYTES_MAX, SYMLINKS_MAX, Step};
pub use self::quota::Quota;
pub use self::stat::{FileType, Stat, Timestamp};
pub use self::state::{LoadError, Unsaved};
pub use self::stream::{Input, Output, StreamKind};
pub use self::tree::{Base, Tree};
