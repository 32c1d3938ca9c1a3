;; Divides the smallest number by all that is below it, down to -1.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (local $by i64)
    (local.set $by (i64.const 100))
    (loop $again
      (if (i64.eqz (local.get $by)) (then (local.set $by (i64.const -1))))
      (i64.store (i32.const 0) (i64.div_s (i64.const 0x8000000000000000) (local.get $by)))
      (local.set $by (i64.sub (local.get $by) (i64.const 1)))
      (br $again))))
