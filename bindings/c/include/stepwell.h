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


#ifndef STEPWELL_H
#define STEPWELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 The version of the library that this header came with.
 */
#define STEPWELL_VERSION "0.1.0"
#define STEPWELL_VERSION_MAJOR 0
#define STEPWELL_VERSION_MINOR 1
#define STEPWELL_VERSION_PATCH 0


/*
 The number of the interface that this header describes. It goes up when a program has to be compiled anew.
 */
#define STEPWELL_ABI_VERSION 1

/*
 How a call went. 0 is success; everything else is failure, also numbers that a later version adds.
 */
enum stepwell_status
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   It succeeded.
   */
  STEPWELL_OK = 0,
  /*
   A pointer that must not be NULL is.
   */
  STEPWELL_NULL = 1,
  /*
   A handle is of another type than the function takes.
   */
  STEPWELL_BAD_HANDLE = 2,
  /*
   Another thread is inside the handle, or it was passed twice to one call.
   */
  STEPWELL_BUSY = 3,
  /*
   The builder has made its process.
   */
  STEPWELL_USED = 4,
  /*
   A text is not UTF-8.
   */
  STEPWELL_INVALID_UTF8 = 5,
  /*
   A number, a size or a text is none that the function takes.
   */
  STEPWELL_INVALID_ARGUMENT = 6,
  /*
   The process is not in a state that has an answer.
   */
  STEPWELL_WRONG_STATE = 7,
  /*
   This build of the library cannot do it: there is no host below it.
   */
  STEPWELL_UNSUPPORTED = 8,
  /*
   A bug in the library stopped the call. The handles that it was given are good for freeing only. Please report it.
   */
  STEPWELL_PANIC = 9,
  /*
   A file operation failed: `stepwell_error_errno` has the number.
   */
  STEPWELL_ERRNO = 10,
  /*
   The host refused a directory.
   */
  STEPWELL_HOST = 11,
  /*
   A tar archive is malformed or does not fit.
   */
  STEPWELL_ARCHIVE = 12,
  /*
   The bytes are not WebAssembly.
   */
  STEPWELL_NOT_WASM = 20,
  /*
   The module is malformed or invalid.
   */
  STEPWELL_INVALID_MODULE = 21,
  /*
   The module needs a proposal that is not supported.
   */
  STEPWELL_UNSUPPORTED_PROPOSAL = 22,
  /*
   The bytes are no prepared module of this version.
   */
  STEPWELL_NOT_PREPARED = 23,
  /*
   The module imports something that does not exist.
   */
  STEPWELL_UNKNOWN_IMPORT = 24,
  /*
   The module imports a function with a wrong type.
   */
  STEPWELL_IMPORT_TYPE = 25,
  /*
   The module does not export the function that is to be run.
   */
  STEPWELL_MISSING_EXPORT = 26,
  /*
   The function that is to be run has a type that it cannot have.
   */
  STEPWELL_ENTRY_TYPE = 27,
  /*
   The arguments do not fit the exported function.
   */
  STEPWELL_ARGUMENTS = 28,
  /*
   Arguments and environment are larger than their limit.
   */
  STEPWELL_TOO_MANY_ARGUMENTS = 29,
  /*
   The files could not be read for a receipt; or an image lacks directories of the host, or is given what it does not lack.
   */
  STEPWELL_FILES = 30,
  /*
   The process cannot be frozen as it is.
   */
  STEPWELL_NOT_FREEZABLE = 31,
  /*
   An image is damaged or does not fit the module.
   */
  STEPWELL_IMAGE = 32,
  /*
   The interpreter refused something else.
   */
  STEPWELL_INTERPRETER = 33,
  /*
   There is no backtrace.
   */
  STEPWELL_NO_BACKTRACE = 34,
  /*
   The text is no receipt, or was changed.
   */
  STEPWELL_RECEIPT = 35,
  /*
   A tree cannot be saved; or the bytes are no saved tree, are damaged, or need a base that is not there.
   */
  STEPWELL_TREE = 36,
  /*
   No other engine can go on from the image, because it would not give the process what it has.
   */
  STEPWELL_NOT_PORTABLE = 37,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_status stepwell_status;
#else
typedef uint32_t stepwell_status;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 What a process is doing.
 */
enum stepwell_state
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   The steps given to `stepwell_process_run` are used up, or it has not run yet. Run it again.
   */
  STEPWELL_STATE_YIELDED = 0,
  /*
   It waits for something that only the host can do: see `stepwell_process_blocked_on`. Do it, and run it again.
   */
  STEPWELL_STATE_BLOCKED = 1,
  /*
   It stands where it was to stop to be frozen: see `stepwell_process_freeze_at`. Freeze it or run it again.
   */
  STEPWELL_STATE_FREEZE_POINT = 2,
  /*
   It has ended by itself: see `stepwell_process_exit_code`.
   */
  STEPWELL_STATE_EXITED = 3,
  /*
   It has failed: see `stepwell_process_trap_kind`.
   */
  STEPWELL_STATE_TRAPPED = 4,
  /*
   It has reached a limit: see `stepwell_process_exhausted_limit`. What it has produced so far is there.
   */
  STEPWELL_STATE_EXHAUSTED = 5,
  /*
   Another thread has interrupted it. Run it again to go on.
   */
  STEPWELL_STATE_INTERRUPTED = 6,
  /*
   It is over because it was frozen, on code that it does not survive on: see `stepwell_process_freeze`. What it has
   written is there.
   */
  STEPWELL_STATE_FROZEN = 7,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_state stepwell_state;
#else
typedef uint32_t stepwell_state;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 A maximum of a process, with its unit.
 */
enum stepwell_limit
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   Steps in all. Default: no limit.
   */
  STEPWELL_LIMIT_STEPS = 0,
  /*
   Bytes of all linear memories together; growing beyond it fails in the guest. Default: 2 GiB.
   */
  STEPWELL_LIMIT_MEMORY_BYTES = 1,
  /*
   Elements of all tables together; growing beyond it fails in the guest. Default: 10 million.
   */
  STEPWELL_LIMIT_TABLE_ELEMENTS = 2,
  /*
   Bytes written to standard output, and to standard error. Default: no limit.
   */
  STEPWELL_LIMIT_OUTPUT_BYTES = 3,
  /*
   Bytes of each output that may lie undrained; a guest that writes on is blocked. Default: 64 KiB.
   */
  STEPWELL_LIMIT_OUTPUT_QUEUE_BYTES = 4,
  /*
   Open descriptors. Default: 1024.
   */
  STEPWELL_LIMIT_DESCRIPTORS = 5,
  /*
   Bytes of arguments and environment together. Default: 2 MiB.
   */
  STEPWELL_LIMIT_ARGUMENT_BYTES = 6,
  /*
   The host had no more memory to give. Never set, only reached.
   */
  STEPWELL_LIMIT_HOST_MEMORY = 7,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_limit stepwell_limit;
#else
typedef uint32_t stepwell_limit;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 What ended a process that trapped.
 */
enum stepwell_trap
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   The `unreachable` operator: an abort, a failed assertion or a panic.
   */
  STEPWELL_TRAP_UNREACHABLE = 0,
  /*
   A load or store outside linear memory.
   */
  STEPWELL_TRAP_MEMORY_OUT_OF_BOUNDS = 1,
  /*
   An access outside a table.
   */
  STEPWELL_TRAP_TABLE_OUT_OF_BOUNDS = 2,
  /*
   An indirect call through an empty element.
   */
  STEPWELL_TRAP_INDIRECT_CALL_TO_NULL = 3,
  /*
   An indirect call of a function of another type.
   */
  STEPWELL_TRAP_INDIRECT_CALL_TYPE_MISMATCH = 4,
  /*
   An integer division by zero.
   */
  STEPWELL_TRAP_INTEGER_DIVIDE_BY_ZERO = 5,
  /*
   An integer division that overflows.
   */
  STEPWELL_TRAP_INTEGER_OVERFLOW = 6,
  /*
   A float that is no integer, or too large for one.
   */
  STEPWELL_TRAP_INVALID_CONVERSION_TO_INTEGER = 7,
  /*
   More active functions than the engine allows.
   */
  STEPWELL_TRAP_STACK_OVERFLOW = 8,
  /*
   A call of WASI was given a pointer outside memory.
   */
  STEPWELL_TRAP_FAULT = 9,
  /*
   A function of a prepared module turned out invalid.
   */
  STEPWELL_TRAP_INVALID_FUNCTION = 10,
  /*
   A bug in the library. Please report it.
   */
  STEPWELL_TRAP_HOST_PANIC = 11,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_trap stepwell_trap;
#else
typedef uint32_t stepwell_trap;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 How a path differs.
 */
enum stepwell_change
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   The name is new. A new directory is followed by everything in it.
   */
  STEPWELL_CHANGE_ADDED = 0,
  /*
   The content or the permission bits have changed.
   */
  STEPWELL_CHANGE_MODIFIED = 1,
  /*
   The name has gone, with everything below it.
   */
  STEPWELL_CHANGE_REMOVED = 2,
  /*
   The name has taken the place of another: `stepwell_diff_from`. What is below it moves along and is not listed.
   */
  STEPWELL_CHANGE_RENAMED = 3,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_change stepwell_change;
#else
typedef uint32_t stepwell_change;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 What something in a tree is, with the numbers of WASI preview1.
 */
enum stepwell_file_type
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   A pipe, or something that has no name here.
   */
  STEPWELL_FILE_TYPE_UNKNOWN = 0,
  /*
   A block device of the host's.
   */
  STEPWELL_FILE_TYPE_BLOCK_DEVICE = 1,
  /*
   A character device of the host's.
   */
  STEPWELL_FILE_TYPE_CHARACTER_DEVICE = 2,
  /*
   A directory.
   */
  STEPWELL_FILE_TYPE_DIRECTORY = 3,
  /*
   A file.
   */
  STEPWELL_FILE_TYPE_REGULAR_FILE = 4,
  /*
   A datagram socket of the host's.
   */
  STEPWELL_FILE_TYPE_SOCKET_DGRAM = 5,
  /*
   A byte-stream socket of the host's.
   */
  STEPWELL_FILE_TYPE_SOCKET_STREAM = 6,
  /*
   A symbolic link.
   */
  STEPWELL_FILE_TYPE_SYMBOLIC_LINK = 7,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_file_type stepwell_file_type;
#else
typedef uint32_t stepwell_file_type;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 Where a process stops so that it can be frozen: before a call of WASI, which is not made.
 */
enum stepwell_freeze_point
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   The next call. Takes neither `name` nor `number`.
   */
  STEPWELL_FREEZE_POINT_NEXT_CALL = 0,
  /*
   The first call before which at least `number` have finished.
   */
  STEPWELL_FREEZE_POINT_AFTER_CALLS = 1,
  /*
   The first read of standard input. Takes neither `name` nor `number`.
   */
  STEPWELL_FREEZE_POINT_STDIN = 2,
  /*
   The first opening of the absolute path `name`.
   */
  STEPWELL_FREEZE_POINT_OPEN = 3,
  /*
   From here on, call number `number` of the import `name`, `fd_write` for example; 1 is the first.
   */
  STEPWELL_FREEZE_POINT_CALL = 4,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_freeze_point stepwell_freeze_point;
#else
typedef uint32_t stepwell_freeze_point;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 How a guest sees a directory of the host's.
 */
enum stepwell_host_mode
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   It reads; every change is an error.
   */
  STEPWELL_HOST_MODE_READ_ONLY = 0,
  /*
   It reads and changes; the changes stay in a tree above the directory.
   */
  STEPWELL_HOST_MODE_COPY_ON_WRITE = 1,
  /*
   It reads and changes the host's files, at once. The run cannot be repeated then, and not be frozen but by
   `stepwell_process_freeze_detached`.
   */
  STEPWELL_HOST_MODE_READ_WRITE = 2,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_host_mode stepwell_host_mode;
#else
typedef uint32_t stepwell_host_mode;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 A maximum of a tree, with its unit.
 */
enum stepwell_quota
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   Bytes in files and in the targets of symbolic links. Default: 1 GiB.
   */
  STEPWELL_QUOTA_BYTES = 0,
  /*
   Files, directories and links. Default: 1 million.
   */
  STEPWELL_QUOTA_INODES = 1,
  /*
   The largest size of one file, holes included. Default: 16 TiB.
   */
  STEPWELL_QUOTA_FILE_BYTES = 2,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_quota stepwell_quota;
#else
typedef uint32_t stepwell_quota;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 A standard stream.
 */
enum stepwell_stream
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   Standard input.
   */
  STEPWELL_STREAM_STDIN = 0,
  /*
   Standard output.
   */
  STEPWELL_STREAM_STDOUT = 1,
  /*
   Standard error.
   */
  STEPWELL_STREAM_STDERR = 2,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_stream stepwell_stream;
#else
typedef uint32_t stepwell_stream;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 What a guest is told that a standard stream is attached to.
 */
enum stepwell_stream_kind
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   A pipe. The default.
   */
  STEPWELL_STREAM_KIND_PIPE = 0,
  /*
   A terminal.
   */
  STEPWELL_STREAM_KIND_TERMINAL = 1,
  /*
   A file.
   */
  STEPWELL_STREAM_KIND_FILE = 2,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_stream_kind stepwell_stream_kind;
#else
typedef uint32_t stepwell_stream_kind;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 Any one of these is enough for a blocked process to go on: bits of `stepwell_process_blocked_on`.
 */
enum stepwell_wait
#if defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
  : uint32_t
#endif // defined(__cplusplus) || (__STDC_VERSION__ >= 202311L || defined(__swift__))
 {
  /*
   Standard input is fed or closed.
   */
  STEPWELL_WAIT_INPUT = 1,
  /*
   Standard output or standard error is drained or closed.
   */
  STEPWELL_WAIT_OUTPUT = 2,
  /*
   Time passes: `stepwell_process_blocked_nanoseconds`, then `stepwell_process_elapse`.
   */
  STEPWELL_WAIT_TIME = 4,
  /*
   A connection is offered, or one is fed, drained or closed: see `stepwell_process_offer`.
   */
  STEPWELL_WAIT_SOCKET = 8,
};
#ifndef __cplusplus
#if (__STDC_VERSION__ >= 202311L || defined(__swift__))
typedef enum stepwell_wait stepwell_wait;
#else
typedef uint32_t stepwell_wait;
#endif // (__STDC_VERSION__ >= 202311L || defined(__swift__))
#endif // __cplusplus

/*
 The functions that were active, the innermost first when a process trapped, the outermost first in an image. Owned by the
 caller; never changes, so any thread may read it.
 */
typedef struct stepwell_backtrace stepwell_backtrace;

/*
 Trees that others are saved as differences to: whoever loads them needs the same again. Owned by the caller. One thread at a
 time.
 */
typedef struct stepwell_bases stepwell_bases;

/*
 Bytes that the library has handed out: output of a guest, a file, an archive. Owned by the caller; never changes, so any
 thread may read it. There is no NUL behind them, and there may be some in them.
 */
typedef struct stepwell_bytes stepwell_bytes;

/*
 What changed between two trees, sorted by path. Owned by the caller; never changes, so any thread may read it.
 */
typedef struct stepwell_diff stepwell_diff;

/*
 The settings that modules are compiled with. Owned by the caller. A module keeps a copy, so an engine may be changed or
 freed at any time. One thread at a time.
 */
typedef struct stepwell_engine stepwell_engine;

/*
 Why a call failed. Owned by the caller; never changes, so any thread may read it.
 */
typedef struct stepwell_error stepwell_error;

/*
 A process that stands still at a call of WASI, as plain data: its stack, memories, files, streams, clock and random numbers.
 Owned by the caller. One thread at a time; a template of it is for many.
 */
typedef struct stepwell_image stepwell_image;

/*
 Stops a run from another thread. Owned by the caller; it may outlive its process. Any number of threads may use it at
 once, also while another is inside the process: it is the one thing that they may.
 */
typedef struct stepwell_interrupt stepwell_interrupt;

/*
 The most that a process may use. Owned by the caller; builders, images and templates copy it. One thread at a time.
 */
typedef struct stepwell_limits stepwell_limits;

/*
 The entries of a directory, sorted by the bytes of their names. Owned by the caller; never changes, so any thread may read
 it.
 */
typedef struct stepwell_listing stepwell_listing;

/*
 A module that was checked and can be run. Owned by the caller. Processes, images and templates keep what they need of it,
 so it may be freed at any time. Never changes, so any number of threads may use it at once.
 */
typedef struct stepwell_module stepwell_module;

/*
 Files for a process that goes on from an image in which directories of the host were left out: see
 `stepwell_template_thaw_attached`, which uses the list up. Then every call but free is `STEPWELL_USED`. Owned by the
 caller. One thread at a time.
 */
typedef struct stepwell_mounts stepwell_mounts;

/*
 Thaws processes of one template, and uses again what it is given back: a thaw takes microseconds, and processes share the
 memory that they have not written. Only time and memory differ from `stepwell_template_thaw`. Owned by the caller; its
 processes may outlive it. Any number of threads may use it at once.
 */
typedef struct stepwell_pool stepwell_pool;

/*
 One run of a module. Owned by the caller. It does nothing except in `stepwell_process_run`. One thread at a time: a call
 while another thread is inside is `STEPWELL_BUSY`. Between calls it may be moved to another thread.
 */
typedef struct stepwell_process stepwell_process;

/*
 What a process starts with. Owned by the caller. One thread at a time. It is used up by `stepwell_process_builder_spawn`,
 also if that fails: then every call but free is `STEPWELL_USED`.

 Without further calls the guest has no arguments, an empty environment, an empty tree at `/` as descriptor 3, pipes as
 standard streams, a calendar that starts at 2026-01-01T00:00:00Z and moves with its steps, and random numbers from seed 0.
 */
typedef struct stepwell_process_builder stepwell_process_builder;

/*
 What is known of a file without opening it. Owned by the caller; never changes, so any thread may read it.
 */
typedef struct stepwell_stat stepwell_stat;

/*
 A list of texts: names of exports, results, removed paths. Owned by the caller; never changes, so any thread may read it.
 */
typedef struct stepwell_strings stepwell_strings;

/*
 An image with the code that goes on from it. Owned by the caller. Never changes, so any number of threads may use it at
 once.
 */
typedef struct stepwell_template stepwell_template;

/*
 A copy-on-write tree of files in memory. Owned by the caller. One thread at a time; a fork shares what neither side has
 changed and is independent.

 Paths are UTF-8, with `/` between names; slashes at the start do not matter. They have no `..`, and symbolic links in them
 are not followed. One that ends in a slash must be a directory. What is made or changed here gets the time
 2026-01-01T00:00:00Z.

 A tree above a directory of the host's (`stepwell_tree_above`) looks there when it has to: each of its calls may then also
 fail with what the host says, IO or ACCES for example.
 */
typedef struct stepwell_tree stepwell_tree;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 Starts describing a process of `module`.
 */
stepwell_status stepwell_process_builder_new(const struct stepwell_module *module,
                                             struct stepwell_process_builder **out,
                                             struct stepwell_error **error);

/*
 Appends an argument, which is copied. The first is the name that the guest is called by. It need not be UTF-8.
 */
stepwell_status stepwell_process_builder_arg(struct stepwell_process_builder *builder,
                                             const char *arg,
                                             struct stepwell_error **error);

/*
 Appends an environment variable, which is copied.

 `STEPWELL_INVALID_ARGUMENT`: the name is empty or has a `=`.
 */
stepwell_status stepwell_process_builder_env(struct stepwell_process_builder *builder,
                                             const char *name,
                                             const char *value,
                                             struct stepwell_error **error);

/*
 Has the process call the export `name` instead of `_start`. Its results are in `stepwell_process_results`.
 */
stepwell_status stepwell_process_builder_invoke(struct stepwell_process_builder *builder,
                                                const char *name,
                                                struct stepwell_error **error);

/*
 Appends an argument for the export that `stepwell_process_builder_invoke` has named: a number as text, read by the type of
 the parameter when the process is made.

 `STEPWELL_INVALID_ARGUMENT`: no export was named.
 */
stepwell_status stepwell_process_builder_invoke_arg(struct stepwell_process_builder *builder,
                                                    const char *arg,
                                                    struct stepwell_error **error);

/*
 Sets the most that the process may use. `limits` is copied.
 */
stepwell_status stepwell_process_builder_limits(struct stepwell_process_builder *builder,
                                                const struct stepwell_limits *limits,
                                                struct stepwell_error **error);

/*
 Has the process run on a copy of the module that can be frozen without repeating the run, which is up to half as slow
 again.
 */
stepwell_status stepwell_process_builder_freezable(struct stepwell_process_builder *builder,
                                                   struct stepwell_error **error);

/*
 Has the process account for where its steps go, which `stepwell_process_profile` tells. It is several times slower.
 */
stepwell_status stepwell_process_builder_profile(struct stepwell_process_builder *builder,
                                                 struct stepwell_error **error);

/*
 Has the process write a receipt, which `stepwell_process_receipt` gives. All files are read at the start.
 */
stepwell_status stepwell_process_builder_receipt(struct stepwell_process_builder *builder,
                                                 struct stepwell_error **error);

/*
 As `stepwell_process_builder_receipt`, and has the receipt call the module by another hash than its own: that of the file
 which it was before parts were left out that are never run, debugging sections above all. `module_sha256` is borrowed: 32
 bytes.
 */
stepwell_status stepwell_process_builder_receipt_of(struct stepwell_process_builder *builder,
                                                    const uint8_t *module_sha256,
                                                    struct stepwell_error **error);

/*
 Has the process start as the run of a receipt has, and write a receipt of its own: arguments, environment, kinds of
 streams, limits, seed, epoch and called export come from it. Files and standard input do not.

 `STEPWELL_RECEIPT`: the text is no receipt, or was changed. `STEPWELL_INVALID_UTF8`.
 */
stepwell_status stepwell_process_builder_repeat(struct stepwell_process_builder *builder,
                                                const uint8_t *receipt,
                                                size_t receipt_len,
                                                struct stepwell_error **error);

/*
 Has the process keep a line for each call of WASI, which `stepwell_process_drain_trace` gives.
 */
stepwell_status stepwell_process_builder_trace(struct stepwell_process_builder *builder,
                                               struct stepwell_error **error);

/*
 Makes the process, without running anything yet, and uses the builder up.

 `STEPWELL_ERRNO` (a mount), `STEPWELL_TOO_MANY_ARGUMENTS`, `STEPWELL_FILES`, `STEPWELL_MISSING_EXPORT`,
 `STEPWELL_ENTRY_TYPE`, `STEPWELL_ARGUMENTS`, `STEPWELL_INTERPRETER`.
 */
stepwell_status stepwell_process_builder_spawn(struct stepwell_process_builder *builder,
                                               struct stepwell_process **out,
                                               struct stepwell_error **error);

/*
 Frees a builder, used up or not. NULL is fine.
 */
void stepwell_process_builder_free(struct stepwell_process_builder *builder);

/*
 Mounts a tree at an absolute path of the guest's, `/` for its root. The process gets a fork: `tree` stays as it is.

 `STEPWELL_ERRNO`: INVAL (the path is not absolute, or has `..`), BUSY (something is mounted there).
 */
stepwell_status stepwell_process_builder_mount_tree(struct stepwell_process_builder *builder,
                                                    const char *guest_path,
                                                    const struct stepwell_tree *tree,
                                                    bool read_only,
                                                    struct stepwell_error **error);

/*
 Mounts a directory of the host's at an absolute path of the guest's: `mode` is a `stepwell_host_mode`. Nothing that the
 guest does leads out of the directory.

 `STEPWELL_INVALID_ARGUMENT`: there is no such mode. `STEPWELL_HOST`: the host does not open the directory.
 `STEPWELL_UNSUPPORTED`: this build has no host. `STEPWELL_ERRNO`: as for `stepwell_process_builder_mount_tree`.
 */
stepwell_status stepwell_process_builder_mount_host(struct stepwell_process_builder *builder,
                                                    const char *guest_path,
                                                    const char *host_path,
                                                    uint32_t mode,
                                                    struct stepwell_error **error);

/*
 Gives the guest no directory: it can open nothing, and descriptor 3 is free. What was mounted is not looked at.
 */
stepwell_status stepwell_process_builder_without_files(struct stepwell_process_builder *builder,
                                                       struct stepwell_error **error);

/*
 Sets the seed of the random numbers.
 */
stepwell_status stepwell_process_builder_seed(struct stepwell_process_builder *builder,
                                              uint64_t seed,
                                              struct stepwell_error **error);

/*
 Sets where the calendar starts: nanoseconds since 1970-01-01T00:00:00Z.
 */
stepwell_status stepwell_process_builder_epoch(struct stepwell_process_builder *builder,
                                               uint64_t nanoseconds,
                                               struct stepwell_error **error);

/*
 Gives the guest the host's clock. The run cannot be repeated then, so there is no backtrace, and no image.

 `STEPWELL_UNSUPPORTED`: this build has no host.
 */
stepwell_status stepwell_process_builder_host_clock(struct stepwell_process_builder *builder,
                                                    struct stepwell_error **error);

/*
 Gives the guest the host's entropy. The run cannot be repeated then, so there is no backtrace, and no image.

 `STEPWELL_UNSUPPORTED`: this build has no host.
 */
stepwell_status stepwell_process_builder_host_entropy(struct stepwell_process_builder *builder,
                                                      struct stepwell_error **error);

/*
 Says what the guest is told that a stream is attached to: `stream` is a `stepwell_stream`, `kind` a
 `stepwell_stream_kind`.

 `STEPWELL_INVALID_ARGUMENT`: there is no such stream or kind.
 */
stepwell_status stepwell_process_builder_stdio(struct stepwell_process_builder *builder,
                                               uint32_t stream,
                                               uint32_t kind,
                                               struct stepwell_error **error);

/*
 Gives the guest one more socket to accept connections from, which `stepwell_process_offer` offers. It is open from the start,
 on the lowest free descriptor: `stepwell_process_listener` has its number. There is none beyond `STEPWELL_LIMIT_DESCRIPTORS`.
 */
stepwell_status stepwell_process_builder_listener(struct stepwell_process_builder *builder,
                                                  struct stepwell_error **error);

/*
 The first byte. Borrowed until the bytes are freed. NULL for NULL; not to be read if there are 0 bytes.
 */
const uint8_t *stepwell_bytes_data(const struct stepwell_bytes *bytes);

/*
 How many bytes there are; 0 for NULL.
 */
size_t stepwell_bytes_len(const struct stepwell_bytes *bytes);

/*
 Frees bytes. NULL is fine.
 */
void stepwell_bytes_free(struct stepwell_bytes *bytes);

/*
 Makes an engine: 100 000 frames and 64 MiB of stack.
 */
stepwell_status stepwell_engine_new(struct stepwell_engine **out, struct stepwell_error **error);

/*
 Sets how many functions may be active at once: one more traps with a stack overflow.

 `STEPWELL_INVALID_ARGUMENT`: it is 0.
 */
stepwell_status stepwell_engine_set_call_depth_max(struct stepwell_engine *engine,
                                                   uint64_t frames,
                                                   struct stepwell_error **error);

/*
 Sets how many bytes the locals and operands of all active functions may take, at least 64 KiB: a call beyond it traps
 with a stack overflow.

 `STEPWELL_INVALID_ARGUMENT`: it is 0.
 */
stepwell_status stepwell_engine_set_stack_bytes_max(struct stepwell_engine *engine,
                                                    uint64_t bytes,
                                                    struct stepwell_error **error);

/*
 Frees an engine. NULL is fine.
 */
void stepwell_engine_free(struct stepwell_engine *engine);

/*
 The status that the call returned; `STEPWELL_OK` for NULL.
 */
stepwell_status stepwell_error_status(const struct stepwell_error *error);

/*
 The number that WASI preview1 gives to what a file operation failed with; 0 if it was something else, or for NULL.
 */
uint16_t stepwell_error_errno(const struct stepwell_error *error);

/*
 What went wrong, for people: UTF-8 that ends in NUL. Borrowed until the error is freed. NULL for NULL.
 */
const char *stepwell_error_message(const struct stepwell_error *error);

/*
 Frees an error. NULL is fine.
 */
void stepwell_error_free(struct stepwell_error *error);

/*
 Notes where the module comes from, in words of the caller's own, for when the image is saved.
 */
stepwell_status stepwell_image_set_origin(struct stepwell_image *image,
                                          const char *origin,
                                          struct stepwell_error **error);

/*
 Steps that were taken until the process was frozen.
 */
stepwell_status stepwell_image_steps(const struct stepwell_image *image,
                                     uint64_t *out,
                                     struct stepwell_error **error);

/*
 Calls of WASI that had finished when the process was frozen.
 */
stepwell_status stepwell_image_syscalls(const struct stepwell_image *image,
                                        uint64_t *out,
                                        struct stepwell_error **error);

/*
 Bytes of all linear memories of the process.
 */
stepwell_status stepwell_image_memory_bytes(const struct stepwell_image *image,
                                            uint64_t *out,
                                            struct stepwell_error **error);

/*
 The SHA-256 of the module that it is of: 32 bytes.
 */
stepwell_status stepwell_image_module_sha256(const struct stepwell_image *image,
                                             uint8_t *out,
                                             struct stepwell_error **error);

/*
 The name of the call of WASI that it stands at.
 */
stepwell_status stepwell_image_syscall(const struct stepwell_image *image,
                                       const struct stepwell_module *module,
                                       struct stepwell_bytes **out,
                                       struct stepwell_error **error);

/*
 The functions that are active, the outermost first.
 */
stepwell_status stepwell_image_backtrace(const struct stepwell_image *image,
                                         const struct stepwell_module *module,
                                         struct stepwell_backtrace **out,
                                         struct stepwell_error **error);

/*
 Makes an image ready to go on, any number of times: writes the copy of the module that starts where it stands.

 `STEPWELL_IMAGE`: it is of another module. `STEPWELL_NOT_FREEZABLE`: a function on its stack would become too large.
 */
stepwell_status stepwell_image_prepare(const struct stepwell_image *image,
                                       const struct stepwell_module *module,
                                       struct stepwell_template **out,
                                       struct stepwell_error **error);

/*
 As `stepwell_image_prepare`, for processes that can be frozen without repeating their run: they take the same steps and a
 little longer. See `stepwell_process_builder_freezable`.

 As `stepwell_image_prepare`.
 */
stepwell_status stepwell_image_prepare_freezable(const struct stepwell_image *image,
                                                 const struct stepwell_module *module,
                                                 struct stepwell_template **out,
                                                 struct stepwell_error **error);

/*
 As `stepwell_image_prepare`, for processes that account for where their steps go: see `stepwell_process_profile`. The steps
 of the frozen part are a stack of their own, `[frozen]`. They are several times slower.

 As `stepwell_image_prepare`.
 */
stepwell_status stepwell_image_prepare_profiled(const struct stepwell_image *image,
                                                const struct stepwell_module *module,
                                                struct stepwell_template **out,
                                                struct stepwell_error **error);

/*
 The most that its processes may use, unless they are given other limits: a copy.
 */
stepwell_status stepwell_image_limits(const struct stepwell_image *image,
                                      struct stepwell_limits **out,
                                      struct stepwell_error **error);

/*
 Frees an image. NULL is fine.
 */
void stepwell_image_free(struct stepwell_image *image);

/*
 The guest's paths at which directories of the host were left out: `stepwell_template_thaw_attached` has to be given a mount
 for each. None, unless the process was frozen by `stepwell_process_freeze_detached`.
 */
stepwell_status stepwell_image_absent(const struct stepwell_image *image,
                                      struct stepwell_strings **out,
                                      struct stepwell_error **error);

/*
 The guest's paths of the directories that are open from the start, from descriptor 3 on: an engine that runs what
 `stepwell_image_to_wasm` gives has to open as many, in this order.

 `STEPWELL_NOT_PORTABLE`: something else is open, or one of these or a standard stream is not, or has flags; there is input
 that the process has not read, or output that the host has not drained.
 */
stepwell_status stepwell_image_preopens(const struct stepwell_image *image,
                                        struct stepwell_strings **out,
                                        struct stepwell_error **error);

/*
 Writes a module that goes on from here when its `_start` is called, on any engine with WASI preview1. What is the host's
 comes from that engine: files, standard streams, clock and random numbers; nothing counts steps, and limits do not go
 along. Arguments and environment have been read before.

 `STEPWELL_NOT_PORTABLE`: as `stepwell_image_preopens`, or what would be written is not valid or more than engines take.
 `STEPWELL_NOT_FREEZABLE`: its stack is too deep. `STEPWELL_IMAGE`: it is of another module.
 */
stepwell_status stepwell_image_to_wasm(const struct stepwell_image *image,
                                       const struct stepwell_module *module,
                                       struct stepwell_bytes **out,
                                       struct stepwell_error **error);

/*
 Whether bytes start as those of an image do. `data` is borrowed for the call.
 */
stepwell_status stepwell_image_is_image(const uint8_t *data,
                                        size_t len,
                                        bool *out,
                                        struct stepwell_error **error);

/*
 Reads an image of `module`. `data` is copied, once. `limits` is copied and takes the place of those that the process was
 frozen with; NULL keeps them. The bytes may come from anywhere: what they hold is checked.

 `STEPWELL_IMAGE`: they are damaged, of another module, or do not fit into the limits.
 */
stepwell_status stepwell_image_load(const struct stepwell_module *module,
                                    const uint8_t *data,
                                    size_t len,
                                    const struct stepwell_limits *limits,
                                    struct stepwell_image **out,
                                    struct stepwell_error **error);

/*
 As `stepwell_image_load`, for bytes of `stepwell_image_save_above`: `bases` has the trees that they may be differences to, and
 may be NULL.

 As `stepwell_image_load`; also if a base is not there.
 */
stepwell_status stepwell_image_load_above(const struct stepwell_module *module,
                                          const uint8_t *data,
                                          size_t len,
                                          const struct stepwell_bases *bases,
                                          const struct stepwell_limits *limits,
                                          struct stepwell_image **out,
                                          struct stepwell_error **error);

/*
 Writes an image as bytes, which any host can load that has the same module.

 `STEPWELL_NOT_FREEZABLE`: its clock or its entropy is the host's, or a tree lies above a directory of the host's.
 `STEPWELL_IMAGE`: it is of another module.
 */
stepwell_status stepwell_image_save(const struct stepwell_image *image,
                                    const struct stepwell_module *module,
                                    struct stepwell_bytes **out,
                                    struct stepwell_error **error);

/*
 As `stepwell_image_save`, with each tree as the difference to that one of `bases` that it has most in common with, if any.
 `bases` may be NULL.

 As `stepwell_image_save`.
 */
stepwell_status stepwell_image_save_above(const struct stepwell_image *image,
                                          const struct stepwell_module *module,
                                          const struct stepwell_bases *bases,
                                          struct stepwell_bytes **out,
                                          struct stepwell_error **error);

/*
 Writes an image and the code that goes on from it as bytes for a cache, which `stepwell_template_load` reads: whoever keeps
 these needs neither the module nor `stepwell_image_prepare` again.

 As `stepwell_image_prepare`, then as `stepwell_image_save`.
 */
stepwell_status stepwell_image_save_prepared(const struct stepwell_image *image,
                                             const struct stepwell_module *module,
                                             struct stepwell_bytes **out,
                                             struct stepwell_error **error);

/*
 As `stepwell_image_save`, with the module's own bytes in it, for `stepwell_image_embedded_module`. `wasm` is what the
 module was made from, and borrowed for the call.

 `STEPWELL_NOT_FREEZABLE`; `STEPWELL_IMAGE`: it is of another module, or `wasm` is not its bytes.
 */
stepwell_status stepwell_image_save_whole(const struct stepwell_image *image,
                                          const struct stepwell_module *module,
                                          const uint8_t *wasm,
                                          size_t wasm_len,
                                          struct stepwell_bytes **out,
                                          struct stepwell_error **error);

/*
 Makes the module that lies in the bytes of an image ready to run. The answer is NULL if none does. `data` is copied.

 `STEPWELL_IMAGE`: the bytes are no image or damaged. As `stepwell_module_new`.
 */
stepwell_status stepwell_image_embedded_module(const struct stepwell_engine *engine,
                                               const uint8_t *data,
                                               size_t len,
                                               struct stepwell_module **out,
                                               struct stepwell_error **error);

/*
 What `stepwell_image_set_origin` has noted in the bytes of an image, without loading it. `data` is copied.

 `STEPWELL_IMAGE`: the bytes are no image or damaged.
 */
stepwell_status stepwell_image_origin(const uint8_t *data,
                                      size_t len,
                                      struct stepwell_bytes **out,
                                      struct stepwell_error **error);

/*
 Makes a handle that interrupts this process. Make it before the process is given to another thread.
 */
stepwell_status stepwell_process_interrupt(const struct stepwell_process *process,
                                           struct stepwell_interrupt **out,
                                           struct stepwell_error **error);

/*
 Has `stepwell_process_run` return `STEPWELL_STATE_INTERRUPTED` within a few milliseconds, or at once if it is called next;
 and a backtrace that is being made fail. Once for each call, then the process can be run again.
 */
stepwell_status stepwell_interrupt_raise(const struct stepwell_interrupt *interrupt,
                                         struct stepwell_error **error);

/*
 Frees the handle. NULL is fine.
 */
void stepwell_interrupt_free(struct stepwell_interrupt *interrupt);

/*
 Makes limits, each at its default.
 */
stepwell_status stepwell_limits_new(struct stepwell_limits **out, struct stepwell_error **error);

/*
 Sets one limit: `limit` is a `stepwell_limit`. A size beyond what the host can address means all that it can.

 `STEPWELL_INVALID_ARGUMENT`: there is no such limit to be set, or there cannot be so many descriptors.
 */
stepwell_status stepwell_limits_set(struct stepwell_limits *limits,
                                    uint32_t limit,
                                    uint64_t max,
                                    struct stepwell_error **error);

/*
 What one limit is: `limit` is a `stepwell_limit`. `UINT64_MAX` is no limit.

 `STEPWELL_INVALID_ARGUMENT`: there is no such limit to be set.
 */
stepwell_status stepwell_limits_get(const struct stepwell_limits *limits,
                                    uint32_t limit,
                                    uint64_t *out,
                                    struct stepwell_error **error);

/*
 Frees limits. NULL is fine.
 */
void stepwell_limits_free(struct stepwell_limits *limits);

#if defined(__wasm__)
/*
 Bytes of the library's memory that are in use: by handles, and by what `stepwell_alloc` gave. The memory itself never
 shrinks. Only `stepwell.wasm` has this.
 */
size_t stepwell_allocated(void);
#endif

#if defined(__wasm__)
/*
 Bytes in the library's memory for what a call is to be given: NULL for 0 bytes, or if there is no memory. Owned by the
 caller. Only `stepwell.wasm` has this: elsewhere the caller has memory of its own.
 */
uint8_t *stepwell_alloc(size_t len);
#endif

#if defined(__wasm__)
/*
 Frees what `stepwell_alloc` gave for `len` bytes. NULL is fine.
 */
void stepwell_free(uint8_t *data, size_t len);
#endif

/*
 Checks a module in the binary format and makes it ready to run. `wasm` is borrowed for the call.

 `STEPWELL_NOT_WASM`, `STEPWELL_UNSUPPORTED_PROPOSAL` or `STEPWELL_INVALID_MODULE`; then `STEPWELL_INTERPRETER`,
 `STEPWELL_UNKNOWN_IMPORT`, `STEPWELL_IMPORT_TYPE`.
 */
stepwell_status stepwell_module_new(const struct stepwell_engine *engine,
                                    const uint8_t *wasm,
                                    size_t wasm_len,
                                    struct stepwell_module **out,
                                    struct stepwell_error **error);

/*
 Checks a module and writes the copy of it that counts steps, which can be kept for `stepwell_module_from_prepared`: that
 is most of the work of `stepwell_module_new`. `wasm` is borrowed for the call.

 `STEPWELL_NOT_WASM`, `STEPWELL_UNSUPPORTED_PROPOSAL`, `STEPWELL_INVALID_MODULE`.
 */
stepwell_status stepwell_module_prepare(const uint8_t *wasm,
                                        size_t wasm_len,
                                        struct stepwell_bytes **out,
                                        struct stepwell_error **error);

/*
 Makes a module ready to run that `stepwell_module_prepare` has written. `prepared` is copied.

 Function bodies are not checked again: keep a checksum with the bytes. Bytes that were changed are safe, but may trap or
 run without counting steps.

 `STEPWELL_NOT_PREPARED`, `STEPWELL_INTERPRETER`, `STEPWELL_UNKNOWN_IMPORT`, `STEPWELL_IMPORT_TYPE`.
 */
stepwell_status stepwell_module_from_prepared(const struct stepwell_engine *engine,
                                              const uint8_t *prepared,
                                              size_t prepared_len,
                                              struct stepwell_module **out,
                                              struct stepwell_error **error);

/*
 What tells the prepared modules of this version from those of others, for the name that one is kept under.
 */
stepwell_status stepwell_module_preparation(struct stepwell_bytes **out,
                                            struct stepwell_error **error);

/*
 The SHA-256 of the module as it was given: 32 bytes.
 */
stepwell_status stepwell_module_sha256(const struct stepwell_module *module,
                                       uint8_t *out,
                                       struct stepwell_error **error);

/*
 Whether the module exports a function of this name.
 */
stepwell_status stepwell_module_exports_function(const struct stepwell_module *module,
                                                 const char *name,
                                                 bool *out,
                                                 struct stepwell_error **error);

/*
 The names of the functions that the module exports, sorted.
 */
stepwell_status stepwell_module_exported_functions(const struct stepwell_module *module,
                                                   struct stepwell_strings **out,
                                                   struct stepwell_error **error);

/*
 Frees a module. NULL is fine.
 */
void stepwell_module_free(struct stepwell_module *module);

/*
 Makes an empty list.
 */
stepwell_status stepwell_mounts_new(struct stepwell_mounts **out, struct stepwell_error **error);

/*
 Adds a tree at an absolute path of the guest's, as `stepwell_process_builder_mount_tree` mounts one.

 `STEPWELL_ERRNO`: INVAL (the path is not absolute, or has `..`), BUSY (the list has something there).
 */
stepwell_status stepwell_mounts_add_tree(struct stepwell_mounts *mounts,
                                         const char *guest_path,
                                         const struct stepwell_tree *tree,
                                         bool read_only,
                                         struct stepwell_error **error);

/*
 Adds a directory of the host's at an absolute path of the guest's, as `stepwell_process_builder_mount_host` mounts one:
 `mode` is a `stepwell_host_mode`.

 `STEPWELL_INVALID_ARGUMENT`: there is no such mode. `STEPWELL_HOST`: the host does not open the directory.
 `STEPWELL_UNSUPPORTED`: this build has no host. `STEPWELL_ERRNO`: as for `stepwell_mounts_add_tree`.
 */
stepwell_status stepwell_mounts_add_host(struct stepwell_mounts *mounts,
                                         const char *guest_path,
                                         const char *host_path,
                                         uint32_t mode,
                                         struct stepwell_error **error);

/*
 Frees a list, used up or not. NULL is fine.
 */
void stepwell_mounts_free(struct stepwell_mounts *mounts);

/*
 Makes a pool that keeps at most so many instances for their next process. Where the host has no copy-on-write mappings
 (elsewhere than on Linux and Android), memories are copied.
 */
stepwell_status stepwell_pool_new(const struct stepwell_template *template_,
                                  size_t spares_max,
                                  struct stepwell_pool **out,
                                  struct stepwell_error **error);

/*
 As `stepwell_template_thaw`. An image from which directories of the host were left out cannot be thawed by a pool.
 */
stepwell_status stepwell_pool_thaw(const struct stepwell_pool *pool,
                                   const struct stepwell_limits *limits,
                                   struct stepwell_process **out,
                                   struct stepwell_error **error);

/*
 Ends a process in whatever state it is, and keeps its instance for the next. The call frees `process` if it succeeds: it is
 not used again. `kept` says whether the instance was kept, and may be NULL: it is not if the process is of another pool, has
 grown its memory or a table, or there are enough of them.

 A failure leaves the process to the caller.
 */
stepwell_status stepwell_pool_recycle(const struct stepwell_pool *pool,
                                      struct stepwell_process *process,
                                      bool *kept,
                                      struct stepwell_error **error);

/*
 Instances that wait for their next process.
 */
stepwell_status stepwell_pool_spares(const struct stepwell_pool *pool,
                                     size_t *out,
                                     struct stepwell_error **error);

/*
 Whether some memory of the image is mapped, and not copied for each process.
 */
stepwell_status stepwell_pool_is_mapped(const struct stepwell_pool *pool,
                                        bool *out,
                                        struct stepwell_error **error);

/*
 Frees a pool. NULL is fine.
 */
void stepwell_pool_free(struct stepwell_pool *pool);

/*
 Runs for at most `steps` more steps, fewer if the process blocks, ends or is interrupted, and says what it is doing then.
 Steps that the next operators do not fit into are added to the next call's. Once it has ended, the same state is returned
 again.
 */
stepwell_status stepwell_process_run(struct stepwell_process *process,
                                     uint64_t steps,
                                     stepwell_state *out,
                                     struct stepwell_error **error);

/*
 What `stepwell_process_run` returned last; `STEPWELL_STATE_YIELDED` if it was not called yet.
 */
stepwell_status stepwell_process_state(const struct stepwell_process *process,
                                       stepwell_state *out,
                                       struct stepwell_error **error);

/*
 Steps taken so far.
 */
stepwell_status stepwell_process_steps(const struct stepwell_process *process,
                                       uint64_t *out,
                                       struct stepwell_error **error);

/*
 Those of the steps that calls of WASI and growths of memory have cost.
 */
stepwell_status stepwell_process_host_steps(const struct stepwell_process *process,
                                            uint64_t *out,
                                            struct stepwell_error **error);

/*
 Calls of WASI that have finished so far.
 */
stepwell_status stepwell_process_syscalls(const struct stepwell_process *process,
                                          uint64_t *out,
                                          struct stepwell_error **error);

/*
 The most bytes that all linear memories had together. Memory never shrinks, so this is what they have now.
 */
stepwell_status stepwell_process_memory_peak_bytes(const struct stepwell_process *process,
                                                   uint64_t *out,
                                                   struct stepwell_error **error);

/*
 Copies `len` bytes of the memory that the module exports as `memory`, from `address`, to `buffer`.

 `STEPWELL_INVALID_ARGUMENT`: the memory does not have them.
 */
stepwell_status stepwell_process_read_memory(const struct stepwell_process *process,
                                             uint64_t address,
                                             uint8_t *buffer,
                                             size_t len,
                                             struct stepwell_error **error);

/*
 Ends a process and frees it. NULL is fine.
 */
void stepwell_process_free(struct stepwell_process *process);

/*
 The code that the process has ended with: all 32 bits.

 `STEPWELL_WRONG_STATE`: it has not exited.
 */
stepwell_status stepwell_process_exit_code(const struct stepwell_process *process,
                                           uint32_t *out,
                                           struct stepwell_error **error);

/*
 The limit that has ended the process.

 `STEPWELL_WRONG_STATE`: none has.
 */
stepwell_status stepwell_process_exhausted_limit(const struct stepwell_process *process,
                                                 stepwell_limit *out,
                                                 struct stepwell_error **error);

/*
 What kind of trap has ended the process.

 `STEPWELL_WRONG_STATE`: none has.
 */
stepwell_status stepwell_process_trap_kind(const struct stepwell_process *process,
                                           stepwell_trap *out,
                                           struct stepwell_error **error);

/*
 What the trap was, for people.

 `STEPWELL_WRONG_STATE`: the process has not trapped.
 */
stepwell_status stepwell_process_trap_message(const struct stepwell_process *process,
                                              struct stepwell_bytes **out,
                                              struct stepwell_error **error);

/*
 The functions that were active when the process trapped. The run is repeated to find them, which takes as long as it did;
 an interrupt stops that.

 `STEPWELL_NO_BACKTRACE`: it has not trapped, its run cannot be repeated, or it was interrupted.
 */
stepwell_status stepwell_process_backtrace(const struct stepwell_process *process,
                                           struct stepwell_backtrace **out,
                                           struct stepwell_error **error);

/*
 How many functions there are; 0 for NULL.
 */
size_t stepwell_backtrace_count(const struct stepwell_backtrace *backtrace);

/*
 The index of a function in the module, imports first; `UINT32_MAX` if there is no such frame.
 */
uint32_t stepwell_backtrace_function(const struct stepwell_backtrace *backtrace, size_t index);

/*
 The first byte of the name that the module gives to a function, in UTF-8 without NUL at its end. Borrowed until the
 backtrace is freed. NULL if it gives none.
 */
const uint8_t *stepwell_backtrace_name(const struct stepwell_backtrace *backtrace,
                                       size_t index);

/*
 How many bytes the name has; 0 if there is none.
 */
size_t stepwell_backtrace_name_len(const struct stepwell_backtrace *backtrace, size_t index);

/*
 Frees a backtrace. NULL is fine.
 */
void stepwell_backtrace_free(struct stepwell_backtrace *backtrace);

/*
 What the called export returned, once it has: numbers as text.
 */
stepwell_status stepwell_process_results(const struct stepwell_process *process,
                                         struct stepwell_strings **out,
                                         struct stepwell_error **error);

/*
 Whether a growth of memory or of a table was refused to the guest, which may have gone on; and for which limit the last
 one was. `limit` is written only if one was, and may be NULL.
 */
stepwell_status stepwell_process_growth_refused(const struct stepwell_process *process,
                                                bool *out,
                                                stepwell_limit *limit,
                                                struct stepwell_error **error);

/*
 Where the steps went so far, as flame-graph tools read it: a line for each stack of functions, with its steps.

 `STEPWELL_INVALID_ARGUMENT`: `stepwell_process_builder_profile` was not called.
 */
stepwell_status stepwell_process_profile(const struct stepwell_process *process,
                                         struct stepwell_bytes **out,
                                         struct stepwell_error **error);

/*
 The guest's paths at which something is mounted, the root first.
 */
stepwell_status stepwell_process_mounts(const struct stepwell_process *process,
                                        struct stepwell_strings **out,
                                        struct stepwell_error **error);

/*
 The tree that is mounted at exactly this path, as it is now: a fork, which the process does not see.

 `STEPWELL_ERRNO`: NOENT (nothing is mounted there), NOTSUP (a directory of the host's, which is written through).
 */
stepwell_status stepwell_process_tree(const struct stepwell_process *process,
                                      const char *guest_path,
                                      struct stepwell_tree **out,
                                      struct stepwell_error **error);

/*
 Replaces the tree that is mounted at exactly this path by a fork of `tree`, which should be one of the process's own tree:
 what the guest has open is looked for under the same inode numbers. Its run cannot be repeated any more.

 `STEPWELL_ERRNO`: as for `stepwell_process_tree`.
 */
stepwell_status stepwell_process_set_tree(struct stepwell_process *process,
                                          const char *guest_path,
                                          const struct stepwell_tree *tree,
                                          struct stepwell_error **error);

/*
 Has the process stop before a call of WASI: `stepwell_process_run` then returns `STEPWELL_STATE_FREEZE_POINT`, once.
 `point` is a `stepwell_freeze_point`, which says what `name` and `number` are; what it does not take is not looked at. It
 replaces what was set before.

 `STEPWELL_INVALID_ARGUMENT`: there is no such point. `STEPWELL_NOT_FREEZABLE`: the module does not import the function.
 */
stepwell_status stepwell_process_freeze_at(struct stepwell_process *process,
                                           uint32_t point,
                                           const char *name,
                                           uint64_t number,
                                           struct stepwell_error **error);

/*
 Writes the process down as it stands at a call of WASI: `STEPWELL_STATE_FREEZE_POINT` or `STEPWELL_STATE_BLOCKED`. One
 made with `stepwell_process_builder_freezable` is over afterwards, in `STEPWELL_STATE_FROZEN`; any other stays as it is,
 and its run is repeated, which takes as long as it has.

 `STEPWELL_NOT_FREEZABLE`: it does not stand at a call, has a directory of the host's mounted (see
 `stepwell_process_freeze_detached`), or cannot be repeated: it is then as it was. Or its stack is too deep: a freezable
 process is then over too.
 */
stepwell_status stepwell_process_freeze(struct stepwell_process *process,
                                        struct stepwell_image **out,
                                        struct stepwell_error **error);

/*
 As `stepwell_process_freeze`, with directories of the host left out: `stepwell_image_absent` names them, and
 `stepwell_template_thaw_attached` opens again, by its path, what is open there. The process has to be one made with
 `stepwell_process_builder_freezable`, because a run on files of the host's cannot be repeated.

 As `stepwell_process_freeze`, but for the directory. `STEPWELL_NOT_FREEZABLE` also: a mount is a tree above a directory of the
 host's and not read-only, so that the guest may have changed what the directory does not have; or a file that is open there
 has no name any more.
 */
stepwell_status stepwell_process_freeze_detached(struct stepwell_process *process,
                                                 struct stepwell_image **out,
                                                 struct stepwell_error **error);

/*
 How many listeners the process has: those of `stepwell_process_builder_listener`, as far as its descriptors reached.
 */
stepwell_status stepwell_process_listener_count(const struct stepwell_process *process,
                                                size_t *out,
                                                struct stepwell_error **error);

/*
 The guest's descriptor of a listener: 4 for the first and 5 for the second, if `/` is 3.

 `STEPWELL_INVALID_ARGUMENT`: there is no such listener.
 */
stepwell_status stepwell_process_listener(const struct stepwell_process *process,
                                          size_t index,
                                          uint32_t *out,
                                          struct stepwell_error **error);

/*
 Offers a connection to the guest's listener on `descriptor`, after those that it has not accepted yet, and gives the number
 by which the other calls know it. It can be fed at once. It is there until it is reset, also after the guest has closed it.

 `STEPWELL_ERRNO`: BADF (the guest has closed the listener, or the process has ended), NOTSOCK (the guest has put something
 else there), OVERFLOW (2^32 were offered).
 */
stepwell_status stepwell_process_offer(struct stepwell_process *process,
                                       uint32_t descriptor,
                                       uint32_t *out,
                                       struct stepwell_error **error);

/*
 How many connections were offered and not reset. A thawed process has those of the frozen one.
 */
stepwell_status stepwell_process_connection_count(const struct stepwell_process *process,
                                                  size_t *out,
                                                  struct stepwell_error **error);

/*
 The number of one of them, in the order of offering.

 `STEPWELL_INVALID_ARGUMENT`: there is no such connection.
 */
stepwell_status stepwell_process_connection(const struct stepwell_process *process,
                                            size_t index,
                                            uint32_t *out,
                                            struct stepwell_error **error);

/*
 Appends bytes to what the guest receives. `data` is copied, once. What nobody will receive is dropped.

 `STEPWELL_INVALID_ARGUMENT`: the connection was not offered, or was reset.
 */
stepwell_status stepwell_process_connection_feed(struct stepwell_process *process,
                                                 uint32_t connection,
                                                 const uint8_t *data,
                                                 size_t len,
                                                 struct stepwell_error **error);

/*
 How many bytes the guest has not received yet, to feed no more than it takes.

 `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
 */
stepwell_status stepwell_process_connection_queued(struct stepwell_process *process,
                                                   uint32_t connection,
                                                   size_t *out,
                                                   struct stepwell_error **error);

/*
 Ends what the guest receives, after what was fed.

 `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
 */
stepwell_status stepwell_process_connection_close_input(struct stepwell_process *process,
                                                        uint32_t connection,
                                                        struct stepwell_error **error);

/*
 Takes what the guest has sent since the last call, without copying it.

 `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
 */
stepwell_status stepwell_process_connection_drain(struct stepwell_process *process,
                                                  uint32_t connection,
                                                  struct stepwell_bytes **out,
                                                  struct stepwell_error **error);

/*
 Says that nobody reads what the guest sends any more: sending fails with EPIPE.

 `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
 */
stepwell_status stepwell_process_connection_close_output(struct stepwell_process *process,
                                                         uint32_t connection,
                                                         struct stepwell_error **error);

/*
 Whether the guest sends no more than what can be drained already: it has closed the connection or its sending side, or
 has ended; or the host has closed it.

 `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
 */
stepwell_status stepwell_process_connection_is_closed(struct stepwell_process *process,
                                                      uint32_t connection,
                                                      bool *out,
                                                      struct stepwell_error **error);

/*
 Takes the connection away with all that was not received and not drained, and forgets its number. A guest that has it open
 gets ECONNRESET.

 `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
 */
stepwell_status stepwell_process_connection_reset(struct stepwell_process *process,
                                                  uint32_t connection,
                                                  struct stepwell_error **error);

/*
 Appends bytes to standard input. `data` is copied, once.
 */
stepwell_status stepwell_process_feed_stdin(struct stepwell_process *process,
                                            const uint8_t *data,
                                            size_t len,
                                            struct stepwell_error **error);

/*
 Ends standard input after what was fed.
 */
stepwell_status stepwell_process_close_stdin(struct stepwell_process *process,
                                             struct stepwell_error **error);

/*
 Takes what the guest has written to standard output since the last call, without copying it.
 */
stepwell_status stepwell_process_drain_stdout(struct stepwell_process *process,
                                              struct stepwell_bytes **out,
                                              struct stepwell_error **error);

/*
 Takes what the guest has written to standard error since the last call, without copying it.
 */
stepwell_status stepwell_process_drain_stderr(struct stepwell_process *process,
                                              struct stepwell_bytes **out,
                                              struct stepwell_error **error);

/*
 Says that nobody reads standard output any more: the guest's writes fail with EPIPE.
 */
stepwell_status stepwell_process_close_stdout(struct stepwell_process *process,
                                              struct stepwell_error **error);

/*
 Says that nobody reads standard error any more: the guest's writes fail with EPIPE.
 */
stepwell_status stepwell_process_close_stderr(struct stepwell_process *process,
                                              struct stepwell_error **error);

/*
 What a blocked process waits for: bits of `stepwell_wait`. 0 if it is not blocked.
 */
stepwell_status stepwell_process_blocked_on(const struct stepwell_process *process,
                                            uint32_t *out,
                                            struct stepwell_error **error);

/*
 How long a process waits that waits for time.

 `STEPWELL_WRONG_STATE`: it does not.
 */
stepwell_status stepwell_process_blocked_nanoseconds(const struct stepwell_process *process,
                                                     uint64_t *out,
                                                     struct stepwell_error **error);

/*
 Lets the time pass that a blocked process waits for, as if nothing else had come. Nothing happens to any other.
 */
stepwell_status stepwell_process_elapse(struct stepwell_process *process,
                                        struct stepwell_error **error);

/*
 Has a process keep a line for each further call of WASI: what `stepwell_process_builder_trace` does from the start.
 */
stepwell_status stepwell_process_trace(struct stepwell_process *process,
                                       struct stepwell_error **error);

/*
 Takes the lines about calls of WASI that have finished since the last call: the steps before it, the call and its result.
 They are kept until they are drained.

 `STEPWELL_INVALID_ARGUMENT`: no trace was asked for.
 */
stepwell_status stepwell_process_drain_trace(struct stepwell_process *process,
                                             struct stepwell_bytes **out,
                                             struct stepwell_error **error);

/*
 The receipt of the run as it stands now: canonical JSON in UTF-8. Equal receipts mean equal runs. `reason` says why the run
 may not be the same again, if only the caller knows that: a name in lower case, `interrupted` for example, or NULL.

 `STEPWELL_INVALID_ARGUMENT`: no receipt was asked for. `STEPWELL_ERRNO`: the host's files cannot be read.
 */
stepwell_status stepwell_process_receipt(struct stepwell_process *process,
                                         const char *reason,
                                         struct stepwell_bytes **out,
                                         struct stepwell_error **error);

/*
 Has a thawed process, which has not run since, write a receipt. `image_sha256` is borrowed: the 32 bytes of the SHA-256 of
 the image as it was saved. Its files may have been changed before.

 `STEPWELL_WRONG_STATE`: it was not thawed, or has run, or was fed, drained or offered something since. `STEPWELL_FILES`: the files cannot be read.
 */
stepwell_status stepwell_process_keep_receipt(struct stepwell_process *process,
                                              const uint8_t *image_sha256,
                                              struct stepwell_error **error);

/*
 Each field in which a run that was made again differs from the recorded one, as text; none if the runs are equal. Both
 receipts are JSON in UTF-8, and borrowed for the call.

 `STEPWELL_RECEIPT`: one of them is no receipt, or was changed. `STEPWELL_INVALID_UTF8`.
 */
stepwell_status stepwell_receipt_differences(const uint8_t *recorded,
                                             size_t recorded_len,
                                             const uint8_t *found,
                                             size_t found_len,
                                             struct stepwell_strings **out,
                                             struct stepwell_error **error);

/*
 How many texts there are; 0 for NULL.
 */
size_t stepwell_strings_count(const struct stepwell_strings *strings);

/*
 The first byte of a text in UTF-8, without NUL at its end. Borrowed until the list is freed. NULL if there is no such
 text.
 */
const uint8_t *stepwell_strings_data(const struct stepwell_strings *strings,
                                     size_t index);

/*
 How many bytes a text has; 0 if there is no such text.
 */
size_t stepwell_strings_len(const struct stepwell_strings *strings, size_t index);

/*
 Frees a list. NULL is fine.
 */
void stepwell_strings_free(struct stepwell_strings *strings);

/*
 Reads what `stepwell_image_save_prepared` has written. `data` is copied, once. `limits` is copied and takes the place of
 those that the process was frozen with; NULL keeps them.

 Function bodies are not checked again: keep a checksum with the bytes. Bytes that were changed are safe, but may trap or
 run without counting steps. Nothing but the code is kept, so a process of it has no backtrace and cannot be frozen.

 `STEPWELL_IMAGE`: they are damaged or of another version, or do not fit into the limits. `STEPWELL_INTERPRETER`.
 */
stepwell_status stepwell_template_load(const struct stepwell_engine *engine,
                                       const uint8_t *data,
                                       size_t len,
                                       const struct stepwell_limits *limits,
                                       struct stepwell_template **out,
                                       struct stepwell_error **error);

/*
 The image that it was made from, which it shares.
 */
stepwell_status stepwell_template_image(const struct stepwell_template *template_,
                                        struct stepwell_image **out,
                                        struct stepwell_error **error);

/*
 Steps that were taken until the process was frozen.
 */
stepwell_status stepwell_template_steps(const struct stepwell_template *template_,
                                        uint64_t *out,
                                        struct stepwell_error **error);

/*
 Makes a process that stands where the frozen one stood. `limits` is copied and takes the place of the image's; NULL keeps
 them. Steps and memory of the frozen part count.

 `STEPWELL_IMAGE`: the image is damaged, or does not fit into the limits. `STEPWELL_FILES`: directories of the host were left
 out of it, which `stepwell_template_thaw_attached` takes.
 */
stepwell_status stepwell_template_thaw(const struct stepwell_template *template_,
                                       const struct stepwell_limits *limits,
                                       struct stepwell_process **out,
                                       struct stepwell_error **error);

/*
 As `stepwell_template_thaw`, with a directory of the host, or other files, where each was left out when the process was
 frozen by `stepwell_process_freeze_detached`. What was open there is opened again, by its path and as it was, and stands at
 the offset where it stood. Directories on which others were mounted are made where they are missing, also if the call fails
 later. The call uses `mounts` up, also if it fails, unless a handle is refused.

 The run can be repeated, and so have a backtrace or be frozen without `stepwell_image_prepare_freezable`, only if no mount
 writes through to a directory of the host's.

 As `stepwell_template_thaw`. `STEPWELL_FILES`: a mount is missing, or is at a path where none was left out; or what was open is
 not there, which is named.
 */
stepwell_status stepwell_template_thaw_attached(const struct stepwell_template *template_,
                                                const struct stepwell_limits *limits,
                                                struct stepwell_mounts *mounts,
                                                struct stepwell_process **out,
                                                struct stepwell_error **error);

/*
 Frees a template. NULL is fine.
 */
void stepwell_template_free(struct stepwell_template *template_);

/*
 Makes an empty tree.
 */
stepwell_status stepwell_tree_new(struct stepwell_tree **out, struct stepwell_error **error);

/*
 Makes a tree that starts as a directory of the host's, which is read when somebody looks and never changed.

 `STEPWELL_HOST`: the host does not open it. `STEPWELL_UNSUPPORTED`: this build has no host.
 */
stepwell_status stepwell_tree_above(const char *host_path,
                                    struct stepwell_tree **out,
                                    struct stepwell_error **error);

/*
 Makes an independent copy in constant time.
 */
stepwell_status stepwell_tree_fork(const struct stepwell_tree *tree,
                                   struct stepwell_tree **out,
                                   struct stepwell_error **error);

/*
 Sets one maximum: `quota` is a `stepwell_quota`. A tree that holds more already just cannot grow.

 `STEPWELL_INVALID_ARGUMENT`: there is no such maximum.
 */
stepwell_status stepwell_tree_set_quota(struct stepwell_tree *tree,
                                        uint32_t quota,
                                        uint64_t max,
                                        struct stepwell_error **error);

/*
 How many bytes count against `STEPWELL_QUOTA_BYTES`.
 */
stepwell_status stepwell_tree_bytes_used(const struct stepwell_tree *tree,
                                         uint64_t *out,
                                         struct stepwell_error **error);

/*
 How many inodes count against `STEPWELL_QUOTA_INODES`.
 */
stepwell_status stepwell_tree_inodes_used(const struct stepwell_tree *tree,
                                          uint64_t *out,
                                          struct stepwell_error **error);

/*
 The SHA-256 of everything that the tree holds: 32 bytes, equal for equal trees on every host. Names, types, permission
 bits, times, contents and links count.

 `STEPWELL_ERRNO`: what lies below it cannot be read.
 */
stepwell_status stepwell_tree_digest(struct stepwell_tree *tree,
                                     uint8_t *out,
                                     struct stepwell_error **error);

/*
 Frees a tree. NULL is fine.
 */
void stepwell_tree_free(struct stepwell_tree *tree);

/*
 Adds the files of a tar archive (ustar, GNU or PAX, not compressed) to a tree. `archive` is copied once, and the files are
 slices of that copy.

 `STEPWELL_ARCHIVE`: it is cut off or malformed, has an entry that a tree cannot hold, or does not fit. Then nothing has
 changed.
 */
stepwell_status stepwell_tree_import_tar(struct stepwell_tree *tree,
                                         const uint8_t *archive,
                                         size_t archive_len,
                                         struct stepwell_error **error);

/*
 Writes a tree as a tar archive. Equal trees make equal archives.

 `STEPWELL_ARCHIVE`: what lies below the tree cannot be read.
 */
stepwell_status stepwell_tree_export_tar(struct stepwell_tree *tree,
                                         struct stepwell_bytes **out,
                                         struct stepwell_error **error);

/*
 Writes what `tree` has and `base` has not as a tar archive, and lists the paths of `base` that are to be removed before it
 is unpacked there. `base` is an earlier fork of `tree`. `removed` may be NULL.

 `STEPWELL_ARCHIVE`: what lies below the tree cannot be read.
 */
stepwell_status stepwell_tree_export_diff_tar(struct stepwell_tree *tree,
                                              const struct stepwell_tree *base,
                                              struct stepwell_bytes **out,
                                              struct stepwell_strings **removed,
                                              struct stepwell_error **error);

/*
 Lists what has changed from `base` to `tree`, in time that grows with the changes. `base` is an earlier fork of `tree`
 that was left alone since. Times do not count.
 */
stepwell_status stepwell_tree_diff(const struct stepwell_tree *tree,
                                   const struct stepwell_tree *base,
                                   struct stepwell_diff **out,
                                   struct stepwell_error **error);

/*
 How many changes there are; 0 for NULL.
 */
size_t stepwell_diff_count(const struct stepwell_diff *diff);

/*
 What a change is; `STEPWELL_CHANGE_ADDED` if there is no such change.
 */
stepwell_change stepwell_diff_change(const struct stepwell_diff *diff, size_t index);

/*
 The first byte of the path that a change is about, in UTF-8 without NUL at its end, and without a slash at either end.
 Borrowed until the list is freed. NULL if there is no such change.
 */
const uint8_t *stepwell_diff_path(const struct stepwell_diff *diff,
                                  size_t index);

/*
 How many bytes that path has; 0 if there is no such change.
 */
size_t stepwell_diff_path_len(const struct stepwell_diff *diff, size_t index);

/*
 The first byte of the path that something was renamed from. Borrowed until the list is freed. NULL if the change is no
 rename, or there is no such change.
 */
const uint8_t *stepwell_diff_from(const struct stepwell_diff *diff,
                                  size_t index);

/*
 How many bytes that path has; 0 if there is none.
 */
size_t stepwell_diff_from_len(const struct stepwell_diff *diff, size_t index);

/*
 Frees a list of changes. NULL is fine.
 */
void stepwell_diff_free(struct stepwell_diff *diff);

/*
 The whole content of a file.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, ISDIR, INVAL (a symbolic link, or no path), NAMETOOLONG, NOMEM.
 */
stepwell_status stepwell_tree_read(struct stepwell_tree *tree,
                                   const char *path,
                                   struct stepwell_bytes **out,
                                   struct stepwell_error **error);

/*
 Copies up to `len` bytes of a file from `offset` to `buffer`, and says how many: fewer only where the file ends, 0 at its end
 and behind it.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, ISDIR, INVAL (a symbolic link, or no path), NAMETOOLONG.
 */
stepwell_status stepwell_tree_read_at(struct stepwell_tree *tree,
                                      const char *path,
                                      uint64_t offset,
                                      uint8_t *buffer,
                                      size_t len,
                                      size_t *out,
                                      struct stepwell_error **error);

/*
 Makes a file, and the directories above it, or replaces the content of the one that is there. `data` is copied, once.

 `STEPWELL_ERRNO`: NOTDIR, ISDIR (also a path that ends in a slash), LOOP (a symbolic link), INVAL, NAMETOOLONG, FBIG,
 NOSPC. Then nothing has changed.
 */
stepwell_status stepwell_tree_write(struct stepwell_tree *tree,
                                    const char *path,
                                    const uint8_t *data,
                                    size_t len,
                                    struct stepwell_error **error);

/*
 Makes a directory and those above it, as far as they are missing.

 `STEPWELL_ERRNO`: NOTDIR, INVAL, NAMETOOLONG, NOSPC. Then nothing has changed.
 */
stepwell_status stepwell_tree_mkdir(struct stepwell_tree *tree,
                                    const char *path,
                                    struct stepwell_error **error);

/*
 Makes a symbolic link to `target`, which need not exist, and the directories above it.

 `STEPWELL_ERRNO`: EXIST, NOTDIR, ISDIR (the path ends in a slash), INVAL, NAMETOOLONG, NOSPC. Then nothing has changed.
 */
stepwell_status stepwell_tree_symlink(struct stepwell_tree *tree,
                                      const char *target,
                                      const char *path,
                                      struct stepwell_error **error);

/*
 What a symbolic link leads to, exactly as it was given.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL (no symbolic link), NAMETOOLONG.
 */
stepwell_status stepwell_tree_readlink(struct stepwell_tree *tree,
                                       const char *path,
                                       struct stepwell_bytes **out,
                                       struct stepwell_error **error);

/*
 Gives the file at `from` one more name, and makes the directories above that.

 `STEPWELL_ERRNO`: NOENT, EXIST, PERM (a directory), NOTDIR, ISDIR (the new path ends in a slash), INVAL, NAMETOOLONG,
 NOSPC. Then nothing has changed.
 */
stepwell_status stepwell_tree_link(struct stepwell_tree *tree,
                                   const char *from,
                                   const char *path,
                                   struct stepwell_error **error);

/*
 Moves what is at `from` to `to` and replaces what is there, as rename(2) does.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, ISDIR, NOTEMPTY, INVAL (also the root, and a directory into itself), NAMETOOLONG. Then
 nothing has changed.
 */
stepwell_status stepwell_tree_rename(struct stepwell_tree *tree,
                                     const char *from,
                                     const char *to,
                                     struct stepwell_error **error);

/*
 Removes a file, a symbolic link or an empty directory.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, NOTEMPTY, INVAL (also the root), NAMETOOLONG.
 */
stepwell_status stepwell_tree_remove(struct stepwell_tree *tree,
                                     const char *path,
                                     struct stepwell_error **error);

/*
 Removes a file, a symbolic link, or a directory with everything in it.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL (also the root), NAMETOOLONG. Then nothing has changed.
 */
stepwell_status stepwell_tree_remove_all(struct stepwell_tree *tree,
                                         const char *path,
                                         struct stepwell_error **error);

/*
 Sets the permission bits of what is at `path`: the lowest twelve. They are kept for archives and never checked.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
 */
stepwell_status stepwell_tree_set_mode(struct stepwell_tree *tree,
                                       const char *path,
                                       uint32_t mode,
                                       struct stepwell_error **error);

/*
 Sets the times of access and modification of what is at `path`: nanoseconds since 1970-01-01T00:00:00Z.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
 */
stepwell_status stepwell_tree_set_times(struct stepwell_tree *tree,
                                        const char *path,
                                        uint64_t accessed,
                                        uint64_t modified,
                                        struct stepwell_error **error);

/*
 Lists a directory.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
 */
stepwell_status stepwell_tree_list(struct stepwell_tree *tree,
                                   const char *path,
                                   struct stepwell_listing **out,
                                   struct stepwell_error **error);

/*
 How many entries there are; 0 for NULL.
 */
size_t stepwell_listing_count(const struct stepwell_listing *listing);

/*
 The first byte of an entry's name in UTF-8, without NUL at its end. Borrowed until the listing is freed. NULL if there is
 no such entry.
 */
const uint8_t *stepwell_listing_name(const struct stepwell_listing *listing,
                                     size_t index);

/*
 How many bytes the name has; 0 if there is no such entry.
 */
size_t stepwell_listing_name_len(const struct stepwell_listing *listing, size_t index);

/*
 What an entry is; `STEPWELL_FILE_TYPE_UNKNOWN` if there is no such entry.
 */
stepwell_file_type stepwell_listing_type(const struct stepwell_listing *listing, size_t index);

/*
 Frees a listing. NULL is fine.
 */
void stepwell_listing_free(struct stepwell_listing *listing);

/*
 Says what is at `path`; a symbolic link is not followed.

 `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
 */
stepwell_status stepwell_tree_stat(struct stepwell_tree *tree,
                                   const char *path,
                                   struct stepwell_stat **out,
                                   struct stepwell_error **error);

/*
 What it is; `STEPWELL_FILE_TYPE_UNKNOWN` for NULL.
 */
stepwell_file_type stepwell_stat_type(const struct stepwell_stat *stat);

/*
 Bytes of a file, or of a symbolic link's target; 0 for a directory and for NULL.
 */
uint64_t stepwell_stat_size(const struct stepwell_stat *stat);

/*
 How many names it has; for a directory 2 and one for each directory in it. 0 for NULL.
 */
uint64_t stepwell_stat_links(const struct stepwell_stat *stat);

/*
 Its permission bits; 0 for NULL.
 */
uint32_t stepwell_stat_mode(const struct stepwell_stat *stat);

/*
 Its time of access, which reading does not change: nanoseconds since 1970-01-01T00:00:00Z. 0 for NULL.
 */
uint64_t stepwell_stat_accessed(const struct stepwell_stat *stat);

/*
 When its content last changed: nanoseconds since 1970-01-01T00:00:00Z. 0 for NULL.
 */
uint64_t stepwell_stat_modified(const struct stepwell_stat *stat);

/*
 Frees it. NULL is fine.
 */
void stepwell_stat_free(struct stepwell_stat *stat);

/*
 Makes an empty list of bases.
 */
stepwell_status stepwell_bases_new(struct stepwell_bases **out, struct stepwell_error **error);

/*
 Adds a tree as it is now, in time that grows with it.

 `STEPWELL_TREE`: it lies above a directory of the host's.
 */
stepwell_status stepwell_bases_add(struct stepwell_bases *bases,
                                   const struct stepwell_tree *tree,
                                   struct stepwell_error **error);

/*
 Frees a list of bases. NULL is fine.
 */
void stepwell_bases_free(struct stepwell_bases *bases);

/*
 Writes a tree as bytes, as the difference to `base` unless that is NULL: an earlier fork of `tree`, or nothing is saved by it.
 Equal trees of equal history make equal bytes.

 `STEPWELL_TREE`: it lies above a directory of the host's.
 */
stepwell_status stepwell_tree_save(const struct stepwell_tree *tree,
                                   const struct stepwell_tree *base,
                                   struct stepwell_bytes **out,
                                   struct stepwell_error **error);

/*
 Reads what `stepwell_tree_save` has written. `data` is copied, once, and the files are slices of that copy. `bases` has the
 tree that it is a difference to, and may be NULL. The bytes may come from anywhere: what they hold is checked.

 `STEPWELL_TREE`: they are damaged, or their base is not there.
 */
stepwell_status stepwell_tree_load(const uint8_t *data,
                                   size_t len,
                                   const struct stepwell_bases *bases,
                                   struct stepwell_tree **out,
                                   struct stepwell_error **error);

/*
 The number of the interface that the library has. A program that finds another one than `STEPWELL_ABI_VERSION` calls
 nothing else.
 */
uint32_t stepwell_abi_version(void);

/*
 The library's version, `STEPWELL_VERSION` when the header is its own. A constant that ends in NUL and is never freed.
 */
const char *stepwell_version(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* STEPWELL_H */
