/** Programs of a language: what they are run with, and what comes of them. */

import { object } from "../checks.js";
import { CompileError } from "../errors.js";
import type { FileSystem } from "../file-system.js";
import type { FileTree } from "../file-tree.js";
import type { Module } from "../module.js";
import type { SpawnOptions } from "../options.js";
import type { Process, RunResult } from "../process.js";

/** What a program is run with. What `SpawnOptions` has besides is the runtime's. */
export interface ProgramOptions extends Omit<SpawnOptions, "argv0" | "mounts" | "readOnly" | "invoke" | "freezable"> {
  /** The name of the source file. Default: `main` with the language's extension. */
  readonly name?: string;
  /** Files beside the program, in `/`. */
  readonly files?: FileTree;
  /** More that is mounted, below `/`. */
  readonly mounts?: Readonly<Record<string, FileSystem | FileTree>>;
  /** Whether an interpreter that was started before may be used, if there is one. Default: true. */
  readonly warm?: boolean;
}

/** What can differ from one run of a program to the next. */
export type RunOptions = Omit<ProgramOptions, "name" | "files" | "warm">;

/** How a program has ended, what it has written, and what its compiler has. */
export interface ProgramResult extends RunResult {
  /** What the compiler has written; empty for a language that is interpreted. */
  readonly diagnostics: string;
}

/** A program that has been compiled, or whose language is interpreted. */
export interface Program extends AsyncDisposable {
  /** What the compiler has written. */
  readonly diagnostics: string;
  /** What the compiler has made; `null` for a language that is interpreted. */
  readonly module: Module | null;
  /** Starts it, any number of times. Options take the place of those that it was compiled with. */
  spawn(options?: RunOptions): Promise<Process>;
  /** Lets go of it; what runs goes on. */
  dispose(): Promise<void>;
}

/** A program of these parts. */
export function disposable(parts: Omit<Program, typeof Symbol.asyncDispose>): Program {
  return { ...parts, [Symbol.asyncDispose]: parts.dispose };
}

/** Refuses what is the runtime's own to say. */
export function refuseReserved(options: RunOptions): void {
  const { mounts = {}, invoke } = options as Pick<SpawnOptions, "invoke"> & RunOptions;
  if ("/" in object(mounts, "mounts")) {
    throw new TypeError('mounts["/"] is the runtime\'s: what is to be there goes into files');
  }
  if (invoke !== undefined) throw new TypeError("invoke is not for the program of a runtime");
}

/** A compiler's refusal. */
export function refusal(diagnostics: string): CompileError {
  return new CompileError("the program does not compile", "DIAGNOSTICS", diagnostics);
}
