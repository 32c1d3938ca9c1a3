//! Freezing and thawing: a copy of a module that can write its stack down, and one that goes on from there.
//!
//! ```text
//! prepared ──capture──> a copy in which each call may be followed by unwinding: every active function writes its locals
//!     │                 and operands to an added memory, the innermost first, and returns
//!     └─────thaw──────> the prepared module and a *clone* for each place that was active: a function that reads its locals
//!     │                 back, calls the next clone, and goes on with the rest of the original's body
//!     └─export──> the same for other engines: the clones have their values in themselves, and the memories are data
//! ```
//!
//! No clone asks whether it is being thawed: a loop in it runs a verbatim copy of itself after the first round. What the
//! passes add costs no steps, but for one at the entry of each clone, which the host pays. See docs/FREEZING.md.

pub(crate) mod capture;
mod constants;
pub(crate) mod export;
mod frame;
mod labels;
mod peel;
mod plain;
mod segments;
mod sites;
mod spill;
pub(crate) mod thaw;
mod visible;

pub(crate) use self::visible::Held;

use crate::Error;

/// An image and a module of two kinds.
pub(crate) fn misfit() -> Error {
    Error::Image { reason: "it does not fit the module".into() }
}

/// The memory that frames are written to and read from.
pub(crate) const FRAMES_EXPORT: &str = "stepwell:freeze:frames";
/// Where in it the next frame goes or comes from.
pub(crate) const TOP_EXPORT: &str = "stepwell:freeze:top";
/// Not 0 while a captured process unwinds.
pub(crate) const UNWINDING_EXPORT: &str = "stepwell:freeze:unwinding";
/// The table of references that unwound frames held.
pub(crate) const REFERENCES_EXPORT: &str = "stepwell:freeze:references";
/// How many there are.
pub(crate) const REFERENCES_TOP_EXPORT: &str = "stepwell:freeze:references-top";
/// A table with null and then each function of the module, where a module makes references.
pub(crate) const FUNCTIONS_EXPORT: &str = "stepwell:freeze:functions";
/// The table of clones.
pub(crate) const CLONES_EXPORT: &str = "stepwell:freeze:clones";
/// What stands before the index of a memory, a mutable global, or a table.
pub(crate) const MEMORY_EXPORT: &str = "stepwell:memory:";
pub(crate) const GLOBAL_EXPORT: &str = "stepwell:global:";
pub(crate) const MODULE_TABLE_EXPORT: &str = "stepwell:table:";

/// Bytes of a frame before its values: its size, its function, and where in it the call is.
pub(crate) const FRAME_HEADER_BYTES: usize = 12;
