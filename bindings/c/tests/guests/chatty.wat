;; Writes 100 KiB to standard output, more than its queue holds; sleeps for a millisecond; waits for input or for a second;
;; writes "done" to both outputs, and ends with 7.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "done\n")
  (func $write (param $fd i32) (param $start i32) (param $len i32)
    (loop $more
      (i32.store (i32.const 0) (local.get $start))
      (i32.store (i32.const 4) (local.get $len))
      (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (local.set $start (i32.add (local.get $start) (i32.load (i32.const 8))))
      (br_if $more (local.tee $len (i32.sub (local.get $len) (i32.load (i32.const 8)))))))
  ;; 48 bytes each: userdata, tag; for a clock its id at 16, timeout at 24; for a read the descriptor at 16.
  (func $wait (param $nanoseconds i64) (param $subscriptions i32)
    (i32.store (i32.const 528) (i32.const 1))
    (i64.store (i32.const 536) (local.get $nanoseconds))
    (i32.store8 (i32.const 568) (i32.const 1))
    (if (call $poll_oneoff (i32.const 512) (i32.const 768) (local.get $subscriptions) (i32.const 896))
      (then unreachable)))
  (func (export "_start") (local $left i32)
    (memory.fill (i32.const 2048) (i32.const 46) (i32.const 1024))
    (i32.store8 (i32.const 3071) (i32.const 10))
    (local.set $left (i32.const 100))
    (loop $next
      (call $write (i32.const 1) (i32.const 2048) (i32.const 1024))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $wait (i64.const 1000000) (i32.const 1))
    (call $wait (i64.const 1000000000) (i32.const 2))
    (call $write (i32.const 1) (i32.const 1024) (i32.const 5))
    (call $write (i32.const 2) (i32.const 1024) (i32.const 5))
    (call $proc_exit (i32.const 7))))
