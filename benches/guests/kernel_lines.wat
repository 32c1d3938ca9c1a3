;; A generator of random numbers in a long line of operators, without a branch for a while.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $x i64) (local $left i32)
    (local.set $x (i64.const 88172645463325252))
    (local.set $left (i32.const 50000))
    (loop $next
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (i64.store (i32.and (local.get $left) (i32.const 4088)) (local.get $x))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 13))))
      (local.set $x (i64.xor (local.get $x) (i64.shr_u (local.get $x) (i64.const 7))))
      (local.set $x (i64.xor (local.get $x) (i64.shl (local.get $x) (i64.const 17))))
      (local.set $x (i64.add (local.get $x) (i64.load (i32.and (local.get $left) (i32.const 2040)))))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
