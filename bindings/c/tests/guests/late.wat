;; Computes for a while, then fails.
(module
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 5000000))
    (loop $next (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    unreachable))
