;; Writes through memory until it is outside.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (local $at i32)
    (loop $again
      (i64.store offset=4 (local.get $at) (i64.const -1))
      (local.set $at (i32.add (local.get $at) (i32.const 7)))
      (br $again))))
