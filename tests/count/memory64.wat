;; A memory of 64 bits, and what moves bytes in it.
(module
  (memory (export "memory") i64 1 4)
  (data $bytes "some bytes to be copied from here to there, more than one line of the cache has room for: 64")
  (func (export "_start") (local $at i64)
    (memory.init $bytes (i64.const 1000) (i32.const 0) (i32.const 70))
    (memory.copy (i64.const 70) (i64.const 9) (i64.const 6399))
    (memory.fill (i64.const 7) (i32.const 1) (i64.const 129))
    (loop $next
      (i64.store (local.get $at) (i64.mul (local.get $at) (i64.load8_u offset=3 (local.get $at))))
      (local.set $at (i64.add (local.get $at) (i64.const 8)))
      (br_if $next (i64.lt_u (local.get $at) (i64.const 8000))))
    (drop (memory.grow (i64.const 2)))
    (if (i64.ne (memory.size) (i64.const 3)) (then unreachable))))
