;; Opens with APPEND and TRUNC, and with APPEND and DIRECTORY: its exit code has bit 1 and bit 0 set
;; if they fail.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "file.")
  (func $open (param $path i32) (param $len i32) (param $oflags i32) (param $rights i64) (result i32)
    (call $path_open (i32.const 3) (i32.const 0) (local.get $path) (local.get $len) (local.get $oflags)
      (local.get $rights) (i64.const 0) (i32.const 1) (i32.const 16)))
  (func (export "_start")
    (call $proc_exit (i32.add
      (i32.mul (i32.const 2)
        (i32.ne (i32.const 0) (call $open (i32.const 64) (i32.const 4) (i32.const 9) (i64.const 64))))
      (i32.ne (i32.const 0) (call $open (i32.const 68) (i32.const 1) (i32.const 2) (i64.const 2)))))))
