/** A language's runtime in an engine: source goes in, a process comes out. */

import type { Client } from "../client.js";
import type { Engine, RunResult } from "../engine.js";
import { collect } from "../engine.js";
import { CompileError } from "../errors.js";
import type { FileSystem, FileTree } from "../file-system.js";
import type { SpawnOptions, StdinSource, StreamKind } from "../options.js";
import type { Process } from "../process.js";
import { argv, type Language, type Selection, type Stage } from "./catalog.js";
import { compileProgram } from "./compiler.js";
import type { Files } from "./files.js";
import { canBeWarm, Warm } from "./warm.js";

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

/** What a program has written as text, with what the compiler has. */
export interface ProgramResult extends RunResult {
  /** What the compiler has written; empty for a language that is interpreted. */
  readonly diagnostics: string;
}

/** A program that has been compiled, or whose language is interpreted. */
export interface Program {
  /** What the compiler has written. */
  readonly diagnostics: string;
  /** Starts it. */
  spawn(): Promise<Process>;
}

export class Runtime {
  /** The runtime's name and version, `"python"` and `"3.12.0"` for example. */
  readonly name: string;
  readonly version: string;
  /** The language that it runs. */
  readonly language: string;
  /** The licence of its files, as an SPDX expression. */
  readonly licence: string;
  /** Whether its programs are compiled first. */
  readonly isCompiled: boolean;
  readonly #engine: Engine;
  readonly #files: Files;
  readonly #language: Language;
  readonly #warm: Warm | null;

  /** @internal */
  constructor(engine: Engine, client: Client, selection: Selection, files: Files) {
    const { runtime, language } = selection;
    this.name = runtime.name;
    this.version = runtime.version;
    this.language = language.name;
    this.licence = runtime.licence;
    this.isCompiled = language.stages.length > 1;
    this.#engine = engine;
    this.#files = files;
    this.#language = language;
    this.#warm = language.warm === null ? null : new Warm(engine, client, selection, language.warm, files);
  }

  /** Whether `warmUp` makes a difference. */
  get canBeWarm(): boolean {
    return this.#warm !== null;
  }

  /** Compiles a program. Rejects with a `CompileError` that has the diagnostics if its compiler refuses it. */
  async compile(source: string | Uint8Array, options: ProgramOptions = {}): Promise<Program> {
    if (!this.isCompiled) return { diagnostics: "", spawn: async () => await this.#interpret(source, options) };
    return await compileProgram(this.#engine, this.#language, this.#files, this.#named(source, options), options);
  }

  /** Compiles a program and starts it. */
  async spawn(source: string | Uint8Array, options: ProgramOptions = {}): Promise<Process> {
    return await (await this.compile(source, options)).spawn();
  }

  /** Runs a program to its end, and returns what it has written as text. */
  async run(
    source: string | Uint8Array,
    options: ProgramOptions & { readonly stdin?: Exclude<StdinSource, "piped"> } = {},
  ): Promise<ProgramResult> {
    const program = await this.compile(source, options);
    return { ...(await collect(await program.spawn())), diagnostics: program.diagnostics };
  }

  /**
   * Starts the interpreter once, unless that was done on an earlier visit, for programs to go on from there: they start at
   * once then. Streams of other kinds need another start.
   */
  async warmUp(options: { readonly stdio?: StreamKind; readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#warm?.up(options.stdio ?? "pipe", options.signal);
  }

  async #interpret(source: string | Uint8Array, options: ProgramOptions): Promise<Process> {
    const { name, bytes } = this.#named(source, options);
    options.signal?.throwIfAborted();
    if (this.#warm !== null && options.warm !== false && canBeWarm(options)) {
      const process = await this.#warm.spawn(name, bytes, options);
      if (process !== null) return process;
    }
    const stage = this.#language.stages[0] as Stage;
    const fill = { program: `/${name}`, object: "", output: "", colour: "", args: options.args ?? [] };
    const [argv0 = this.name, ...args] = argv(stage.argv, fill);
    const module = await this.#files.module("module", options.signal);
    const root = await this.#files.root();
    try {
      await root.writeTree("", { ...options.files, [name]: bytes });
      const env = { ...stage.env, ...options.env };
      return this.#engine.spawn(module, { ...options, argv0, args, env, mounts: { ...options.mounts, "/": root } });
    } finally {
      await root.dispose();
    }
  }

  #named(source: string | Uint8Array, options: ProgramOptions): { name: string; bytes: Uint8Array } {
    const name = options.name ?? `main.${this.#language.extensions[0] ?? "txt"}`;
    if (name === "" || name.includes("/")) throw new TypeError(`${JSON.stringify(name)} is no name of a program's file`);
    return { name, bytes: typeof source === "string" ? new TextEncoder().encode(source) : source };
  }
}

/** A compiler's refusal. */
export function refusal(diagnostics: string): CompileError {
  return new CompileError("the program does not compile", "DIAGNOSTICS", diagnostics);
}
