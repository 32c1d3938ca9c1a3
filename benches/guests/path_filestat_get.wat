;; Asks for the attributes of "dir/file" in the first directory, $calls times.
(module
  (import "wasi_snapshot_preview1" "path_filestat_get"
    (func $path_filestat_get (param i32 i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 32) "dir/file")
  (func (export "_start")
    (local $calls i32)
    (local.set $calls (i32.const 10000))
    (loop $next
      (if (call $path_filestat_get (i32.const 3) (i32.const 1) (i32.const 32) (i32.const 8) (i32.const 64))
        (then unreachable))
      (br_if $next (local.tee $calls (i32.sub (local.get $calls) (i32.const 1)))))))
