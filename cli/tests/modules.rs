//! Modules of the user's own: which are refused and why, how they start and how they end. No runtime is needed.

mod common;

use common::{Folder, guests};

#[test]
fn a_module_that_cannot_run_is_refused_in_one_line_that_says_why() {
    let folder = Folder::new();
    let cases: &[(&str, &[u8], &str)] = &[
        ("empty.wasm", b"", "empty"),
        ("text.wasm", b"hello, this is a text file\n", "text"),
        ("script.wasm", b"#!/usr/bin/env python\n", "text"),
        ("version.wasm", b"\0asm\x07\0\0\0", "version"),
        ("truncated.wasm", b"\0asm\x01\0\0\0\x01\x05\x01", "0x"),
        ("malformed.wasm", b"\0asm\x01\0\0\0\x63\x01\0", "0x"),
        ("component.wasm", b"\0asm\x0d\0\x01\0", "component"),
    ];
    for (name, bytes, reason) in cases {
        println!("{name}");
        folder.write(name, bytes);
        let ran = folder.run(["run", name]);
        ran.fails(126, name);
        ran.fails(126, reason);
    }
}

#[test]
fn a_module_with_something_unsupported_is_refused_by_its_name() {
    let folder = Folder::new();
    let cases = [
        (r#"(module (import "env" "nope" (func)) (func (export "_start")))"#, "env"),
        (
            r#"(module (import "wasi_snapshot_preview1" "fd_nope" (func))
                (func (export "_start")))"#,
            "fd_nope",
        ),
        (
            r#"(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64)))
                (func (export "_start")))"#,
            "fd_close",
        ),
        (r#"(module (import "env" "memory" (memory 1)) (func (export "_start")))"#, "memory"),
        ("(module (tag $t) (func (export \"_start\") (try_table (throw $t))))", "exception"),
        (
            "(module (memory (export \"memory\") 1 1 shared) (func (export \"_start\")
                (drop (i32.atomic.load (i32.const 0)))))",
            "thread",
        ),
        ("(module (memory (export \"memory\") 1))", "_start"),
    ];
    for (text, reason) in cases {
        println!("{text}");
        folder.module("odd.wasm", text);
        folder.run(["run", "odd.wasm"]).fails(126, reason);
    }
}

#[test]
fn an_invalid_module_is_refused_with_the_place() {
    let folder = Folder::new();
    folder.module("bad.wasm", "(module (func (export \"_start\") (i32.add)))");
    folder.run(["run", "bad.wasm"]).fails(126, "at byte 0x");
}

#[test]
fn the_exit_status_is_the_guests_low_eight_bits() {
    let folder = Folder::new();
    for (code, status) in
        [(0, 0), (1, 1), (42, 42), (255, 255), (256, 0), (300, 44), (u32::MAX, 255)]
    {
        folder.module("exit.wasm", &guests::exits_with(code));
        let ran = folder.run(["run", "exit.wasm"]);
        assert_eq!((ran.status, ran.stderr()), (Some(status), String::new()), "{code}");
    }
}

#[test]
fn a_start_function_may_exit() {
    let folder = Folder::new();
    let guest = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func $first (call $exit (i32.const 7)))
        (start $first)
        (func (export "_start") unreachable))"#;
    folder.module("first.wasm", guest);
    assert_eq!(folder.run(["run", "first.wasm"]).status, Some(7));
}

#[test]
fn a_trap_ends_with_134_and_a_backtrace_of_names() {
    let folder = Folder::new();
    let cases = [
        ("unreachable", "unreachable"),
        ("(drop (i32.load (i32.const -1)))", "memory"),
        ("(drop (i32.div_u (i32.const 1) (i32.const 0)))", "zero"),
        ("(drop (i32.trunc_f32_s (f32.const 1e30)))", "integer"),
    ];
    for (instruction, reason) in cases {
        let guest = format!(
            "(module (memory (export \"memory\") 1) (func $inner {instruction})
                (func $middle (call $inner)) (func $begin (export \"_start\") (call $middle)))"
        );
        folder.module("trap.wasm", &guest);
        let ran = folder.run(["run", "trap.wasm"]);
        let stderr = ran.stderr();
        assert_eq!(ran.status, Some(134), "{stderr}");
        assert!(stderr.starts_with("stepwell: trap: ") && stderr.contains(reason), "{stderr}");
        let frames: Vec<_> = stderr.lines().skip(1).map(str::trim).collect();
        assert_eq!(frames.len(), 3, "{stderr}");
        for (frame, name) in frames.iter().zip(["inner", "middle", "begin"]) {
            assert!(frame.starts_with(&format!("at {name}")), "{name}: {stderr}");
        }
    }
}

#[test]
fn endless_recursion_traps_with_both_ends_of_the_backtrace() {
    let folder = Folder::new();
    folder.module("dive.wasm", guests::DIVES);
    let ran = folder.run(["run", "dive.wasm"]);
    let stderr = ran.stderr();
    assert_eq!(ran.status, Some(134), "{stderr}");
    assert!(stderr.starts_with("stepwell: trap: "), "{stderr}");
    assert!(stderr.contains("at deeper") && stderr.contains("more frames"), "{stderr}");
    assert!(
        stderr.trim_end().lines().last().is_some_and(|line| line.contains("at begin")),
        "{stderr}"
    );
    assert!(stderr.lines().count() < 60, "{stderr}");
}

#[test]
fn a_reactors_function_is_invoked_and_its_results_are_printed() {
    let folder = Folder::new();
    let guest = r#"(module
        (global $ready (mut i32) (i32.const 0))
        (func (export "_initialize") (global.set $ready (i32.const 100)))
        (func (export "add") (param i32 i32) (result i32)
            (i32.add (global.get $ready) (i32.add (local.get 0) (local.get 1))))
        (func (export "both") (param i64 f64) (result f64 i64) (local.get 1) (local.get 0))
        (func (export "nothing"))
        (func (export "fails") unreachable))"#;
    folder.module("reactor.wasm", guest);
    let cases: &[(&[&str], &str)] = &[
        (&["add", "reactor.wasm", "2", "3"], "105\n"),
        (&["add", "reactor.wasm", "-2", "-3"], "95\n"),
        (&["both", "reactor.wasm", "-9223372036854775808", "1.5"], "1.5\n-9223372036854775808\n"),
        (&["nothing", "reactor.wasm"], ""),
    ];
    for (args, expected) in cases {
        let args = ["run", "--invoke"].iter().chain(args.iter());
        assert_eq!(folder.run(args).succeeds(), *expected);
    }
    let refused: &[(&[&str], &str)] = &[
        (&["add", "reactor.wasm"], "add"),
        (&["add", "reactor.wasm", "1", "2", "3"], "add"),
        (&["add", "reactor.wasm", "1", "two"], "add"),
        (&["add", "reactor.wasm", "1", "4294967296"], "add"),
    ];
    for (args, reason) in refused {
        folder.run(["run", "--invoke"].iter().chain(args.iter())).fails(125, reason);
    }
    folder.run(["run", "--invoke", "missing", "reactor.wasm"]).fails(126, "missing");
    assert_eq!(folder.run(["run", "--invoke", "fails", "reactor.wasm"]).status, Some(134));
}

#[test]
fn a_module_is_known_by_its_bytes_whatever_it_is_called() {
    let folder = Folder::new();
    let path = folder.module("program", &guests::exits_with(9));
    assert_eq!(folder.run(["run", "program"]).status, Some(9));
    let wasm = std::fs::read(path).expect("it was written");
    assert_eq!(folder.run_with(["run", "-"], &wasm).status, Some(9));
}

#[test]
fn a_module_of_the_older_interface_runs() {
    let folder = Folder::new();
    folder.module("old.wasm", &guests::exits_with(5).replace("snapshot_preview1", "unstable"));
    assert_eq!(folder.run(["run", "old.wasm"]).status, Some(5));
}
