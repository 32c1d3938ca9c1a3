//! `stepwell grade` on many machines, and what it writes for whom.

mod common;

use std::path::Path;
use std::process::{Command, Stdio};

use common::{Folder, Ran};

const COURSE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/grading");
const SUBMISSIONS: [&str; 4] = ["right.py", "cheat_forged_report.py", "crash.py", "right.js"];

/// The arguments that grade some submissions of the course.
fn sums() -> Vec<String> {
    let problem = format!("{COURSE}/sums");
    let submissions = SUBMISSIONS.map(|name| format!("{problem}/{name}"));
    ["grade".into(), problem].into_iter().chain(submissions).collect()
}

fn with(mut args: Vec<String>, more: &[&str]) -> Vec<String> {
    args.extend(more.iter().map(|one| (*one).to_owned()));
    args
}

/// The digest that is printed last.
fn digest(ran: &Ran) -> String {
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    let digest = text.lines().last().and_then(|line| line.strip_prefix("report "));
    digest.unwrap_or_else(|| panic!("no digest: {ran:?}")).to_owned()
}

/// The digest on one machine.
fn whole(folder: &Folder) -> String {
    let ran = folder.run(with(sums(), &["--no-cache", "--jobs", "2"]));
    assert_eq!(ran.status, Some(1), "{ran:?}");
    digest(&ran)
}

#[test]
fn a_report_is_the_same_with_any_number_of_workers() {
    let folder = Folder::new();
    let expected = whole(&folder);
    for jobs in ["1", "8"] {
        let ran = folder.run(with(sums(), &["--no-cache", "--jobs", jobs]));
        assert_eq!(digest(&ran), expected, "{jobs} jobs");
    }
}

#[test]
fn shards_give_the_report_of_one_machine() {
    let folder = Folder::new();
    let expected = whole(&folder);
    for count in [1, 3, 7] {
        let mut merge = vec!["grade".to_owned(), "merge".to_owned()];
        for index in 1..=count {
            let file = format!("{index}-of-{count}.jsonl");
            let shard = format!("{index}/{count}");
            let ran =
                folder.run(with(sums(), &["--no-cache", "--shard", &shard, "--jsonl", &file]));
            assert_eq!(ran.status, Some(0), "a shard ends well whatever the verdicts: {ran:?}");
            merge.push(file);
        }
        let ran = folder.run(&merge);
        assert_eq!((ran.status, digest(&ran)), (Some(1), expected.clone()), "{count} shards");
        if count == 3 {
            merge.remove(3);
            let ran = folder.run(&merge);
            assert_eq!(ran.status, Some(3));
            let why = String::from_utf8_lossy(&ran.stderr).into_owned();
            assert!(why.contains("results are in no file") && why.contains(", case "), "{why}");
        }
    }
}

#[test]
fn gnu_parallel_grades_shards() {
    let version = Command::new("parallel").arg("--version").stdin(Stdio::null()).output();
    let is_gnu = version
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("GNU parallel"));
    if !is_gnu {
        println!(
            "skipped: there is no GNU parallel on this machine; on Debian, `apt-get install parallel` has it"
        );
        return;
    }
    let folder = Folder::new();
    let expected = whole(&folder);
    for shard in ["parallel/3", "{#}/3"] {
        let args =
            with(sums(), &["--no-cache", "--jobs", "1", "--shard", shard, "--jsonl", "{}.jsonl"]);
        let output = Command::new("parallel")
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .args(["--will-cite", "--jobs", "2", "--halt", "now,fail=1"])
            .arg(env!("CARGO_BIN_EXE_stepwell"))
            .args(args)
            .args([":::", "a", "b", "c"])
            .stdin(Stdio::null())
            .output()
            .expect("parallel runs");
        assert!(output.status.success(), "{output:?}");
        let ran = folder.run(["grade", "merge", "a.jsonl", "b.jsonl", "c.jsonl"]);
        assert_eq!((ran.status, digest(&ran)), (Some(1), expected.clone()), "{shard}");
    }
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_graded() {
    let folder = Folder::new();
    let rows: [(&[&str], &str); 8] = [
        (&["--shard", "1/3"], "--jsonl"),
        (&["--shard", "4/3", "--jsonl", "x"], "no shard 4 of 3"),
        (&["--shard", "slurm", "--jsonl", "x"], "no SLURM_ARRAY_TASK_ID"),
        (&["--shard", "1/3", "--jsonl", "x", "--json", "y"], "a shard has no report of its own"),
        (&["--gradescope", "results.json"], "results.json is about one submission"),
        (&["--html", "missing/report.html"], "its folder does not exist"),
        (&["--csv", "x", "--json", "x"], "it is to hold two things"),
        (&["--audience", "parents"], "parents"),
    ];
    for (more, expected) in rows {
        let ran = folder.run(with(sums(), more));
        let why = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert_eq!(ran.status, Some(2), "{more:?}: {why}");
        assert!(why.contains(expected), "{more:?}: {why:?} has no {expected:?}");
    }
    folder.write("empty.jsonl", "");
    let ran = folder.run(["grade", "merge", "empty.jsonl"]);
    assert_eq!(ran.status, Some(3), "{ran:?}");
}

/// A submission that shows its input in every way that it has.
const TELLTALE: &str = "\
import sys
text = sys.stdin.read()
print(text)
print(text, file=sys.stderr)
open('/leak.txt', 'w').write(text)
x = 0
for i in range(ord(text[0]) * 10): x += i
sys.exit(ord(text[0]))
";

const TWO_CASES: &str = r#"
[limits]
steps = 100_000_000

[[group]]
name = "shown"
public = true
case = [{ name = "a", input = "shown-input", answer = "shown-answer" }]

[[group]]
name = "kept"
case = [{ name = "b", input = "kept-input", answer = "kept-answer" }]
"#;

#[test]
fn students_see_nothing_of_hidden_cases_in_any_format() {
    let folder = Folder::new();
    folder.write("problem/problem.toml", TWO_CASES);
    folder.write("telltale.py", TELLTALE);
    let names =
        ["report.json", "lines.jsonl", "junit.xml", "results.json", "report.csv", "report.html"];
    let options = ["--json", "--jsonl", "--junit", "--gradescope", "--csv", "--html"];
    for audience in ["staff", "student"] {
        let mut args =
            vec!["grade", "problem", "telltale.py", "--no-cache", "--audience", audience];
        args.extend(options.iter().zip(&names).flat_map(|(option, name)| [*option, *name]));
        let ran = folder.run(args);
        assert_eq!(ran.status, Some(1), "{ran:?}");
        let mut texts: Vec<(&str, Vec<u8>)> = names.map(|name| (name, folder.read(name))).into();
        texts.push(("the terminal", [&ran.stdout[..], &ran.stderr[..]].concat()));
        for (name, text) in texts {
            let text = String::from_utf8(text).expect("UTF-8");
            let shows = |what: &str| text.contains(what);
            match (audience, name) {
                ("student", _) => {
                    assert!(!shows("kept-input") && !shows("kept-answer"), "{name}: {text}");
                    // 'k', the first byte of the input, as an exit status.
                    assert!(
                        !shows("\"exit_code\":107")
                            && !shows("exit status 107")
                            && !shows("\"exit_code\": 107"),
                        "{name}"
                    );
                }
                (_, "the terminal" | "report.csv") => assert!(!shows("kept-answer"), "{name}"),
                _ => assert!(shows("kept-input"), "{name} for staff: {text}"),
            }
        }
        assert!(!Path::new("/leak.txt").exists());
    }
    let merged = folder.run(["grade", "merge", "lines.jsonl"]);
    assert_eq!(merged.status, Some(2), "what students got is not for staff: {merged:?}");
    let merged = folder.run(["grade", "merge", "lines.jsonl", "--audience", "student"]);
    assert_eq!(merged.status, Some(1), "{merged:?}");
}

#[test]
fn calibration_proposes_a_limit_and_writes_only_when_asked() {
    let folder = Folder::new();
    let program = |turns: u64| {
        format!(
            "(module (memory (export \"memory\") 1)
              (func (export \"_start\") (local i64)
                (loop (br_if 0 (i64.lt_u (local.tee 0 (i64.add (local.get 0) (i64.const 1))) (i64.const {turns}))))))"
        )
    };
    folder.module("problem/quick.wasm", &program(1_000));
    folder.module("problem/slow.wasm", &program(10_000_000));
    let text = "\
# A comment.
[limits]
steps = 1_000_000 # so many
[submissions]
accepted = [\"quick.wasm\"]
step_limit = [\"slow.wasm\"]
[[case]]
input = \"\"
answer = \"\"
";
    folder.write("problem/problem.toml", text);
    let args = ["grade", "calibrate", "problem", "--json", "found.json", "--no-cache"];
    let ran = folder.run(args);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert_eq!(folder.read("problem/problem.toml"), text.as_bytes(), "nothing is changed");
    let found: serde_json::Value =
        serde_json::from_slice(&folder.read("found.json")).expect("JSON");
    let slowest = found["slowest_accepted"]["steps"].as_u64().expect("steps");
    let limit = found["proposal"]["steps_max"].as_u64().expect("a limit");
    assert!(limit >= 2 * slowest && limit < 3 * slowest, "{limit} for {slowest}");
    let ratio = &found["proposal"]["above_slowest"];
    let (above, below) = (ratio["numerator"].as_u64(), ratio["denominator"].as_u64());
    assert_eq!(above.expect("a number") * slowest, below.expect("a number") * limit, "it is exact");
    assert_eq!(found["fastest_exceeding"]["exceeds_ceiling"], true);

    let ran = folder.run(args.into_iter().chain(["--write"]));
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let expected = text.replace("1_000_000", &limit.to_string());
    assert_eq!(String::from_utf8_lossy(&folder.read("problem/problem.toml")), expected);
    let ran = folder.run(["grade", "check", "problem", "--no-cache"]);
    assert_eq!(ran.status, Some(0), "the limit separates them: {ran:?}");
}

#[test]
fn a_limit_of_a_package_is_not_measured_to_be_written() {
    let folder = Folder::new();
    folder.write("problem/problem.yaml", "name: a\n");
    folder.write("problem/.timelimit", "1\n");
    folder.write("problem/data/secret/1.in", "");
    folder.write("problem/data/secret/1.ans", "");
    folder.write("problem/submissions/accepted/a.py", "while True: pass\n");
    let ran = folder.run(["grade", "calibrate", "problem", "--write", "--no-cache"]);
    assert_eq!(ran.status, Some(2), "{ran:?}");
    let why = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert!(why.contains("has no problem.toml to write a limit to"), "{why}");
    assert!(ran.stdout.is_empty(), "nothing is measured: {ran:?}");
}
