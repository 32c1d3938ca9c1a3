/** A language's runtime in an engine: source goes in, a process comes out. */

import type { Client } from "../client.js";
import type { Engine } from "../engine.js";
import type { StdinSource, StreamKind } from "../options.js";
import { collect, type Process } from "../process.js";
import { argv, type Language, type Selection, type Stage } from "./catalog.js";
import { compileProgram } from "./compiler.js";
import type { Files } from "./files.js";
import { disposable, type Program, type ProgramOptions, type ProgramResult, type RunOptions } from "./program.js";
import { canBeWarm, Warm } from "./warm.js";

export class Runtime implements AsyncDisposable {
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
    if (!this.isCompiled) {
      const spawn = async (own: RunOptions = {}) => await this.#interpret(source, { ...options, ...own });
      return disposable({ diagnostics: "", module: null, spawn, dispose: async () => undefined });
    }
    return await compileProgram(this.#engine, this.#language, this.#files, this.#named(source, options), options);
  }

  /** Compiles a program and starts it. */
  async spawn(source: string | Uint8Array, options: ProgramOptions = {}): Promise<Process> {
    const program = await this.compile(source, options);
    try {
      return await program.spawn();
    } finally {
      await program.dispose();
    }
  }

  /** Runs a program to its end, and returns what it has written as text. */
  async run(
    source: string | Uint8Array,
    options: ProgramOptions & { readonly stdin?: Exclude<StdinSource, "piped"> } = {},
  ): Promise<ProgramResult> {
    const program = await this.compile(source, options);
    try {
      return { ...(await collect(await program.spawn())), diagnostics: program.diagnostics };
    } finally {
      await program.dispose();
    }
  }

  /**
   * Starts the interpreter once, unless that was done on an earlier visit, for programs to go on from there: they start at
   * once then. Streams of other kinds need another start.
   */
  async warmUp(options: { readonly stdio?: StreamKind; readonly signal?: AbortSignal } = {}): Promise<void> {
    await this.#warm?.up(options.stdio ?? "pipe", options.signal);
  }

  /** Lets go of its modules and files; what runs goes on. */
  async dispose(): Promise<void> {
    await this.#warm?.dispose();
    await this.#files.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
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
    const root = await this.#files.root(options.signal);
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
