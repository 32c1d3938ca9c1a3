;; Fibonacci numbers by recursion: calls and little else.
(module
  (memory (export "memory") 1)
  (func $fibonacci (param i32) (result i32)
    (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
      (then (local.get 0))
      (else (i32.add
        (call $fibonacci (i32.sub (local.get 0) (i32.const 1)))
        (call $fibonacci (i32.sub (local.get 0) (i32.const 2)))))))
  (func (export "_start") (drop (call $fibonacci (i32.const 24)))))
