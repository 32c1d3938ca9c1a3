;; Waits for input or for a second, and ends with how many of the two came.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    ;; 48 bytes each: userdata, tag; for a clock its id at 16, timeout at 24; for a read the descriptor at 16.
    (i64.store (i32.const 0) (i64.const 1))
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const 1000000000))
    (i64.store (i32.const 48) (i64.const 2))
    (i32.store8 (i32.const 56) (i32.const 1))
    (drop (call $poll_oneoff (i32.const 0) (i32.const 256) (i32.const 2) (i32.const 512)))
    ;; The userdata of the first event.
    (call $proc_exit (i32.load (i32.const 256)))))
