/** What can go wrong, apart from misuse, which is a `TypeError`. */

/**
 * What an error says: whatever was thrown counts as one.
 *
 * @internal
 */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A module that is not valid, or a program that its compiler refuses. */
export class CompileError extends Error {
  override readonly name = "CompileError";
  /** What it was: `"INVALID_MODULE"` for example, or `"DIAGNOSTICS"` if a compiler has said why. */
  readonly code: string;
  /** What the compiler has written; empty if there was none. */
  readonly diagnostics: string;

  constructor(message: string, code: string, diagnostics = "", options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.diagnostics = diagnostics;
  }
}

/** A function that was active when a guest trapped. */
export interface Frame {
  /** Its index in the module, imports first. */
  readonly function: number;
  /** The name that the module gives to it; `null` if it gives none. */
  readonly name: string | null;
}

/** How a guest can fail. */
export type Trap =
  | "unreachable"
  | "memory_out_of_bounds"
  | "table_out_of_bounds"
  | "indirect_call_to_null"
  | "indirect_call_type_mismatch"
  | "integer_divide_by_zero"
  | "integer_overflow"
  | "invalid_conversion_to_integer"
  | "stack_overflow"
  | "fault"
  | "invalid_function"
  | "host_panic";

/** A guest that has failed: it aborted, or did what no WebAssembly program may. */
export class TrapError extends Error {
  override readonly name = "TrapError";
  /** What kind of failure. */
  readonly trap: Trap;
  /** The functions that were active, the innermost first; empty if `noBacktrace` says why there is none. */
  readonly backtrace: readonly Frame[];
  /** Why there is no backtrace; `null` if there is one. */
  readonly noBacktrace: string | null;
  /** Steps that the guest has taken. */
  readonly steps: bigint;
  /** The run as a receipt, if one was asked for. */
  readonly receipt: string | null;
  /** What the guest has written, as text, if `run` has read it; else `null`: it is in the streams of the process. */
  readonly stdout: string | null;
  readonly stderr: string | null;

  constructor(message: string, details: TrapDetails, options?: ErrorOptions) {
    super(message, options);
    this.trap = details.trap;
    this.backtrace = details.backtrace;
    this.noBacktrace = details.noBacktrace;
    this.steps = details.steps;
    this.receipt = details.receipt;
    this.stdout = details.stdout ?? null;
    this.stderr = details.stderr ?? null;
  }
}

/** What is known of a trap. */
export interface TrapDetails {
  readonly trap: Trap;
  readonly backtrace: readonly Frame[];
  readonly noBacktrace: string | null;
  readonly steps: bigint;
  readonly receipt: string | null;
  readonly stdout?: string | null;
  readonly stderr?: string | null;
}

/** A file operation that failed, named as `node:fs` names it. */
export class FileSystemError extends Error {
  override readonly name = "FileSystemError";
  /** `"ENOENT"` for example. */
  readonly code: string;
  /** The number that WASI preview1 gives to it. */
  readonly errno: number;

  constructor(message: string, code: string, errno: number, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.errno = errno;
  }
}

/** An image, a receipt or an archive that cannot be used, or an engine that is lost. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  /** What it was: `"IMAGE"`, `"NOT_FREEZABLE"`, `"RECEIPT"`, `"ARCHIVE"`, `"LOST"` for example. */
  readonly code: string;

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
