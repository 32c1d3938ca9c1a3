/** How far the downloads of one run are, taken together: a runtime may have several files, which come at the same time. */

import type { Progress } from "../runtimes/fetching.js";

export class Downloads {
  readonly #files = new Map<string, Progress>();
  readonly #runtime: string;
  readonly #isCompiled: boolean;

  constructor(runtime: string, isCompiled: boolean) {
    this.#runtime = runtime;
    this.#isCompiled = isCompiled;
  }

  /** Takes how far one of them is. */
  note(progress: Progress): void {
    this.#files.set(progress.file, progress);
  }

  /** The part that is there; `null` if all is. */
  get part(): number | null {
    const [loaded, total] = [this.#sum("loadedBytes"), this.#sum("totalBytes")];
    return loaded < total ? loaded / total : null;
  }

  /** What is going on, in words that stay the same for long: a screen reader reads each change aloud. */
  get message(): string {
    if (this.part !== null) return `Loading ${this.#runtime}, ${(this.#sum("totalBytes") / 1e6).toFixed(1)} MB…`;
    return this.#isCompiled ? `Preparing ${this.#runtime}, and compiling…` : `Preparing ${this.#runtime}…`;
  }

  #sum(what: "loadedBytes" | "totalBytes"): number {
    return [...this.#files.values()].reduce((sum, progress) => sum + progress[what], 0);
  }
}
