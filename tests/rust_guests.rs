//! Guests in Rust, over the standard library and beside it, in every kind of file system and on read-only mounts.
//!
//! What they print is in guests-rust/golden, the same for all; where a directory of the host answers otherwise, the
//! line has a second answer.

use std::collections::BTreeMap;

use engine::State;
use stepwell_tests::{Entry, Mode, Place, Run, list, rust_guest};

const ENTRIES: [Entry<'static>; 4] = [
    Entry::File("f", b"text"),
    Entry::Directory("d"),
    Entry::File("d/g", b"g"),
    Entry::Symlink("l", "f"),
];

/// How a guest has ended, in a line.
fn end(state: &State) -> String {
    match state {
        State::Exited(code) => format!("exits {code}"),
        State::Trapped(trap) => format!("traps: {}", trap.kind),
        state => format!("{state:?}"),
    }
}

/// The golden text for a mode.
fn golden<'a>(text: &'a str, mode: Mode) -> Vec<&'a str> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let answer = |line: &'a str| match (mode, line.split_once(" | on a host: ")) {
        (Mode::ReadWrite, Some((_, on_a_host))) => on_a_host,
        (_, Some((everywhere, _))) => everywhere,
        (_, None) => line,
    };
    lines.map(answer).collect()
}

/// Fails with the lines that differ.
#[track_caller]
fn same(found: &str, expected: &[&str], what: &str) {
    let found: Vec<&str> = found.lines().collect();
    let lines = found.len().max(expected.len());
    let pair = |at| (found.get(at).unwrap_or(&"the end"), expected.get(at).unwrap_or(&"the end"));
    let wrong = (0..lines).map(pair).filter(|(found, expected)| found != expected);
    let wrong: Vec<_> = wrong.map(|(f, g)| format!("  found  {f}\n  golden {g}")).collect();
    assert!(wrong.is_empty(), "{what}:\n{}\nall of it:\n{}", wrong.join("\n"), found.join("\n"));
}

/// Runs a guest in every kind of place, writable and then read-only.
#[track_caller]
fn prints(name: &str, writable: &str, read_only: &str) {
    let guest = rust_guest(name);
    let argv = [name.to_owned()];
    let run = Run { stdin_stays_open: true, ..Run::new(&guest, &argv) };
    for mode in Mode::ALL {
        let place = Place::new(mode, &ENTRIES);
        let before = place.digest();
        let (ran, _) = run.over(place.read_only());
        let found = format!("{}{}\n", ran.text(), end(&ran.state));
        same(&found, &golden(read_only, mode), &format!("{name}, {mode:?}, read-only"));
        assert_eq!(place.digest(), before, "{name}, {mode:?}: a read-only mount has changed");
        let (ran, mut files) = run.over(place.namespace());
        let mut found = format!("{}{}\n", ran.text(), end(&ran.state));
        let (_, root) = files.mounts_mut().next().expect("a root");
        for (path, what) in list(&mut *root.fs) {
            found += &format!("leaves {path}, {what}\n");
        }
        same(&found, &golden(writable, mode), &format!("{name}, {mode:?}"));
        if mode != Mode::ReadWrite {
            assert_eq!(place.digest(), before, "{name}, {mode:?}: what is below has changed");
        }
    }
}

#[test]
fn every_operation_of_std_fs_answers_as_decided() {
    prints(
        "std_fs",
        include_str!("guests-rust/golden/std_fs.txt"),
        include_str!("guests-rust/golden/std_fs_read_only.txt"),
    );
}

#[test]
fn functions_that_std_does_not_reach_answer_as_decided() {
    prints(
        "raw",
        include_str!("guests-rust/golden/raw.txt"),
        include_str!("guests-rust/golden/raw_read_only.txt"),
    );
}

/// The golden text has a line `$ ARGUMENTS` before what each run prints and how it ends.
#[test]
fn everything_else_of_std_answers_as_decided() {
    let guest = rust_guest("std_rest");
    let env = BTreeMap::from([("NAME".to_owned(), "value".to_owned())]);
    let text = include_str!("guests-rust/golden/std_rest.txt");
    for mode in Mode::ALL {
        let mut found = String::new();
        for arguments in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let argv: Vec<String> =
                ["std_rest"].into_iter().chain(arguments.split(' ')).map(str::to_owned).collect();
            let stdin = b"a line\nanother\xff\nno end";
            let run = Run { env: &env, stdin, ..Run::new(&guest, &argv) };
            let (ran, _) = run.over(Place::new(mode, &ENTRIES).namespace());
            found += &format!("$ {arguments}\n{}{}\n", ran.text(), end(&ran.state));
            let panics = String::from_utf8_lossy(&ran.stderr).contains("panicked at");
            let should = ["panic", "overflow 9"].iter().any(|name| arguments.starts_with(name));
            assert_eq!(panics, should, "{arguments}: standard error");
        }
        same(&found, &golden(text, mode), &format!("std_rest, {mode:?}"));
    }
}

/// A guest that writes much in one call has to wait for the host, and loses nothing.
#[test]
fn all_of_a_large_output_arrives() {
    let guest = rust_guest("std_rest");
    let argv = ["std_rest", "many"].map(str::to_owned);
    let (ran, _) = Run::new(&guest, &argv).over(Place::new(Mode::Memory, &[]).namespace());
    assert_eq!(ran.state, State::Exited(0));
    let lines: Vec<_> = ran.text().lines().map(str::len).collect();
    assert_eq!(lines, [99_999; 5]);
}
