;; A small machine: a loop around a table of branches, as in interpreters.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $at i32) (local $x i32) (local $left i32)
    (local.set $left (i32.const 200000))
    (loop $next
      (block $d (block $c (block $b (block $a
        (br_table $a $b $c $d (i32.and (local.get $at) (i32.const 3))))
        (local.set $x (i32.add (local.get $x) (i32.const 7)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $d))
        (local.set $x (i32.mul (local.get $x) (i32.const 31)))
        (if (i32.and (local.get $x) (i32.const 64)) (then (local.set $at (i32.add (local.get $at) (i32.const 2)))))
        (br $d))
        (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 5)))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
