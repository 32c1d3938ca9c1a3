/** A language's runtime in an engine: source goes in, a process comes out. */

import { encoded, flag, object, signalOf, text } from "../checks.js";
import type { Client } from "../client.js";
import type { Engine } from "../engine.js";
import { treeData } from "../file-tree.js";
import { checkArguments, notPiped, request, streamKind, type StdinSource, type StreamKind } from "../options.js";
import { collect, type Process } from "../process.js";
import { withSignal, type Bytes } from "../source.js";
import { argv, type Language, type Selection, type Stage } from "./catalog.js";
import { compileProgram } from "./compiler.js";
import { disposable, refuseReserved, type Program, type ProgramOptions, type ProgramResult, type RunOptions } from "./program.js";
import type { Share } from "./stock.js";
import { canBeWarm, type Warm } from "./warm.js";

/** A program's file. */
interface Source {
  readonly name: string;
  readonly bytes: Uint8Array;
}

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
  readonly #client: Client;
  readonly #share: Share;
  readonly #language: Language;

  /** @internal */
  constructor(engine: Engine, client: Client, selection: Selection, share: Share) {
    const { runtime, language } = selection;
    this.name = runtime.name;
    this.version = runtime.version;
    this.language = language.name;
    this.licence = runtime.licence;
    this.isCompiled = language.stages.length > 1;
    this.#engine = engine;
    this.#client = client;
    this.#share = share;
    this.#language = language;
  }

  /** Whether `warmUp` makes a difference. */
  get canBeWarm(): boolean {
    return this.#share.warm !== null;
  }

  /**
   * The name of a program's file, if it is given none.
   *
   * @internal
   */
  get fileName(): string {
    return `main.${this.#language.extensions[0] ?? "txt"}`;
  }

  /**
   * The interpreters from which a program with these options may go on; `null` if it must have one of its own.
   *
   * @internal
   */
  warmFor(options: ProgramOptions): Warm | null {
    return options.warm !== false && canBeWarm(options) ? this.#share.warm : null;
  }

  /** Compiles a program. Rejects with a `CompileError` that has the diagnostics if its compiler refuses it. */
  async compile(source: string | Bytes, options: ProgramOptions = {}): Promise<Program> {
    const named = this.#checked(source, options);
    if (!this.isCompiled) {
      const spawn = async (own?: RunOptions) =>
        await this.#interpret(named, own === undefined ? options : this.#check({ ...options, ...own }));
      return disposable({ diagnostics: "", module: null, spawn, dispose: async () => undefined });
    }
    const compiling = compileProgram(this.#engine, this.#language, this.#share, named, options);
    return await withSignal(compiling, options.signal, discard);
  }

  /** Compiles a program and starts it. */
  async spawn(source: string | Bytes, options: ProgramOptions = {}): Promise<Process> {
    const signal = signalOf(options);
    const spawning = this.compile(source, options).then(async (program) => {
      try {
        return await program.spawn();
      } finally {
        await program.dispose();
      }
    });
    return await withSignal(spawning, signal, discard);
  }

  /** Runs a program to its end, and returns what it has written as text. */
  async run(
    source: string | Bytes,
    options: ProgramOptions & { readonly stdin?: Exclude<StdinSource, "piped"> } = {},
  ): Promise<ProgramResult> {
    const signal = signalOf(options);
    notPiped(options);
    const running = this.compile(source, options).then(async (program) => {
      try {
        return { ...(await collect(await program.spawn())), diagnostics: program.diagnostics };
      } finally {
        await program.dispose();
      }
    });
    return await withSignal(running, signal);
  }

  /**
   * Starts the interpreter once, unless that was done on an earlier visit, for programs to go on from there: they start at
   * once then. Streams of other kinds need another start.
   */
  async warmUp(options: { readonly stdio?: StreamKind; readonly signal?: AbortSignal } = {}): Promise<void> {
    const { stdio = "pipe" } = object(options, "options");
    await this.#share.warm?.up(this.#share, streamKind(stdio, "stdio"), signalOf(options));
  }

  /**
   * Lets go of its modules and files, unless the engine has the same runtime for others; what runs goes on. Fetching is ended:
   * what waits for it rejects with an `AbortError`.
   */
  async dispose(): Promise<void> {
    await this.#share.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  async #interpret(source: Source, options: ProgramOptions): Promise<Process> {
    return await withSignal(this.#start(source, options), options.signal, discard);
  }

  async #start({ name, bytes }: Source, options: ProgramOptions): Promise<Process> {
    options.signal?.throwIfAborted();
    const stage = this.#language.stages[0] as Stage;
    const fill = { program: `/${name}`, object: "", output: "", colour: "", args: options.args ?? [] };
    const [argv0 = this.name, ...args] = argv(stage.argv, fill);
    const env = { ...stage.env, ...options.env };
    const warm = this.warmFor(options);
    if (warm !== null) {
      checkArguments({ ...options, argv0, args, env });
      const process = await warm.spawn(this.#share, name, bytes, options);
      if (process !== null) return process;
    }
    const module = await this.#share.module("module", options.signal);
    const root = await this.#share.root(options.signal);
    try {
      await root.writeTree("", { ...options.files, [name]: bytes });
      return this.#engine.spawn(module, { ...options, argv0, args, env, mounts: { ...options.mounts, "/": root } });
    } finally {
      await root.dispose();
    }
  }

  /** A program's file. What is wrong with it or its options is said before anything is fetched. */
  #checked(source: string | Bytes, options: ProgramOptions): Source {
    const { name = this.fileName } = object(options, "options");
    text(name, "name");
    if (name === "" || name.includes("/")) throw new TypeError(`${JSON.stringify(name)} is no name of a program's file`);
    this.#check(options);
    return { name, bytes: encoded(source, "source") };
  }

  #check(options: ProgramOptions): ProgramOptions {
    const { files = {}, warm = true } = object(options, "options");
    treeData(files, "files");
    flag(warm, "warm");
    request(this.#client, options, false);
    refuseReserved(options);
    signalOf(options);
    return options;
  }
}

/** Lets go of what has come too late. */
function discard(thing: AsyncDisposable): void {
  Promise.resolve(thing[Symbol.asyncDispose]()).catch(() => undefined);
}
