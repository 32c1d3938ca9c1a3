//! Who watches while it is graded.

use crate::report::{CaseReport, SubmissionId};

/// Where a result comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The case was run.
    Run,
    /// From the cache.
    Cache,
    /// From the journal of a run that was stopped.
    Journal,
}

/// Who watches while it is graded, from several threads at once.
pub trait Observer: Sync {
    /// One line for the user.
    fn say(&self, message: &str);

    /// So many cases are to be graded in all.
    fn planned(&self, cases: usize);

    /// A case has been graded.
    fn finished(&self, submission: &SubmissionId, case: &CaseReport, origin: Origin);

    /// Whether the user wants to stop.
    fn is_interrupted(&self) -> bool;
}
