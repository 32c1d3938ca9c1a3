/** How the caller's side reaches the core: by ordinary calls, or by messages to a worker. */

import { CompileError, EngineError, FileSystemError } from "../errors.js";
import { nodeBuiltin } from "../host.js";
import { Core } from "./core.js";
import type { Reply, Request, SentError, Start } from "./protocol.js";

/** The way to a core. */
export interface Link {
  /** Asks for something by the name of its method; those of trees start with `trees.`. */
  call<T>(method: string, ...args: unknown[]): Promise<T>;
  /** Whether there are no more answers. */
  readonly isLost: boolean;
  /** Ends everything that runs there. */
  dispose(): void;
}

/** Where an engine runs. */
export type Thread = "worker" | "inline";

/** Starts a core. */
export async function connect(thread: Thread, start: Start): Promise<Link> {
  if (thread === "inline") return new InlineLink(await Core.start(start.module, start.sliceMs));
  const link = new WorkerLink();
  try {
    await link.start(start);
  } catch (error) {
    link.dispose();
    throw error;
  }
  return link;
}

/** Does what a request asks for. */
export function dispatch(core: Core, method: string, args: readonly unknown[]): unknown {
  const [target, name] = method.startsWith("trees.") ? [core.trees, method.slice(6)] : [core, method];
  const found = (target as unknown as Record<string, ((...args: readonly unknown[]) => unknown) | undefined>)[name];
  if (found === undefined) throw new TypeError(`there is no ${method}`);
  return found.apply(target, [...args]);
}

/** A core in the caller's own thread. */
class InlineLink implements Link {
  readonly #core: Core;
  /** How those are told who wait for an answer. */
  readonly #waiting = new Set<(error: unknown) => void>();
  #isDisposed = false;

  constructor(core: Core) {
    this.#core = core;
  }

  get isLost(): boolean {
    return this.#isDisposed || this.#core.isLost;
  }

  async call<T>(method: string, ...args: unknown[]): Promise<T> {
    if (this.#isDisposed) throw disposed();
    let fail: (error: unknown) => void = () => undefined;
    const lost = new Promise<never>((_, reject) => (fail = reject));
    this.#waiting.add(fail);
    try {
      return await Promise.race([dispatch(this.#core, method, args) as T, lost]);
    } finally {
      this.#waiting.delete(fail);
    }
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const fail of this.#waiting) fail(disposed());
    this.#core.dispose();
  }
}

function disposed(): EngineError {
  return new EngineError("the engine was disposed", "LOST");
}

/** What both kinds of workers have. */
interface AnyWorker {
  postMessage(message: unknown): void;
  terminate(): unknown;
  ref?(): void;
  unref?(): void;
}

/** A core in a worker. */
class WorkerLink implements Link {
  readonly #worker: AnyWorker;
  readonly #calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: unknown) => void }>();
  #last = 0;
  /** Why there are no more answers. */
  #lost: Error | null = null;

  constructor() {
    this.#worker = startWorker(
      (reply) => this.#settle(reply),
      (cause) => this.#lose(new EngineError(`the engine's worker has failed: ${String(cause)}`, "LOST", { cause })),
    );
    this.#worker.unref?.();
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  async start(start: Start): Promise<void> {
    await this.#post((call) => ({ call, method: "start", args: [start] }));
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#post((call) => ({ call, method, args })) as Promise<T>;
  }

  dispose(): void {
    this.#lose(disposed());
  }

  #post(request: (call: number) => Request): Promise<unknown> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    this.#last += 1;
    const call = this.#last;
    return new Promise((resolve, reject) => {
      // Throws for what cannot be sent.
      this.#worker.postMessage(request(call));
      this.#calls.set(call, { resolve, reject });
      this.#worker.ref?.();
    });
  }

  #settle(reply: Reply): void {
    const waiting = this.#calls.get(reply.call);
    this.#calls.delete(reply.call);
    if (this.#calls.size === 0) this.#worker.unref?.();
    if (reply.ok) {
      waiting?.resolve(reply.value);
      return;
    }
    const error = received(reply.error);
    waiting?.reject(error);
    // Every other answer would be the same, so nobody waits for it.
    if (error instanceof EngineError && error.code === "LOST") this.#lose(error);
  }

  /** Fails all who wait, and lets go of the worker with all of its memory. */
  #lose(error: Error): void {
    this.#lost ??= error;
    for (const { reject } of this.#calls.values()) reject(this.#lost);
    this.#calls.clear();
    this.#worker.unref?.();
    void this.#worker.terminate();
  }
}

function startWorker(onReply: (reply: Reply) => void, onError: (cause: unknown) => void): AnyWorker {
  const threads = nodeBuiltin<typeof import("node:worker_threads")>("node:worker_threads");
  if (threads !== undefined) {
    const worker = new threads.Worker(new URL("../worker.js", import.meta.url));
    worker.on("message", onReply);
    worker.on("error", onError);
    worker.on("messageerror", onError);
    worker.on("exit", (code) => onError(`it has ended with code ${code}`));
    return worker;
  }
  // Written as bundlers look for it.
  const worker = new Worker(new URL("../worker.js", import.meta.url), { type: "module" });
  worker.onmessage = (event: MessageEvent<Reply>) => onReply(event.data);
  worker.onerror = (event) => onError(event.message || "it cannot be loaded");
  worker.onmessageerror = () => onError("an answer of it cannot be read");
  return worker;
}

/** An error as plain data, which structured cloning would strip of its class. */
export function sent(error: unknown): SentError {
  const known = error as Partial<SentError> | null;
  return {
    name: known?.name ?? "Error",
    message: known?.message ?? String(error),
    code: known?.code ?? "",
    errno: known?.errno ?? 0,
  };
}

function received(error: SentError): Error {
  switch (error.name) {
    case "CompileError":
      return new CompileError(error.message, error.code);
    case "FileSystemError":
      return new FileSystemError(error.message, error.code, error.errno);
    case "EngineError":
      return new EngineError(error.message, error.code);
    case "TypeError":
      return new TypeError(error.message);
    case "RangeError":
      return new RangeError(error.message);
    default:
      return new Error(error.message);
  }
}
