/** A process that stands still: its stack, memory, files, streams, clock and random numbers. */

import type { Client } from "./client.js";
import type { Id } from "./core/protocol.js";
import type { Module } from "./module.js";

export class Image implements AsyncDisposable {
  /** The module whose process it is. */
  readonly #module: Module | null;
  /** @internal */
  readonly client: Client;
  /** @internal */
  readonly id: Id;

  /** @internal */
  constructor(client: Client, id: Id, module: Module | null) {
    this.client = client;
    this.id = id;
    this.#module = module;
    client.track(this, "releaseImage", id);
  }

  /** The module whose process it is. */
  get module(): Module {
    if (this.#module === null) throw new TypeError("the image is of a started interpreter, whose module is not there");
    return this.#module;
  }

  /** That module; `null` if it is not there. @internal */
  get origin(): Module | null {
    return this.#module;
  }

  /** The image as bytes, which `Engine.loadImage` takes on any host that has the same module. */
  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.client.link.call("saveImage", this.id, this.module.id);
  }

  /** Steps that were taken until it was frozen. */
  async steps(): Promise<bigint> {
    return await this.client.link.call("imageSteps", this.id);
  }

  /** Makes it ready to go on, which the first process otherwise waits for. */
  async prepare(): Promise<void> {
    if (this.#module !== null) await this.client.link.call("prepareImage", this.id, this.#module.id);
  }

  /** Lets go of it; what was thawed goes on. */
  async dispose(): Promise<void> {
    await this.client.release(this, "releaseImage", this.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
