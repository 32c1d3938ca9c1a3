//! What the program says about a run: `--json`, `--trace`, `--stats`, and how limits end. No runtime is needed.

mod common;

use common::{Folder, Ran, guests};
use serde_json::{Value, json};

fn object(ran: &Ran) -> Value {
    let stdout = ran.stdout();
    assert_eq!(stdout.lines().count(), 1, "one line: {stdout}");
    let object: Value = serde_json::from_str(&stdout).expect("one object");
    assert_eq!(object["status"], json!(ran.status));
    object
}

#[test]
fn a_result_is_one_object() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    folder.module("error.wasm", &guests::copies_to(2));
    folder.module("exit.wasm", &guests::exits_with(300));
    folder.module("loop.wasm", guests::LOOPS);
    folder.module("dive.wasm", guests::DIVES);
    folder.module("bad.wasm", r#"(module (import "a" "b" (func)))"#);
    let cases: &[(&[&str], &[u8], Value)] = &[
        (&["copy.wasm"], b"a\n", json!({ "outcome": "exited", "exit_code": 0, "stdout": "a\n" })),
        (&["copy.wasm"], b"\xff", json!({ "stdout": null, "stdout_base64": "/w==", "stderr": "" })),
        (&["error.wasm"], b"a\n", json!({ "stdout": "", "stderr": "a\n" })),
        (&["exit.wasm"], b"", json!({ "outcome": "exited", "exit_code": 300, "status": 44 })),
        (
            &["--steps", "5000", "loop.wasm"],
            b"",
            json!({ "outcome": "limit", "limit": "steps", "steps": 5000, "stdout": "ready\n", "status": 124 }),
        ),
        (
            &["--timeout", "0.2", "loop.wasm"],
            b"",
            json!({ "outcome": "timeout", "stdout": "ready\n", "status": 124, "limit": null }),
        ),
        (&["bad.wasm"], b"", json!({ "outcome": "failed", "status": 126 })),
        (&["missing.wasm"], b"", json!({ "outcome": "failed", "status": 127 })),
    ];
    for (args, input, expected) in cases {
        let ran = folder.run_with(["run", "--json"].iter().chain(args.iter()), input);
        let found = object(&ran);
        for (name, value) in expected.as_object().expect("an object") {
            assert_eq!(found[name], *value, "{name} of {found}");
        }
    }
    let ran = folder.run(["run", "--json", "--call-depth", "20", "dive.wasm"]);
    let trap = &object(&ran)["trap"];
    assert_eq!(trap["kind"], "stack_overflow");
    assert_eq!(trap["backtrace"][0]["name"], "deeper", "{trap}");
    assert_eq!(ran.stderr(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn files_that_cannot_be_written_are_in_the_one_object() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    for option in ["--save-fs", "--save-diff", "--receipt", "--profile"] {
        let options = ["run", "--json", "--fs-bytes", "9", option, "/dev/full"];
        let ran = folder.run(options.iter().chain(&["files.wasm", "f", "text"]));
        let found = object(&ran);
        let ends = ["outcome", "exit_code", "status"].map(|name| &found[name]);
        assert_eq!(ends, [&json!("exited"), &json!(0), &json!(125)], "{option}");
        let message = found["message"].as_str().expect("a reason");
        assert!(message.contains("/dev/full"), "{message}");
        assert_eq!(ran.stderr(), format!("stepwell: {message}\n"));
    }
}

#[test]
fn a_result_says_which_receipt_was_written() {
    let folder = Folder::new();
    folder.module("ok.wasm", &guests::exits_with(0));
    let ran = folder.run(["run", "--json", "--receipt", "r.json", "ok.wasm"]);
    let receipt: Value = serde_json::from_slice(&folder.read("r.json")).expect("a receipt");
    assert_eq!(object(&ran)["receipt"], receipt["digest"]);
}

#[test]
fn the_results_of_an_export_are_in_the_object_and_not_beside_it() {
    let folder = Folder::new();
    folder.module("one.wasm", r#"(module (func (export "one") (result i64) (i64.const 1)))"#);
    let ran = folder.run(["run", "--json", "--invoke", "one", "one.wasm"]);
    assert_eq!(object(&ran)["results"], json!(["1"]));
}

#[test]
fn a_trace_is_a_line_for_each_call() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let ran = folder.run_with(["run", "--trace", "copy.wasm"], b"abc\n");
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(0), "abc\n"));
    let stderr = ran.stderr();
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 3, "{stderr}");
    for (line, call) in lines.iter().zip(["fd_read(fd=0, ", "fd_write(fd=1, ", "fd_read(fd=0, "]) {
        let line = line.strip_prefix("stepwell: ").expect("Stepwell says it");
        let (steps, rest) = line.split_once(' ').expect("steps and a call");
        assert!(steps.parse::<u64>().is_ok() && rest.starts_with(call), "{line}");
        assert!(rest.ends_with(") -> ok"), "{line}");
    }
    let again = folder.run_with(["run", "--trace", "copy.wasm"], b"abc\n");
    assert_eq!(again.stderr(), stderr);
}

#[test]
fn counters_are_said_at_the_end_also_of_a_run_that_a_limit_ends() {
    let folder = Folder::new();
    folder.module("loop.wasm", guests::LOOPS);
    let ran = folder.run(["run", "--stats", "--steps", "9000", "loop.wasm"]);
    assert_eq!((ran.status, ran.stdout().as_str()), (Some(124), "ready\n"));
    let last = "stepwell: 9000 steps, 65536 bytes of memory, 1 calls\n";
    assert!(ran.stderr().ends_with(last), "{}", ran.stderr());
}

#[test]
fn a_profile_accounts_for_every_step() {
    let folder = Folder::new();
    folder.module("dive.wasm", guests::DIVES);
    folder.module("loop.wasm", guests::LOOPS);
    for (args, frame) in [
        (&["--call-depth", "9", "dive.wasm"][..], "begin;deeper;deeper"),
        (&["--steps", "7000", "loop.wasm"], ";fd_write"),
    ] {
        let ran = folder.run(["run", "--json", "--profile", "p"].iter().chain(args));
        let profile = String::from_utf8(folder.read("p")).expect("text");
        let steps = profile.lines().map(|line| {
            let (_, steps) = line.rsplit_once(' ').expect("a stack and its steps");
            steps.parse::<u64>().expect("a number")
        });
        assert_eq!(json!(steps.sum::<u64>()), object(&ran)["steps"], "{profile}");
        assert!(profile.contains(frame), "{frame} is not in:\n{profile}");
    }
}

#[test]
fn every_limit_has_its_option_and_its_end() {
    let folder = Folder::new();
    folder.module("files.wasm", guests::FILES);
    folder.module("dive.wasm", guests::DIVES);
    folder.module("loop.wasm", guests::LOOPS);
    folder.module("table.wasm", r#"(module (table 9 funcref) (func (export "_start")))"#);
    // 51 is NOSPC, 33 is MFILE.
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--table-elements", "8", "table.wasm"], 124, "the limit of table elements"),
        (&["--table-elements", "9", "table.wasm"], 0, ""),
        (&["--call-depth", "10", "dive.wasm"], 134, "call stack exhausted"),
        (
            &["--stack-bytes", "64K", "--call-depth", "10000000", "dive.wasm"],
            134,
            "call stack exhausted",
        ),
        (&["--fs-inodes", "1", "files.wasm", "f", "text"], 51, ""),
        (&["--fs-bytes", "3", "files.wasm", "f", "text"], 0, ""),
        (&["--fs-bytes", "0", "files.wasm", "f", "text"], 51, ""),
        (&["--fds", "4", "--fs-bytes", "9", "files.wasm", "f", "text"], 33, ""),
        (&["--fds", "5", "--fs-bytes", "9", "files.wasm", "f", "text"], 0, ""),
        (
            &["--args-bytes", "17", "files.wasm", "f", "text"],
            125,
            "take 18 bytes, and 17 are allowed",
        ),
        (&["--args-bytes", "18", "--fs-bytes", "9", "files.wasm", "f", "text"], 0, ""),
        (&["--timeout", "0.1", "loop.wasm"], 124, "stopped by --timeout after 0.1 s"),
    ];
    for (args, status, reason) in cases {
        let ran = folder.run(["run"].iter().chain(args.iter()));
        assert_eq!(ran.status, Some(*status), "{args:?}: {}", ran.stderr());
        assert!(ran.stderr().contains(reason), "{args:?}: {}", ran.stderr());
        assert_eq!(ran.stderr().is_empty(), reason.is_empty(), "{args:?}: {}", ran.stderr());
    }
}

#[test]
fn a_limit_keeps_what_was_produced() {
    let folder = Folder::new();
    let writes_then_loops = guests::FILES.replace(
        "(call $check\n                    (call $write (local.get $fd)",
        "(call $check\n                    (call $write_and_loop (local.get $fd)",
    );
    let writes_then_loops = writes_then_loops.replace(
        "(func $check",
        "(func $write_and_loop (param i32 i32 i32 i32) (result i32)
            (drop (call $write (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
            (loop (br 0)) unreachable)
        (func $check",
    );
    folder.module("loop.wasm", &writes_then_loops);
    for (option, value) in [("--steps", "100000"), ("--timeout", "0.2")] {
        let args = ["run", "--save-diff", "d.tar", option, value, "loop.wasm", "f", "text"];
        assert_eq!(folder.run(args).status, Some(124));
        assert!(common::archived(&folder.read("d.tar")).contains(&("f".into(), b"text".to_vec())));
    }
}

#[cfg(unix)]
#[test]
fn the_guard_in_real_time_also_ends_a_wait() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let mut command = folder.stepwell(["run", "--timeout", "0.2", "copy.wasm"]);
    command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    // Its standard input stays open and empty until it has ended: `wait_with_output` would close it first.
    let input = child.stdin.take();
    let output = child.wait_with_output().expect("it ends");
    drop(input);
    assert_eq!(output.status.code(), Some(124));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(stderr.contains("stopped by --timeout"), "{stderr}");
}
