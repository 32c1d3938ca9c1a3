//! `--html`: one file with everything in it, and nothing that runs.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, html};
use similar::{ChangeTag, TextDiff};

use super::text::{amount, points, visible};
use super::{Audience, CaseReport, Difference, Report, SubmissionReport};

const STYLE: &str = include_str!("report.css");
/// Neither scripts nor anything from elsewhere, whatever a submission has smuggled in.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

impl Report {
    /// Writes the report as one HTML file, with expected and actual output side by side.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_html(&self, audience: Audience, mut out: impl Write) -> io::Result<()> {
        out.write_all(page(self, audience).into_string().as_bytes())
    }
}

fn page(report: &Report, audience: Audience) -> Markup {
    let title = visible(&report.problem.name);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width";
                title { (title) }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                table {
                    thead { tr { th { "submission" } th { "runtime" } th { "verdict" } th { "score" } th { "accepted" } } }
                    tbody {
                        @for (at, one) in report.submissions.iter().enumerate() {
                            tr {
                                td { a href={ "#s" (at) } { (visible(&one.submission.name)) } }
                                td { (visible(&one.submission.runtime)) }
                                td { (badge(one.verdict)) }
                                td.number { (score(one.score, one.score_max)) }
                                td.number { (accepted(one)) }
                            }
                        }
                    }
                }
                @for (at, one) in report.submissions.iter().enumerate() { (submission(at, one)) }
                footer {
                    "For " (audience) ". Stepwell " (report.stepwell)
                    @if let Some(sha256) = &report.problem.sha256 { ", problem " code { (sha256) } }
                    ", report " code { (report.digest()) }
                }
            }
        }
    }
}

fn submission(at: usize, one: &SubmissionReport) -> Markup {
    html! {
        section id={ "s" (at) } {
            h2 { (visible(&one.submission.name)) " " (badge(one.verdict)) }
            @if let Some(compilation) = &one.compilation {
                p { "Compiled in " (compilation.steps) " steps." }
                @if !compilation.diagnostics.is_empty() { pre { (visible(&compilation.diagnostics)) } }
            }
            @if one.groups.len() > 1 {
                table {
                    thead { tr { th { "group" } th { "verdict" } th { "score" } } }
                    tbody {
                        @for group in &one.groups[1..] {
                            tr {
                                td { (visible(&group.group)) }
                                td { (badge(group.verdict)) }
                                td.number { (score(group.score, group.score_max)) }
                            }
                        }
                    }
                }
            }
            table {
                thead { tr { th { "case" } th { "verdict" } th { "score" } th { "steps" } th { "bytes" } th { "reason" } } }
                tbody { @for case in &one.cases { (case_row(case)) } }
            }
            @for case in &one.cases { (case_details(case)) }
        }
    }
}

fn case_row(case: &CaseReport) -> Markup {
    html! {
        tr {
            td { (visible(&case.case)) }
            td { (badge(case.verdict)) }
            td.number { (score(case.score, case.score_max)) }
            td.number { (amount(case.steps)) }
            td.number { (amount(case.memory_bytes)) }
            td { (visible(&case.reason())) }
        }
    }
}

fn case_details(case: &CaseReport) -> Markup {
    let texts = [
        ("the checker", case.team_message.as_deref().unwrap_or_default()),
        ("for the judge", case.judge_message.as_deref().unwrap_or_default()),
        ("standard output, its beginning", &case.stdout),
        ("standard error, its end", &case.stderr),
    ];
    let has_texts = texts.iter().any(|(_, text)| !text.is_empty());
    html! {
        @if case.difference.is_some() || has_texts {
            details open[case.difference.is_some()] {
                summary { (visible(&case.case)) " " (badge(case.verdict)) }
                @if let Some(difference) = &case.difference { (sides(difference)) }
                @for (title, text) in texts {
                    @if !text.is_empty() { h3 { (title) } pre { (visible(text)) } }
                }
            }
        }
    }
}

/// Expected and actual output side by side.
fn sides(difference: &Difference) -> Markup {
    let (expected, actual) = (difference.expected.as_deref(), difference.actual.as_deref());
    let (old, new) = (visible(expected.unwrap_or_default()), visible(actual.unwrap_or_default()));
    let diff = TextDiff::from_chars(&old, &new);
    let side = |what: ChangeTag| {
        html! {
            @for change in diff.iter_all_changes() {
                @if change.tag() == ChangeTag::Equal { (change.value()) }
                @else if change.tag() == what { mark { (change.value()) } }
            }
        }
    };
    html! {
        p { (visible(&difference.place())) @if let Some(note) = &difference.note { ": " (visible(note)) } }
        div.sides {
            div.expected { h3 { "expected" } @if expected.is_some() { pre { (side(ChangeTag::Delete)) } } @else { p { "the end" } } }
            div.actual { h3 { "actual" } @if actual.is_some() { pre { (side(ChangeTag::Insert)) } } @else { p { "the end" } } }
        }
    }
}

fn badge(verdict: crate::Verdict) -> Markup {
    let class = match verdict {
        verdict if verdict.is_accepted() => "good",
        verdict if verdict.is_fault() => "fault",
        crate::Verdict::Skipped | crate::Verdict::Partial => "other",
        _ => "bad",
    };
    html! { span class={ "verdict " (class) } { (verdict) } }
}

fn score(score: Option<f64>, score_max: Option<f64>) -> String {
    let max = score_max.map(|max| format!(" / {}", points(max))).unwrap_or_default();
    score.map_or_else(|| "–".into(), |score| points(score) + &max)
}

fn accepted(one: &SubmissionReport) -> String {
    let accepted = one.cases.iter().filter(|case| case.verdict.is_accepted()).count();
    format!("{accepted} / {}", one.cases.len())
}
