;; Branches of every kind: out of nested constructs, into tables, loops around loops, code that never runs.
(module
  (memory (export "memory") 1)
  (global $random (mut i32) (i32.const 42))
  (start $before)
  (func $before (global.set $random (i32.const 4711)))
  (func $next (result i32)
    (global.set $random (i32.add (i32.mul (global.get $random) (i32.const 1103515245)) (i32.const 12345)))
    (i32.shr_u (global.get $random) (i32.const 16)))
  (func $choose (param i32) (result i32)
    (block $d (block $c (block $b (block $a
      (br_table $a $b $c $d $b (local.get 0)))
      (return (i32.const 1)))
      (if (i32.and (local.get 0) (i32.const 1)) (then (br $d)) (else (nop)))
      (local.set 0 (i32.add (local.get 0) (i32.const 5))))
      (loop $spin (loop $inner
        (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
        (br_if $inner (i32.and (local.get 0) (i32.const 3)))
        (br_if $spin (i32.gt_s (local.get 0) (i32.const 0))))))
    (if (result i32) (i32.gt_s (local.get 0) (i32.const 2))
      (then (i32.const 3) (br 0 (i32.const 4)) (i32.add))
      (else (select (i32.const 5) (i32.const 6) (local.get 0)))))
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 5000))
    (loop $again
      (block $skip
        (br_if $skip (i32.eqz (i32.rem_u (call $next) (i32.const 3))))
        (drop (call $choose (i32.rem_u (call $next) (i32.const 7))))
        (block (br 1)) (unreachable))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (if (local.get $left) (then (br $again))))))
