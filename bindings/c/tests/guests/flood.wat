;; Writes 64 bytes at a time for ever, until a write fails: then it ends with the errno.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\01\00\00\40\00\00\00")
  (func (export "_start") (local $errno i32)
    (loop $next
      (br_if $next (i32.eqz (local.tee $errno
        (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))))))
    (call $proc_exit (local.get $errno))))
