//! Frozen guests for the benches: one of our own, and CPython where it is installed.

use engine::{Engine, FreezePoint, Module, Process, State, Template};

use crate::guests::Guest;

/// A guest of 10 MiB, all of which it has written. Thawed, it writes to so many pages of 4 KiB, and exits with 0.
///
/// # Panics
/// If it cannot be frozen, which is a bug.
#[must_use]
pub fn ten_mebibytes(pages: u32) -> Template {
    let text = format!(
        r#"(module
          (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
          (memory (export "memory") 160)
          (func (export "_start") (local $at i32)
            (memory.fill (i32.const 0) (i32.const 120) (i32.const 10485760))
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 16))
            (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
            (loop $next
              (i32.store (local.get $at) (i32.const 1))
              (br_if $next (i32.lt_u
                (local.tee $at (i32.add (local.get $at) (i32.const 4096)))
                (i32.mul (i32.const {pages}) (i32.const 4096)))))))"#
    );
    let wasm = wat::parse_str(text).expect("the guest is good");
    let module = Module::new(&Engine::default(), wasm.into()).expect("the guest is good");
    at_stdin(&module, Process::builder(&module).arg("guest").freezable(true).spawn())
}

/// CPython 3.12 with what short programs import, about to read a program from standard input; nothing where it is not
/// installed.
///
/// # Panics
/// If it is installed and cannot be frozen, which is a bug.
#[must_use]
pub fn python() -> Option<Template> {
    python_running(PRELUDE).map(|(template, _)| template)
}

/// CPython 3.12 with a program that is about to read standard input, and what starts another one that is not frozen; nothing
/// where it is not installed.
///
/// # Panics
/// If it is installed and cannot be frozen, which is a bug.
#[must_use]
pub fn python_running(program: &'static str) -> Option<(Template, impl FnMut() -> Process)> {
    let guest = Guest::installed("python", "main.py", program)?;
    let module = Module::new(&Engine::default(), guest.wasm.clone()).expect("it is a module");
    let template = at_stdin(&module, guest.process(&module).freezable(true).spawn());
    let start = move || guest.process(&module).spawn().expect("it can be instantiated");
    Some((template, start))
}

fn at_stdin(module: &Module, process: Result<Process, engine::Error>) -> Template {
    let mut process = process.expect("it can be instantiated");
    process.freeze_at(FreezePoint::Stdin).expect("it reads");
    assert_eq!(process.run(u64::MAX), State::FreezePoint);
    process.freeze().and_then(|image| image.prepare(module)).expect("it can be frozen")
}

/// Runs a thawed process on this input to its end: it exits with 0.
///
/// # Panics
/// If it ends in another way.
pub fn finish(process: &mut Process, input: &'static str) {
    process.feed_stdin(input.into());
    process.close_stdin();
    loop {
        match process.run(u64::MAX) {
            State::Yielded => {}
            State::Blocked(_) => drop(process.drain_stdout()),
            state => {
                let error = process.drain_stderr();
                assert_eq!(state, State::Exited(0), "{}", error.escape_ascii());
                return;
            }
        }
    }
}

/// The shortest program.
pub const HELLO: &str = "print('hello')\n";

/// A program as a student hands it in: it reads, counts, sorts and prints.
pub const SUBMISSION: &str = include_str!("../programs/grading/accounts.py");

/// Imports what short programs import, then runs the program that it reads.
pub const PRELUDE: &str = r#"
import sys, os, collections, datetime, functools, gc, heapq, itertools, json, math, random, re, string
compile("0", "<stdin>", "eval")
bytearray(8 << 20)
gc.collect()
gc.freeze()
exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__"})
sys.stdout.flush()
os._exit(0)
"#;
