;; Reads 4 KiB of the file "file" in the first directory, $calls times, from its start again every 256 times.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek" (func $fd_seek (param i32 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\00\10\00\00\00\10\00\00")
  (data (i32.const 32) "file")
  (func (export "_start")
    (local $calls i32)
    (local $fd i32)
    (if (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 4) (i32.const 0)
        (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 16))
      (then unreachable))
    (local.set $fd (i32.load (i32.const 16)))
    (local.set $calls (i32.const 10240))
    (loop $next
      (if (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 8)) (i32.const 4096)) (then unreachable))
      (local.set $calls (i32.sub (local.get $calls) (i32.const 1)))
      (if (i32.eqz (i32.and (local.get $calls) (i32.const 255)))
        (then
          (if (call $fd_seek (local.get $fd) (i64.const 0) (i32.const 0) (i32.const 24)) (then unreachable))))
      (br_if $next (local.get $calls)))))
