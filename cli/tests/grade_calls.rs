//! `stepwell grade` from a shell: where reports go, what submissions are called, what is printed. No runtime is needed.

mod common;

use common::{Folder, guests};
use serde_json::Value;

const ECHO: &str = r#"
[submissions]
no_output = ["./other.wasm"]

[[case]]
input = "a"
answer = "a"
"#;

/// A folder with a problem, a submission that is right, and one that is not.
fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("problem/problem.toml", ECHO);
    for name in ["right.wasm", "other.wasm", "subs/right.wasm"] {
        folder.module(name, &guests::copies_to(if name == "other.wasm" { 2 } else { 1 }));
    }
    folder.module("problem/other.wasm", &guests::copies_to(2));
    folder
}

/// The report of a call that writes it to standard output.
fn report(folder: &Folder, args: &[&str]) -> Value {
    let ran = folder.run(["grade"].iter().chain(args).chain(&["--no-cache", "--json", "-"]));
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
}

#[test]
fn files_that_cannot_be_written_are_found_before_anything_is_graded() {
    let folder = folder();
    folder.write("there.json", "as it was");
    let mut rows: Vec<(&[&str], &str)> = vec![
        (&["--json", "x", "--journal", "x"], "it is to hold two things"),
        (&["--json", "x", "--journal", "problem/../x"], "it is to hold two things"),
        (&["--json", "./x", "--csv", "x"], "it is to hold two things"),
        (&["--json", "-", "--csv", "-"], "it is to hold two things"),
        (&["--json", "there.json", "--html", "problem/../there.json"], "it is to hold two things"),
        (&["--json", "missing/x"], "its folder does not exist"),
        (&["--json", "problem"], "it is a directory"),
    ];
    if cfg!(target_os = "linux") {
        rows.push((&["--json", "/proc/x.json"], "cannot write /proc/x.json"));
        rows.push((&["--json", "x", "--csv", "/proc/x.csv"], "cannot write /proc/x.csv"));
    }
    for (more, expected) in rows {
        for command in [&["grade", "problem", "right.wasm"][..], &["grade", "check", "problem"]] {
            folder.run(command.iter().chain(more)).fails(2, expected);
        }
    }
    let calibrate = ["grade", "calibrate", "problem", "--json", "x", "--journal", "./x"];
    folder.run(calibrate).fails(2, "it is to hold two things");
    assert!(!folder.path().join("x").exists());
    assert_eq!(folder.read("there.json"), b"as it was");
    let ran = folder.run(["grade", "problem", "right.wasm", "--json", "there.json", "--csv", "y"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    assert!(folder.read("there.json").starts_with(b"{") && folder.path().join("y").exists());
}

#[test]
fn what_is_read_is_not_written() {
    let folder = folder();
    folder.write("package/problem.yaml", "name: a\n");
    folder.write("sub/main.py", "");
    let graded = folder.run(["grade", "problem", "right.wasm", "--jsonl", "parts.jsonl"]);
    assert_eq!(graded.status, Some(0), "{graded:?}");
    let grade = ["grade", "problem", "right.wasm", "sub"];
    let check = ["grade", "check", "problem"];
    let calibrate = ["grade", "calibrate", "problem"];
    let rows: [(&[&str], &[&str], &str); 13] = [
        (&grade, &["--csv", "right.wasm"], "right.wasm"),
        (&grade, &["--json", "./subs/../right.wasm"], "right.wasm"),
        (&grade, &["--html", "sub/main.py"], "sub/main.py"),
        (&grade, &["--journal", "sub/main.py"], "sub/main.py"),
        (&grade, &["--journal", "right.wasm"], "right.wasm"),
        (&grade, &["--junit", "problem/problem.toml"], "problem/problem.toml"),
        (&grade, &["--shard", "1/1", "--jsonl", "right.wasm"], "right.wasm"),
        (&check, &["--csv", "problem/other.wasm"], "problem/other.wasm"),
        (&check, &["--journal", "problem/problem.toml"], "problem/problem.toml"),
        (&calibrate, &["--json", "problem/problem.toml"], "problem/problem.toml"),
        (&calibrate, &["--json", "problem/other.wasm"], "problem/other.wasm"),
        (&["grade", "merge", "parts.jsonl"], &["--json", "parts.jsonl"], "parts.jsonl"),
        (
            &["grade", "package", "right.wasm"],
            &["--json", "package/problem.yaml"],
            "package/problem.yaml",
        ),
    ];
    for (command, more, path) in rows {
        let before = folder.read(path);
        folder.run(command.iter().chain(more)).fails(2, "it is to hold two things");
        assert_eq!(folder.read(path), before, "{command:?} {more:?}");
    }
    let ran = folder.run(["grade", "problem", "right.wasm", "--json", "problem/report.json"]);
    assert_eq!(ran.status, Some(0), "what is not read is written: {ran:?}");
}

#[test]
fn files_for_different_audiences_contradict_each_other() {
    let folder = folder();
    for audience in ["staff", "student"] {
        let name = format!("{audience}.jsonl");
        let args = ["grade", "problem", "right.wasm", "--audience", audience, "--jsonl", &name];
        assert_eq!(folder.run(args).status, Some(0));
    }
    for files in [["staff.jsonl", "student.jsonl"], ["student.jsonl", "staff.jsonl"]] {
        for more in [&[][..], &["--audience", "student"]] {
            let args = ["grade", "merge"].iter().chain(&files).chain(more);
            folder.run(args).fails(3, "is of another audience than");
        }
    }
    folder.run(["grade", "merge", "student.jsonl"]).fails(2, "merge it with --audience student");
}

#[test]
fn there_is_at_least_one_worker() {
    for (jobs, expected) in [("0", "it is at least 1"), ("x", "it is a whole number, at least 1")] {
        folder().run(["grade", "problem", "right.wasm", "-j", jobs]).fails(2, expected);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_is_lost_is_a_fault_of_the_machine() {
    let folder = folder();
    let merge = ["grade", "merge", "parts.jsonl"];
    let ran = folder.run(["grade", "problem", "right.wasm", "--jsonl", "parts.jsonl"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let rows: [&[&str]; 5] = [
        &["grade", "problem", "right.wasm"],
        &["grade", "problem", "right.wasm", "--json", "-"],
        &["grade", "audit", "problem", "right.wasm"],
        &["grade", "check", "problem"],
        &merge,
    ];
    for args in rows {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
        let status = folder.stepwell(args).stdout(full).status().expect("it starts");
        assert_eq!(status.code(), Some(3), "{args:?}");
    }
}

#[test]
fn submissions_are_called_by_what_says_nothing_of_the_machine() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (right, deeper) = (path("right.wasm"), path("subs/right.wasm"));
    let rows: [(&[&str], &[&str]); 5] = [
        (&["right.wasm"], &["right.wasm"]),
        (&["./right.wasm"], &["right.wasm"]),
        (&[&right], &["right.wasm"]),
        (&["subs/right.wasm", "./right.wasm"], &["subs/right.wasm", "right.wasm"]),
        (&[&right, &deeper], &["right.wasm", "subs/right.wasm"]),
    ];
    let mut digests = Vec::new();
    for (paths, names) in rows {
        let args: Vec<&str> = ["problem"].iter().chain(paths).copied().collect();
        let report = report(&folder, &args);
        let submissions = report["submissions"].as_array().expect("submissions");
        let found: Vec<_> = submissions.iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(found, names, "{paths:?}");
        digests.push(report["digest"].clone());
    }
    assert!(digests[..3].iter().all(|digest| *digest == digests[0]), "{digests:?}");
}

#[test]
fn what_the_jury_expects_is_in_no_report_of_others() {
    let folder = folder();
    let report_of = |args: &[&str]| report(&folder, args)["submissions"][0].clone();
    let others = report_of(&["problem", "other.wasm"]);
    assert_eq!((&others["name"], &others["expected"]), (&"other.wasm".into(), &Value::Null));
    let jurys = report_of(&["check", "problem"]);
    assert_eq!(jurys["name"], "other.wasm", "{jurys}");
    assert_eq!(jurys["expected"][0], "no_output", "{jurys}");
}

#[test]
fn staff_is_told_why_below_the_table() {
    let folder = folder();
    folder.write("judged/problem.toml", "[[case]]\nname = \"one\"\n[checker]\ntype = \"program\"\nprogram = { path = \"check.wasm\" }\n");
    folder.module("judged/check.wasm", &guests::exits_with(1));
    folder.write("essay.docx", "an essay");
    let judge = "other.wasm, case one, judge_error:\n  the judge ended with exit status 1, neither 42 nor 43\n";
    let rows: [(&[&str], i32, &str); 3] = [
        (&["judged", "other.wasm"], 3, judge),
        (&["judged", "essay.docx", "other.wasm"], 3, judge),
        (
            &["problem", "right.wasm", "essay.docx"],
            1,
            "essay.docx, compile_error:\n  no runtime for",
        ),
    ];
    for (args, status, expected) in rows {
        let run = |audience: &str| {
            folder.run(["grade"].iter().chain(args).chain(&["--no-cache", "--audience", audience]))
        };
        let ran = run("staff");
        assert_eq!(ran.status, Some(status), "{ran:?}");
        assert!(ran.stdout().contains(expected), "{expected:?} is not in:\n{}", ran.stdout());
        assert!(ran.stdout().lines().last().is_some_and(|line| line.starts_with("report ")));
        assert!(!run("student").stdout().contains(expected));
    }
}

#[test]
fn a_file_that_is_not_there_is_a_wrong_call() {
    let folder = folder();
    folder.run(["grade", "merge", "missing.jsonl"]).fails(2, "missing.jsonl");
    folder.run(["grade", "problem", "missing.wasm"]).fails(2, "missing.wasm");
}

#[test]
fn a_task_of_an_array_that_runs_again_is_told_to_say_its_shard() {
    let folder = folder();
    for (least, is_noted) in [("1", false), ("3", true)] {
        let args = ["grade", "problem", "right.wasm", "--shard", "slurm", "--jsonl", "x"];
        let mut command = folder.stepwell(args);
        command.env("SLURM_ARRAY_TASK_ID", "3").env("SLURM_ARRAY_TASK_MIN", least);
        command.env("SLURM_ARRAY_TASK_COUNT", "8");
        let ran = common::feed(command, b"");
        assert_eq!(ran.status, Some(0), "{ran:?}");
        assert_eq!(ran.stderr().contains("this is shard 1/8"), is_noted, "{ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_submission_that_is_no_file_keeps_nobody_waiting() {
    let ran = folder().run(["grade", "problem", "/dev/zero", "right.wasm", "--no-cache"]);
    assert_eq!(ran.status, Some(1), "{ran:?}");
    assert!(ran.stdout().contains("it is neither a file nor a folder"), "{}", ran.stdout());
}
