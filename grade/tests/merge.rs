//! Parts of a whole: joined they are the whole, and whatever is wrong with them is named.

use std::num::NonZeroU32;

use grade::part::{CasePlan, Head, SubmissionPlan};
use grade::problem::Group;
use grade::report::{FORMAT, ProblemId, SubmissionId};
use grade::{Audience, CaseReport, Part, Shard, Verdict, Visibility, merge};

const CASES: usize = 12;
const SUBMISSIONS: usize = 3;
/// Behind its first failure, the group of all is skipped.
const FAILING: (usize, usize) = (1, 7);

fn head(shard: Shard) -> Head {
    let submission = |at: usize| SubmissionPlan {
        submission: SubmissionId {
            name: format!("s{at}.py"),
            runtime: "python".into(),
            sha256: format!("{at:064}"),
        },
        expected: None,
    };
    let case = |at: usize| CasePlan {
        case: format!("c{at}"),
        group: String::new(),
        visibility: Visibility::Hidden,
        score_max: Some(0.1),
    };
    Head {
        format: FORMAT,
        stepwell: env!("CARGO_PKG_VERSION").into(),
        audience: Audience::Staff,
        problem: ProblemId { name: "p".into(), sha256: Some("0".repeat(64)) },
        shard,
        submissions: (0..SUBMISSIONS).map(submission).collect(),
        groups: vec![Group { stops_at_failure: true, ..Group::sum("") }],
        cases: (0..CASES).map(case).collect(),
    }
}

/// What a shard grades: it skips what its own cases decide, and cannot know of those of others.
fn part(index: u64, count: u64) -> Part {
    let shard = Shard::new(index, count).expect("a shard");
    let head = head(shard);
    let mut cases = Vec::new();
    for (submission, plan) in head.submissions.iter().enumerate() {
        let mut has_failed = false;
        for (at, case) in head.cases.iter().enumerate() {
            if !shard.holds(&plan.submission, &case.case) {
                continue;
            }
            let verdict = match () {
                () if has_failed => Verdict::Skipped,
                () if (submission, at) == FAILING => Verdict::WrongAnswer,
                () => Verdict::Accepted,
            };
            has_failed |= verdict == Verdict::WrongAnswer;
            cases.push((submission, result(case, verdict)));
        }
    }
    Part { compilations: vec![None; SUBMISSIONS], head, cases }
}

fn result(case: &CasePlan, verdict: Verdict) -> CaseReport {
    let score = match verdict {
        Verdict::Accepted => Some(0.1),
        Verdict::Skipped => None,
        _ => Some(0.0),
    };
    let steps = if verdict == Verdict::Skipped { 0 } else { 1000 };
    let json = serde_json::json!({
        "case": case.case, "group": case.group, "visibility": case.visibility, "verdict": verdict,
        "score": score, "score_max": case.score_max, "steps": steps, "memory_bytes": steps,
    });
    serde_json::from_value(json).expect("a case")
}

fn named(parts: Vec<Part>) -> Vec<(String, Part)> {
    (1..).map(|at: usize| format!("{at}.jsonl")).zip(parts).collect()
}

fn shards(count: u64) -> Vec<Part> {
    (1..=count).map(|index| part(index, count)).collect()
}

#[test]
fn shards_give_the_report_of_the_whole() {
    let whole = part(1, 1).report();
    for count in [1, 3, 7] {
        let mut parts = shards(count);
        assert_eq!(merge(named(parts.clone())).expect("a whole").report(), whole, "{count}");
        parts.reverse();
        parts.push(parts[0].clone());
        let again = merge(named(parts)).expect("a whole, and a part of it twice").report();
        assert_eq!(again.digest(), whole.digest(), "{count}, in another order");
    }
    let failing = &whole.submissions[FAILING.0];
    assert_eq!(failing.verdict, Verdict::WrongAnswer);
    assert_eq!(failing.cases[FAILING.1 + 1].verdict, Verdict::Skipped);
}

#[test]
fn lines_are_read_as_they_were_written() {
    for audience in [Audience::Staff, Audience::Student] {
        let part = part(2, 3).for_audience(audience);
        let mut text = Vec::new();
        part.write_jsonl(&mut text).expect("memory takes everything");
        assert_eq!(Part::read_jsonl(&text[..]).expect("a part"), part);
        assert_eq!(part.head.problem.sha256.is_some(), audience == Audience::Staff);
        let mut compiler = boon::Compiler::new();
        let schema = serde_json::from_str(&grade::results_schema()).expect("JSON");
        compiler.add_resource("results.json", schema).expect("a schema");
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile("results.json", &mut schemas).expect("a schema");
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let line = serde_json::from_slice(line).expect("JSON");
            schemas.validate(&line, index).unwrap_or_else(|error| panic!("{error:#}"));
        }
    }
}

#[test]
fn files_that_are_no_results_are_refused_with_the_line() {
    let mut whole = Vec::new();
    part(1, 1).write_jsonl(&mut whole).expect("memory takes everything");
    let whole = String::from_utf8(whole).expect("UTF-8");
    let lines: Vec<&str> = whole.lines().collect();
    let rows = [
        (String::new(), "the file is empty"),
        (lines[1].into(), "line 1: no head"),
        ("{}".into(), "line 1: missing field `type`"),
        (format!("{}\n{}", lines[0], &lines[1][..40]), "line 2: EOF while parsing"),
        (format!("{whole}{}", lines[1]), "there is more behind the end"),
        (format!("{}\n{}", lines[0], lines[0]), "line 2: a second head"),
        (
            format!(
                "{}\n{}",
                lines[0],
                lines[1].replacen("\"submission\":0", "\"submission\":9", 1)
            ),
            "no such submission",
        ),
        (
            format!("{}\n{}\n{}", lines[0], lines[1], lines[lines.len() - 1]),
            "the end says that there are 36 cases, but there are 1",
        ),
    ];
    for (text, expected) in rows {
        let why = Part::read_jsonl(text.as_bytes()).expect_err("no results");
        assert!(why.contains(expected), "{why:?} has no {expected:?}");
    }
    // Cut off between two lines, it is a part of which the rest is missing.
    assert!(Part::read_jsonl(lines[..5].join("\n").as_bytes()).is_ok());
}

#[test]
fn heads_of_which_no_report_can_be_made_are_refused() {
    type Row<'a> = (&'a dyn Fn(&mut Head), &'a str);
    let rows: [Row<'_>; 9] = [
        (&|head| head.groups.clear(), "there is no group"),
        (&|head| head.groups[0].id = "a".into(), "the group \"a\" is not behind the one"),
        (&|head| head.groups.push(Group::sum("")), "two groups of all"),
        (
            &|head| head.groups.extend(["a/b", "a"].map(Group::sum)),
            "the group \"a/b\" is not behind the one that it is in",
        ),
        (&|head| head.groups.extend(["a", "a"].map(Group::sum)), "two groups \"a\""),
        (&|head| head.cases[1].group = "b".into(), "in the group \"b\", which is none"),
        (&|head| head.cases[1].case = "c0".into(), "two cases \"c0\""),
        (&|head| head.format += 1, "the format is"),
        (&|head| head.stepwell = "0.0.9".into(), "written by Stepwell \"0.0.9\""),
    ];
    for (change, expected) in rows {
        let mut part = part(1, 1);
        change(&mut part.head);
        let mut text = Vec::new();
        part.write_jsonl(&mut text).expect("memory takes everything");
        let why = Part::read_jsonl(&text[..]).expect_err(expected);
        assert!(why.starts_with("line 1: ") && why.contains(expected), "{why:?}: {expected:?}");
        let why = merge(named(vec![part])).expect_err(expected).to_string();
        assert!(why.contains(expected), "{why:?} has no {expected:?}");
    }
}

#[test]
fn what_is_missing_or_contradictory_is_named() {
    let change = |count: u64, change: &dyn Fn(&mut Vec<Part>)| {
        let mut parts = shards(count);
        change(&mut parts);
        merge(named(parts)).expect_err("parts of no whole").to_string()
    };
    type Row<'a> = (&'a dyn Fn(&mut Vec<Part>), &'a str);
    let rows: [Row<'_>; 8] = [
        (&|parts| drop(parts.remove(1)), "are in no file"),
        (&|parts| drop(parts[0].cases.pop()), "1 results are in no file"),
        (&|parts| parts[1].head.problem.sha256 = Some("1".into()), "2.jsonl is of another problem"),
        (&|parts| parts[2].head.stepwell = "0.0.9".into(), "3.jsonl is of another version"),
        (&|parts| parts[2].head.submissions.reverse(), "3.jsonl is of another set of submissions"),
        (&|parts| parts[1].head.audience = Audience::Student, "another audience"),
        (
            &|parts| {
                let mut other = parts[0].clone();
                other.cases[0].1.steps += 1;
                parts.push(other);
            },
            "1.jsonl and 4.jsonl contradict each other: s0.py, case",
        ),
        (
            &|parts| {
                let part = &mut parts[0];
                let plan = part.head.cases.iter().find(|plan| plan.case == part.cases[0].1.case);
                part.cases[0].1 = result(plan.expect("a case"), Verdict::Skipped);
            },
            "1 results are skipped, though no earlier case decides",
        ),
    ];
    for (at, (what, expected)) in rows.into_iter().enumerate() {
        let why = change(3, what);
        assert!(why.contains(expected), "row {at}: {why:?} has no {expected:?}");
    }
    assert_eq!(Shard::WHOLE.count, NonZeroU32::MIN);
}
