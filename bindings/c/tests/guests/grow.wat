;; Asks for a page more, and goes on without.
(module
  (memory (export "memory") 1)
  (func (export "_start") (drop (memory.grow (i32.const 1)))))
