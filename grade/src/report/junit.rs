//! `--junit`: XML as build servers read it. A suite for each submission, a test case for each case.

use std::io::{self, Write};

use quick_junit::{NonSuccessKind, Property, TestCase, TestCaseStatus, TestSuite};

use super::{CaseReport, Report, SubmissionReport, one_line, text::points, visible};
use crate::Verdict;

impl Report {
    /// Writes the report as JUnit XML. A fault of the grader's is an `error`, what is not accepted a `failure`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_junit(&self, out: impl Write) -> io::Result<()> {
        let mut report = quick_junit::Report::new(one_line(&self.problem.name));
        report.add_test_suites(self.submissions.iter().map(suite));
        report.serialize(out).map_err(io::Error::other)
    }
}

fn suite(one: &SubmissionReport) -> TestSuite {
    let mut suite = TestSuite::new(one_line(&one.submission.name));
    let mut property = |name: &str, value: String| {
        suite.add_property(Property::new(name, one_line(&value)));
    };
    property("verdict", one.verdict.to_string());
    property("runtime", one.submission.runtime.clone());
    property("sha256", one.submission.sha256.clone());
    if let Some(score) = one.score {
        property("score", points(score));
    }
    if let Some(compilation) = &one.compilation {
        suite.set_system_out(visible(&compilation.diagnostics));
    }
    suite.add_test_cases(one.cases.iter().map(|case| test_case(one, case)));
    suite
}

fn test_case(one: &SubmissionReport, case: &CaseReport) -> TestCase {
    let mut status = match case.verdict {
        Verdict::Accepted => TestCaseStatus::success(),
        Verdict::Skipped => TestCaseStatus::skipped(),
        verdict if verdict.is_fault() => TestCaseStatus::non_success(NonSuccessKind::Error),
        _ => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    if case.verdict != Verdict::Accepted {
        let reason = case.reason();
        let colon = if reason.is_empty() { "" } else { ": " };
        status.set_type(case.verdict.name());
        status.set_message(one_line(&format!("{}{colon}{reason}", case.verdict)));
        status.set_description(case.details());
    }
    let mut test = TestCase::new(one_line(&case.case), status);
    test.set_classname(one_line(&one.submission.name));
    for (name, number) in [("steps", case.steps), ("memory_bytes", case.memory_bytes)] {
        if number > 0 {
            test.add_property(Property::new(name, number.to_string()));
        }
    }
    if let Some(score) = case.score {
        test.add_property(Property::new("score", points(score)));
    }
    if !case.stdout.is_empty() {
        test.set_system_out(visible(&case.stdout));
    }
    if !case.stderr.is_empty() {
        test.set_system_err(visible(&case.stderr));
    }
    test
}
