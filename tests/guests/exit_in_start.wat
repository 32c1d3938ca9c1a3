;; Exits from its start function, so that `_start` is never called.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $before (call $proc_exit (i32.const 7)))
  (start $before)
  (func (export "_start") unreachable))
