"""Runs a program on CPython inside the sandbox, with ctypes alone:  hello.py LIBRARY PYTHON.wasm PROGRAM"""

import sys
from ctypes import CDLL, byref, c_char_p, c_size_t, c_uint32, c_uint64, c_void_p, string_at

library, wasm, program = sys.argv[1:]
stepwell = CDLL(library)
stepwell.stepwell_error_message.restype = c_char_p
stepwell.stepwell_bytes_data.restype, stepwell.stepwell_bytes_len.restype = c_void_p, c_size_t


def call(name, *arguments):
    error = c_void_p()
    if getattr(stepwell, "stepwell_" + name)(*arguments, byref(error)) != 0:
        raise RuntimeError(stepwell.stepwell_error_message(error).decode())


def make(name, *arguments):
    handle = c_void_p()
    call(name, *arguments, byref(handle))
    return handle


def read(path):
    return (data := open(path, "rb").read()), c_size_t(len(data))


tree = make("tree_new")
call("tree_write", tree, b"program.py", *read(program))
builder = make("process_builder_new", make("module_new", make("engine_new"), *read(wasm)))
call("process_builder_mount_tree", builder, b"/", tree, c_uint32(0))
call("process_builder_arg", builder, b"python")
call("process_builder_arg", builder, b"/program.py")
process, state = make("process_builder_spawn", builder), c_uint32(0)
call("process_close_stdin", process)
while state.value < 2:  # It has used its steps up, or waits for its output to be drained.
    call("process_run", process, c_uint64(10_000_000), byref(state))
    for name, stream in (("stdout", sys.stdout), ("stderr", sys.stderr)):
        out = make("process_drain_" + name, process)
        stream.write(string_at(stepwell.stepwell_bytes_data(out), stepwell.stepwell_bytes_len(out)).decode())
