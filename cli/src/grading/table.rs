//! The report on a terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use grade::report::{amount, one_line};
use grade::{CaseReport, Report, SubmissionReport};

/// Characters of a name or reason in a table.
const CHARS_MAX: usize = 60;

/// A row for each submission, and for each case if there is only one; then the digest.
pub(crate) fn table(report: &Report) -> String {
    let mut text = String::new();
    if let [one] = &report.submissions[..] {
        let mut table = new(&["case", "verdict", "score", "steps", "memory", "reason"], &[2, 3, 4]);
        table.add_rows(one.cases.iter().map(case_row));
        text = format!("{}\n\n", table.trim_fmt());
    }
    let columns = ["submission", "verdict", "score", "accepted", "most steps", "first failure"];
    let mut table = new(&columns, &[2, 3, 4]);
    table.add_rows(report.submissions.iter().map(submission_row));
    text + &format!("{}\n\nreport {}\n", table.trim_fmt(), report.digest())
}

pub(super) fn new(header: &[&str], numbers: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING);
    table.set_header(header.to_vec());
    for at in numbers {
        if let Some(column) = table.column_mut(*at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn case_row(case: &CaseReport) -> [String; 6] {
    [
        short(&case.case),
        case.verdict.to_string(),
        score(case.score, case.score_max),
        amount(case.steps),
        amount(case.memory_bytes),
        short(&case.reason()),
    ]
}

fn submission_row(one: &SubmissionReport) -> [String; 6] {
    let accepted = one.cases.iter().filter(|case| case.verdict.is_accepted()).count();
    let failure = one.cases.iter().find(|case| !case.verdict.is_accepted());
    [
        short(&one.submission.name),
        one.verdict.to_string(),
        score(one.score, one.score_max),
        format!("{accepted}/{}", one.cases.len()),
        amount(one.cases.iter().map(|case| case.steps).max().unwrap_or(0)),
        failure.map(|case| short(&case.case)).unwrap_or_default(),
    ]
}

fn score(score: Option<f64>, score_max: Option<f64>) -> String {
    let max = score_max.map(|max| format!("/{}", grade::report::points(max))).unwrap_or_default();
    score.map_or_else(|| "-".into(), |score| grade::report::points(score) + &max)
}

/// Text in one line, cut where it is long.
pub(super) fn short(text: &str) -> String {
    let line = one_line(text);
    match line.char_indices().nth(CHARS_MAX) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
