//! What students may not see.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CaseReport, Report, Visibility};

/// For whom a report is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who may see everything.
    #[default]
    Staff,
    /// Those whose submissions are graded: of hidden cases they see the verdict and the score.
    Student,
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Staff => "staff",
            Self::Student => "student",
        })
    }
}

impl Report {
    /// The same report for an audience.
    #[must_use]
    pub fn for_audience(mut self, audience: Audience) -> Self {
        if audience == Audience::Student {
            let cases = self.submissions.iter_mut().flat_map(|one| &mut one.cases);
            cases.for_each(CaseReport::hide_from_students);
            // A hash of the answers confirms a guess of one that is short.
            self.problem.sha256 = None;
        }
        self
    }
}

impl CaseReport {
    /// Takes out what only the staff may see, and with it whatever a submission could carry hidden data out with: its own
    /// output, its exit status, how it trapped, which limit it hit, its steps and bytes, and the receipt, whose hash would
    /// confirm a guess of the input. What is left of a hidden case is its verdict and its score.
    pub(crate) fn hide_from_students(&mut self) {
        self.judge_message = None;
        self.judge_steps = None;
        if self.visibility == Visibility::Public {
            return;
        }
        // Rounded numbers would do no better: each has room for a few bits, and there are many cases.
        self.steps = 0;
        self.memory_bytes = 0;
        self.exit_code = None;
        self.trap = None;
        self.limit = None;
        self.difference = None;
        self.team_message = None;
        self.stdout.clear();
        self.stderr.clear();
        self.receipt = None;
    }
}
