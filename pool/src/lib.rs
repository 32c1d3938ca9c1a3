//! Memories of thawed processes by copy-on-write: what a process does not write, it shares with the image.
//!
//! ```
//! use engine::Pool;
//! # fn pool(template: &engine::Template) -> Result<(), engine::Error> {
//! let pool = Pool::new(template, &pool::copy_on_write(), 16);
//! let mut process = pool.thaw()?;
//! process.run(1_000_000);
//! pool.recycle(process);
//! # Ok(())
//! # }
//! ```
//!
//! This is the one crate of Stepwell with unsafe code that runs in production: it hands out memory that it unmaps. See
//! docs/RATIONALE.md, "Memories by copy-on-write".

#[cfg(any(target_os = "linux", target_os = "android"))]
mod memfd;

use engine::Backing;

/// Memories that are mapped from the image, privately. On hosts other than Linux, and where the system does not give a
/// mapping, they are copies: what a guest can see is the same.
#[must_use]
pub fn copy_on_write() -> Backing {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return Backing::new(memfd::image);
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    return Backing::copies();
}
