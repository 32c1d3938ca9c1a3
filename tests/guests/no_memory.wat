;; Calls functions that need no memory from a module that exports none.
(module
  (import "wasi_snapshot_preview1" "sched_yield" (func $sched_yield (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (func (export "_start")
    (if (call $sched_yield) (then unreachable))
    (call $proc_exit (i32.const 3))))
