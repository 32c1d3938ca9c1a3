//! What the engine's tests share: guests as text.

#![allow(dead_code, reason = "each test file is a program of its own and uses its part of this")]

pub(crate) mod outcome;
pub(crate) mod programs;

use stepwell::{Engine, Error, Module, Process, State};

/// A module from its text.
pub(crate) fn module(text: &str) -> Module {
    try_module(text).unwrap()
}

/// A module from its text, or why not.
pub(crate) fn try_module(text: &str) -> Result<Module, Error> {
    Module::new(&Engine::default(), wat::parse_str(text).unwrap().into())
}

/// A process of a module's text, without arguments.
pub(crate) fn process(text: &str) -> Process {
    Process::builder(&module(text)).arg("guest").spawn().unwrap()
}

/// Runs without a limit until the process blocks or ends.
pub(crate) fn run(process: &mut Process) -> State {
    loop {
        match process.run(u64::MAX) {
            State::Yielded => {}
            state => return state,
        }
    }
}

/// Copies standard input to standard output, 16 bytes at a time, and exits with 7 at the end.
pub(crate) const CAT: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $next
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 16))
      (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (if (i32.eqz (i32.load (i32.const 8))) (then (call $proc_exit (i32.const 7))))
      (i32.store (i32.const 4) (i32.load (i32.const 8)))
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (br $next))))
"#;
