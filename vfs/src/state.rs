//! State as bytes: why it cannot be had or taken, and the encoding that everything shares.
//!
//! The encoding is postcard's: numbers in a few bytes, texts and lists with their length in front. It has one form on every
//! host, and reading it takes no more memory than a small multiple of the input. See docs/RATIONALE.md, "State as
//! bytes".

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};

/// Why something cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsaved {
    /// The tree lies above a lower source, whose files are elsewhere.
    Lower,
    /// What is mounted at this path is a directory of the host, or a tree above one.
    Mount(String),
    /// The mount point at this path has been removed by the embedder.
    MountPoint(String),
}

impl fmt::Display for Unsaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lower => f.write_str("the tree lies above a directory that is not part of it"),
            Self::Mount(path) => write!(f, "{path} is a directory of the host"),
            Self::MountPoint(path) => write!(f, "{path} is mounted on a directory that is gone"),
        }
    }
}

impl core::error::Error for Unsaved {}

/// Why bytes are no state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadError {
    /// They do not start as such a state does, or are of another version.
    Version,
    /// They end too early, go on behind the end, or hold what is no value.
    Malformed,
    /// They are a difference to a tree that was not given.
    NoBase {
        /// What [`Base::digest`](crate::Base::digest) of that tree is.
        digest: [u8; 32],
    },
    /// They contradict themselves.
    Inconsistent(&'static str),
    /// A number is too large for this host.
    TooLarge,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version => f.write_str("this is no saved state of this version"),
            Self::Malformed => f.write_str("the saved state is damaged"),
            Self::NoBase { digest } => {
                f.write_str("the saved state is a difference to a tree that is not here: ")?;
                digest.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Inconsistent(what) => write!(f, "the saved state contradicts itself: {what}"),
            Self::TooLarge => f.write_str("the saved state is too large for this host"),
        }
    }
}

impl core::error::Error for LoadError {}

/// A value's bytes.
pub(crate) fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("the state has values of known lengths only")
}

/// Takes a value from the front of `bytes`.
///
/// # Errors
/// [`LoadError::Malformed`].
pub(crate) fn decode<'a, T: Deserialize<'a>>(bytes: &mut &'a [u8]) -> Result<T, LoadError> {
    let (value, rest) = postcard::take_from_bytes(bytes).map_err(|_| LoadError::Malformed)?;
    *bytes = rest;
    Ok(value)
}

/// Takes the mark that a state starts with.
///
/// # Errors
/// [`LoadError::Version`].
pub(crate) fn take_mark(bytes: &mut &[u8], mark: &[u8]) -> Result<(), LoadError> {
    *bytes = bytes.strip_prefix(mark).ok_or(LoadError::Version)?;
    Ok(())
}

/// Makes sure that nothing is left.
///
/// # Errors
/// [`LoadError::Malformed`].
pub(crate) fn take_end(bytes: &[u8]) -> Result<(), LoadError> {
    if bytes.is_empty() { Ok(()) } else { Err(LoadError::Malformed) }
}

/// Refuses what does not hold.
///
/// # Errors
/// [`LoadError::Inconsistent`].
pub(crate) fn check(holds: bool, otherwise: &'static str) -> Result<(), LoadError> {
    if holds { Ok(()) } else { Err(LoadError::Inconsistent(otherwise)) }
}
