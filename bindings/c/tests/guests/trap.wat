;; Fails two functions deep.
(module
  (func $inner unreachable)
  (func $outer (call $inner))
  (func (export "_start") (call $outer)))
