;; Grows to all that 32 bits can address, and a long memory beyond it: no host gives so much, for the same reason.
(module
  (memory (export "memory") 1)
  (memory $long i64 1)
  (func (export "_start")
    (if (i32.ne (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))
    (if (i64.ne (memory.grow $long (i64.const 65537)) (i64.const -1)) (then unreachable))))
