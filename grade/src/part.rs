//! What one call has graded, as lines of JSON: everything, or a shard that is joined with others.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::problem::{Group, Problem};
use crate::report::{Audience, CaseReport, Compilation, ProblemId, SubmissionId};
use crate::{Shard, Verdict, Visibility};

/// What one call has graded: all cases, or those of a shard.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What was to be graded.
    pub head: Head,
    /// How each submission was compiled, as far as it was, in the order of the head.
    pub compilations: Vec<Option<Compilation>>,
    /// What was graded: the submission's place in the head, and what it got.
    pub cases: Vec<(usize, CaseReport)>,
}

/// What was to be graded, and by which rules cases become groups: the same in all shards but for which shard it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Head {
    /// The version of the report's format.
    pub format: u32,
    /// The version of Stepwell, whose steps these are.
    pub stepwell: String,
    /// For whom this is.
    pub audience: Audience,
    /// The problem.
    pub problem: ProblemId,
    /// Which of how many parts this is.
    pub shard: Shard,
    /// All submissions, in order.
    pub submissions: Vec<SubmissionPlan>,
    /// All groups, the whole first.
    pub groups: Vec<Group>,
    /// All cases, in order.
    pub cases: Vec<CasePlan>,
}

/// A submission that was to be graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubmissionPlan {
    /// Which submission.
    #[serde(flatten)]
    pub submission: SubmissionId,
    /// The verdicts of which the jury expects one, where its own submissions are graded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Vec<Verdict>>,
}

/// A case that each submission was to be graded on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CasePlan {
    /// Its path in the problem.
    pub case: String,
    /// The group that it is in.
    pub group: String,
    /// Who may see its data.
    pub visibility: Visibility,
    /// The score that it gives at most.
    pub score_max: Option<f64>,
}

/// One line of a file of results.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Head(Head),
    /// How a submission was compiled.
    Compilation {
        /// Its place among the submissions of the head, the first being 0.
        submission: usize,
        /// What came of it.
        #[serde(flatten)]
        compilation: Compilation,
    },
    /// What a submission got for a case.
    Case {
        /// Its place among the submissions of the head, the first being 0.
        submission: usize,
        /// What it got.
        #[serde(flatten)]
        report: Box<CaseReport>,
    },
    /// The last line.
    End {
        /// How many cases the file has.
        cases: usize,
    },
}

impl Head {
    /// What is to be graded on a problem.
    pub(crate) fn new(problem: &Problem, submissions: Vec<SubmissionPlan>, shard: Shard) -> Self {
        let cases = problem.cases.iter().map(|case| CasePlan {
            case: case.id.clone(),
            group: case.group.clone(),
            visibility: case.visibility,
            score_max: Some(case.scores.accept),
        });
        Self {
            format: crate::report::FORMAT,
            stepwell: env!("CARGO_PKG_VERSION").into(),
            audience: Audience::Staff,
            problem: problem.id(),
            shard,
            submissions,
            groups: problem.groups.clone(),
            cases: cases.collect(),
        }
    }
}

impl Head {
    /// Whether this version of Stepwell can make a report of it.
    ///
    /// # Errors
    /// What is wrong with it: another format or version, or groups and cases that make no tree.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (format, version) = (crate::report::FORMAT, env!("CARGO_PKG_VERSION"));
        if self.format != format {
            return Err(format!("the format is {}, and this is for {format}", self.format));
        }
        if self.stepwell != version {
            let other = &self.stepwell;
            return Err(format!("it was written by Stepwell {other:?}, and this is {version}"));
        }
        let mut groups = BTreeSet::new();
        for group in &self.groups {
            let id = &group.id;
            match group.parent() {
                None if !groups.is_empty() => return Err("there are two groups of all".into()),
                Some(parent) if !groups.contains(parent) => {
                    return Err(format!("the group {id:?} is not behind the one that it is in"));
                }
                _ if !groups.insert(id.as_str()) => {
                    return Err(format!("there are two groups {id:?}"));
                }
                _ => {}
            }
        }
        if groups.is_empty() {
            return Err("there is no group".into());
        }
        let mut cases = BTreeSet::new();
        for CasePlan { case, group, .. } in &self.cases {
            if !groups.contains(group.as_str()) {
                return Err(format!("the case {case:?} is in the group {group:?}, which is none"));
            }
            if !cases.insert(case.as_str()) {
                return Err(format!("there are two cases {case:?}"));
            }
        }
        Ok(())
    }
}

impl CasePlan {
    /// What a submission gets that was not run on it.
    pub(crate) fn skipped(&self) -> CaseReport {
        CaseReport::blank(self, Verdict::Skipped)
    }
}

impl Part {
    /// The same for an audience.
    #[must_use]
    pub fn for_audience(mut self, audience: Audience) -> Self {
        if audience == Audience::Student {
            self.cases.iter_mut().for_each(|(_, case)| case.hide_from_students());
            self.head.problem.sha256 = None;
        }
        self.head.audience = audience;
        self
    }

    /// Writes it, a line for each case.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_jsonl(&self, mut out: impl Write) -> io::Result<()> {
        let mut write = |line: &Line| {
            serde_json::to_writer(&mut out, line)?;
            out.write_all(b"\n")
        };
        write(&Line::Head(self.head.clone()))?;
        for (submission, compilation) in self.compilations.iter().enumerate() {
            if let Some(compilation) = compilation.clone() {
                write(&Line::Compilation { submission, compilation })?;
            }
        }
        for (submission, report) in self.cases.iter().cloned() {
            write(&Line::Case { submission, report: Box::new(report) })?;
        }
        write(&Line::End { cases: self.cases.len() })
    }

    /// Reads what [`Part::write_jsonl`] has written. A file that was cut off is read as far as its whole lines go: what is
    /// missing is found when parts are joined.
    ///
    /// # Errors
    /// The line that cannot be understood, and why.
    pub fn read_jsonl(file: impl BufRead) -> Result<Self, String> {
        let mut lines = file.lines().enumerate();
        let parse = |at: usize, text: io::Result<String>| {
            let text = text.map_err(|error| format!("line {}: {error}", at + 1))?;
            serde_json::from_str::<Line>(&text).map_err(|error| {
                let cut = if error.is_eof() { "; the file may have been cut off" } else { "" };
                format!("line {}: {error}{cut}", at + 1)
            })
        };
        let head = match lines.next().map(|(at, text)| parse(at, text)) {
            None => return Err("the file is empty".into()),
            Some(Ok(Line::Head(head))) => head,
            Some(Ok(_)) => return Err("line 1: no head, which says what was to be graded".into()),
            Some(Err(why)) => return Err(why),
        };
        head.check().map_err(|why| format!("line 1: {why}"))?;
        let mut part =
            Self { compilations: vec![None; head.submissions.len()], cases: Vec::new(), head };
        let mut ended = None;
        for (at, text) in lines {
            let wrong = |why: &str| Err(format!("line {}: {why}", at + 1));
            let line = parse(at, text)?;
            if ended.is_some() {
                return wrong("there is more behind the end");
            }
            match line {
                Line::Head(_) => return wrong("a second head: was one file appended to another?"),
                Line::Compilation { submission, compilation } => {
                    match part.compilations.get_mut(submission) {
                        Some(place) => *place = Some(compilation),
                        None => return wrong("there is no such submission in the head"),
                    }
                }
                Line::Case { submission, .. } if submission >= part.compilations.len() => {
                    return wrong("there is no such submission in the head");
                }
                Line::Case { submission, report } => part.cases.push((submission, *report)),
                Line::End { cases } => ended = Some(cases),
            }
        }
        match ended {
            Some(cases) if cases != part.cases.len() => {
                let had = part.cases.len();
                Err(format!("the end says that there are {cases} cases, but there are {had}"))
            }
            _ => Ok(part),
        }
    }
}
