/** An engine: one copy of the library, in a worker or in the caller's own thread. */

import { bytes, bytesIn, choice, isA, mistaken, object, signalOf, text } from "./checks.js";
import { Client } from "./client.js";
import type { ModuleData, ThawRequest, UsageData } from "./core/core.js";
import { connect, type Thread } from "./core/link.js";
import { LIMIT, QUOTA } from "./core/numbers.js";
import type { Ending, Id } from "./core/protocol.js";
import { treeData, type FileTree } from "./file-tree.js";
import { FileSystem, type FileSystemLimits } from "./file-system.js";
import { isNode } from "./host.js";
import { Image } from "./image.js";
import { Module } from "./module.js";
import { notPiped, numbers, quotas, request, stdinBytes, type Limits, type SpawnOptions, type StdinSource } from "./options.js";
import { collect, Process, type RunResult } from "./process.js";
import type { RuntimeOptions } from "./runtimes/load.js";
import type { Runtime } from "./runtimes/runtime.js";
import { bytesOf, isAddress, responseOf, withSignal, type Bytes, type BytesSource } from "./source.js";

/** How an engine is loaded. */
export interface EngineOptions {
  /** Where `stepwell.wasm` comes from. Default: beside this file. */
  readonly wasm?: BytesSource | WebAssembly.Module | PromiseLike<BytesSource | WebAssembly.Module>;
  /** Where guests run. Default: a worker in a browser, inline in Node. Everything else is the same. */
  readonly thread?: "worker" | "inline";
  /** How long a guest runs before others have their turn. Default: 5 ms. */
  readonly sliceMs?: number;
}

/** What goes on where an image stands. */
export interface ThawOptions {
  /** Take the place of the image's. Memory of the frozen part counts, its steps do not. */
  readonly limits?: Limits;
  /** Files that are written into what is mounted at a path before it goes on. */
  readonly files?: Readonly<Record<string, FileTree>>;
  /** What comes after the input that the image has. Default: its end. */
  readonly stdin?: StdinSource;
  readonly signal?: AbortSignal;
}

/** What an engine holds. */
export interface Usage {
  /** Processes that run. */
  readonly processes: number;
  readonly modules: number;
  readonly images: number;
  readonly fileSystems: number;
  /** Bytes of the engine's memory that all of these take. */
  readonly bytes: number;
  /** Bytes of the engine's own memory, which never shrinks. */
  readonly memoryBytes: number;
}

const SLICE_MS = 5;

export class Engine implements AsyncDisposable {
  readonly #client: Client;
  /** Where guests run. */
  readonly thread: "worker" | "inline";

  private constructor(client: Client, thread: Thread) {
    this.#client = client;
    this.thread = thread;
  }

  /** Loads an engine. Several are independent of each other. */
  static async load(options: EngineOptions = {}): Promise<Engine> {
    const { thread = isNode() ? "inline" : "worker", sliceMs = SLICE_MS, wasm } = object(options, "options");
    choice(thread, "thread", ["worker", "inline"]);
    if (typeof sliceMs !== "number") throw mistaken("sliceMs", "a number", sliceMs);
    if (!(sliceMs > 0)) throw new TypeError(`sliceMs must be more than 0, not ${sliceMs}`);
    const module = await libraryOf(wasm);
    return new Engine(new Client(await connect(thread, { module, sliceMs })), thread);
  }

  /** Checks a module and makes it ready to run. */
  async compile(
    source: BytesSource | PromiseLike<BytesSource>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Module> {
    const signal = signalOf(options);
    const wasm = await bytesOf(source, signal);
    signal?.throwIfAborted();
    const id = this.#client.next();
    const { link } = this.#client;
    try {
      return new Module(this.#client, id, await withSignal(link.call<ModuleData>("compile", id, wasm), signal));
    } catch (error) {
      // Requests are taken in order, so it is there by then if it will ever be.
      link.call("releaseModule", id).catch(() => undefined);
      throw error;
    }
  }

  /** Starts a process. Throws for options that cannot be right; what else is wrong is said by its `exit`. */
  spawn(module: Module, options: SpawnOptions = {}): Process {
    // Everything is checked before there is a process that nobody could end.
    const [moduleId, signal] = [this.#idOf(module), signalOf(options)];
    const asked = request(this.#client, options, this.thread === "worker");
    const id = this.#client.next();
    const ending = this.#client.link.call<Ending>("spawn", id, moduleId, asked);
    return new Process(this.#client, id, module, ending, { stdin: options.stdin, signal });
  }

  /** Runs a process to its end, and returns what it has written as text. */
  async run(module: Module, options: SpawnOptions & { readonly stdin?: Exclude<StdinSource, "piped"> } = {}): Promise<RunResult> {
    notPiped(options);
    return await collect(this.spawn(module, options));
  }

  /** Makes a file system. */
  async fileSystem(files: FileTree = {}, limits: FileSystemLimits = {}): Promise<FileSystem> {
    const [tree, most] = [treeData(files, "files"), quotas(limits)];
    const id = this.#client.next();
    await this.#client.link.call("trees.create", id, tree, most);
    return new FileSystem(this.#client, id);
  }

  /** Reads an image of a module, as `Image.save` has written it. What the bytes hold is checked. */
  async loadImage(module: Module, image: Bytes): Promise<Image> {
    const [moduleId, saved] = [this.#idOf(module), bytes(image, "image")];
    const id = this.#client.next();
    await this.#client.link.call("loadImage", id, moduleId, saved);
    return new Image(this.#client, id, module);
  }

  /** Starts a process that stands where the frozen one stood. */
  thaw(image: Image, options: ThawOptions = {}): Process {
    if (!(image instanceof Image)) throw mistaken("image", "an Image", image);
    const [imageId, signal] = [this.#client.idOf(image, "image"), signalOf(options)];
    const files = Object.entries(object(options.files ?? {}, "files"));
    const asked: ThawRequest = {
      limits: options.limits === undefined ? null : numbers(LIMIT, options.limits),
      quotas: numbers(QUOTA, options.limits ?? {}),
      files: files.map(([path, tree]) => ({ path, tree: treeData(tree, `files[${JSON.stringify(path)}]`) })),
      stdin: stdinBytes(options.stdin),
    };
    const id = this.#client.next();
    // If that fails, there is nothing to thaw, which the exit says.
    image.prepare().catch(() => undefined);
    const ending = this.#client.link.call<Ending>("thaw", id, imageId, asked);
    return new Process(this.#client, id, image.origin, ending, { stdin: options.stdin, signal });
  }

  /**
   * Gets the runtime of a language, `"python"`, `"c++"` or `"python@3.11"` for example, from files that the site has: see
   * `stepwell runtimes export`. What was fetched once is kept for the next visit. Who asks for the same again, by any of its
   * names, shares what is there.
   */
  async runtime(name: string, options: RuntimeOptions): Promise<Runtime> {
    text(name, "name");
    const { loadRuntime } = await import("./runtimes/load.js");
    return await loadRuntime(this, this.#client, name, options);
  }

  /** Each field in which a run that was made again differs from the recorded one; none if the runs are equal. */
  async compareReceipts(recorded: string, found: string): Promise<string[]> {
    const encoder = new TextEncoder();
    const receipts = [encoder.encode(text(recorded, "recorded")), encoder.encode(text(found, "found"))];
    return await this.#client.link.call("differences", ...receipts);
  }

  /** The version of the library. */
  async version(): Promise<string> {
    return await this.#client.link.call("version");
  }

  /** What it holds at the moment. */
  async usage(): Promise<Usage> {
    return await this.#client.link.call<UsageData>("usage");
  }

  /** @internal */
  get isLost(): boolean {
    return this.#client.link.isLost;
  }

  /** Ends everything that runs, and lets go of it. */
  async dispose(): Promise<void> {
    this.#client.dispose();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #idOf(module: Module): Id {
    if (!(module instanceof Module)) throw mistaken("module", "a Module", module);
    return this.#client.idOf(module, "module");
  }
}

/** The library beside this file, compiled once for all engines. */
let own: Promise<WebAssembly.Module> | null = null;

async function libraryOf(source: EngineOptions["wasm"]): Promise<WebAssembly.Module> {
  if (source === undefined) {
    own ??= libraryOf(new URL("./stepwell.wasm", import.meta.url));
    // What has failed once may succeed the next time.
    own.catch(() => (own = null));
    return await own;
  }
  const found = await source;
  const bytes = bytesIn(found);
  if (bytes !== null) return await WebAssembly.compile(bytes);
  if (isA(found, "WebAssembly.Module")) return found;
  if (!isAddress(found) && !isA(found, "Response")) {
    throw mistaken("wasm", "an address, a Response, bytes or a WebAssembly.Module", found);
  }
  const response = await responseOf(found);
  if (response instanceof Uint8Array) return await WebAssembly.compile(response);
  const isTyped = response.headers.get("content-type")?.startsWith("application/wasm") === true;
  return isTyped ? await WebAssembly.compileStreaming(response) : await WebAssembly.compile(await response.arrayBuffer());
}
