//! Packages of Kattis and ICPC, each with submissions of the jury's that must get what their folder says.

mod support;

use std::path::{Path, PathBuf};

use grade::{Problem, Report, Verdict};

use self::support::{Counter, Folder, options};

fn package(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packages").join(name)
}

/// Grades what the jury has written.
fn jury(name: &str) -> Report {
    let problem = Problem::read(&package(name)).expect("a package");
    assert_eq!(problem.warnings, Vec::<String>::new());
    let submissions: Result<Vec<_>, _> =
        problem.jury.iter().map(grade::problem::Jury::submission).collect();
    let submissions = submissions.expect("submissions");
    let report = grade::grade(&problem, &submissions, &options(2), &Counter::default());
    let report = report.expect("a report");
    for one in &report.submissions {
        assert!(one.is_as_expected(), "{}: {}\n{:#?}", one.submission.name, one.verdict, one.cases);
    }
    report
}

/// Name and verdict of each submission.
fn verdicts(report: &Report) -> Vec<(&str, Verdict)> {
    report
        .submissions
        .iter()
        .map(|one| (one.submission.name.rsplit('/').next().unwrap_or(""), one.verdict))
        .collect()
}

#[test]
fn the_default_validator_knows_tolerances() {
    let report = jury("average");
    let expected = [
        ("average.c", Verdict::Accepted),
        ("average.py", Verdict::Accepted),
        ("small.c", Verdict::Trap),
        ("forever.c", Verdict::StepLimit),
        ("floor.py", Verdict::WrongAnswer),
        ("nan.py", Verdict::WrongAnswer),
    ];
    assert_eq!(verdicts(&report), expected);
    let forever = &report.submissions[3];
    assert_eq!(forever.cases[0].limit.as_ref().map(|limit| limit.max), Some(100_000_000));
    assert!(forever.cases[1..].iter().all(|case| case.verdict == Verdict::Skipped));
}

#[test]
fn a_validator_of_its_own_gives_scores() {
    let report = jury("split");
    let scores: Vec<_> = report
        .submissions
        .iter()
        .map(|one| (one.submission.name.rsplit('/').next().unwrap_or(""), one.score))
        .collect();
    let expected = [
        ("half.py", Some(100.0)),
        ("int.c", Some(40.0)),
        ("nothing.py", Some(0.0)),
        ("one.js", Some(70.0)),
    ];
    assert_eq!(scores, expected);
    assert!(report.submissions.iter().all(|one| one.score_max == Some(100.0)));
    let wrong =
        report.submissions[1].cases.iter().find(|case| case.verdict == Verdict::WrongAnswer);
    let said = wrong.and_then(|case| case.judge_message.as_deref());
    assert_eq!(said, Some("a number is not above 0"));
}

#[test]
fn an_interactor_talks_and_a_deadlock_is_seen() {
    let report = jury("guess");
    let expected = [
        ("halves.c", Verdict::Accepted),
        ("halves.py", Verdict::Accepted),
        ("gives_up.py", Verdict::RuntimeError),
        ("thinks.c", Verdict::StepLimit),
        ("waits_first.py", Verdict::Deadlock),
        ("one_by_one.py", Verdict::WrongAnswer),
        ("words.py", Verdict::WrongAnswer),
    ];
    assert_eq!(verdicts(&report), expected);
}

#[test]
fn what_is_wrong_with_a_package_is_named_with_its_line() {
    let rows = [
        ("problem.yaml", "name: a\ntype: [scoring, odd]\n", "problem.yaml:2: there is no type odd"),
        (
            "problem.yaml",
            "name: a\nlimits:\n  memory: -1\n",
            "problem.yaml:3: memory is a number above 0",
        ),
        ("problem.yaml", "name: [a\n", "problem.yaml:"),
        (
            "problem.yaml",
            "name: a\nvalidation: custom\n",
            "problem.yaml:2: validation is custom, but there is no output validator",
        ),
        (
            "problem.yaml",
            "problem_format_version: 2099-01\n",
            "problem.yaml:1: the version 2099-01 is not known: legacy, legacy-icpc, 2023-07",
        ),
        (
            "problem.yaml",
            "validator_flags: [\"a\\0\"]\n",
            "problem.yaml:1: validator_flags has a NUL",
        ),
        (
            "problem.yaml",
            "name: a\nvalidator_flags: float_tolerance x\n",
            "problem.yaml:2: float_tolerance needs a number",
        ),
        (
            "data/secret/testdata.yaml",
            "output_validator_flags: float_tolerance x\n",
            "data/secret/1.in: float_tolerance needs a number",
        ),
        (
            "stepwell.toml",
            "limits = 3\n",
            "stepwell.toml:1:10: limits: invalid type: integer `3`, expected a table",
        ),
        ("stepwell.toml", "steps_per_second = 0\n", "stepwell.toml:1:1: steps_per_second: it is"),
        ("stepwell.toml", "[limits]\nfiles = 0\n", "stepwell.toml:2:1: limits.files: it is above"),
        ("stepwell.toml", "[limits]\nfiles = 1.5\n", "stepwell.toml:2:9: limits.files: invalid"),
        ("problem.yaml", "type: multi-pass\n", "problem.yaml:1: problems of the type multi-pass"),
        ("data/secret/testdata.yaml", "a: 1\non_reject: stop\n", "testdata.yaml:2: on_reject is"),
        (
            "data/secret/testdata.yaml",
            "accept_score: inf\n",
            "testdata.yaml:1: accept_score is a number",
        ),
        (
            "data/secret/testdata.yaml",
            "grader_flags: odd\n",
            "testdata.yaml: the default grader has no flag odd",
        ),
    ];
    for (path, text, expected) in rows {
        let folder = Folder::with(&[
            ("problem.yaml", "name: a\ntype: scoring\n"),
            ("data/secret/1.in", ""),
            ("data/secret/1.ans", ""),
            (path, text),
        ]);
        let error = Problem::read(folder.path()).expect_err(text).to_string();
        assert!(error.contains(expected), "{text:?} gives {error}");
    }
}

#[test]
fn a_program_of_the_jurys_with_a_flaw_says_which() {
    let folder = |files: &[&str]| {
        let mut all = vec![
            ("problem.yaml", "name: a\nvalidation: custom\n"),
            ("data/secret/1.in", ""),
            ("data/secret/1.ans", ""),
        ];
        all.extend(files.iter().map(|path| (*path, "")));
        Folder::with(&all)
    };
    let flaw = "it has no file that is called main";
    let rows: [(&[&str], &str); 2] = [
        (&["output_validators/v/a.py", "output_validators/v/b.py"], flaw),
        (&["output_validators/v/check.java"], "no runtime is known for check.java"),
    ];
    for (files, expected) in rows {
        let error = Problem::read(folder(files).path()).expect_err(expected).to_string();
        assert!(error.contains(&format!("output_validators/v: {expected}")), "{error}");
    }
    let jury = [
        "output_validators/check.py",
        "submissions/accepted/two/a.py",
        "submissions/accepted/two/b.py",
    ];
    let warnings = folder(&jury).problem().warnings;
    assert!(
        warnings.iter().any(|one| one.contains(&format!("is left out: {flaw}"))),
        "{warnings:?}"
    );
}

#[test]
fn keys_that_nobody_knows_are_warned_of() {
    let folder = Folder::with(&[
        ("problem.yaml", "name: a\nodd: 1\nlimits:\n  time: 1\n"),
        ("data/secret/1.in", ""),
        ("data/secret/1.ans", ""),
    ]);
    let warnings = folder.problem().warnings;
    let lines: Vec<_> =
        ["problem.yaml:4: the key time", "problem.yaml:2: the key odd", "no time limit"]
            .into_iter()
            .filter(|expected| warnings.iter().any(|warning| warning.contains(expected)))
            .collect();
    assert_eq!((lines.len(), warnings.len()), (3, 3), "{warnings:?}");
}

#[test]
fn a_package_without_secret_cases_is_warned_of() {
    for (path, is_warned) in
        [("data/sample", true), ("data/secret", false), ("data/secret/g", false)]
    {
        let files = ["in", "ans"].map(|extension| format!("{path}/1.{extension}"));
        let folder =
            Folder::with(&[("problem.yaml", "name: a\n"), (&files[0], ""), (&files[1], "")]);
        let warnings = folder.problem().warnings;
        let has = warnings.iter().any(|warning| warning.ends_with("has no secret cases"));
        assert_eq!(has, is_warned, "{path}: {warnings:?}");
    }
}

#[test]
fn grading_that_is_no_mapping_is_warned_of_with_its_line() {
    let rows = [
        ("grading: custom\n", true),
        ("grading: [custom]\n", true),
        ("grading:\n  objective: max\n", false),
        ("grading:\n", false),
    ];
    for (text, is_warned) in rows {
        let folder = Folder::with(&[
            ("problem.yaml", &format!("name: a\n{text}")),
            ("data/secret/1.in", ""),
            ("data/secret/1.ans", ""),
        ]);
        let warnings = folder.problem().warnings;
        let expected = "problem.yaml:2: grading is a mapping, and ignored";
        let has = warnings.iter().any(|warning| warning.ends_with(expected));
        assert_eq!(has, is_warned, "{text}: {warnings:?}");
        assert!(!warnings.iter().any(|warning| warning.contains("unknown")), "{warnings:?}");
    }
}

#[test]
fn files_that_a_package_includes_are_put_to_the_submissions_of_their_language() {
    let folder = Folder::with(&[
        ("problem.yaml", "name: a\nlimits:\n  memory: 64\n"),
        (".timelimit", "1\n"),
        ("data/secret/1.in", "20 22\n"),
        ("data/secret/1.ans", "42\n"),
        ("include/python3/main.py", "import add\nprint(add.add(*map(int, input().split())))\n"),
        ("include/c/sum.h", "static int sum(int a, int b) { return a + b; }\n"),
        ("include/default/sum.h", "#error \"for languages that have none\"\n"),
        ("add.py", "def add(a, b): return a + b\n"),
        (
            "a.c",
            "#include <stdio.h>\n#include \"sum.h\"\nint main(void) { int a, b; scanf(\"%d%d\", &a, &b); printf(\"%d\", sum(a, b)); }\n",
        ),
        ("a.js", "console.log(42)"),
    ]);
    let report = folder.grade(&["add.py", "a.c", "a.js"]);
    assert!(report.is_accepted(), "{report:#?}");
}

#[test]
fn the_score_of_a_group_is_finite() {
    for text in ["inf", ".inf", "1e999", "-1"] {
        let folder = Folder::with(&[
            ("problem.yaml", "problem_format_version: 2023-07\nname: a\ntype: scoring\n"),
            ("data/secret/test_group.yaml", &format!("scoring:\n  score: {text}\n")),
            ("data/secret/1.in", ""),
            ("data/secret/1.ans", ""),
        ]);
        let error = Problem::read(folder.path()).expect_err(text).to_string();
        assert!(error.contains("test_group.yaml:2: score is a number"), "{text}: {error}");
    }
}
