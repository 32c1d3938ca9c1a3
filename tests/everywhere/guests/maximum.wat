;; Declares the largest memory that there can be, which 32 bits cannot count in bytes, and grows a little.
(module
  (memory (export "memory") 1 65536)
  (func (export "_start")
    (if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const 65533)) (i32.const -1)) (then unreachable))
    (if (i32.ne (memory.size) (i32.const 4)) (then unreachable))))
