//! A submission among others, as far as it has been graded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use crate::guest::{Guest, Unready, runtime_of};
use crate::key::Keys;
use crate::problem::Problem;
use crate::programs::Judges;
use crate::report::{CaseReport, SubmissionId};
use crate::{Error, Submission};

/// A submission, as far as it has been graded.
pub(super) struct Entry<'a> {
    pub(super) submission: &'a Submission,
    pub(super) id: SubmissionId,
    pub(super) keys: Keys<'a>,
    pub(super) guest: OnceLock<Result<Guest, Unready>>,
    pub(super) cases: Mutex<Vec<Option<CaseReport>>>,
    /// Tasks that are not over.
    pub(super) left: AtomicUsize,
}

impl Entry<'_> {
    /// Says that a task is over. With the last one, its program goes.
    pub(super) fn is_over(&self) {
        let is_last = self.left.fetch_sub(1, Ordering::AcqRel) == 1;
        if let Some(Ok(guest)) = self.guest.get().filter(|_| is_last) {
            guest.release();
        }
    }
}

impl<'a> Entry<'a> {
    pub(super) fn new(
        problem: &'a Problem,
        submission: &'a Submission,
        judges: &Judges<'_>,
    ) -> Result<Self, Error> {
        let main = submission.main();
        let text = main.content.load().map_err(Error::Infrastructure)?;
        let wanted = submission.runtime.as_deref().or(problem.runtime.as_deref());
        let refused = |why: &dyn std::fmt::Display| {
            ("none".to_owned(), OnceLock::from(Err(Unready::refused(why))))
        };
        let (runtime, guest) = match (&submission.flaw, runtime_of(&main.path, &text, wanted)) {
            // One that is in no language, or has a flaw, keeps the others from nothing.
            (Some(flaw), _) => refused(flaw),
            (None, Ok(runtime)) => (runtime, OnceLock::new()),
            (None, Err(error)) if wanted.is_some() => {
                return Err(Error::Problem(error.to_string()));
            }
            (None, Err(error)) => refused(&error),
        };
        Ok(Self {
            submission,
            id: submission.id(&runtime),
            keys: Keys::new(problem, &submission.files, &runtime, judges.identities()),
            guest,
            cases: Mutex::new(vec![None; problem.cases.len()]),
            left: AtomicUsize::new(0),
        })
    }
}
