;; Wants exceptions, which there are not.
(module
  (tag $failure (param i32))
  (memory (export "memory") 1)
  (func (export "_start") (throw $failure (i32.const 1))))
