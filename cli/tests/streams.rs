//! Standard streams: binary-safe, streamed, of any length; what happens where nobody reads or writes. No runtime is
//! needed.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::Stdio;

use common::{Folder, guests};

fn every_byte(times: usize) -> Vec<u8> {
    (0..=255).cycle().take(256 * times).collect()
}

#[test]
fn every_byte_passes_from_input_to_output() {
    let folder = Folder::new();
    for (fd, large) in [(1, false), (1, true), (2, true)] {
        folder.module("copy.wasm", &guests::copies_to(fd));
        let input = every_byte(if large { 20_000 } else { 1 });
        let ran = folder.run_with(["run", "copy.wasm"], &input);
        assert_eq!(ran.status, Some(0));
        let (written, other) =
            if fd == 1 { (ran.stdout, ran.stderr) } else { (ran.stderr, ran.stdout) };
        assert!(written == input, "{} bytes instead of {}", written.len(), input.len());
        assert_eq!(other, b"");
    }
}

#[test]
fn input_comes_from_a_file_that_is_named() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let input = every_byte(1000);
    folder.write("input", &input);
    folder.write("empty", "");
    let ran = folder.run_with(["run", "--stdin", "input", "copy.wasm"], b"not this");
    assert!(ran.status == Some(0) && ran.stdout == input);
    let ran = folder.run_with(["run", "--stdin", "empty", "copy.wasm"], b"not this");
    assert_eq!((ran.status, ran.stdout()), (Some(0), String::new()));
}

#[test]
fn an_answer_comes_before_the_next_question() {
    let folder = Folder::new();
    folder.module("copy.wasm", &guests::copies_to(1));
    let mut command = folder.stepwell(["run", "copy.wasm"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    for line in ["one\n", "two\n", "three\n"] {
        input.write_all(line.as_bytes()).expect("the guest reads");
        let mut answer = String::new();
        output.read_line(&mut answer).expect("the guest writes");
        assert_eq!(answer, line);
    }
    drop(input);
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).expect("the guest ends");
    assert!(child.wait().expect("it ends").success() && rest.is_empty());
}

#[test]
fn input_that_the_guest_does_not_want_stops_nothing() {
    let folder = Folder::new();
    folder.module("exit.wasm", &guests::exits_with(3));
    let ran = folder.run_with(["run", "exit.wasm"], &every_byte(10_000));
    assert_eq!((ran.status, ran.stderr()), (Some(3), String::new()));
}

#[test]
fn a_closed_pipe_ends_a_guest_that_writes_for_ever_quietly() {
    let folder = Folder::new();
    for fd in [1, 2] {
        folder.module("yes.wasm", &guests::writes_for_ever_to(fd));
        let mut command = folder.stepwell(["run", "yes.wasm"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let (out, err) =
            (child.stdout.take().expect("a pipe"), child.stderr.take().expect("a pipe"));
        let mut streams: [Box<dyn Read>; 2] = [Box::new(out), Box::new(err)];
        if fd == 2 {
            streams.reverse();
        }
        let [mut read, mut other] = streams;
        let mut line = [0; 4];
        read.read_exact(&mut line).expect("the guest writes");
        assert_eq!(&line, b"yes\n");
        drop(read);
        assert_eq!(child.wait().expect("it ends").code(), Some(141));
        let mut said = String::new();
        other.read_to_string(&mut said).expect("it ended");
        assert_eq!(said, "");
    }
}

/// Writes a digit a line, to standard output and standard error in turn.
const TURNS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "0\0a1\0a2\0a3\0a4\0a5\0a")
    (func (export "_start") (local $n i32)
        (loop $again
            (i32.store (i32.const 0) (i32.add (i32.const 64) (i32.shl (local.get $n) (i32.const 1))))
            (i32.store (i32.const 4) (i32.const 2))
            (drop (call $write
                (i32.add (i32.const 1) (i32.and (local.get $n) (i32.const 1)))
                (i32.const 0) (i32.const 1) (i32.const 8)))
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_u (local.get $n) (i32.const 6))))))"#;

#[cfg(unix)]
#[test]
fn both_outputs_come_in_the_order_in_which_they_were_written() {
    let folder = Folder::new();
    folder.module("turns.wasm", TURNS);
    assert_eq!(shell(&folder, "2>&1", "turns.wasm").succeeds(), "0\n1\n2\n3\n4\n5\n");
}

/// Runs the program by a shell, which can close streams.
#[cfg(unix)]
fn shell(folder: &Folder, redirections: &str, guest: &str) -> common::Ran {
    let program = env!("CARGO_BIN_EXE_stepwell");
    let mut command = std::process::Command::new("sh");
    command.current_dir(folder.path()).arg("-c");
    command.arg(format!("exec \"$0\" run {guest} {redirections}")).arg(program);
    common::feed(command, b"input")
}

#[cfg(unix)]
#[test]
fn streams_that_are_closed_are_no_reason_to_fail() {
    let folder = Folder::new();
    folder.module("out.wasm", &guests::copies_to(1));
    folder.module("err.wasm", &guests::copies_to(2));
    for (redirections, guest, out, err) in [
        ("", "out.wasm", "input", ""),
        ("<&-", "out.wasm", "", ""),
        ("<&-", "err.wasm", "", ""),
        (">&-", "err.wasm", "", "input"),
        ("2>&-", "out.wasm", "input", ""),
        ("<&- >&- 2>&-", "out.wasm", "", ""),
        ("<.", "out.wasm", "", "stepwell: cannot read standard input: "),
    ] {
        let ran = shell(&folder, redirections, guest);
        let status = if redirections == "<." { 125 } else { 0 };
        assert_eq!(ran.status, Some(status), "{redirections}: {}", ran.stderr());
        assert_eq!(ran.stdout(), out, "{redirections}");
        assert!(ran.stderr().starts_with(err), "{redirections}: {}", ran.stderr());
    }
}
