/** An engine that many share: made when somebody first asks for it, and made anew when it was lost or could not be made. */

import { Engine, type EngineOptions } from "./engine.js";

export class SharedEngine {
  #loading: Promise<Engine> | null = null;

  /** The engine. It is loaded with these options if there is none. */
  async get(options: EngineOptions = {}): Promise<Engine> {
    const known = this.#loading;
    if (known !== null) {
      const engine = await known;
      if (!engine.isLost) return engine;
      this.#forget(known);
    }
    // Somebody else may have come first meanwhile.
    const loading = (this.#loading ??= Engine.load(options));
    loading.catch(() => this.#forget(loading));
    return await loading;
  }

  #forget(loading: Promise<Engine>): void {
    if (this.#loading === loading) this.#loading = null;
  }
}
