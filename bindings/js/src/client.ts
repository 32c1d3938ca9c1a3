/** The caller's side of an engine: the way to the core, the numbers that things are called by, and who is still wanted. */

import type { Link } from "./core/link.js";
import type { Id } from "./core/protocol.js";
import { EngineError } from "./errors.js";

/** A thing that an engine has. */
interface Owned {
  readonly client: Client;
  readonly id: Id;
}

interface Held {
  readonly method: string;
  readonly id: Id;
}

export class Client {
  readonly link: Link;
  #last = 0;
  /** Things that the program has forgotten without letting go of them. */
  readonly #forgotten = new FinalizationRegistry<Held>(({ method, id }) => this.#send(method, id));

  constructor(link: Link) {
    this.link = link;
  }

  /** A number for a new thing. */
  next(): Id {
    this.#last += 1;
    return this.#last;
  }

  /** The number of a thing that is handed in. One of another engine's has the number of something else here. */
  idOf(thing: Owned, name: string): Id {
    if (thing.client !== this) throw new TypeError(`${name} belongs to another engine`);
    return thing.id;
  }

  /** Has a thing released when nobody can reach it any more. */
  track(thing: object, method: string, id: Id): void {
    this.#forgotten.register(thing, { method, id }, thing);
  }

  /** Releases a thing. A second time, or after the engine has gone, nothing happens. */
  async release(thing: object, method: string, id: Id): Promise<void> {
    if (!this.#forgotten.unregister(thing)) return;
    try {
      await this.link.call(method, id);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== "LOST") throw error;
    }
  }

  dispose(): void {
    this.link.dispose();
  }

  #send(method: string, id: Id): void {
    // It is for tidiness only: an engine that is lost has nothing to release.
    this.link.call(method, id).catch(() => undefined);
  }
}
