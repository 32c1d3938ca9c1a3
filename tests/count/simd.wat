;; Vectors: a checksum over memory, with loads and stores of lanes and every shape once.
(module
  (memory (export "memory") 1)
  (func (export "_start") (local $at i32) (local $sum v128)
    (loop $fill
      (v128.store (local.get $at) (i32x4.splat (i32.mul (local.get $at) (i32.const 2654435769))))
      (local.set $at (i32.add (local.get $at) (i32.const 16)))
      (br_if $fill (i32.lt_u (local.get $at) (i32.const 4096))))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 16)))
      (local.set $sum (i8x16.add_sat_u (local.get $sum) (v128.load (local.get $at))))
      (local.set $sum (i16x8.mul (local.get $sum) (i16x8.extend_low_i8x16_s (v128.load8x8_u (local.get $at)))))
      (local.set $sum (i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31
        (local.get $sum) (v128.load32_splat (local.get $at))))
      (if (i8x16.all_true (local.get $sum))
        (then (v128.store16_lane 3 (local.get $at) (local.get $sum)))
        (else (local.set $sum (v128.load8_lane 5 (local.get $at) (local.get $sum)))))
      (br_if $next (local.get $at)))
    (v128.store (i32.const 0) (f32x4.add (f32x4.convert_i32x4_s (local.get $sum)) (v128.const f32x4 1 2 3 4)))
    (if (v128.any_true (v128.xor (local.get $sum) (local.get $sum))) (then unreachable))))
