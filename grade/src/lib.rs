//! Grades programs: the same verdict on every machine, whatever its load.
//!
//! A [`Problem`] is read from its folder, whatever its format. [`grade`] runs each [`Submission`] on each case, in a fork of
//! the same prepared tree and under exact limits, and gives a [`Report`], which is the same bytes wherever it was made.
//! Inputs that are hidden, answers and checkers never enter the submission's world. docs/GRADING.md says what is promised.

#![forbid(unsafe_code)]

pub mod calibrate;
mod case;
mod check;
mod error;
mod guest;
mod interact;
mod journal;
mod judge;
mod key;
mod manifest;
mod merge;
mod observer;
mod package;
pub mod part;
pub mod problem;
mod programs;
pub mod report;
mod results;
mod run;
mod score;
mod session;
mod shard;
mod submission;
mod verdict;

use std::path::Path;

pub use check::{Checker, JsonRules, TokenRules};
pub use error::Error;
pub use merge::merge;
pub use observer::{Observer, Origin};
pub use part::Part;
pub use problem::Problem;
pub use report::{Audience, CaseReport, Report, SubmissionReport, Visibility};
pub use session::{Audit, Options, audit, grade, grade_part};
pub use shard::Shard;
pub use submission::{Submission, names};
pub use verdict::Verdict;

impl Problem {
    /// Reads the problem of a folder.
    ///
    /// # Errors
    /// [`Error::Problem`], with the file, and the line where there is one.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        if folder.join(manifest::FILE).is_file() {
            return manifest::read(folder);
        }
        if folder.join(package::FILE).is_file() {
            return package::read(folder);
        }
        let (path, own, other) = (folder.display(), manifest::FILE, package::FILE);
        Err(Error::Problem(format!("{path} is no problem: it has neither {own} nor {other}")))
    }
}

/// The JSON Schema of `problem.toml`, as docs/schema/problem.json has it.
#[must_use]
pub fn problem_schema() -> String {
    pretty(&manifest::schema())
}

/// The JSON Schema of `stepwell.toml`, as docs/schema/stepwell.json has it.
#[must_use]
pub fn tuning_schema() -> String {
    pretty(&package::tuning_schema())
}

/// The JSON Schema of a report, as docs/schema/report.json has it.
#[must_use]
pub fn report_schema() -> String {
    pretty(&schemars::schema_for!(report::Document<'_>))
}

/// The JSON Schema of a line of a file of results, as docs/schema/results.json has it.
#[must_use]
pub fn results_schema() -> String {
    pretty(&schemars::schema_for!(part::Line))
}

/// The JSON Schema of a calibration, as docs/schema/calibration.json has it.
#[must_use]
pub fn calibration_schema() -> String {
    pretty(&schemars::schema_for!(calibrate::Calibration))
}

fn pretty(schema: &schemars::Schema) -> String {
    let json = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    json + "\n"
}

/// What a mutex holds, also where a worker has panicked with it: nothing here is left half done.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
