;; Calls through a table: right, right, and then a function of another type.
(module
  (type $number (func (result i32)))
  (table funcref (elem $one $two $other))
  (memory (export "memory") 1)
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $other (result i64) (i64.const 3))
  (func (export "_start")
    (local $at i32)
    (loop $again
      (drop (call_indirect (type $number) (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $again))))
