//! The one place that touches the host: real directories, confined by handles, and real time.
//!
//! Everywhere below, a directory is a handle and a name is one component of it, so nothing that the host or the guest
//! does to a path leads out. See docs/RATIONALE.md, "Host directories by handles".

mod attributes;
mod clock;
mod dir;
mod errno;
mod file;
mod fs;
mod inodes;
mod listing;
mod reach;
mod recent;

pub use self::clock::HostClock;
pub use self::dir::HostDir;
pub use self::fs::HostFs;
