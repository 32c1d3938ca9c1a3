//! Backtraces by repetition.

mod common;

use common::{module, process, run};
use stepwell::vfs::VirtualClock;
use stepwell::{NoBacktrace, Process, State};

/// Reads a byte and fails by it, below functions that return in every way there is.
const FAILS: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $early (param i32) (result i32) (return (local.get 0)))
  (func $branch (param i32) (result i32 i64)
    (i32.const 1) (i64.const 2) (br_if 0 (local.get 0)) (return))
  (func $tail (param i32) (result i32) (return_call $early (local.get 0)))
  (func $quiet (result i32)
    (drop (drop (call $branch (i32.const 1)))) (drop (drop (call $branch (i32.const 0))))
    (call $tail (i32.const 1)))
  (func $fail (param i32) (drop (i32.div_u (i32.const 1) (local.get 0))))
  (func $read (result i32)
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1))
    (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load8_u (i32.const 16)))
  (func $again (param i32)
    (if (local.get 0)
      (then (call $again (i32.sub (local.get 0) (i32.const 1))))
      (else (drop (call $quiet)) (call $fail (call $read)))))
  (func $main (export "_start") (loop $next (drop (call $quiet)) (call $again (i32.const 2)) (br $next))))
"#;

fn names(process: &Process) -> Vec<String> {
    let frames = process.backtrace(|| true).unwrap();
    frames.into_iter().map(|frame| frame.name.unwrap_or_default()).collect()
}

#[test]
fn a_backtrace_names_the_active_functions_innermost_first() {
    let mut process = process(FAILS);
    for byte in [1_u8, 2, 3] {
        assert!(matches!(run(&mut process), State::Blocked(_)));
        process.feed_stdin(vec![byte].into());
    }
    assert!(matches!(run(&mut process), State::Blocked(_)));
    process.feed_stdin(vec![0].into());
    assert!(matches!(run(&mut process), State::Trapped(_)));
    assert_eq!(names(&process), ["fail", "again", "again", "again", "main"]);
}

#[test]
fn a_backtrace_without_names_has_indices() {
    let mut process =
        process(r#"(module (func unreachable) (func (call 0)) (func (export "_start") (call 1)))"#);
    assert!(matches!(run(&mut process), State::Trapped(_)));
    let frames = process.backtrace(|| true).unwrap();
    let indices: Vec<u32> = frames.iter().map(|frame| frame.function).collect();
    assert_eq!(indices, [0, 1, 2]);
}

#[test]
fn a_name_is_shown_without_what_a_terminal_would_obey() {
    let mut process = process(
        r#"(module (func $"\1b[2Jf\n\u{e9}" unreachable) (func (export "_start") (call 0)))"#,
    );
    assert!(matches!(run(&mut process), State::Trapped(_)));
    let frames = process.backtrace(|| true).unwrap();
    assert_eq!(frames[0].to_string(), "\\u{1b}[2Jf\\né (function 0)");
}

#[test]
fn a_repetition_can_be_stopped() {
    let mut process = process(
        r#"(module (func (export "_start") (local $n i32)
             (loop $next (br_if $next (i32.lt_u
               (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10000000))))
             unreachable))"#,
    );
    assert!(matches!(run(&mut process), State::Trapped(_)));
    assert_eq!(process.backtrace(|| false), Err(NoBacktrace::Stopped));
    assert_eq!(process.backtrace(|| true).unwrap().len(), 1);
}

#[test]
fn a_run_that_cannot_be_repeated_has_none() {
    let text = r#"(module (func (export "_start") unreachable))"#;
    let mut exited = process(r#"(module (func (export "_start")))"#);
    run(&mut exited);
    assert_eq!(exited.backtrace(|| true), Err(NoBacktrace::NotTrapped));
    let clock = Box::new(VirtualClock::default());
    let mut process = Process::builder(&module(text)).clock(clock).spawn().unwrap();
    assert!(matches!(run(&mut process), State::Trapped(_)));
    let reason = process.backtrace(|| true).unwrap_err().to_string();
    assert!(reason.contains("clock of the host"), "{reason}");
}
