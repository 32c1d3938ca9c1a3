//! Why a program cannot be made ready to run.

use std::fmt;

/// What kind of failure it is: a caller has an exit status for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// Something of the host or of Stepwell itself.
    Own,
    /// The module was refused.
    Refused,
    /// A file does not fit into the tree: there is no room, or something else of its name.
    Unfit,
    /// The program or the runtime was not found, or cannot be installed.
    NotFound,
    /// The caller wanted it to stop.
    Interrupted,
}

/// Why a program cannot be made ready to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
}

impl Error {
    /// A failure of a kind.
    pub fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self { kind, message: message.to_string() }
    }

    pub(crate) fn own(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Own, message)
    }

    /// What kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
