;; Makes the file "out" in descriptor 3, writes to it, and ends with the errno of making it.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\04\00\00\00")
  (data (i32.const 16) "made")
  (data (i32.const 32) "out")
  (func (export "_start")
    (call $proc_exit
      (if (result i32)
        (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 3)
          (i32.const 1) (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 48))
        (then (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 3)
          (i32.const 1) (i64.const 64) (i64.const 64) (i32.const 0) (i32.const 48)))
        (else (call $fd_write (i32.load (i32.const 48)) (i32.const 0) (i32.const 1) (i32.const 12)))))))
