//! What ends the program before or beside the guest, each with its exit status.

use std::fmt::Display;
use std::path::Path;

use crate::console;

/// A run is another than its receipt tells of, as `diff` has it.
pub(crate) const DIFFERS: u8 = 1;
/// Grading: some submission was not accepted.
pub(crate) const FAILED: u8 = 1;
/// Grading: the call is wrong.
pub(crate) const USAGE: u8 = 2;
/// Grading: the problem, the grader or the machine is at fault.
pub(crate) const FAULT: u8 = 3;
/// A limit of the guest's, or the guard in real time, was reached.
pub(crate) const LIMIT: u8 = 124;
/// Stepwell itself failed: a bad option, an unreadable file.
pub(crate) const OWN: u8 = 125;
/// The module was refused.
pub(crate) const REFUSED: u8 = 126;
/// The program or the runtime was not found.
pub(crate) const NOT_FOUND: u8 = 127;
/// The user pressed Ctrl-C: 128 and the number of SIGINT, as shells have it.
pub(crate) const INTERRUPTED: u8 = 130;
/// The guest trapped: 128 and the number of SIGABRT.
pub(crate) const TRAP: u8 = 134;
/// Nobody reads the guest's output any more: 128 and the number of SIGPIPE.
pub(crate) const BROKEN_PIPE: u8 = 141;

/// Why the program ends, and how.
#[derive(Debug)]
pub(crate) struct Failure {
    status: u8,
    message: String,
}

impl Failure {
    pub(crate) fn new(status: u8, message: impl Display) -> Self {
        Self { status, message: message.to_string() }
    }

    /// Stepwell itself failed.
    pub(crate) fn own(message: impl Display) -> Self {
        Self::new(OWN, message)
    }

    /// Something could not be done to a file of the host.
    pub(crate) fn file(path: &Path, doing: &str, error: impl Display) -> Self {
        Self::own(format_args!("cannot {doing} {}: {error}", path.display()))
    }

    /// Its exit status.
    pub(crate) fn status(&self) -> u8 {
        self.status
    }

    /// Why, in one line.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Says why on standard error, and gives the exit status.
    pub(crate) fn report(&self) -> u8 {
        console::say(&self.message);
        self.status
    }
}

impl From<launch::Error> for Failure {
    fn from(error: launch::Error) -> Self {
        let status = match error.kind() {
            launch::ErrorKind::Own | launch::ErrorKind::Unfit => OWN,
            launch::ErrorKind::Refused => REFUSED,
            launch::ErrorKind::NotFound => NOT_FOUND,
            launch::ErrorKind::Interrupted => INTERRUPTED,
        };
        Self::new(status, error)
    }
}
