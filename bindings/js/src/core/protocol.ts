/** What the two sides of an engine, which may be in different threads, say to each other: plain data. */

import type { Trap, Frame } from "../errors.js";

/** What a tree, a module, a process or an image is called by both sides. */
export type Id = number;

/** Files: a name is followed by the content of a file, or by what is in a directory. */
export interface TreeData {
  readonly [name: string]: string | Uint8Array | TreeData;
}

/** What a mount is made of: a tree that the other side has, or a literal. */
export type MountSource = Id | TreeData;

/** A limit's name and its maximum. */
export type LimitNumbers = readonly (readonly [limit: number, max: bigint])[];

/** How a process comes to be. */
export interface ProcessRequest {
  readonly argv: readonly string[];
  readonly env: readonly (readonly [name: string, value: string])[];
  /** `null` for a guest without files. */
  readonly mounts: readonly { readonly path: string; readonly source: MountSource; readonly readOnly: boolean }[] | null;
  readonly limits: LimitNumbers;
  readonly quotas: LimitNumbers;
  readonly stdio: readonly [stdin: number, stdout: number, stderr: number];
  readonly seed: bigint | null;
  readonly epoch: bigint | null;
  readonly invoke: { readonly name: string; readonly args: readonly string[] } | null;
  readonly freezable: boolean;
  readonly receipt: boolean;
  readonly repeat: string | null;
  readonly trace: boolean;
  readonly profile: boolean;
  readonly backtrace: boolean;
  /** What standard input is from the start; `null` if it is fed later. */
  readonly stdin: Uint8Array | null;
}

/** What there is to say about a process when it is over. */
export interface Ending {
  readonly kind: "exited" | "trapped" | "limit" | "killed" | "frozen";
  readonly code: number | null;
  readonly limit: string | null;
  readonly trap: { readonly kind: Trap; readonly message: string } | null;
  readonly backtrace: readonly Frame[];
  readonly noBacktrace: string | null;
  readonly steps: bigint;
  readonly syscalls: bigint;
  readonly memoryPeakBytes: number;
  readonly growthRefused: string | null;
  readonly results: readonly string[];
  readonly receipt: string | null;
  readonly trace: string | null;
  readonly profile: string | null;
}

/** An error as plain data. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly errno: number;
}

/** A request, and its answer. */
export interface Request {
  readonly call: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
export type Reply =
  | { readonly call: number; readonly ok: true; readonly value: unknown }
  | { readonly call: number; readonly ok: false; readonly error: SentError };

/** What a worker is started with. */
export interface Start {
  readonly module: WebAssembly.Module;
  readonly sliceMs: number;
}
