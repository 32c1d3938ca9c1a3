;; Makes the file `made` with a hole and one byte behind it, and a link to it, and exits with -1.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite" (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\01\00\00\00")
  (data (i32.const 64) "made")
  (data (i32.const 72) "link")
  (func (export "_start")
    ;; CREAT and EXCL; the rights to read, seek, write and tell.
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 4) (i32.const 5)
        (i64.const 102) (i64.const 0) (i32.const 0) (i32.const 16)) (then unreachable))
    (if (call $fd_pwrite (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i64.const 70000) (i32.const 20))
      (then unreachable))
    (if (call $fd_close (i32.load (i32.const 16))) (then unreachable))
    (if (call $path_symlink (i32.const 64) (i32.const 4) (i32.const 3) (i32.const 72) (i32.const 4))
      (then unreachable))
    (call $proc_exit (i32.const -1))))
