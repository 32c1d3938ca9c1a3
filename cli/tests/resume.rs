//! `stepwell grade` that is killed, not asked to stop, goes on from its journal.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Takes a while, then writes `ok`.
const GUEST: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\02\00\00\00")
    (data (i32.const 16) "ok")
    (func (export "_start") (local $left i32)
        (local.set $left (i32.const 2000000))
        (loop $again
            (local.set $left (i32.sub (local.get $left) (i32.const 1)))
            (br_if $again (local.get $left)))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

fn grade(folder: &Path, journal: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
    command
        .current_dir(folder)
        .env("STEPWELL_HOME", folder.join("home"))
        .args(["grade", "--no-cache", "--jobs", "2", "--journal", journal, ".", "a.wasm"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
fn a_killed_run_loses_nothing_and_counts_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let problem = (0..60).fold(String::new(), |mut problem, case| {
        let _ = writeln!(problem, "[[case]]\nname = \"{case}\"\nanswer = \"ok\"");
        problem
    });
    fs::write(folder.join("problem.toml"), problem).expect("a problem");
    fs::write(folder.join("a.wasm"), wat::parse_str(GUEST).expect("a module")).expect("a module");
    let whole = grade(folder, "whole.jsonl").output().expect("a run");
    assert!(whole.status.success());

    let lines = || {
        let text = fs::read(folder.join("killed.jsonl")).unwrap_or_default();
        text.iter().filter(|byte| **byte == b'\n').count()
    };
    let mut kills = 0;
    while kills < 3 && lines() < 60 {
        let before = lines();
        let mut child = grade(folder, "killed.jsonl").spawn().expect("a run");
        while lines() < before + 5 && child.try_wait().expect("a child").is_none() {
            sleep(Duration::from_millis(1));
        }
        // A process that has just ended is not hit any more, and its journal is whole.
        child.kill().expect("a signal");
        child.wait().expect("an end");
        kills += 1;
    }
    assert!(lines() >= 15, "{} lines after {kills} kills", lines());
    let resumed = grade(folder, "killed.jsonl").output().expect("a run");
    assert_eq!(String::from_utf8_lossy(&resumed.stdout), String::from_utf8_lossy(&whole.stdout));
    let text = fs::read_to_string(folder.join("killed.jsonl")).expect("a journal");
    let mut keys: Vec<_> = text.lines().map(|line| line.split('"').nth(3)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), text.lines().count()), (60, 60));
}
