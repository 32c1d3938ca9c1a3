/** A module that was checked and can be run any number of times. */

import type { Client } from "./client.js";
import type { ModuleData } from "./core/core.js";
import type { Id } from "./core/protocol.js";

export class Module implements AsyncDisposable {
  /** The SHA-256 of the module as it was given, in hexadecimal. */
  readonly sha256: string;
  /** The names of the functions that it exports, sorted. */
  readonly functions: readonly string[];
  /** @internal */
  readonly client: Client;
  /** @internal */
  readonly id: Id;

  /** @internal */
  constructor(client: Client, id: Id, data: ModuleData) {
    this.client = client;
    this.id = id;
    this.sha256 = data.sha256;
    this.functions = data.functions;
    client.track(this, "releaseModule", id);
  }

  /** Lets go of it; what runs goes on. */
  async dispose(): Promise<void> {
    await this.client.release(this, "releaseModule", this.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }
}
