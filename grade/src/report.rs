//! What came of grading, as plain data: the same bytes wherever, however parallel and however often it was graded.
//!
//! Nothing here depends on the machine: no times, no paths of the host, nothing of whether a result came from the cache.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Verdict;
use crate::part::CasePlan;

mod audience;
mod csv;
mod gradescope;
mod html;
mod json;
mod junit;
mod text;

pub use self::audience::Audience;
pub use self::json::Document;
pub use self::text::{amount, one_line, points, visible};

/// The version of the report's format. It goes up whenever a field changes its meaning.
pub const FORMAT: u32 = 1;

/// Everything about the submissions that were graded on one problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this format.
    pub format: u32,
    /// The version of Stepwell, whose steps these are.
    pub stepwell: String,
    /// The problem.
    pub problem: ProblemId,
    /// Each submission, in the order in which they were given.
    pub submissions: Vec<SubmissionReport>,
}

/// Which problem, to the byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProblemId {
    /// Its name.
    pub name: String,
    /// The SHA-256 of all that decides a verdict: cases, answers, limits, checker, rules. Absent in reports for students, who
    /// could confirm with it what they guess of hidden cases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What one submission got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SubmissionReport {
    /// Which submission.
    #[serde(flatten)]
    pub submission: SubmissionId,
    /// The verdict of the whole.
    pub verdict: Verdict,
    /// Its score; none if the grader or the problem was at fault in any case that counts.
    pub score: Option<f64>,
    /// The score that the problem gives at most, if that is known.
    pub score_max: Option<f64>,
    /// The verdicts of which the jury expects one, where its own submissions are graded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Vec<Verdict>>,
    /// How it was compiled, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compilation: Option<Compilation>,
    /// What each group got, the whole (`""`) first, then in the order of the problem.
    pub groups: Vec<GroupReport>,
    /// What each case got, in the order of the problem.
    pub cases: Vec<CaseReport>,
}

/// Which submission, to the byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct SubmissionId {
    /// Its path as it was given, or inside the package; of an absolute path what is behind the folder of all.
    pub name: String,
    /// What runs it: `python@3.12.0`, or `wasm` for a module.
    pub runtime: String,
    /// The SHA-256 of its files.
    pub sha256: String,
}

/// How a submission was compiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compilation {
    /// Whether there is a program.
    pub succeeded: bool,
    /// Steps of compiler and linker together.
    pub steps: u64,
    /// The largest memory that one of them took.
    pub memory_bytes: u64,
    /// What they wrote, cut.
    pub diagnostics: String,
    /// The maximum that stopped one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// What a group of cases got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupReport {
    /// Its path: names with slashes between, `""` for the whole.
    pub group: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its score; none if a fault of the grader's is in it.
    pub score: Option<f64>,
    /// The most that it gives, if that is known.
    pub score_max: Option<f64>,
}

/// Who may see what a case is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody sees input, expected and actual output.
    Public,
    /// Students see the verdict, not the data.
    #[default]
    Hidden,
}

/// What one case got.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseReport {
    /// Its path in the problem: names with slashes between.
    pub case: String,
    /// The group that it is in.
    pub group: String,
    /// Who may see its data.
    pub visibility: Visibility,
    /// The verdict.
    pub verdict: Verdict,
    /// Its score: none for a fault of the grader's, and for a case that was skipped.
    pub score: Option<f64>,
    /// The score that it gives at most.
    pub score_max: Option<f64>,
    /// Steps of the submission, without those of starting its interpreter; absent, or 0, where it was not run, and of hidden
    /// cases in a report for students.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps: u64,
    /// The peak of its linear memory, in bytes; absent, or 0, where there are no steps.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub memory_bytes: u64,
    /// Its exit status, if it ended by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u32>,
    /// The kind of trap, if it trapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trap: Option<String>,
    /// The maximum that it hit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<LimitHit>,
    /// The first place where what it wrote is not what was expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// What the checker or the interactor says to the judge, or why the grader failed; cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_message: Option<String>,
    /// What the checker says to the author of the submission; cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_message: Option<String>,
    /// The beginning of what the submission wrote to standard output.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stdout: String,
    /// The end of what the submission wrote to standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stderr: String,
    /// Steps of the checker or interactor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge_steps: Option<u64>,
    /// The SHA-256 of the receipt of the submission's run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A maximum that a run hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LimitHit {
    /// Its name: `steps`, `memory`, `output`, `files`, `table`.
    pub name: String,
    /// Its value: steps or bytes.
    pub max: u64,
}

/// Where an output first differs from what was expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// The file that differs, where files are compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line of the actual output, the first being 1.
    pub line: u64,
    /// The column in bytes, the first being 1.
    pub column: u64,
    /// What was expected there, cut; absent at its end.
    pub expected: Option<String>,
    /// What is there, cut; absent at its end.
    pub actual: Option<String>,
    /// What is wrong, where it takes words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Report {
    /// The SHA-256 of the whole, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let json = serde_json::to_vec(self).expect("plain data is JSON");
        runtimes::sha256(&json)
    }

    /// Whether every submission was accepted.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.submissions.iter().all(|one| one.verdict.is_accepted())
    }

    /// Whether the grader, the machine or the problem was at fault anywhere.
    #[must_use]
    pub fn has_faults(&self) -> bool {
        let is_faulty = |one: &SubmissionReport| {
            one.verdict.is_fault() || one.cases.iter().any(|case| case.verdict.is_fault())
        };
        self.submissions.iter().any(is_faulty)
    }
}

impl SubmissionReport {
    /// Whether its verdict is one of those that the jury expects, if it expects any.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.expected.as_ref().is_none_or(|expected| expected.contains(&self.verdict))
    }
}

impl CaseReport {
    /// A case of which nothing is known but why it has no other verdict.
    pub(crate) fn without_run(case: &crate::problem::Case, verdict: Verdict, why: &str) -> Self {
        let plan = CasePlan {
            case: case.id.clone(),
            group: case.group.clone(),
            visibility: case.visibility,
            score_max: Some(case.scores.accept),
        };
        let judge_message = (!why.is_empty()).then(|| why.to_owned());
        Self { judge_message, ..Self::blank(&plan, verdict) }
    }

    /// A case of which nothing is known but its verdict.
    pub(crate) fn blank(plan: &CasePlan, verdict: Verdict) -> Self {
        Self {
            case: plan.case.clone(),
            group: plan.group.clone(),
            visibility: plan.visibility,
            verdict,
            score: None,
            score_max: plan.score_max,
            steps: 0,
            memory_bytes: 0,
            exit_code: None,
            trap: None,
            limit: None,
            difference: None,
            judge_message: None,
            team_message: None,
            stdout: String::new(),
            stderr: String::new(),
            judge_steps: None,
            receipt: None,
        }
    }
}
