/** `WASI.start` and `WASIWorkerHost` with the signatures of `@runno/wasi`, for programs that move from there. */

import { callable, mistaken, object, text, texts } from "../checks.js";
import { Engine } from "../engine.js";
import type { Process } from "../process.js";
import { SharedEngine } from "../shared-engine.js";
import { withSignal, type BytesSource } from "../source.js";
import { checkFiles, read, write, type WASIFS } from "./files.js";

export type { WASIFile, WASIFS, WASIPath, WASITimestamps } from "./files.js";

/** What a program is started with. */
export interface WASIContextOptions {
  readonly fs: WASIFS;
  /** The arguments, with the program's name first. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Is called when the program waits for input; `null`, `""` or nothing ends it. What it returns may be of any length. */
  readonly stdin: (maxByteLength: number) => string | null | Promise<string | null>;
  readonly stdout: (out: string) => void;
  readonly stderr: (err: string) => void;
  /** Whether the program is told that its streams are a terminal. */
  readonly isTTY: boolean;
}

/** How a program has ended. */
export interface WASIExecutionResult {
  readonly exitCode: number;
  /** All files, as the program has left them. */
  readonly fs: WASIFS;
}

/** What Stepwell adds: the engine to run in. Default: one that all share that say nothing. */
export interface EngineChoice {
  readonly engine?: Engine;
}

/** Portions in which input is asked for, as the callback is told. */
const INPUT_BYTES = 8_192;

/** The engine of all who name none. */
const shared = new SharedEngine();

export class WASI {
  /** Runs a program to its end. Rejects with a `TrapError` if it fails, and with a `LimitError` if a limit ends it. */
  static async start(
    wasm: BytesSource | PromiseLike<BytesSource>,
    context: Partial<WASIContextOptions> = {},
    choice: EngineChoice = {},
  ): Promise<WASIExecutionResult> {
    return await run(wasm, context, choice, (process) => feed(process, context.stdin ?? (() => null)));
  }
}

/** The reason for which `WASIWorkerHost.start` rejects after `kill`. */
export class WASIWorkerHostKilledError extends Error {
  override readonly name = "WASIWorkerHostKilledError";
}

/** A program that is fed while it runs. */
export class WASIWorkerHost {
  readonly #source: BytesSource;
  readonly #context: Partial<WASIContextOptions>;
  readonly #choice: EngineChoice;
  readonly #killed = new AbortController();
  /** What was given before the program was there; `null` for the end. */
  readonly #early: (string | null)[] = [];
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  /** How it ends, once it was started. */
  result: Promise<WASIExecutionResult> | undefined;

  constructor(binaryURL: BytesSource, context: Partial<Omit<WASIContextOptions, "stdin">>, choice: EngineChoice = {}) {
    this.#source = binaryURL;
    this.#context = context;
    this.#choice = choice;
  }

  start(): Promise<WASIExecutionResult> {
    if (this.result !== undefined) throw new TypeError("a WASIWorkerHost is started once");
    const { signal } = this.#killed;
    const running = run(this.#source, this.#context, this.#choice, (process) => this.#feed(process), signal);
    // What is killed is let go of when the engine comes to that.
    this.result = withSignal(running, signal);
    return this.result;
  }

  kill(): void {
    this.#killed.abort(new WASIWorkerHostKilledError("the program was killed"));
  }

  /** Gives the program input. */
  async pushStdin(data: string): Promise<void> {
    await this.#give(text(data, "data"));
  }

  /** Ends the program's input. */
  async pushEOF(): Promise<void> {
    await this.#give(null);
  }

  async #give(data: string | null): Promise<void> {
    if (this.#writer === null) this.#early.push(data);
    else if (data === null) await this.#writer.close();
    else await this.#writer.write(new TextEncoder().encode(data));
  }

  async #feed(process: Process): Promise<void> {
    this.#writer = process.stdin.getWriter();
    // Whoever gave it has been told that it was taken.
    await Promise.allSettled(this.#early.splice(0).map((data) => this.#give(data)));
  }
}

/** A program that was ended by a limit, for which `WASIExecutionResult` has no place. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  /** The name of the limit. */
  readonly limit: string;

  constructor(limit: string) {
    super(`the program was ended by its limit ${limit}`);
    this.limit = limit;
  }
}

async function run(
  wasm: BytesSource | PromiseLike<BytesSource>,
  context: Partial<WASIContextOptions>,
  choice: EngineChoice,
  feeding: (process: Process) => Promise<void>,
  signal?: AbortSignal,
): Promise<WASIExecutionResult> {
  check(context);
  if (object(choice, "the third argument").engine !== undefined && !(choice.engine instanceof Engine)) {
    throw mistaken("engine", "an Engine", choice.engine);
  }
  const engine = choice.engine ?? (await shared.get());
  const abort = signal === undefined ? {} : { signal };
  const made: AsyncDisposable[] = [];
  const held = <T extends AsyncDisposable>(thing: T): T => (made.push(thing), thing);
  try {
    const module = held(await engine.compile(wasm, abort));
    const files = await write(held(await engine.fileSystem()), context.fs ?? {});
    const { args: [argv0 = "", ...args] = [], env = {}, isTTY = false } = context;
    const stdio = isTTY ? "terminal" : "pipe";
    const process = held(engine.spawn(module, { argv0, args, env, mounts: { "/": files }, stdin: "piped", stdio, ...abort }));
    feeding(process).catch((error: unknown) => process.kill(error));
    const outputs = [hear(process.stdout, context.stdout), hear(process.stderr, context.stderr)];
    const [exit] = await Promise.all([process.exit, ...outputs]);
    if (exit.code === null) throw new LimitError(exit.limit ?? exit.reason);
    return { exitCode: exit.code, fs: await read(held(await process.files("/")), context.fs ?? {}) };
  } finally {
    await Promise.all(made.map((thing) => thing[Symbol.asyncDispose]()));
  }
}

/** Refuses what is of a wrong type before anything is made for it. */
function check(context: Partial<WASIContextOptions>): void {
  const { args = [], env = {}, fs = {} } = object(context, "context");
  if ("debug" in context) throw new TypeError("there is no debug callback: spawn the program with trace: true");
  texts(args, "args");
  for (const [name, value] of Object.entries(object(env, "env"))) text(value, `env.${name}`);
  checkFiles(fs);
  for (const name of ["stdin", "stdout", "stderr"] as const) {
    if (context[name] !== undefined) callable(context[name], name);
  }
}

/** Asks for input when the program waits for it. */
async function feed(process: Process, stdin: WASIContextOptions["stdin"]): Promise<void> {
  const writer = process.stdin.getWriter();
  while (await process.inputWanted()) {
    // A callback that returns nothing has nothing more.
    const given = (await stdin(INPUT_BYTES)) ?? "";
    if (typeof given !== "string") throw mistaken("what stdin returns", "a string or null", given);
    if (given === "") return await writer.close();
    await writer.write(new TextEncoder().encode(given));
  }
}

/** Hands output on as text. */
async function hear(stream: ReadableStream<Uint8Array<ArrayBuffer>>, told: ((text: string) => void) | undefined): Promise<void> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    told?.(value);
  }
}
