//! `--gradescope`: `results.json` as Gradescope's autograder specification has it, for one submission.

use std::io::{self, Write};

use serde::Serialize;

use super::{Audience, CaseReport, Report, SubmissionReport, Visibility, one_line, visible};

/// `results.json`.
#[derive(Serialize)]
struct Results {
    /// Absent if the grader or the problem is at fault: Gradescope then says that grading failed, and gives no zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    output: String,
    output_format: &'static str,
    stdout_visibility: &'static str,
    tests: Vec<Test>,
    extra_data: Extra,
}

#[derive(Serialize)]
struct Test {
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_score: Option<f64>,
    status: &'static str,
    name: String,
    name_format: &'static str,
    number: String,
    output: String,
    output_format: &'static str,
    tags: Vec<String>,
    visibility: &'static str,
}

#[derive(Serialize)]
struct Extra {
    verdict: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    report_digest: String,
    stepwell: String,
}

impl Report {
    /// Writes a report of one submission as Gradescope's `results.json`. For staff, hidden cases are there with their data, and
    /// Gradescope is told not to show them to students; for students they are shown, without data.
    ///
    /// # Errors
    /// `InvalidInput`: there is not exactly one submission. Else those of the writer.
    pub fn write_gradescope(&self, audience: Audience, mut out: impl Write) -> io::Result<()> {
        let [one] = &self.submissions[..] else {
            let why = "results.json is about one submission";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        };
        let results = Results {
            score: one.score.filter(|_| !one.verdict.is_fault()),
            output: summary(one),
            output_format: "text",
            stdout_visibility: "hidden",
            tests: one
                .cases
                .iter()
                .enumerate()
                .map(|(at, case)| test(at, case, audience))
                .collect(),
            extra_data: Extra {
                verdict: one.verdict.to_string(),
                problem: self.problem.sha256.clone(),
                report_digest: self.digest(),
                stepwell: self.stepwell.clone(),
            },
        };
        serde_json::to_writer_pretty(&mut out, &results)?;
        out.write_all(b"\n")
    }
}

fn summary(one: &SubmissionReport) -> String {
    let mut lines = vec![format!("{}: {}", one_line(&one.submission.name), one.verdict)];
    if one.verdict.is_fault() {
        lines.push("The grader failed, and not the submission: there is no score.".into());
    }
    if let Some(compilation) = &one.compilation
        && !compilation.diagnostics.is_empty()
    {
        lines.push(visible(&compilation.diagnostics));
    }
    lines.join("\n")
}

fn test(at: usize, case: &CaseReport, audience: Audience) -> Test {
    let is_fault = case.verdict.is_fault();
    let first = match case.steps {
        0 => case.verdict.to_string(),
        steps => format!("{}, {steps} steps", case.verdict),
    };
    let visibility = match (audience, case.visibility) {
        (Audience::Staff, Visibility::Hidden) => "hidden",
        _ => "visible",
    };
    let mut seen = case.clone();
    // Students see whatever is in a test that is visible.
    if visibility == "visible" {
        seen.hide_from_students();
    }
    let mut output = vec![first, seen.details()];
    for (name, text) in [("standard output", &case.stdout), ("standard error", &case.stderr)] {
        if !text.is_empty() {
            output.push(format!("{name}:\n{}", visible(text)));
        }
    }
    output.retain(|part| !part.is_empty());
    Test {
        score: case.score.filter(|_| !is_fault),
        max_score: case.score_max,
        status: if case.verdict.is_accepted() { "passed" } else { "failed" },
        name: one_line(&case.case),
        name_format: "text",
        number: (at + 1).to_string(),
        output: output.join("\n"),
        output_format: "text",
        tags: vec![case.verdict.to_string()],
        visibility,
    }
}
