;; Accepts connections on descriptor 4, one after the other, and sends back what comes. An errno is the exit code.
(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv"
    (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $check (param i32) (if (local.get 0) (then (call $proc_exit (local.get 0)))))
  (func $serve (param $fd i32)
    (loop $next
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 1024))
      (call $check (call $sock_recv
        (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 12)))
      (if (i32.load (i32.const 8)) (then
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (call $check (call $sock_send
          (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8)))
        (br $next))))
    (call $check (call $fd_close (local.get $fd))))
  (func (export "_start")
    (loop $next
      (call $check (call $sock_accept (i32.const 4) (i32.const 0) (i32.const 16)))
      (call $serve (i32.load (i32.const 16)))
      (br $next))))
