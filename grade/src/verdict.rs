//! What a submission can get for a case, in words that do not change.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a submission got. The names, as they stand in every report, are stable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The answer is right.
    Accepted,
    /// The answer is right in part: the score says how far.
    Partial,
    /// The answer is another.
    WrongAnswer,
    /// The answer's words are right, but not how they are laid out.
    PresentationError,
    /// The program wrote nothing where something was expected.
    NoOutput,
    /// The program did not compile, or is no module that can run.
    CompileError,
    /// The program ended with an exit status other than 0.
    RuntimeError,
    /// The program trapped: the kind of trap stands beside the verdict.
    Trap,
    /// The program took more steps than it may.
    StepLimit,
    /// The program failed after it was refused memory.
    MemoryLimit,
    /// The program's calls were nested too deeply.
    StackOverflow,
    /// The program wrote more to standard output or standard error than it may.
    OutputLimit,
    /// The program failed after it was refused room for files.
    FileLimit,
    /// The program and the interactor waited for each other, or the program for what can never come.
    Deadlock,
    /// The program said something that the interactor does not understand.
    InvalidInteraction,
    /// The case was not run, because an earlier one decided the group.
    Skipped,
    /// The checker or the interactor failed. There is no score.
    JudgeError,
    /// The machine failed: it had no memory, or the guard in real time was reached. There is no score.
    InfrastructureError,
    /// The problem or the call is wrong. There is no score.
    ConfigError,
}

impl Verdict {
    /// Every verdict, in the order of the docs.
    pub const ALL: [Self; 19] = [
        Self::Accepted,
        Self::Partial,
        Self::WrongAnswer,
        Self::PresentationError,
        Self::NoOutput,
        Self::CompileError,
        Self::RuntimeError,
        Self::Trap,
        Self::StepLimit,
        Self::MemoryLimit,
        Self::StackOverflow,
        Self::OutputLimit,
        Self::FileLimit,
        Self::Deadlock,
        Self::InvalidInteraction,
        Self::Skipped,
        Self::JudgeError,
        Self::InfrastructureError,
        Self::ConfigError,
    ];

    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Partial => "partial",
            Self::WrongAnswer => "wrong_answer",
            Self::PresentationError => "presentation_error",
            Self::NoOutput => "no_output",
            Self::CompileError => "compile_error",
            Self::RuntimeError => "runtime_error",
            Self::Trap => "trap",
            Self::StepLimit => "step_limit",
            Self::MemoryLimit => "memory_limit",
            Self::StackOverflow => "stack_overflow",
            Self::OutputLimit => "output_limit",
            Self::FileLimit => "file_limit",
            Self::Deadlock => "deadlock",
            Self::InvalidInteraction => "invalid_interaction",
            Self::Skipped => "skipped",
            Self::JudgeError => "judge_error",
            Self::InfrastructureError => "infrastructure_error",
            Self::ConfigError => "config_error",
        }
    }

    /// Whether the grader, the machine or the problem is at fault, and not the submission: there is never a score.
    #[must_use]
    pub fn is_fault(self) -> bool {
        matches!(self, Self::JudgeError | Self::InfrastructureError | Self::ConfigError)
    }

    /// Whether all is right: a part of the score alone is not enough.
    #[must_use]
    pub fn is_accepted(self) -> bool {
        self == Self::Accepted
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_json_has() {
        for verdict in Verdict::ALL {
            let json = serde_json::to_string(&verdict).expect("a name");
            assert_eq!(json, format!("\"{verdict}\""));
            assert_eq!(serde_json::from_str::<Verdict>(&json).ok(), Some(verdict));
        }
    }

    #[test]
    fn all_has_each_verdict_once() {
        let names: std::collections::BTreeSet<_> =
            Verdict::ALL.iter().map(|one| one.name()).collect();
        assert_eq!(names.len(), Verdict::ALL.len());
    }
}
