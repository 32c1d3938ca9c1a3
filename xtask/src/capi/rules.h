/*
 Stepwell: runs WebAssembly guests of WASI preview1 on an interpreter, step by step.

 This file is generated from the Rust sources and needs no other. A program makes an engine, a module from bytes, a
 builder, and from that a process, which does something only inside stepwell_process_run:

     stepwell_process_run(process, 1000000, &state, &error)

 returns when these steps are used up, when the guest waits for something, or when it has ended. Output is drained and
 input is fed by calls in between. There are no callbacks, no threads, no globals, and no host files or clock unless they
 are put in.

 Calls. Each call that can fail returns a stepwell_status, 0 on success, and takes a stepwell_error ** last. That may be
 NULL; otherwise, if the call fails, it is given an error that the caller frees. Outputs are written only on success.
 An output must not be NULL unless its function says so.

 Handles. Each type here is opaque and is used through pointers. What a function writes to its output is owned by the
 caller, who frees it with the _free function of its type, once; NULL is fine there. A handle that never changes may be
 used by any number of threads at once; any other by one thread at a time: a second one gets STEPWELL_BUSY, and if it
 frees the handle, that is done when the first one leaves. One that never changes is freed when no thread is inside a call
 with it. A NULL handle is STEPWELL_NULL, one of another type is
 STEPWELL_BAD_HANDLE. Nothing can be told about a pointer that was freed.

 Pointers. A text (const char *) ends in NUL and is UTF-8 unless its function says otherwise. Bytes (const uint8_t *) come
 with their number; NULL is fine with 0. Texts and bytes that go in are copied if their function says so or if it keeps
 them, and otherwise borrowed for the call. A pointer that comes out is borrowed from the handle that it was asked of, for
 as long as that lives. A hash is 32 bytes.

 Units. Sizes are bytes, times nanoseconds, steps are executed operators of WebAssembly.

 Numbers. A later version may add statuses, states and other numbers: treat what you do not know as failure. No number is
 ever used again for something else.
 */
