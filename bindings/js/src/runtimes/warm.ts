/** Interpreters that were started once and frozen, and go on from there for each program. */

import type { Client } from "../client.js";
import type { Engine } from "../engine.js";
import { Image } from "../image.js";
import type { Module } from "../module.js";
import type { SpawnOptions, StreamKind } from "../options.js";
import type { Process } from "../process.js";
import { Shared } from "../shared.js";
import type { Language, Recipe, Selection } from "./catalog.js";
import type { Files } from "./files.js";
import { warmName } from "./names.js";
import type { ProgramOptions } from "./program.js";
import type { Share } from "./stock.js";

/** What says what is to be run: the interpreter is frozen when it first opens it, and removes it when it has read it. */
const JOB = ".stepwell";

/** Whether a program can be run by an interpreter that was started before: what that has seen cannot be changed. */
export function canBeWarm(options: ProgramOptions): boolean {
  const { receipt, repeat, profile, trace, seed, epoch, mounts } = options;
  const asked = [receipt, profile, trace].includes(true) || [repeat, seed, epoch, mounts].some((one) => one !== undefined);
  return !asked && (options.stdio === undefined || typeof options.stdio === "string");
}

/** The interpreter for one kind of streams. */
interface Started {
  /** The one of an earlier visit, if that was kept. */
  readonly kept: Shared<Image | null>;
  readonly fresh: Shared<Image>;
}

export class Warm {
  readonly #engine: Engine;
  readonly #client: Client;
  readonly #language: Language;
  readonly #recipe: Recipe;
  readonly #files: Files;
  readonly #started = new Map<StreamKind, Started>();

  constructor(engine: Engine, client: Client, selection: Selection, recipe: Recipe, files: Files) {
    this.#engine = engine;
    this.#client = client;
    this.#language = selection.language;
    this.#recipe = recipe;
    this.#files = files;
  }

  /** Makes the interpreter that programs go on from, unless it is there. */
  async up(share: Share, stdio: StreamKind, signal?: AbortSignal): Promise<void> {
    const started = this.#for(stdio);
    if ((await find(share, started, signal)) === null) await share.wait(started.fresh, signal);
  }

  /** A process that runs a program; `null` if no interpreter has been started. */
  async spawn(share: Share, name: string, bytes: Uint8Array, options: ProgramOptions): Promise<Process | null> {
    if (name === JOB) return null;
    const { args = [], env = {}, files = {}, limits, signal, stdin } = options;
    const image = await find(share, this.#for((options.stdio as StreamKind | undefined) ?? "pipe"), signal);
    if (image === null) return null;
    const job = [`/${name}`, String(args.length), ...args, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)];
    const texts = this.#told(job.map((text) => `${text}\0`).join(""));
    return this.#engine.thaw(image, {
      ...(limits === undefined ? {} : { limits }),
      ...(signal === undefined ? {} : { signal }),
      ...(stdin === undefined ? {} : { stdin }),
      files: { "/": { ...files, [name]: bytes, [JOB]: texts } },
    });
  }

  /** What the file holds that says what is to be run. */
  #told(job: string): string {
    const { call } = this.#recipe;
    if (call === null) return job;
    const escaped = Array.from(new TextEncoder().encode(job), (byte) => `\\x${byte.toString(16).padStart(2, "0")}`);
    return call.replace("{job}", () => escaped.join(""));
  }

  async dispose(): Promise<void> {
    const all = [...this.#started.values()].flatMap(({ kept, fresh }) => [kept, fresh]);
    await Promise.all(all.map((one) => one.dispose()));
  }

  #for(stdio: StreamKind): Started {
    const known = this.#started.get(stdio);
    if (known !== undefined) return known;
    const kept = new Shared(() => this.#load(stdio));
    const started = { kept, fresh: new Shared((signal) => this.#start(stdio, signal)) };
    this.#started.set(stdio, started);
    return started;
  }

  /** The interpreter that is kept from an earlier visit. */
  async #load(stdio: StreamKind): Promise<Image | null> {
    if (this.#files.store === null) return null;
    const kept = await this.#files.unsealed(await this.#key(stdio));
    // One of another version, or damaged, is made anew.
    return kept === null ? null : await this.#read(kept).catch(() => null);
  }

  async #read(prepared: Uint8Array): Promise<Image> {
    const id = this.#client.next();
    await this.#client.link.call("loadPrepared", id, prepared);
    return new Image(this.#client, id, null);
  }

  async #start(stdio: StreamKind, signal: AbortSignal): Promise<Image> {
    const module = await this.#files.module("module").get(signal);
    const root = await (await this.#files.base.get(signal)).fork();
    const { prelude, place, argv } = this.#recipe;
    const [argv0 = "", ...args] = place === null ? [...argv, prelude] : argv;
    const env = { ...this.#language.stages[0]?.env, ...this.#recipe.env };
    // Its input is the program's, and so not at its end.
    const options: SpawnOptions = { argv0, args, env, mounts: { "/": root }, stdio, stdin: "piped", freezable: true, signal };
    let process: Process;
    try {
      if (place !== null) await root.writeFile(place, prelude);
      process = this.#engine.spawn(module, options);
    } finally {
      await root.dispose();
    }
    const prepared = await this.#frozen(process, module);
    await this.#files.keep(await this.#key(stdio), prepared);
    return await this.#read(prepared);
  }

  /** The interpreter as it stands when it is about to read what it is to run. */
  async #frozen(process: Process, module: Module): Promise<Uint8Array<ArrayBuffer>> {
    const frozen = process.freeze({ open: `/${JOB}` });
    try {
      // Whoever stops it is told at once.
      const image = await Promise.race([frozen, process.exit.then(() => frozen)]);
      return await this.#client.link.call<Uint8Array<ArrayBuffer>>("savePrepared", image.id, module.id);
    } finally {
      await process.dispose();
      await frozen.then((image) => image.dispose()).catch(() => undefined);
    }
  }

  async #key(stdio: StreamKind): Promise<string> {
    return await warmName(await this.#files.preparation(), this.#files.runtime, this.#language, stdio);
  }
}

/** The interpreter that is there, or that somebody starts; `null` if there is none. */
async function find(share: Share, { kept, fresh }: Started, signal: AbortSignal | undefined): Promise<Image | null> {
  return await share.wait<Image | null>(fresh.isBegun ? fresh : kept, signal);
}
