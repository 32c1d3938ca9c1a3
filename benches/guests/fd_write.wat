;; Writes one byte to standard output, $calls times.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\01\00\00\00")
  (func (export "_start")
    (local $calls i32)
    (local.set $calls (i32.const 10000))
    (loop $next
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (br_if $next (local.tee $calls (i32.sub (local.get $calls) (i32.const 1)))))))
