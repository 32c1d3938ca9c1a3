//! The program at a terminal: what the guest sees of it, Ctrl-C. Python is installed by the first test.
#![cfg(unix)]

mod common;

use std::io::Read;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

use common::{Folder, archived, guests};

/// How long a test waits before it gives up; a runtime may have to be installed first.
const WATCHDOG_MS: u64 = 600_000;

fn at_a_terminal(command: Command) -> PtySession {
    spawn_command(command, Some(WATCHDOG_MS)).expect("the program starts")
}

/// Waits for the end of everything that is written, and gives it with the exit status.
fn end(mut session: PtySession) -> (String, Option<i32>) {
    let rest = session.exp_eof().expect("the program ends");
    match session.process().wait().expect("the program ends") {
        WaitStatus::Exited(_, code) => (rest, Some(code)),
        _ => (rest, None),
    }
}

#[test]
fn a_terminal_is_a_terminal_to_the_guest() {
    let folder = Folder::new();
    folder.write("prog.py", "import os; print([os.isatty(fd) for fd in (0, 1, 2)])");
    let (text, status) = end(at_a_terminal(folder.stepwell(["run", "prog.py"])));
    assert_eq!((text.trim_end(), status), ("[True, True, True]", Some(0)));
    assert_eq!(folder.run_with(["run", "prog.py"], b"").succeeds(), "[False, False, False]\n");
}

#[test]
fn input_comes_from_a_terminal_line_by_line() {
    let folder = Folder::new();
    folder.write("prog.py", "a = input('first? '); b = input('second? '); print(a + b)\ntry: input()\nexcept EOFError: print('end')");
    let mut session = at_a_terminal(folder.stepwell(["run", "prog.py"]));
    session.exp_string("first? ").expect("the first question");
    session.send_line("one").expect("an answer");
    session.exp_string("second? ").expect("the second question");
    session.send_line("two").expect("an answer");
    session.exp_string("onetwo").expect("what the program makes of it");
    session.send_control('d').expect("the end of input");
    let (text, status) = end(session);
    assert!(text.contains("end"), "{text}");
    assert_eq!(status, Some(0));
}

#[test]
fn control_c_stops_a_loop() {
    let folder = Folder::new();
    folder.write(
        "prog.py",
        "open('kept', 'w').write('text')\nprint('ready', flush=True)\nwhile True: pass",
    );
    let mut session = at_a_terminal(folder.stepwell(["run", "--save-diff", "out.tar", "prog.py"]));
    session.exp_string("ready").expect("the program runs");
    session.send_control('c').expect("Ctrl-C");
    assert_eq!(end(session).1, Some(130));
    assert_eq!(archived(&folder.read("out.tar")), [("kept".to_string(), b"text".to_vec())]);
}

#[test]
fn control_c_stops_a_guest_that_waits_sleeps_or_writes() {
    let folder = Folder::new();
    folder.write("wait.py", "print('ready', flush=True)\ninput()");
    folder.write("sleep.py", "import time; print('ready', flush=True)\ntime.sleep(1e6)");
    folder.write("write.py", "print('ready')\nwhile True: print('x' * 60)");
    folder.module("loop.wasm", guests::LOOPS);
    let cases: [&[&str]; 4] = [
        &["run", "wait.py"],
        &["run", "--clock", "host", "sleep.py"],
        &["run", "write.py"],
        &["run", "loop.wasm"],
    ];
    for args in cases {
        let mut session = at_a_terminal(folder.stepwell(args));
        session.exp_string("ready").expect("the program runs");
        session.send_control('c').expect("Ctrl-C");
        assert_eq!(end(session).1, Some(130), "{args:?}");
    }
}

#[test]
fn a_request_to_terminate_is_heard_without_a_terminal() {
    let folder = Folder::new();
    folder.module("loop.wasm", guests::LOOPS);
    for signal in ["INT", "TERM", "HUP"] {
        let mut command = folder.stepwell(["run", "--save-fs", "out.tar", "loop.wasm"]);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
        let mut out = child.stdout.take().expect("a pipe");
        let mut line = [0; 6];
        out.read_exact(&mut line).expect("the guest writes");
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.expect("kill").success());
        assert_eq!(child.wait().expect("it ends").code(), Some(130), "{signal}");
        std::fs::remove_file(folder.path().join("out.tar")).expect("the files are kept");
    }
}

#[test]
fn diagnostics_have_colours_at_a_terminal() {
    let folder = Folder::new();
    folder.write("prog.c", "int main(void) { return undeclared; }\n");
    let (text, status) = end(at_a_terminal(folder.stepwell(["run", "prog.c"])));
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("prog.c:1:25:") && text.contains("\x1b["), "{text}");
}

#[test]
fn sql_at_a_terminal_ends_after_the_program() {
    let folder = Folder::new();
    folder.write("prog.sql", "select 6 * 7;");
    let (text, status) = end(at_a_terminal(folder.stepwell(["run", "prog.sql"])));
    assert_eq!((text.trim_end(), status), ("42", Some(0)));
}
