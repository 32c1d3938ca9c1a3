//! What keeps anything from being graded at all.

use std::fmt;
use std::path::Path;

/// What keeps anything from being graded at all.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The call is wrong: a submission that is not there, a shard that cannot be.
    Usage(String),
    /// The problem is wrong, or cannot be read: with the file, and the line where there is one.
    Problem(String),
    /// The machine is at fault: the journal cannot be written.
    Infrastructure(String),
    /// It was stopped from outside. What was finished is in the cache and the journal.
    Interrupted,
}

impl Error {
    pub(crate) fn file(path: &Path, doing: &str, error: &dyn fmt::Display) -> Self {
        Self::Problem(format!("cannot {doing} {}: {error}", path.display()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(message) | Self::Problem(message) | Self::Infrastructure(message) => {
                f.write_str(message)
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {}
