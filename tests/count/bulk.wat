;; Bulk operators at lengths around the limits of a step, the segments, and growth that succeeds and fails.
(module
  (memory (export "memory") 2 4)
  (table $functions 40 60 funcref)
  (table $references 20 externref)
  (data $bytes "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz")
  (elem $some func $work $work $work $work $work $work $work $work $work)
  (func $work (param $length i32)
    (memory.fill (i32.const 100) (i32.const 7) (local.get $length))
    (memory.copy (i32.const 300) (i32.const 90) (local.get $length))
    (memory.copy (i32.const 90) (i32.const 100) (i32.add (local.get $length) (i32.const 60000)))
    (memory.init $bytes (i32.const 8) (i32.const 0) (i32.rem_u (local.get $length) (i32.const 73)))
    (table.init $functions $some (i32.const 1) (i32.const 0) (i32.rem_u (local.get $length) (i32.const 10)))
    (table.copy $functions $functions
      (i32.const 4) (i32.const 0) (i32.rem_u (local.get $length) (i32.const 30)))
    (table.fill $references
      (i32.const 0) (ref.null extern) (i32.rem_u (local.get $length) (i32.const 20))))
  (func (export "_start") (local $length i32)
    (loop $next
      (call $work (local.get $length))
      (local.set $length (i32.add (local.get $length) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $length) (i32.const 300))))
    (data.drop $bytes)
    (elem.drop $some)
    (drop (memory.grow (i32.const 1)))
    (drop (memory.grow (i32.const 9)))
    (drop (table.grow $functions (ref.func $work) (i32.const 20)))
    (drop (table.grow $functions (ref.null func) (i32.const 1)))
    (drop (i32.add (memory.size) (table.size $references)))))
