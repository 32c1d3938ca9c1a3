/** A guest that runs. */

import { bytesIn, count, count32, isA, mistaken, text } from "./checks.js";
import type { Client } from "./client.js";
import { FREEZE_POINT } from "./core/numbers.js";
import type { Ending, Id } from "./core/protocol.js";
import { EngineError, TrapError } from "./errors.js";
import { FileSystem } from "./file-system.js";
import { Image } from "./image.js";
import type { Module } from "./module.js";
import type { LimitName, StdinSource } from "./options.js";
import type { Bytes } from "./source.js";

/** How a run has ended that nobody has stopped and that has not trapped. */
export interface Exit {
  /** Whether the guest has ended by itself, a limit has ended it, or it was frozen. */
  readonly reason: "exited" | "limit" | "frozen";
  /** The guest's code; `null` if it has not ended by itself. */
  readonly code: number | null;
  /** The limit that has ended it. */
  readonly limit: LimitName | null;
  /** Steps that it has taken. */
  readonly steps: bigint;
  /** Calls of WASI that have finished. */
  readonly syscalls: bigint;
  /** The most bytes that all linear memories had together. */
  readonly memoryPeakBytes: number;
  /** The limit for which the last growth of memory or of a table was refused to the guest, which may have gone on. */
  readonly growthRefused: LimitName | null;
  /** What the called export has returned: numbers as text. */
  readonly results: readonly string[];
  /** The run as canonical JSON, if a receipt was asked for. Equal receipts mean equal runs. */
  readonly receipt: string | null;
  /** A line for each call of WASI, if a trace was asked for. */
  readonly trace: string | null;
  /** Where the steps went, if a profile was asked for: a line for each stack of functions. */
  readonly profile: string | null;
}

/** How a run has ended, with what it has written as text. */
export interface RunResult extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a process is frozen: always before a call of WASI, which is not made. */
export type FreezePoint =
  /** The next call. */
  | "next-call"
  /** The first read of standard input. */
  | "stdin"
  /** The first opening of an absolute path. */
  | { readonly open: string }
  /** The first call before which at least so many have finished. */
  | { readonly afterCalls: number | bigint }
  /** From here on, call number `number` of an import, `"fd_write"` for example; 1 is the first. */
  | { readonly call: string; readonly number: number | bigint };

/** A guest that runs: its streams, and how it ends. */
export class Process implements AsyncDisposable {
  /** What the guest has written. It waits when nobody reads. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What the guest has written to standard error. It waits when nobody reads. */
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * How it ends. A code that is not 0 is no error, nor is a limit. Rejects with a `TrapError`, or with the reason for which
   * the process was stopped.
   */
  readonly exit: Promise<Exit>;
  readonly #client: Client;
  readonly #id: Id;
  readonly #module: Module | null;
  readonly #stdin: WritableStream<Bytes> | null;
  readonly #ending: Promise<Ending>;
  /** Its outputs that have not ended. */
  readonly #outputs = new Set<ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>>();
  #stop: (reason: unknown) => void = () => undefined;
  #isOver = false;
  #isFreezing = false;

  /** @internal */
  constructor(client: Client, id: Id, module: Module | null, ending: Promise<Ending>, options: ProcessOptions) {
    this.#client = client;
    this.#id = id;
    this.#module = module;
    this.#ending = ending;
    const stopped = new Promise<never>((_, reject) => {
      this.#stop = reject;
    });
    const watch = this.#watch(options.signal);
    this.exit = Promise.race([ending.then(exitOf), stopped]);
    // Whoever does not ask how a process ends need not hear of it.
    this.exit.catch(() => undefined).finally(watch);
    ending.catch(() => undefined).finally(() => (this.#isOver = true));
    this.stdout = this.#output("stdout");
    this.stderr = this.#output("stderr");
    this.#stdin = this.#input(options.stdin);
    client.track(this, "abandon", id);
  }

  /** Where what is written is fed to the guest. Only with `stdin: "piped"`. What is no bytes kills the process. */
  get stdin(): WritableStream<Bytes> {
    if (this.#stdin === null) throw new TypeError('the process has no stdin to write to: spawn it with stdin: "piped"');
    return this.#stdin;
  }

  /**
   * Ends the run. `exit` rejects with the reason and its streams end at once, with what was read until then; the guest stops
   * within a slice, and its files are there then.
   */
  kill(reason: unknown = new DOMException("The process was killed.", "AbortError")): void {
    if (this.#isOver) return;
    this.#stop(reason);
    for (const output of this.#outputs) this.#end(output);
    this.#client.link.call("kill", this.#id).catch(() => undefined);
  }

  /** Resolves with `true` when it waits for input that it was not given, and with `false` when it is over. */
  async inputWanted(): Promise<boolean> {
    return await this.#client.link.call("inputWanted", this.#id);
  }

  /** Steps taken so far, while it runs. */
  async steps(): Promise<bigint> {
    return await this.#client.link.call("steps", this.#id);
  }

  /** Bytes of the memory that the module exports as `memory`, while it runs. */
  async readMemory(address: number | bigint, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const place = [count(address, "address"), count32(length, "length")];
    return await this.#client.link.call("readMemory", this.#id, ...place);
  }

  /** The paths at which something is mounted. Of a guest that sees no files that is `/`, which stays empty. */
  async mounts(): Promise<string[]> {
    return await this.#client.link.call("mounts", this.#id);
  }

  /** The files that are mounted at exactly this path, as they are now: a fork, which the process does not see. */
  async files(path = "/"): Promise<FileSystem> {
    text(path, "path");
    const id = this.#client.next();
    await this.#client.link.call("takeTree", this.#id, path, id);
    return new FileSystem(this.#client, id);
  }

  /**
   * Freezes it where it first comes to a point. A process that was spawned `freezable` is over then; any other goes on, but its
   * run so far is repeated for the image. One that goes on from a started interpreter cannot be frozen.
   */
  async freeze(point: FreezePoint = "next-call"): Promise<Image> {
    const at = pointNumbers(point);
    if (this.#module === null) {
      throw new TypeError("the process is of a started interpreter, whose module is not there: run it with warm: false");
    }
    if (this.#isFreezing) throw new TypeError("the process is to be frozen already");
    this.#isFreezing = true;
    const image = this.#client.next();
    await this.#client.link.call("freeze", this.#id, at, image).finally(() => (this.#isFreezing = false));
    return new Image(this.#client, image, this.#module);
  }

  /** Ends it if it runs, and lets go of its files. */
  async dispose(): Promise<void> {
    this.kill();
    await this.#client.release(this, "release", this.#id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** Stops it when a signal says so: what ends that. */
  #watch(signal: AbortSignal | undefined): () => void {
    if (signal === undefined) return () => undefined;
    const abort = () => this.kill(signal.reason);
    if (signal.aborted) queueMicrotask(abort);
    signal.addEventListener("abort", abort, { once: true });
    return () => signal.removeEventListener("abort", abort);
  }

  #output(name: "stdout" | "stderr"): ReadableStream<Uint8Array<ArrayBuffer>> {
    let output: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
    const start = (controller: typeof output) => {
      output = controller;
      this.#outputs.add(output);
    };
    const pull = async () => {
      const bytes = await this.#read(name).catch((error: unknown) => {
        this.#outputs.delete(output);
        throw error;
      });
      if (bytes === null) this.#end(output);
      // What comes after a kill is nobody's.
      else if (this.#outputs.has(output)) output.enqueue(bytes);
    };
    const cancel = async () => {
      this.#outputs.delete(output);
      await this.#client.link.call<void>("closeOutput", this.#id, name);
    };
    // Nothing is read ahead, so the guest's own queue is the only one.
    return new ReadableStream({ start, pull, cancel }, { highWaterMark: 0 });
  }

  #end(output: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    if (this.#outputs.delete(output)) output.close();
  }

  async #read(name: "stdout" | "stderr"): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return await this.#client.link.call("read", this.#id, name);
    } catch (error) {
      // A process that could not be made says why.
      await this.#ending;
      throw error;
    }
  }

  #input(source: StdinSource | undefined): WritableStream<Bytes> | null {
    if (source !== "piped" && !isA(source, "ReadableStream")) return null;
    const link = this.#client.link;
    const close = async () => await link.call<void>("closeInput", this.#id).catch(() => undefined);
    const write = async (chunk: Bytes) => {
      const bytes = bytesIn(chunk);
      if (bytes === null) {
        const error = mistaken("what is written to standard input", "bytes", chunk);
        // The stream has failed, so that the guest could get neither more nor an end.
        this.kill(error);
        throw error;
      }
      await link.call("write", this.#id, bytes);
    };
    const stream = new WritableStream<Bytes>({ write, close, abort: close });
    if (source === "piped") return stream;
    const over = new AbortController();
    const letGo = () => over.abort(new DOMException("The process that reads this is over.", "AbortError"));
    this.exit.then(letGo, letGo);
    source.pipeTo(stream, { preventAbort: true, signal: over.signal }).catch((error: unknown) => this.kill(error));
    return null;
  }
}

/** What the caller's side of a process needs to know of how it was started. */
export interface ProcessOptions {
  readonly stdin?: StdinSource | undefined;
  readonly signal?: AbortSignal | undefined;
}

function exitOf(ending: Ending): Exit {
  if (ending.kind === "trapped" && ending.trap !== null) {
    throw new TrapError(ending.trap.message, { ...ending, trap: ending.trap.kind });
  }
  if (ending.kind !== "exited" && ending.kind !== "frozen" && ending.kind !== "limit") {
    // Whoever kills a process has been given the reason before; this is an engine that was disposed of.
    throw new EngineError("the process was ended with its engine", "LOST");
  }
  return {
    reason: ending.kind,
    code: ending.code,
    limit: ending.limit as LimitName | null,
    steps: ending.steps,
    syscalls: ending.syscalls,
    memoryPeakBytes: ending.memoryPeakBytes,
    growthRefused: ending.growthRefused as LimitName | null,
    results: ending.results,
    receipt: ending.receipt,
    trace: ending.trace,
    profile: ending.profile,
  };
}

function pointNumbers(point: FreezePoint): { point: number; name: string; number: bigint } {
  if (point === "next-call") return { point: FREEZE_POINT.nextCall, name: "", number: 0n };
  if (point === "stdin") return { point: FREEZE_POINT.stdin, name: "", number: 0n };
  const { open, afterCalls, call, number } = (point ?? {}) as Partial<Record<"open" | "afterCalls" | "call" | "number", unknown>>;
  if (open !== undefined) return { point: FREEZE_POINT.open, name: absolute(open, "open"), number: 0n };
  if (afterCalls !== undefined) return { point: FREEZE_POINT.afterCalls, name: "", number: count(afterCalls, "afterCalls") };
  if (call !== undefined) return { point: FREEZE_POINT.call, name: text(call, "call"), number: ordinal(number, "number") };
  throw new TypeError('point must be "next-call", "stdin" or an object with open, afterCalls or call');
}

function absolute(value: unknown, name: string): string {
  const path = text(value, name);
  if (!path.startsWith("/")) throw new TypeError(`${name} must be an absolute path, not ${JSON.stringify(path)}`);
  return path;
}

function ordinal(value: unknown, name: string): bigint {
  const number = count(value, name);
  if (number === 0n) throw new TypeError(`${name} must be at least 1, not 0`);
  return number;
}

/** Waits for a process, with what it writes as text, and lets go of it. */
export async function collect(process: Process): Promise<RunResult> {
  let result: RunResult;
  try {
    result = await written(process);
  } catch (error) {
    // Who has stopped it does not wait until the engine comes to that.
    process.dispose().catch(() => undefined);
    throw error;
  }
  await process.dispose();
  return result;
}

/** Waits for a process, with what it writes as text, which the error has if it traps. */
export async function written(process: Process): Promise<RunResult> {
  const output = Promise.all([process.stdout, process.stderr].map((stream) => new Response(stream).text()));
  const exit = process.exit.catch(async (error: unknown) => {
    if (!(error instanceof TrapError)) throw error;
    const [stdout = "", stderr = ""] = await output;
    throw new TrapError(error.message, { ...error, stdout, stderr });
  });
  const [ended, [stdout = "", stderr = ""]] = await Promise.all([exit, output]);
  return { ...ended, stdout, stderr };
}
