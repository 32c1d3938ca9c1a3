;; Opens and closes the file "dir/file" in the first directory, $calls times.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "dir/file")
  (func (export "_start")
    (local $calls i32)
    (local.set $calls (i32.const 10000))
    (loop $next
      (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 8) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16))
        (then unreachable))
      (if (call $fd_close (i32.load (i32.const 16))) (then unreachable))
      (br_if $next (local.tee $calls (i32.sub (local.get $calls) (i32.const 1)))))))
