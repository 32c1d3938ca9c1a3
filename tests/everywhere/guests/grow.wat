;; Grows its memory page by page until it gets no more, then asks for far too much, and says how far it came.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (local $before i32)
    (loop $again
      (local.set $before (memory.grow (i32.const 1)))
      (if (i32.ne (local.get $before) (i32.const -1))
        (then
          ;; What is new is zero, up to its last byte.
          (i32.store (i32.const 24) (i32.or (i32.load (i32.const 24))
            (i32.load (i32.sub (i32.mul (memory.size) (i32.const 65536)) (i32.const 4)))))
          (br $again))))
    (i32.store (i32.const 16) (memory.size))
    (i32.store (i32.const 20) (memory.grow (i32.const 65535)))
    (i32.store (i32.const 28) (memory.grow (i32.const -1)))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 16))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))
