/** The files of one runtime in one engine: its modules and its base, each fetched when it is first needed. */

import type { Client } from "../client.js";
import type { ModuleData } from "../core/core.js";
import type { Engine } from "../engine.js";
import type { FileSystem } from "../file-system.js";
import { Module } from "../module.js";
import { Shared } from "../shared.js";
import type { Role, RuntimeData, RuntimeFile } from "./catalog.js";
import { file, type Fetching, type Place, type Progress } from "./fetching.js";
import { preparedName, removeOld } from "./names.js";
import { sha256 } from "./sha256.js";
import type { Store } from "./store.js";

/** Stores from which what is old was removed. */
const tidied = new WeakSet<Store>();

export class Files {
  readonly #engine: Engine;
  readonly #client: Client;
  readonly #runtime: RuntimeData;
  readonly #place: Place;
  readonly #modules = new Map<Role, Shared<Module>>();
  /** The file system that has the base and what is added to it. */
  readonly base = new Shared<FileSystem>((signal) => this.#makeBase(this.#until(signal)));
  /** Who hears how far the fetching is. */
  readonly listeners = new Set<(progress: Progress) => void>();
  #preparation: Promise<string> | null = null;

  constructor(engine: Engine, client: Client, runtime: RuntimeData, place: Place) {
    this.#engine = engine;
    this.#client = client;
    this.#runtime = runtime;
    this.#place = place;
  }

  get store(): Store | null {
    return this.#place.store;
  }

  get runtime(): RuntimeData {
    return this.#runtime;
  }

  /** What tells what this version of the library makes from what others do. */
  preparation(): Promise<string> {
    this.#preparation ??= this.#client.link.call<string>("preparation");
    return this.#preparation;
  }

  /** A module, ready to run. */
  module(role: Role): Shared<Module> {
    const known = this.#modules.get(role);
    const module = known ?? new Shared<Module>((all) => this.#make(role, this.#until(all)));
    this.#modules.set(role, module);
    return module;
  }

  /** The module that was prepared on an earlier visit, or the fetched one, of which a prepared copy is kept. */
  async #make(role: Role, fetching: Fetching): Promise<Module> {
    const wanted = this.#file(role);
    const original = bytesOfHex(wanted.original);
    const id = this.#client.next();
    const key = preparedName(await this.preparation(), wanted);
    const kept = await this.unsealed(key);
    if (kept !== null) {
      try {
        return new Module(this.#client, id, await this.#call<ModuleData>("compilePrepared", id, kept, original));
      } catch {
        // It is made anew.
      }
    }
    const wasm = await file(wanted, fetching);
    fetching.signal?.throwIfAborted();
    if (this.store === null) return new Module(this.#client, id, await this.#call<ModuleData>("compile", id, wasm, original));
    const prepared = await this.#call<Uint8Array<ArrayBuffer>>("prepare", wasm);
    const data = await this.#call<ModuleData>("compilePrepared", id, prepared, original);
    await this.keep(key, prepared);
    return new Module(this.#client, id, data);
  }

  /** Keeps bytes with their hash in front: those of functions are not checked again. */
  async keep(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.store === null) return;
    const sealed = new Uint8Array(HASH_BYTES + bytes.length);
    sealed.set(bytesOfHex(await sha256(bytes)));
    sealed.set(bytes, HASH_BYTES);
    // What cannot be kept is only made again.
    await this.store.set(key, sealed).catch(() => undefined);
    if (tidied.has(this.store)) return;
    tidied.add(this.store);
    await removeOld(this.store, await this.preparation()).catch(() => undefined);
  }

  /** Bytes that `keep` has kept; `null` if they are not there or not what they were. */
  async unsealed(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const sealed = await this.store?.get(key).catch(() => undefined);
    if (sealed === undefined || sealed.length < HASH_BYTES) return null;
    const bytes = sealed.subarray(HASH_BYTES);
    const found = bytesOfHex(await sha256(bytes));
    return found.every((byte, at) => byte === sealed[at]) ? bytes : null;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.base, ...this.#modules.values()].map((thing) => thing.dispose()));
  }

  async #makeBase(fetching: Fetching): Promise<FileSystem> {
    const base = this.#runtime.files.find((one) => one.role === "base");
    const archive = base === undefined ? null : await file(base, fetching);
    const root = await this.#engine.fileSystem();
    try {
      if (archive !== null) await root.importTar(archive);
      for (const [path, text] of Object.entries(this.#runtime.support)) await root.writeFile(path, text);
    } catch (error) {
      await root.dispose();
      throw error;
    }
    return root;
  }

  /** Fetching that ends when nobody waits for it any more. */
  #until(signal: AbortSignal): Fetching {
    const onProgress = (progress: Progress) => this.listeners.forEach((listener) => listener(progress));
    return { ...this.#place, signal, onProgress };
  }

  #file(role: Role): RuntimeFile {
    const found = this.#runtime.files.find((one) => one.role === role);
    if (found === undefined) throw new TypeError(`${this.#runtime.name} has no ${role}`);
    return found;
  }

  #call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#client.link.call<T>(method, ...args);
  }
}

const HASH_BYTES = 32;

function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}
