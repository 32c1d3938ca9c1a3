;; Lists the first directory from its start into 4 KiB, $calls times.
(module
  (import "wasi_snapshot_preview1" "fd_readdir" (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (local $calls i32)
    (local.set $calls (i32.const 1000))
    (loop $next
      (if (call $fd_readdir (i32.const 3) (i32.const 4096) (i32.const 4096) (i64.const 0) (i32.const 8))
        (then unreachable))
      (if (i32.ne (i32.load (i32.const 8)) (i32.const 4096)) (then unreachable))
      (br_if $next (local.tee $calls (i32.sub (local.get $calls) (i32.const 1)))))))
