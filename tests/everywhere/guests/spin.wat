;; Runs until its steps are used up, in a loop whose body has branches of different lengths.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.and (local.get $n) (i32.const 3)))
      (i32.store (i32.const 0) (i32.mul (local.get $n) (i32.const 7)))
      (br $again))))
