//! The ways in which a submission is asked and answers, in real runtimes.

mod support;

use grade::problem::{Content, GuestFile, Program, Protocol};
use grade::{Checker, Verdict};

use self::support::{Folder, expect};

#[test]
fn a_limit_of_memory_below_what_an_interpreter_has_is_a_memory_limit() {
    let folder = Folder::with(&[
        ("problem.toml", "[limits]\nmemory = \"64K\"\n[[case]]\nanswer = \"\"\npoints = 5\n"),
        ("a.py", ""),
        ("b.rb", ""),
        ("c.js", ""),
        ("d.php", ""),
    ]);
    for submission in folder.grade(&["a.py", "b.rb", "c.js", "d.php"]).submissions {
        let case = &submission.cases[0];
        assert_eq!((case.verdict, case.score), (Verdict::MemoryLimit, Some(0.0)), "{case:?}");
        let limit = case.limit.as_ref().expect("a limit");
        assert_eq!((limit.name.as_str(), limit.max), ("memory", 64 << 10));
        // PHP is started from its beginning, and refused there.
        if submission.submission.name == "d.php" {
            continue;
        }
        let why = case.judge_message.as_deref().unwrap_or_default();
        let least = why.strip_suffix(" bytes").and_then(|why| why.rsplit(' ').next());
        let least = least.and_then(|least| least.parse::<u64>().ok());
        assert!(least.is_some_and(|least| least > limit.max), "{submission:?}");
    }
}

#[test]
fn no_program_takes_the_place_of_the_interactor() {
    let talk = "import sys\nprint('hello', flush=True)\nsys.exit(42 if input() == 'hi' else 43)\n";
    let folder = Folder::with(&[
        ("problem.toml", "mode = \"interactive\"\ninteractor = { path = \"talk.py\" }\n[[case]]\n"),
        ("talk.py", talk),
        ("right.py", "input()\nprint('hi')\n"),
        ("wrong.py", "print('nope')\n"),
    ]);
    let mut problem = folder.problem();
    let accepts =
        GuestFile { path: "accepts.py".into(), content: Content::inline("raise SystemExit(42)\n") };
    let program =
        Program { files: vec![accepts], runtime: None, protocol: Protocol::Icpc, args: Vec::new() };
    problem.cases[0].checker = Some(Checker::Program(program));
    let submissions = ["right.py", "wrong.py"].map(|name| folder.submission(name));
    let options = support::options(1);
    let report = grade::grade(&problem, &submissions, &options, &support::Counter::default());
    let report = report.expect("a report");
    let verdicts: Vec<_> = report.submissions.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::WrongAnswer]);
}

#[test]
fn files_go_in_and_out() {
    let folder = Folder::with(&[(
        "problem.toml",
        r#"
mode = "files"
[limits]
files = "1M"
[[file]]
path = "shared.txt"
text = "shared\n"
[[case]]
file = [{ path = "in/a.txt", text = "one\n" }]
expect = [{ path = "out.txt", text = "ONE shared\n" }]
"#,
    )]);
    let right = "print(open('/in/a.txt').read().strip().upper(), open('/shared.txt').read(), file=open('/out.txt', 'w'))\n";
    expect(
        &folder,
        &[
            ("right.py", right, Verdict::Accepted),
            ("wrong.py", "print('ONE', file=open('/out.txt', 'w'))\n", Verdict::WrongAnswer),
            ("nothing.py", "print('ONE shared')\n", Verdict::NoOutput),
            ("empty.py", "open('/out.txt', 'w')\n", Verdict::NoOutput),
            ("folder.py", "import os\nos.mkdir('/out.txt')\n", Verdict::WrongAnswer),
            ("hungry.py", "open('/out.txt', 'wb').write(bytes(2 << 20))\n", Verdict::FileLimit),
        ],
    );
    let report = folder.grade(&["wrong.py", "nothing.py"]);
    let difference = |at: usize| report.submissions[at].cases[0].difference.clone().expect("one");
    assert_eq!(difference(0).file.as_deref(), Some("out.txt"));
    assert!(difference(1).note.is_some_and(|note| note.contains("cannot be read")));
}

#[test]
fn a_program_that_a_file_of_the_problem_would_replace_is_not_run_in_its_place() {
    let case = "[[case]]\nanswer = \"5\"\n";
    let function =
        "mode = \"function\"\nfunction = \"f\"\n[[case]]\ncall = []\nreturns = 5\n".to_owned();
    let file =
        |path: &str, text: &str| format!("file = [{{ path = \"{path}\", text = '{text}' }}]\n");
    let all = |path: &str, text: &str| format!("{}{case}", file(path, text));
    let c = "#include <stdio.h>\nint main(void) { puts(\"5\"); }\n";
    let (refused, accepted) = (Verdict::CompileError, Verdict::Accepted);
    let rows = [
        (all("a.py", "print(5)"), "a.py", "print(1)", refused),
        (all("/a.py", "print(5)"), "a.py", "print(1)", refused),
        (format!("{case}{}", file("a.py", "print(5)")), "a.py", "print(1)", refused),
        (all("a.js", "console.log(5)"), "a.js", "console.log(1)", refused),
        (all("a.rb", "puts 5"), "a.rb", "puts 1", refused),
        (all("main.py", "print(5)"), "a/main.py", "print(1)", refused),
        (
            format!("{function}{}", file("a.py", "def f(): return 5")),
            "a.py",
            "def f(): return 1",
            refused,
        ),
        (format!("{function}{}", file("a.js", "f = () => 5")), "a.js", "f = () => 1", refused),
        // A compiled program is no file of the tree.
        (all("a.c", "data"), "a.c", c, accepted),
        (all("b.py", "x = 5"), "a.py", "import b; print(b.x)", accepted),
    ];
    for (problem, path, text, verdict) in rows {
        let folder = Folder::with(&[("problem.toml", &problem), (path, text)]);
        let name = path.split('/').next().expect("a name");
        let report = folder.grade(&[name]);
        let submission = &report.submissions[0];
        assert_eq!(submission.verdict, verdict, "{problem}{path}: {submission:#?}");
        let case = submission.cases[0].judge_message.as_deref().unwrap_or_default();
        let all = submission.compilation.as_ref().map_or("", |one| one.diagnostics.as_str());
        let is_said = format!("{case}{all}").contains("is in the way of the problem's file");
        assert_eq!(is_said, verdict == refused, "{submission:#?}");
    }
}

#[test]
fn a_checker_gives_scores_for_files_too() {
    let check = "\
import sys
open(sys.argv[3] + 'judgemessage.txt', 'w').write('read')
open(sys.argv[3] + 'score.txt', 'w').write(sys.stdin.read())
sys.exit(42)
";
    let folder = Folder::with(&[
        (
            "problem.toml",
            "mode = \"files\"\n[[case]]\npoints = 10\nexpect = [{ path = \"a\", text = \"\" }, { path = \"b\", text = \"\" }]\n[checker]\ntype = \"program\"\nprogram = { path = \"check.py\" }\n",
        ),
        ("check.py", check),
        ("a.py", "print(4, file=open('/a', 'w')); print(7, file=open('/b', 'w'))\n"),
    ]);
    let report = folder.grade(&["a.py"]);
    let case = &report.submissions[0].cases[0];
    assert_eq!((case.verdict, case.score), (Verdict::Accepted, Some(4.0)), "{case:?}");
    assert_eq!(case.judge_message.as_deref(), Some("read"));
    assert!(case.judge_steps.is_some());
}

#[test]
fn nothing_of_the_jury_is_in_the_tree_of_a_submission() {
    let folder = Folder::with(&[
        (
            "problem.toml",
            "[[case]]\ninput_file = \"secret/1.in\"\nanswer_file = \"secret/1.ans\"\n[checker]\ntype = \"program\"\nprogram = { path = \"check.py\" }\n",
        ),
        ("secret/1.in", "input\n"),
        ("secret/1.ans", "answer 12345\n"),
        (
            "check.py",
            "import sys\nsys.exit(42 if sys.stdin.read() == open(sys.argv[2]).read() else 43)\n",
        ),
    ]);
    let look = "import os\nfor folder, _, names in os.walk('/'):\n    for name in names: print(os.path.join(folder, name))\n";
    expect(
        &folder,
        &[
            ("knows.py", "print('answer 12345')\n", Verdict::Accepted),
            ("looks.py", look, Verdict::WrongAnswer),
            ("opens.py", "print(open('/secret/1.ans').read())\n", Verdict::RuntimeError),
            ("climbs.py", "print(open('/../../secret/1.ans').read())\n", Verdict::RuntimeError),
        ],
    );
    let report = folder.grade(&["looks.py"]);
    assert_eq!(report.submissions[0].cases[0].stdout, "/looks.py\n");
}

#[test]
fn a_checker_that_fails_is_a_judge_error_without_a_score() {
    let rows = [
        ("check.py", "raise SystemExit(1)\n", "icpc"),
        ("check.py", "1 / 0\n", "icpc"),
        ("check.py", "while True: pass\n", "icpc"),
        ("check.py", "raise SystemExit(3)\n", "testlib"),
        ("check.c", "int main(void) { return }\n", "icpc"),
    ];
    for (name, text, protocol) in rows {
        let problem = format!(
            "[limits]\njudge_steps = 50_000_000\n[[case]]\nanswer = \"\"\n[checker]\ntype = \"program\"\nprogram = {{ path = \"{name}\", protocol = \"{protocol}\" }}\n"
        );
        let folder =
            Folder::with(&[("problem.toml", &problem), (name, text), ("a.py", "print(1)\n")]);
        let report = folder.grade(&["a.py"]);
        let case = &report.submissions[0].cases[0];
        assert_eq!((case.verdict, case.score), (Verdict::JudgeError, None), "{text}\n{case:?}");
        assert_eq!(report.submissions[0].score, None);
        assert!(case.judge_message.is_some(), "{text}");
    }
}

#[test]
fn a_checker_of_testlib_gives_points() {
    let check = r#"
#include <stdio.h>
int main(int argc, char **argv) {
    int n, wanted;
    FILE *output = fopen(argv[2], "r"), *answer = fopen(argv[3], "r");
    if (fscanf(answer, "%d", &wanted) != 1) return 3;
    if (fscanf(output, "%d", &n) != 1) return 2;
    if (n == wanted) return 0;
    if (n > wanted) return 1;
    fprintf(stderr, "points %d nearly\n", 10 * n / wanted);
    return 7;
}
"#;
    let folder = Folder::with(&[
        (
            "problem.toml",
            "[[case]]\nanswer = \"10\"\npoints = 10\n[checker]\ntype = \"program\"\nprogram = { path = \"check.c\", protocol = \"testlib\" }\n",
        ),
        ("check.c", check),
        ("a.js", "console.log(10)"),
        ("b.js", "console.log(5)"),
        ("c.js", "console.log(11)"),
        ("d.js", "console.log('x')"),
    ]);
    let report = folder.grade(&["a.js", "b.js", "c.js", "d.js"]);
    let got: Vec<_> = report.submissions.iter().map(|one| (one.verdict, one.score)).collect();
    let expected = [
        (Verdict::Accepted, Some(10.0)),
        (Verdict::Partial, Some(5.0)),
        (Verdict::WrongAnswer, Some(0.0)),
        (Verdict::PresentationError, Some(0.0)),
    ];
    assert_eq!(got, expected);
}

#[test]
fn a_program_that_does_not_compile_says_why() {
    let folder = Folder::with(&[
        ("problem.toml", "[[case]]\nanswer = \"\"\n"),
        ("a.c", "int main(void) { return undeclared; }\n"),
        ("b.c", "int add(int a) { return a; }\n"),
    ]);
    let report = folder.grade(&["a.c", "b.c"]);
    for (submission, said) in
        report.submissions.iter().zip(["undeclared", "undefined symbol: main"])
    {
        assert_eq!((submission.verdict, submission.score), (Verdict::CompileError, Some(0.0)));
        let compilation = submission.compilation.as_ref().expect("how it was compiled");
        assert!(compilation.diagnostics.contains(said), "{compilation:?}");
        assert!(compilation.steps > 1_000_000);
    }
}

#[test]
fn an_interpreter_that_opens_its_program_next_does_what_it_does_from_its_start() {
    // An argument of one case has all cases started from the beginning.
    let plain = "[[case]]\ninput = \"5\"\nanswer = \"5\"\n";
    let with_args = format!("{plain}[[case]]\nargs = [\"x\"]\ninput = \"5\"\nanswer = \"5\"\n");
    let program =
        "import * as std from 'std';\nconsole.log(std.in.getline());\nconst a = Math.random();\n";
    let reports = [plain, &with_args].map(|problem| {
        let folder = Folder::with(&[("problem.toml", problem), ("a.js", program)]);
        folder.write("b.php", b"<?php echo 2 + 3;");
        folder.grade(&["a.js", "b.php"])
    });
    for at in 0..2 {
        let [opening, start] =
            [0, 1].map(|report: usize| &reports[report].submissions[at].cases[0]);
        assert_eq!(opening.verdict, Verdict::Accepted, "{opening:?}");
        let seen = |case: &grade::CaseReport| {
            (case.verdict, case.steps, case.stdout.clone(), case.stderr.clone())
        };
        assert_eq!(seen(opening), seen(start));
    }
}

#[test]
fn a_compiled_program_that_stands_at_its_first_call_has_the_results_of_its_whole_run() {
    let cases =
        "[limits]\nsteps = 30_000_000\nmemory = \"64M\"\n[[case]]\ninput = \"5\"\nanswer = \"5\"\n";
    let with_args = format!("{cases}[[case]]\nargs = [\"x\"]\ninput = \"5\"\nanswer = \"5\"\n");
    let echo = r#"#include <stdio.h>
int main(int argc, char **argv) { int n; scanf("%d", &n); printf("%d\n", n * argc); }"#;
    let before = r#"#include <stdio.h>
#include <stdlib.h>
static int work(int n) { return n ? work(n - 1) + n % 2 : 0; }
int main(void) { char *p = malloc(1 << 20); p[99] = work(1000); printf("%d\n", p[99] * 0 + 5); FILE *f = fopen("made", "w"); fputs("x", f); fclose(f); }"#;
    let crash = "int main(void) { __builtin_trap(); }";
    let asks = r#"#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
int main(void) { unsigned char b[8]; getentropy(b, 8); fprintf(stderr, "%d %ld", b[3], (long)time(0)); puts(getenv("A") ? "5" : "no"); }"#;
    let programs = [echo, before, crash, asks];
    let reports = [cases, &with_args].map(|problem| {
        let problem = format!("env = {{ A = \"b\" }}\nseed = 3\n{problem}");
        let folder = Folder::with(&[("problem.toml", &problem)]);
        let names: Vec<String> = (0..programs.len()).map(|at| format!("{at}.c")).collect();
        for (name, text) in names.iter().zip(programs) {
            folder.write(name, text.as_bytes());
        }
        folder.grade(&names.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let verdicts = [Verdict::Accepted, Verdict::Accepted, Verdict::Trap, Verdict::Accepted];
    for (at, verdict) in verdicts.into_iter().enumerate() {
        let [thawed, started] =
            [0, 1].map(|report: usize| &reports[report].submissions[at].cases[0]);
        assert_eq!(thawed.verdict, verdict, "{}\n{thawed:?}", programs[at]);
        assert!(thawed.receipt.is_some());
        assert_eq!(format!("{thawed:?}"), format!("{started:?}"), "{}", programs[at]);
    }
}
