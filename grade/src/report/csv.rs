//! `--csv`: a row for each case.

use std::io::{self, Write};

use super::{CaseReport, Report, SubmissionReport, amount, one_line};

const COLUMNS: [&str; 17] = [
    "submission",
    "runtime",
    "submission_verdict",
    "submission_score",
    "submission_score_max",
    "case",
    "group",
    "visibility",
    "verdict",
    "score",
    "score_max",
    "steps",
    "memory_bytes",
    "exit_code",
    "limit",
    "reason",
    "receipt",
];

impl Report {
    /// Writes the report as comma-separated values with a row for each case, after RFC 4180.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_csv(&self, out: impl Write) -> io::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS)?;
        for one in &self.submissions {
            for case in &one.cases {
                writer.write_record(row(one, case))?;
            }
        }
        writer.flush()
    }
}

fn row(one: &SubmissionReport, case: &CaseReport) -> [String; COLUMNS.len()] {
    let number = |number: Option<f64>| number.map(|number| number.to_string()).unwrap_or_default();
    let visibility = match case.visibility {
        super::Visibility::Public => "public",
        super::Visibility::Hidden => "hidden",
    };
    [
        cell(&one.submission.name),
        cell(&one.submission.runtime),
        one.verdict.name().into(),
        number(one.score),
        number(one.score_max),
        cell(&case.case),
        cell(&case.group),
        visibility.into(),
        case.verdict.name().into(),
        number(case.score),
        number(case.score_max),
        amount(case.steps),
        amount(case.memory_bytes),
        case.exit_code.map(|code| code.to_string()).unwrap_or_default(),
        case.limit.as_ref().map(|hit| hit.name.clone()).unwrap_or_default(),
        cell(&case.reason()),
        case.receipt.clone().unwrap_or_default(),
    ]
}

/// Text in one line that no spreadsheet takes for a formula.
fn cell(text: &str) -> String {
    let text = one_line(text);
    match text.starts_with(['=', '+', '-', '@']) {
        true => format!("'{text}"),
        false => text,
    }
}
