;; Imports a call of WASI with another type.
(module (import "wasi_snapshot_preview1" "fd_write" (func)) (func (export "_start")))
