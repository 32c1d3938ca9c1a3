//! Guests that change what a recycled process must not show. Each is frozen where it first reads standard input.

/// Exits with how many bytes from 4096 on are not zero, and before that makes them all its first byte of input.
pub(crate) const LOOKS: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (global $count (mut i32) (i32.const 0))
  (func (export "_start") (local $at i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
    (local.set $at (i32.const 4096))
    (loop $next
      (if (i32.load8_u (local.get $at))
        (then (global.set $count (i32.add (global.get $count) (i32.const 1)))))
      (br_if $next (i32.lt_u
        (local.tee $at (i32.add (local.get $at) (i32.const 1)))
        (i32.mul (memory.size) (i32.const 65536)))))
    (memory.fill (i32.const 4096) (i32.load8_u (i32.const 64))
      (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4096)))
    (call $proc_exit (global.get $count))))
"#;

/// Writes to its memory and a global, and traps with both functions active.
pub(crate) const TRAPS: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 2)
  (global $depth (mut i64) (i64.const 5))
  (func $read (result i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $deep (result i32)
    (global.set $depth (i64.sub (global.get $depth) (i64.const 1)))
    (i32.store (i32.const 70000) (i32.add (i32.load (i32.const 70000)) (i32.const 1)))
    (if (i64.eqz (global.get $depth)) (then (drop (call $read)) unreachable))
    (i32.add (call $deep) (i32.const 1)))
  (func (export "_start") (drop (call $deep))))
"#;

/// Grows its memory by seven pages, one by one, and writes to each, if its input is one byte.
pub(crate) const GROWS: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 2)
  (func (export "_start") (local $left i32) (local $before i32)
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 8)) (i32.const 1)) (then (call $proc_exit (i32.const 3))))
    (local.set $left (i32.const 7))
    (loop $next
      (local.set $before (memory.grow (i32.const 1)))
      (if (i32.ne (local.get $before) (i32.const -1))
        (then
          (local.set $before (i32.mul (local.get $before) (i32.const 65536)))
          (if (i32.load (i32.add (local.get $before) (i32.const 1024))) (then unreachable))
          (i32.store (i32.add (local.get $before) (i32.const 1024)) (i32.const 42))))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
"#;

/// Changes a table and a global that holds a function, and calls through both.
pub(crate) const TABLES: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (type $number (func (result i32)))
  (memory (export "memory") 1)
  (table $table 4 4 funcref)
  (elem (i32.const 0) $one $two)
  (global $function (mut funcref) (ref.func $one))
  (func $one (type $number) (i32.const 1))
  (func $two (type $number) (i32.const 2))
  (func (export "_start") (local $sum i32)
    (table.set $table (i32.const 2) (ref.func $two))
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
    (local.set $sum (call_indirect $table (type $number) (i32.const 0)))
    (local.set $sum (i32.add (local.get $sum) (call_indirect $table (type $number) (i32.const 2))))
    (table.set $table (i32.const 3) (global.get $function))
    (local.set $sum (i32.add (local.get $sum) (call_indirect $table (type $number) (i32.const 3))))
    (table.set $table (i32.const 0) (ref.func $two))
    (table.set $table (i32.const 2) (ref.null func))
    (global.set $function (ref.func $two))
    (call $proc_exit (local.get $sum))))
"#;

/// Copies a segment and drops it.
pub(crate) const DROPS: &str = r#"
(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data $text "once")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (i32.const 16))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
    (memory.init $text (i32.const 100) (i32.const 0) (i32.const 4))
    (data.drop $text)))
"#;
