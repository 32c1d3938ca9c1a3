/**
 * The side of an engine that has the library: in a worker, or in the caller's own thread.
 *
 * It is asked by name. Whatever it makes is called by a number that the asking side has chosen, so that nothing has to be
 * waited for: requests are taken in order.
 */

import { U64_MAX } from "../checks.js";
import { Abi, asBytes, asText } from "./abi.js";
import { LIMIT } from "./numbers.js";
import type { Ending, Id, LimitNumbers, ProcessRequest, TreeData } from "./protocol.js";
import { Run, type Point, type Wanted } from "./run.js";
import { spawn, withLimits, type Accepted } from "./spawning.js";
import type { OutputName } from "./streams.js";
import { Trees } from "./trees.js";

/** What an engine holds at the moment. */
export interface UsageData {
  readonly processes: number;
  readonly modules: number;
  readonly images: number;
  readonly fileSystems: number;
  readonly bytes: number;
  readonly memoryBytes: number;
}

/** What is known of a module. */
export interface ModuleData {
  readonly sha256: string;
  readonly functions: readonly string[];
}

const THAWED: Wanted = { receipt: false, repeat: null, trace: false, profile: false, backtrace: false, freezable: false };

export class Core {
  readonly #abi: Abi;
  readonly #sliceMs: number;
  readonly #engine: number;
  readonly #modules = new Map<Id, Accepted>();
  readonly #images = new Map<Id, number>();
  readonly #templates = new Map<Id, number>();
  readonly #runs = new Map<Id, Run>();
  /** Those that are not over, also if nobody wants them any more. */
  readonly #live = new Set<Run>();
  /** What processes that are over have left at the paths where something was mounted. */
  readonly #left = new Map<Id, Map<string, number>>();
  readonly #abandoned = new Set<Id>();
  readonly trees: Trees;
  readonly #allocatedAtStart: number;

  private constructor(abi: Abi, sliceMs: number) {
    this.#abi = abi;
    this.#sliceMs = sliceMs;
    this.#engine = abi.u32("engine_new");
    this.trees = new Trees(abi);
    this.#allocatedAtStart = abi.allocated;
    // Processes that wait would not find out.
    abi.onLost = () => this.dispose();
  }

  static async start(module: WebAssembly.Module, sliceMs: number): Promise<Core> {
    return new Core(await Abi.instantiate(module), sliceMs);
  }

  /** Checks a module. `original` is the SHA-256 that receipts are to have of it, if not its own. */
  compile(id: Id, wasm: Uint8Array, original: Uint8Array | null = null): ModuleData {
    return this.#accept(id, this.#abi.u32("module_new", this.#engine, asBytes(wasm)), original);
  }

  /** What `compilePrepared` makes a module of, and most of the work of compiling. */
  prepare(wasm: Uint8Array): Uint8Array {
    return this.#abi.bytes("module_prepare", asBytes(wasm));
  }

  compilePrepared(id: Id, prepared: Uint8Array, original: Uint8Array | null = null): ModuleData {
    return this.#accept(id, this.#abi.u32("module_from_prepared", this.#engine, asBytes(prepared)), original);
  }

  /** What tells prepared modules of this version from those of others. */
  preparation(): string {
    return this.#abi.text("module_preparation");
  }

  releaseModule(id: Id): void {
    this.#abi.raw("stepwell_module_free", this.#modules.get(id)?.handle ?? 0);
    this.#modules.delete(id);
  }

  /** Makes a process and runs it to its end. */
  async spawn(id: Id, module: Id, request: ProcessRequest): Promise<Ending> {
    const process = spawn(this.#abi, this.trees, known(this.#modules, module, "module"), request);
    this.#orFree(process, () => this.#giveInput(process, request.stdin));
    return await this.#drive(id, process, request);
  }

  read(id: Id, stream: OutputName): Promise<Uint8Array | null> {
    return this.#run(id).read(stream);
  }

  closeOutput(id: Id, stream: OutputName): void {
    this.#run(id).closeOutput(stream);
  }

  write(id: Id, bytes: Uint8Array): Promise<void> {
    return this.#run(id).write(bytes);
  }

  inputWanted(id: Id): Promise<boolean> {
    return this.#runs.get(id)?.inputWanted() ?? Promise.resolve(false);
  }

  closeInput(id: Id): void {
    this.#run(id).closeInput();
  }

  kill(id: Id): void {
    this.#runs.get(id)?.kill();
  }

  steps(id: Id): bigint {
    return this.#abi.u64("process_steps", this.#run(id).process);
  }

  readMemory(id: Id, address: bigint, length: number): Uint8Array {
    const process = this.#run(id).process;
    const abi = this.#abi;
    const buffer = abi.raw("stepwell_alloc", length);
    try {
      abi.call("process_read_memory", process, address, buffer, length);
      return abi.copy(buffer, length);
    } finally {
      abi.raw("stepwell_free", buffer, length);
    }
  }

  /** The paths at which a process has something mounted. */
  mounts(id: Id): string[] {
    const left = this.#left.get(id);
    return left !== undefined ? [...left.keys()] : this.#abi.strings("process_mounts", this.#run(id).process);
  }

  /** Takes the tree at a path of a process, as it is now. */
  takeTree(id: Id, path: string, tree: Id): void {
    const left = this.#left.get(id);
    if (left === undefined) {
      this.trees.adopt(tree, this.#abi.u32("process_tree", this.#run(id).process, asText(path)));
      return;
    }
    const handle = left.get(path);
    if (handle === undefined) throw new TypeError(`the process had nothing mounted at ${path}`);
    this.trees.adopt(tree, this.#abi.u32("tree_fork", handle));
  }

  /** Lets go of a process: one that runs is ended. */
  release(id: Id): void {
    this.#runs.get(id)?.kill();
    this.#runs.delete(id);
    for (const tree of this.#left.get(id)?.values() ?? []) this.#abi.raw("stepwell_tree_free", tree);
    this.#left.delete(id);
  }

  /** Lets go of a process that nobody can reach any more, when it is over. */
  abandon(id: Id): void {
    if (this.#runs.get(id)?.isOver === false) this.#abandoned.add(id);
    else this.release(id);
  }

  /** Ends everything that runs. */
  dispose(): void {
    for (const run of this.#live) run.kill();
  }

  async freeze(id: Id, at: Point, image: Id): Promise<void> {
    this.#images.set(image, await this.#run(id).freeze(at));
  }

  saveImage(image: Id, module: Id): Uint8Array {
    const handles = [known(this.#images, image, "image"), known(this.#modules, module, "module").handle] as const;
    return this.#abi.bytes("image_save", ...handles);
  }

  loadImage(image: Id, module: Id, bytes: Uint8Array): void {
    const { handle } = known(this.#modules, module, "module");
    this.#images.set(image, this.#abi.u32("image_load", handle, asBytes(bytes), 0));
  }

  /** Makes an image ready to go on. */
  prepareImage(image: Id, module: Id): void {
    if (this.#templates.has(image)) return;
    const handles = [known(this.#images, image, "image"), known(this.#modules, module, "module").handle] as const;
    this.#templates.set(image, this.#abi.u32("image_prepare", ...handles));
  }

  /** An image with the code that goes on from it, for `loadPrepared`. */
  savePrepared(image: Id, module: Id): Uint8Array {
    const handles = [known(this.#images, image, "image"), known(this.#modules, module, "module").handle] as const;
    return this.#abi.bytes("image_save_prepared", ...handles);
  }

  /** Reads what `savePrepared` has written; what comes of it is thawed only. */
  loadPrepared(image: Id, bytes: Uint8Array): void {
    this.#templates.set(image, this.#abi.u32("template_load", this.#engine, asBytes(bytes), 0));
  }

  imageSteps(image: Id): bigint {
    const template = this.#templates.get(image);
    if (template !== undefined) return this.#abi.u64("template_steps", template);
    return this.#abi.u64("image_steps", known(this.#images, image, "image"));
  }

  /** Makes a process that goes on where an image stands, and runs it to its end. */
  async thaw(id: Id, image: Id, request: ThawRequest): Promise<Ending> {
    const process = this.#thawed(known(this.#templates, image, "image"), request.limits);
    this.#orFree(process, () => {
      for (const { path, tree } of request.files) this.#patch(process, path, tree, request.quotas);
      this.#giveInput(process, request.stdin);
    });
    return await this.#drive(id, process, THAWED);
  }

  releaseImage(image: Id): void {
    this.#abi.raw("stepwell_template_free", this.#templates.get(image) ?? 0);
    this.#abi.raw("stepwell_image_free", this.#images.get(image) ?? 0);
    this.#templates.delete(image);
    this.#images.delete(image);
  }

  differences(recorded: Uint8Array, found: Uint8Array): string[] {
    return this.#abi.strings("receipt_differences", asBytes(recorded), asBytes(found));
  }

  version(): string {
    return this.#abi.constant("stepwell_version");
  }

  /** Whether the library has failed, and answers nothing any more. */
  get isLost(): boolean {
    return this.#abi.isLost;
  }

  usage(): UsageData {
    return {
      processes: this.#live.size,
      modules: this.#modules.size,
      images: this.#images.size,
      fileSystems: this.trees.count,
      bytes: this.#abi.allocated - this.#allocatedAtStart,
      memoryBytes: this.#abi.memoryBytes,
    };
  }

  /** A process that stands where a template does. Limits of the caller's are for what it does from there. */
  #thawed(template: number, limits: LimitNumbers | null): number {
    const abi = this.#abi;
    if (limits === null) return abi.u32("template_thaw", template, 0);
    const before = abi.u64("template_steps", template);
    const whole = limits.map(([limit, max]) => [limit, limit === STEPS ? sum(max, before) : max] as const);
    return withLimits(abi, whole, (handle) => abi.u32("template_thaw", template, handle));
  }

  /** Makes a process ready to run; if that fails it is gone. */
  #orFree(process: number, prepare: () => void): void {
    try {
      prepare();
    } catch (error) {
      this.#abi.raw("stepwell_process_free", process);
      throw error;
    }
  }

  /** Gives a process all of its input. */
  #giveInput(process: number, stdin: Uint8Array | null): void {
    if (stdin === null) return;
    if (stdin.length > 0) this.#abi.call("process_feed_stdin", process, asBytes(stdin));
    this.#abi.call("process_close_stdin", process);
  }

  #accept(id: Id, module: number, original: Uint8Array | null): ModuleData {
    this.#modules.set(id, { handle: module, original });
    return { sha256: this.#abi.hash("module_sha256", module), functions: this.#abi.strings("module_exported_functions", module) };
  }

  async #drive(id: Id, process: number, wanted: Wanted): Promise<Ending> {
    const run = new Run(this.#abi, process, this.#sliceMs, wanted, (handle) => this.#keepTrees(id, handle));
    this.#runs.set(id, run);
    this.#live.add(run);
    try {
      return await run.drive();
    } finally {
      this.#live.delete(run);
      if (this.#abandoned.delete(id)) this.release(id);
    }
  }

  #keepTrees(id: Id, process: number): void {
    if (!this.#runs.has(id)) return;
    const paths = this.#abi.strings("process_mounts", process);
    this.#left.set(id, new Map(paths.map((path) => [path, this.#abi.u32("process_tree", process, asText(path))])));
  }

  /** Writes files into the tree that a process has at a path. */
  #patch(process: number, path: string, files: TreeData, quotas: LimitNumbers): void {
    const abi = this.#abi;
    const tree = abi.u32("process_tree", process, asText(path));
    try {
      // As for what is mounted, limits are for what the guest adds.
      this.trees.limit(tree, quotas.map(([quota]) => [quota, U64_MAX]));
      this.trees.write(tree, files);
      this.trees.limit(tree, quotas);
      abi.call("process_set_tree", process, asText(path), tree);
    } finally {
      abi.raw("stepwell_tree_free", tree);
    }
  }

  #run(id: Id): Run {
    return known(this.#runs, id, "process");
  }
}

/** How a thawed process goes on. */
export interface ThawRequest {
  readonly limits: LimitNumbers | null;
  readonly quotas: LimitNumbers;
  readonly files: readonly Patch[];
  readonly stdin: Uint8Array | null;
}

/** Files that a thawed process gets besides its own. */
export interface Patch {
  readonly path: string;
  readonly tree: TreeData;
}

const STEPS = LIMIT.indexOf("steps");

function sum(a: bigint, b: bigint): bigint {
  return a + b > U64_MAX ? U64_MAX : a + b;
}

function known<T>(things: ReadonlyMap<Id, T>, id: Id, what: string): T {
  const thing = things.get(id);
  if (thing === undefined) throw new TypeError(`the ${what} was disposed`);
  return thing;
}
