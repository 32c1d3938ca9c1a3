/** Something that is made once for all who ask: each can stop waiting, and when all have, the making is ended. */

import { withSignal } from "./source.js";

interface Making<T> {
  readonly value: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
  isDone: boolean;
}

export class Shared<T extends AsyncDisposable | null> {
  readonly #make: (signal: AbortSignal) => Promise<T>;
  #making: Making<T> | null = null;

  /** `make` is told by its signal that nobody waits any more. */
  constructor(make: (signal: AbortSignal) => Promise<T>) {
    this.#make = make;
  }

  /** Whether it is there or somebody waits for it. */
  get isBegun(): boolean {
    return this.#making !== null;
  }

  /** Whether it is there. */
  get isDone(): boolean {
    return this.#making?.isDone === true;
  }

  /** It, made if need be. What has failed once may succeed the next time. */
  async get(signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const making = (this.#making ??= this.#begin());
    making.waiting += 1;
    try {
      return await withSignal(making.value, either(making.abort.signal, signal));
    } finally {
      making.waiting -= 1;
      if (making.waiting === 0 && signal?.aborted === true) this.#abandon(making, signal.reason);
    }
  }

  /** Lets go of it. What is being made is given up, also for those who wait for it. */
  async dispose(): Promise<void> {
    const making = this.#making;
    this.#making = null;
    if (making === null) return;
    if (!making.isDone) making.abort.abort(new DOMException("What this waits for was disposed of.", "AbortError"));
    await letGo(making);
  }

  #begin(): Making<T> {
    const abort = new AbortController();
    const making: Making<T> = { value: this.#make(abort.signal), abort, waiting: 0, isDone: false };
    making.value.then(
      () => (making.isDone = true),
      () => this.#forget(making),
    );
    return making;
  }

  #abandon(making: Making<T>, reason: unknown): void {
    if (making.isDone) return;
    this.#forget(making);
    making.abort.abort(reason);
    void letGo(making);
  }

  #forget(making: Making<T>): void {
    if (this.#making === making) this.#making = null;
  }
}

function either(one: AbortSignal, other: AbortSignal | undefined): AbortSignal {
  return other === undefined ? one : AbortSignal.any([one, other]);
}

/** Disposes of what is being made, if it ever comes to that. */
async function letGo(making: Making<AsyncDisposable | null>): Promise<void> {
  const value = await making.value.catch(() => null);
  await value?.[Symbol.asyncDispose]();
}
