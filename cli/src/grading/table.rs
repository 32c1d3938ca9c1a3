//! The report on a terminal.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use grade::report::{amount, one_line, visible};
use grade::{Audience, CaseReport, Report, SubmissionReport, Verdict};

/// Characters of a name or reason in a table.
const CHARS_MAX: usize = 60;

/// Lines of what a judge or a compiler says, and characters of each.
const SAID_LINES_MAX: usize = 8;
const SAID_CHARS_MAX: usize = 160;

/// A row for each submission, and for each case if there is only one; for staff, what is said about a failure; then the digest.
pub(crate) fn table(report: &Report, audience: Audience) -> String {
    let mut text = String::new();
    if let [one] = &report.submissions[..] {
        let mut table = new(&["case", "verdict", "score", "steps", "memory", "reason"], &[2, 3, 4]);
        table.add_rows(one.cases.iter().map(case_row));
        text = format!("{}\n\n", table.trim_fmt());
    }
    let columns = ["submission", "verdict", "score", "accepted", "most steps", "first failure"];
    let mut table = new(&columns, &[2, 3, 4]);
    table.add_rows(report.submissions.iter().map(submission_row));
    let said = if audience == Audience::Staff { said(report) } else { String::new() };
    text + &format!("{}\n\n{said}report {}\n", table.trim_fmt(), report.digest())
}

/// What a judge or a compiler says about the first fault of the grader's, else about the first failure of which anything is said.
fn said(report: &Report) -> String {
    let faulty = report.submissions.iter().filter(|one| one.verdict.is_fault());
    faulty.chain(&report.submissions).find_map(said_of).unwrap_or_default()
}

fn said_of(one: &SubmissionReport) -> Option<String> {
    let name = short(&one.submission.name);
    let diagnostics = one.compilation.as_ref().map(|compilation| &compilation.diagnostics);
    let is_refused = one.verdict == Verdict::CompileError;
    if let Some(text) = diagnostics.filter(|text| is_refused && !text.is_empty()) {
        return Some(format!("{name}, {}:\n{}\n", one.verdict, lines(text)));
    }
    let failed = || one.cases.iter().filter(|case| !case.verdict.is_accepted());
    let mut cases = failed().filter(|case| case.verdict.is_fault()).chain(failed());
    cases.find_map(|case| {
        let text = lines(case.judge_message.as_ref()?);
        Some(format!("{name}, case {}, {}:\n{text}\n", short(&case.case), case.verdict))
    })
}

/// The first lines of a text, indented.
fn lines(text: &str) -> String {
    let text = visible(text.trim_end());
    let mut lines = text.lines();
    let mut shown = String::new();
    for line in lines.by_ref().take(SAID_LINES_MAX) {
        shown += &format!("  {}\n", cut(line, SAID_CHARS_MAX));
    }
    if lines.next().is_some() {
        shown += "  …\n";
    }
    shown
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
    cut(&one_line(text), CHARS_MAX)
}

/// At most so many characters of a line.
fn cut(line: &str, chars_max: usize) -> String {
    match line.char_indices().nth(chars_max) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.into(),
    }
}
