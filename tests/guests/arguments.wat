;; Writes its arguments and its environment as they lie in memory, and exits with the sum of their numbers.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  ;; Two buffers to write: arguments at 1024, environment at 2048; their lengths are filled in.
  (data (i32.const 0) "\00\04\00\00\00\00\00\00\00\08\00\00\00\00\00\00")
  (func (export "_start")
    (if (call $args_sizes_get (i32.const 32) (i32.const 4)) (then unreachable))
    (if (call $args_get (i32.const 256) (i32.const 1024)) (then unreachable))
    (if (call $environ_sizes_get (i32.const 36) (i32.const 12)) (then unreachable))
    (if (call $environ_get (i32.const 512) (i32.const 2048)) (then unreachable))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 40)) (then unreachable))
    ;; The pointers lead to the strings.
    (if (i32.ne (i32.load (i32.const 256)) (i32.const 1024)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 512)) (i32.const 2048)) (then unreachable))
    (call $proc_exit (i32.add (i32.load (i32.const 32)) (i32.load (i32.const 36))))))
