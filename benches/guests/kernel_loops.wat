;; The sieve of Eratosthenes: short loops over memory.
(module
  (memory (export "memory") 2)
  (func (export "_start") (local $n i32) (local $m i32)
    (local.set $n (i32.const 2))
    (loop $next
      (if (i32.eqz (i32.load8_u (local.get $n)))
        (then
          (local.set $m (i32.mul (local.get $n) (i32.const 2)))
          (block $done
            (loop $mark
              (br_if $done (i32.ge_u (local.get $m) (i32.const 100000)))
              (i32.store8 (local.get $m) (i32.const 1))
              (local.set $m (i32.add (local.get $m) (local.get $n)))
              (br $mark)))))
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $n) (i32.const 50000))))))
