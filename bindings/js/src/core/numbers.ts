/** The numbers of `stepwell.h`, by name. A test compares them with the header. */

import type { Trap } from "../errors.js";

export const ABI_VERSION = 1;

export const STATUS = [
  "OK", "NULL", "BAD_HANDLE", "BUSY", "USED", "INVALID_UTF8", "INVALID_ARGUMENT", "WRONG_STATE", "UNSUPPORTED", "PANIC",
  "ERRNO", "HOST", "ARCHIVE", "", "", "", "", "", "", "",
  "NOT_WASM", "INVALID_MODULE", "UNSUPPORTED_PROPOSAL", "NOT_PREPARED", "UNKNOWN_IMPORT", "IMPORT_TYPE", "MISSING_EXPORT",
  "ENTRY_TYPE", "ARGUMENTS", "TOO_MANY_ARGUMENTS", "FILES", "NOT_FREEZABLE", "IMAGE", "INTERPRETER", "NO_BACKTRACE",
  "RECEIPT", "TREE", "NOT_PORTABLE",
] as const;

export const STATE = {
  yielded: 0, blocked: 1, freezePoint: 2, exited: 3, trapped: 4, exhausted: 5, interrupted: 6, frozen: 7,
} as const;

export const WAIT = { input: 1, output: 2, time: 4, socket: 8 } as const;

export const LIMIT = [
  "steps", "memoryBytes", "tableElements", "outputBytes", "outputQueueBytes", "descriptors", "argumentBytes", "hostMemory",
] as const;

export const QUOTA = ["fileBytes", "inodes", "singleFileBytes"] as const;

export const TRAP: readonly Trap[] = [
  "unreachable", "memory_out_of_bounds", "table_out_of_bounds", "indirect_call_to_null", "indirect_call_type_mismatch",
  "integer_divide_by_zero", "integer_overflow", "invalid_conversion_to_integer", "stack_overflow", "fault",
  "invalid_function", "host_panic",
];

export const CHANGE = ["added", "modified", "removed", "renamed"] as const;

export const FILE_TYPE = [
  "unknown", "block-device", "character-device", "directory", "file", "socket", "socket", "symlink",
] as const;

export const FREEZE_POINT = { nextCall: 0, afterCalls: 1, stdin: 2, open: 3, call: 4 } as const;

export const STREAM = { stdin: 0, stdout: 1, stderr: 2 } as const;

export const STREAM_KIND = { pipe: 0, terminal: 1, file: 2 } as const;

/** WASI preview1's numbers of errors. */
export const ERRNO = [
  "ESUCCESS", "E2BIG", "EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAGAIN", "EALREADY", "EBADF", "EBADMSG",
  "EBUSY", "ECANCELED", "ECHILD", "ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EDEADLK", "EDESTADDRREQ", "EDOM", "EDQUOT",
  "EEXIST", "EFAULT", "EFBIG", "EHOSTUNREACH", "EIDRM", "EILSEQ", "EINPROGRESS", "EINTR", "EINVAL", "EIO", "EISCONN",
  "EISDIR", "ELOOP", "EMFILE", "EMLINK", "EMSGSIZE", "EMULTIHOP", "ENAMETOOLONG", "ENETDOWN", "ENETRESET", "ENETUNREACH",
  "ENFILE", "ENOBUFS", "ENODEV", "ENOENT", "ENOEXEC", "ENOLCK", "ENOLINK", "ENOMEM", "ENOMSG", "ENOPROTOOPT", "ENOSPC",
  "ENOSYS", "ENOTCONN", "ENOTDIR", "ENOTEMPTY", "ENOTRECOVERABLE", "ENOTSOCK", "ENOTSUP", "ENOTTY", "ENXIO", "EOVERFLOW",
  "EOWNERDEAD", "EPERM", "EPIPE", "EPROTO", "EPROTONOSUPPORT", "EPROTOTYPE", "ERANGE", "EROFS", "ESPIPE", "ESRCH", "ESTALE",
  "ETIMEDOUT", "ETXTBSY", "EXDEV", "ENOTCAPABLE",
] as const;
