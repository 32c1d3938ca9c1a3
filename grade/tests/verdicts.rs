//! What ends a run, and which verdict that is: guests of a few operators.

mod support;

use grade::Verdict;

use self::support::{Folder, guest};

const PROBLEM: &str = r#"
[limits]
steps = 1_000_000
memory = "1M"
output = 1000

[[case]]
input = "ab\n"
answer = "ab\n"
"#;

/// What a guest gets whose `_start` is this.
fn graded(body: &str) -> grade::CaseReport {
    let folder = Folder::with(&[("problem.toml", PROBLEM)]);
    folder.write_wat("a.wasm", &guest(body));
    let mut report = folder.grade(&["a.wasm"]);
    let submission = &mut report.submissions[0];
    assert_eq!(submission.verdict, submission.cases[0].verdict);
    submission.cases.remove(0)
}

#[test]
fn each_end_has_its_verdict() {
    let start = |body: &str| format!(r#"(func (export "_start") {body})"#);
    let grow = "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then (call $exit (i32.const 1))))";
    let flood = "(loop (call $write (i32.const 64)) (br 0))";
    let recursion = r#"(func $deep (call $deep)) (func (export "_start") (call $deep))"#;
    let rows = [
        (start("(call $read) (call $write (i32.const 3))"), Verdict::Accepted),
        (start("(call $read) (call $write (i32.const 2))"), Verdict::Accepted),
        (start("(call $read) (call $write (i32.const 1))"), Verdict::WrongAnswer),
        (start(""), Verdict::NoOutput),
        (start("(call $exit (i32.const 7))"), Verdict::RuntimeError),
        (start("unreachable"), Verdict::Trap),
        (start("(loop (br 0))"), Verdict::StepLimit),
        (start(grow), Verdict::MemoryLimit),
        (start(flood), Verdict::OutputLimit),
        (recursion.to_owned(), Verdict::StackOverflow),
    ];
    for (body, verdict) in rows {
        let case = graded(&body);
        assert_eq!(case.verdict, verdict, "{body}\n{case:?}");
        let is_accepted = verdict == Verdict::Accepted;
        assert_eq!(case.score, Some(if is_accepted { 1.0 } else { 0.0 }), "{body}");
    }
}

#[test]
fn a_limit_is_named_with_its_value() {
    let case = graded(r#"(func (export "_start") (loop (br 0)))"#);
    let limit = case.limit.expect("a limit");
    assert_eq!((limit.name.as_str(), limit.max, case.steps), ("steps", 1_000_000, 1_000_000));
    let case = graded(r#"(func (export "_start") unreachable)"#);
    assert_eq!(case.trap.as_deref(), Some("unreachable"));
    let case = graded(r#"(func (export "_start") (call $exit (i32.const 300)))"#);
    assert_eq!(case.exit_code, Some(300));
}

#[test]
fn what_is_no_module_does_not_compile() {
    let folder = Folder::with(&[("problem.toml", PROBLEM), ("a.wasm", "no module")]);
    let report = folder.grade(&["a.wasm"]);
    let submission = &report.submissions[0];
    assert_eq!((submission.verdict, submission.score), (Verdict::CompileError, Some(0.0)));
    let compilation = submission.compilation.as_ref().expect("how it was compiled");
    assert!(
        !compilation.succeeded && compilation.diagnostics.contains("a.wasm"),
        "{compilation:?}"
    );
}

#[test]
fn a_submission_in_no_language_keeps_the_others_from_nothing() {
    let folder = Folder::with(&[("problem.toml", PROBLEM), ("a.docx", "essay")]);
    let echo = r#"(func (export "_start") (call $read) (call $write (i32.const 3)))"#;
    folder.write_wat("b.wasm", &guest(echo));
    let report = folder.grade(&["a.docx", "b.wasm"]);
    let got: Vec<_> = report.submissions.iter().map(|one| (one.verdict, one.score)).collect();
    assert_eq!(got, [(Verdict::CompileError, Some(0.0)), (Verdict::Accepted, Some(1.0))]);
    let compilation = report.submissions[0].compilation.as_ref().expect("why");
    assert!(compilation.diagnostics.contains("no runtime for a.docx"), "{compilation:?}");
}

#[test]
fn a_submission_cannot_make_its_failure_one_of_the_grader() {
    let shared = "[[file]]\npath = \"data/x\"\ntext = \"shared\"\n[[case]]\nanswer = \"\"\n";
    let own = "[[case]]\nanswer = \"\"\nfile = [{ path = \"data/x\", text = \"own\" }]\n";
    let small = "[limits]\nfiles = \"1K\"\n[[case]]\nanswer = \"\"\n";
    let function = "mode = \"function\"\nfunction = \"f\"\n[[case]]\ncall = []\nreturns = 1\n";
    let rows = [
        (shared, "data", "plain", "", "data/x"),
        (own, "data", "plain", "data/x", ""),
        (small, "more.txt", &*"x".repeat(2 << 10), "", "more.txt"),
        (function, "more.txt", "", "", "functions are called in Python"),
    ];
    for (problem, path, text, said, diagnostics) in rows {
        let folder = Folder::with(&[("problem.toml", problem), (&format!("a/{path}"), text)]);
        folder.write_wat("a/main.wasm", &guest(r#"(func (export "_start"))"#));
        let report = folder.grade(&["a"]);
        let submission = &report.submissions[0];
        let case = &submission.cases[0];
        assert_eq!((case.verdict, case.score), (Verdict::CompileError, Some(0.0)), "{problem}");
        assert!(!report.has_faults() && submission.score == Some(0.0), "{problem}");
        let message = case.judge_message.as_deref().unwrap_or_default();
        assert!(message.contains(said), "{message:?} has no {said:?}");
        let why = submission.compilation.as_ref().map_or("", |one| one.diagnostics.as_str());
        assert!(why.contains(diagnostics), "{why:?} has no {diagnostics:?}");
    }
}

#[test]
fn a_file_of_the_problem_is_in_place_of_a_submissions_own() {
    let rows = [
        "[[file]]\npath = \"data\"\ntext = \"the problem's\"\n[[case]]\nanswer = \"the problem's\"\n",
        "[[case]]\nanswer = \"the problem's\"\nfile = [{ path = \"data\", text = \"the problem's\" }]\n",
    ];
    for problem in rows {
        let folder = Folder::with(&[
            ("problem.toml", problem),
            ("a/main.js", "import * as std from 'std'; console.log(std.loadFile('data'))"),
            ("a/data", "its own"),
        ]);
        let report = folder.grade(&["a"]);
        assert!(report.is_accepted(), "{problem}: {report:#?}");
    }
}

#[test]
fn a_module_that_cannot_run_is_the_fault_of_its_author() {
    let locals = "(local i64) ".repeat(30_001);
    let many = format!("(func (export \"_start\") (call $f)) (func $f {locals})");
    let rows = [
        ("(func (export \"start\"))", Verdict::CompileError),
        ("(func (export \"_start\") (param i32))", Verdict::CompileError),
        (&*many, Verdict::Trap),
    ];
    for (code, verdict) in rows {
        let folder = Folder::with(&[("problem.toml", PROBLEM)]);
        folder.write_wat("a.wasm", &guest(code));
        let report = folder.grade(&["a.wasm"]);
        let case = &report.submissions[0].cases[0];
        assert_eq!((case.verdict, case.score), (verdict, Some(0.0)), "{case:?}");
        assert!(!report.has_faults());
        let is_told = report.submissions[0].compilation.is_some();
        assert_eq!(is_told, verdict == Verdict::CompileError);
    }
}

#[cfg(unix)]
#[test]
fn links_of_a_submission_are_not_followed_and_stop_no_other() {
    let folder = Folder::with(&[("problem.toml", PROBLEM), ("secret.txt", "42")]);
    for name in ["a", "b"] {
        folder.write_wat(&format!("{name}/main.wasm"), &guest(r#"(func (export "_start"))"#));
    }
    let link = folder.path().join("a/answer.txt");
    std::os::unix::fs::symlink("../secret.txt", link).expect("a link");
    let report = folder.grade(&["a", "b"]);
    let [linked, other] = &report.submissions[..] else { panic!("two submissions") };
    assert_eq!((linked.verdict, linked.score), (Verdict::CompileError, Some(0.0)));
    let why = &linked.compilation.as_ref().expect("why").diagnostics;
    assert!(why.contains("answer.txt is a symbolic link"), "{why}");
    assert!(other.compilation.is_none(), "{other:?}");
}

#[test]
fn limits_that_leave_no_room_for_any_program_are_a_fault_of_the_problem() {
    let file = "[[file]]\npath = \"x\"\nfrom = \"x\"\n";
    let files = "limits.files = 1024 and limits.inodes = 10000 leave no room";
    let inodes = "limits.files = 67108864 and limits.inodes = 1 leave no room";
    let rows = [
        ("files = \"1K\"", file, "a", files),
        ("files = \"1K\"", file, "a.py", files),
        ("inodes = 1", "", "a.py", inodes),
        ("inodes = 1", "", "a.js", inodes),
    ];
    for (limit, more, submission, expected) in rows {
        let problem = format!("[limits]\n{limit}\n{more}[[case]]\nanswer = \"\"\n");
        let folder = Folder::with(&[
            ("problem.toml", &problem),
            ("x", &"x".repeat(2 << 10)),
            ("a/more.txt", "more"),
            ("a.py", ""),
            ("a.js", ""),
        ]);
        folder.write_wat("a/main.wasm", &guest(r#"(func (export "_start"))"#));
        let report = folder.grade(&[submission]);
        let case = &report.submissions[0].cases[0];
        assert_eq!((case.verdict, case.score), (Verdict::ConfigError, None), "{case:?}");
        assert!(report.has_faults());
        let why = case.judge_message.as_deref().unwrap_or_default();
        assert!(why.starts_with(expected), "{why}");
    }
}

#[test]
fn a_fault_of_the_machine_has_no_score() {
    let folder = Folder::with(&[("problem.toml", PROBLEM)]);
    folder.write_wat("a.wasm", &guest(r#"(func (export "_start") (loop (br 0)))"#));
    let mut options = support::options(1);
    options.guard = Some(std::time::Duration::from_nanos(1));
    let mut problem = folder.problem();
    problem.limits.steps_max = u64::MAX;
    let submissions = [folder.submission("a.wasm")];
    let report = grade::grade(&problem, &submissions, &options, &support::Counter::default());
    let report = report.expect("a report");
    let case = &report.submissions[0].cases[0];
    assert_eq!((case.verdict, case.score), (Verdict::InfrastructureError, None));
    assert_eq!(report.submissions[0].score, None);
    assert!(report.has_faults());
}

#[test]
fn groups_add_up_as_they_say() {
    let problem = r#"
[[case]]
answer = "ab"

[[group]]
name = "all"
points = 10
score = "all"
[[group.case]]
answer = "ab"
[[group.case]]
answer = "cd"

[[group]]
name = "part"
points = 10
[[group.case]]
answer = "ab"
[[group.case]]
answer = "cd"

[[group]]
name = "stop"
stop = true
[[group.case]]
answer = "cd"
[[group.case]]
answer = "ab"
"#;
    let folder = Folder::with(&[("problem.toml", problem)]);
    folder.write_wat(
        "a.wasm",
        &guest(
            r#"(data (i32.const 16) "ab") (func (export "_start") (call $write (i32.const 2)))"#,
        ),
    );
    let report = folder.grade(&["a.wasm"]);
    let submission = &report.submissions[0];
    let groups: Vec<_> = submission
        .groups
        .iter()
        .map(|one| (one.group.as_str(), one.score, one.score_max))
        .collect();
    let expected = [
        ("", Some(6.0), Some(23.0)),
        ("all", Some(0.0), Some(10.0)),
        ("part", Some(5.0), Some(10.0)),
        ("stop", Some(0.0), Some(2.0)),
    ];
    assert_eq!(groups, expected);
    let last = submission.cases.last().expect("a case");
    assert_eq!((last.case.as_str(), last.verdict, last.score), ("stop/2", Verdict::Skipped, None));
}

#[test]
fn a_case_that_gives_nothing_counts_only_if_it_is_accepted() {
    for (rule, expected) in [("sum", 5.0), ("min", 0.0), ("all", 0.0)] {
        let group = |name: &str, cases: &str| {
            format!(
                "[[group]]\nname = \"{name}\"\npoints = 10\nscore = \"{rule}\"\ncase = [{cases}]\n"
            )
        };
        let wrong = r#"{ name = "a", answer = "cd", points = 0 }"#;
        let right = r#"{ name = "b", answer = "", points = 0 }"#;
        let problem = group("one", wrong)
            + &group("two", right)
            + &group("both", &format!("{wrong}, {right}"));
        let folder = Folder::with(&[("problem.toml", &problem)]);
        folder.write_wat("a.wasm", &guest(r#"(func (export "_start"))"#));
        let report = folder.grade(&["a.wasm"]);
        let scores: Vec<_> =
            report.submissions[0].groups[1..].iter().map(|one| one.score).collect();
        assert_eq!(scores, [Some(0.0), Some(10.0), Some(expected)], "{rule}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_read() {
    let folder = Folder::with(&[("problem.toml", PROBLEM)]);
    let submission = grade::Submission::read(std::path::Path::new("/dev/zero"), "zero.py");
    let submissions = [submission.expect("a submission")];
    let options = support::options(1);
    let report =
        grade::grade(&folder.problem(), &submissions, &options, &support::Counter::default());
    let submission = &report.expect("a report").submissions[0];
    assert_eq!(submission.verdict, Verdict::CompileError);
    let why = &submission.compilation.as_ref().expect("why").diagnostics;
    assert!(why.contains("neither a file nor a folder"), "{why}");
}

#[test]
fn only_what_is_graded_as_the_jurys_own_has_what_the_jury_expects() {
    let problem = format!("{PROBLEM}[submissions]\nwrong_answer = [\"a.wasm\"]\n");
    let folder = Folder::with(&[("problem.toml", &problem)]);
    folder.write_wat("a.wasm", &guest(r#"(func (export "_start"))"#));
    let problem = folder.problem();
    assert_eq!(folder.grade(&["a.wasm"]).submissions[0].expected, None);
    let submissions = [problem.jury[0].submission().expect("a submission")];
    let options = support::options(1);
    let report = grade::grade(&problem, &submissions, &options, &support::Counter::default());
    let expected = report.expect("a report").submissions[0].expected.clone();
    assert_eq!(expected, Some(vec![Verdict::WrongAnswer]));
}

#[test]
fn a_submission_of_the_jurys_with_a_flaw_is_an_error_unless_that_is_wanted() {
    for (verdict, is_wanted) in [("accepted", false), ("compile_error", true)] {
        let problem = format!("{PROBLEM}[submissions]\n{verdict} = [\"two\"]\n");
        let folder =
            Folder::with(&[("problem.toml", &problem), ("two/a.py", ""), ("two/b.py", "")]);
        let read = folder.problem().jury[0].submission();
        assert_eq!(read.is_ok(), is_wanted, "{verdict}");
        let why = read.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(is_wanted || why.contains("two: it has no file that is called main"), "{why}");
    }
}
