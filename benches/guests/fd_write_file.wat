;; Makes the file "log" in the first directory, or empties it, and writes 100 bytes to it, $calls times.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\10\00\00\64\00\00\00")
  (data (i32.const 32) "log")
  (func (export "_start")
    (local $calls i32)
    (local $fd i32)
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 3) (i32.const 9)
        (i64.const 64) (i64.const 0) (i32.const 0) (i32.const 16))
      (then unreachable))
    (local.set $fd (i32.load (i32.const 16)))
    (local.set $calls (i32.const 5000))
    (loop $next
      (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 8)) (i32.const 100)) (then unreachable))
      (br_if $next (local.tee $calls (i32.sub (local.get $calls) (i32.const 1)))))))
