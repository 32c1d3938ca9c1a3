;; Writes three pieces, the second of them empty, without a newline at the end, and then fails.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\05\00\00\00\00\00\00\00\00\00\00\00\45\00\00\00\04\00\00\00")
  (data (i32.const 64) "first: it")
  (func (export "_start")
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 3) (i32.const 32)) (then unreachable))
    (if (i32.ne (i32.load (i32.const 32)) (i32.const 9)) (then (return)))
    unreachable))
