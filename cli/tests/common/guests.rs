//! Guests small enough to be read, each for one question.

/// Exits with the number that it was built with.
pub(crate) fn exits_with(code: u32) -> String {
    format!(
        r#"(module
            (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
            (memory (export "memory") 1)
            (func (export "_start") (call $exit (i32.const {code}))))"#
    )
}

/// Writes its arguments (`args`) or its environment (`environ`), each string with a NUL behind it.
pub(crate) fn writes(strings: &str) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "{strings}_sizes_get" (func $sizes (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "{strings}_get" (func $get (param i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write"
            (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 16)
        (func (export "_start")
            (drop (call $sizes (i32.const 16) (i32.const 4)))
            (i32.store (i32.const 0) (i32.const 0x80000))
            (drop (call $get (i32.const 32) (i32.const 0x80000)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#
    )
}

/// Copies standard input to the descriptor that it was built with, however short each write is.
pub(crate) fn copies_to(fd: u32) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 3)
        (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
        (func (export "_start") (local $left i32)
            (loop $again
                (i32.store (i32.const 0) (i32.const 0x10000))
                (i32.store (i32.const 4) (i32.const 0x10000))
                (call $check (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
                (local.set $left (i32.load (i32.const 8)))
                (if (i32.eqz (local.get $left)) (then (return)))
                (loop $rest
                    (i32.store (i32.const 4) (local.get $left))
                    (call $check
                        (call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
                    (i32.store (i32.const 0)
                        (i32.add (i32.load (i32.const 0)) (i32.load (i32.const 8))))
                    (local.set $left (i32.sub (local.get $left) (i32.load (i32.const 8))))
                    (br_if $rest (local.get $left)))
                (br $again))))"#
    )
}

/// Writes lines to the descriptor that it was built with, and never stops.
pub(crate) fn writes_for_ever_to(fd: u32) -> String {
    format!(
        r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 0) "\10\00\00\00\04\00\00\00")
        (data (i32.const 16) "yes\n")
        (func (export "_start")
            (loop (drop (call $write (i32.const {fd}) (i32.const 0) (i32.const 1) (i32.const 8)))
                (br 0))))"#
    )
}

/// Writes one line, and never stops.
pub(crate) const LOOPS: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\06\00\00\00")
    (data (i32.const 16) "ready\n")
    (func (export "_start")
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
        (loop (br 0))))"#;

/// Calls itself until something stops it.
pub(crate) const DIVES: &str = r#"(module
    (memory (export "memory") 1)
    (func $deeper (param i32) (result i32)
        (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))
    (func $begin (export "_start") (drop (call $deeper (i32.const 0)))))"#;

/// `PATH TEXT` writes TEXT to the file, `PATH` writes the file to standard output, paths being relative to the root. The
/// exit status is the first error.
pub(crate) const FILES: &str = r#"(module
    (import "wasi_snapshot_preview1" "args_sizes_get" (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "args_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 3)
    (func $check (param i32) (if (local.get 0) (then (call $exit (local.get 0)))))
    (func $length (param $text i32) (result i32) (local $n i32)
        (loop
            (if (i32.load8_u (i32.add (local.get $text) (local.get $n)))
                (then (local.set $n (i32.add (local.get $n) (i32.const 1))) (br 1))))
        (local.get $n))
    (func $file (param $flags i32) (param $rights i64) (result i32)
        (call $check (call $open (i32.const 3) (i32.const 1)
            (i32.load (i32.const 260)) (call $length (i32.load (i32.const 260)))
            (local.get $flags) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 32)))
        (i32.load (i32.const 32)))
    (func (export "_start") (local $fd i32)
        (call $check (call $sizes (i32.const 16) (i32.const 20)))
        (call $check (call $get (i32.const 256) (i32.const 4096)))
        (if (i32.gt_u (i32.load (i32.const 16)) (i32.const 2))
            (then
                (local.set $fd (call $file (i32.const 9) (i64.const 64)))
                (i32.store (i32.const 0) (i32.load (i32.const 264)))
                (i32.store (i32.const 4) (call $length (i32.load (i32.const 264))))
                (call $check
                    (call $write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8))))
            (else
                (local.set $fd (call $file (i32.const 0) (i64.const 2)))
                (i32.store (i32.const 0) (i32.const 0x10000))
                (i32.store (i32.const 4) (i32.const 0x10000))
                (call $check (call $read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 4)))
                (call $check
                    (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))))"#;
