/**
 * The standard streams of a process, as the side that reads and writes sees them.
 *
 * Nothing is queued here: output stays in the guest's own queue until somebody asks for it, and while that is full the guest
 * waits. Input is handed over in portions, each when the one before was read.
 */

import { asBytes, type Abi } from "./abi.js";

export type OutputName = "stdout" | "stderr";

interface Reader {
  readonly resolve: (bytes: Uint8Array | null) => void;
  readonly reject: (error: unknown) => void;
}

/** An output of a process. */
export class Output {
  readonly #name: OutputName;
  /** Who waits for more. */
  readonly #readers: Reader[] = [];
  #isOver = false;
  /** What was left when the process ended. */
  #rest: Uint8Array | null = null;
  /** What the process has failed with, if that was no end of its own. */
  #failure: { readonly error: unknown } | null = null;

  constructor(name: OutputName) {
    this.#name = name;
  }

  /** The next bytes, when they are delivered; `null` if there are no more. */
  read(): Promise<Uint8Array | null> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  /** Hands over what there is, if somebody waits for it: whether it has. */
  deliver(abi: Abi, process: number): boolean {
    let hasDelivered = false;
    while (this.#readers.length > 0) {
      const bytes = this.#take(abi, process);
      if (bytes === null && !this.#isOver) break;
      this.#readers.shift()?.resolve(bytes);
      hasDelivered = true;
    }
    return hasDelivered;
  }

  /** Keeps what is left of a process that is about to be freed, for those who ask later. */
  end(abi: Abi, process: number): void {
    this.#rest = this.#take(abi, process);
    this.#isOver = true;
    this.deliver(abi, process);
  }

  /** Fails those who read, and those who will. */
  fail(error: unknown): void {
    this.#isOver = true;
    this.#rest = null;
    this.#failure = { error };
    for (const { reject } of this.#readers.splice(0)) reject(error);
  }

  /** Says that nobody will read any more: the guest's writes fail. */
  close(abi: Abi, process: number): void {
    if (!this.#isOver) abi.call(`process_close_${this.#name}`, process);
    this.#rest = null;
  }

  #take(abi: Abi, process: number): Uint8Array | null {
    if (this.#isOver) {
      const rest = this.#rest;
      this.#rest = null;
      return rest;
    }
    const bytes = abi.bytes(`process_drain_${this.#name}`, process);
    return bytes.length > 0 ? bytes : null;
  }
}

/** Bytes of input that are given to the guest ahead of what it has read. */
const AHEAD_BYTES = 65_536;

/** The input of a process. */
export class Input {
  /** What is not given to the guest yet, with who waits until it is. */
  #pending: { bytes: Uint8Array; done: () => void }[] = [];
  #isClosing = false;
  #isClosed = false;
  /** Bytes that were given since the guest last waited for more. */
  #given = 0;

  /** Gives bytes as the guest reads; resolves when it has room for more. */
  write(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0 || this.#isClosed) return Promise.resolve();
    return new Promise((done) => this.#pending.push({ bytes, done }));
  }

  /** Ends the input after what was written. */
  close(): void {
    this.#isClosing = true;
  }

  /** Gives what there is room for: whether that was anything. `isStarved` says that the guest has read all that it had. */
  deliver(abi: Abi, process: number, isStarved: boolean): boolean {
    if (isStarved) this.#given = 0;
    let hasGiven = false;
    while (this.#given < AHEAD_BYTES) {
      const next = this.#pending[0];
      if (next === undefined) break;
      const portion = next.bytes.subarray(0, AHEAD_BYTES - this.#given);
      abi.call("process_feed_stdin", process, asBytes(portion));
      hasGiven = true;
      this.#given += portion.length;
      next.bytes = next.bytes.subarray(portion.length);
      if (next.bytes.length > 0) break;
      this.#pending.shift();
      next.done();
    }
    if (this.#isClosing && !this.#isClosed && this.#pending.length === 0) {
      this.#isClosed = true;
      abi.call("process_close_stdin", process);
      hasGiven = true;
    }
    return hasGiven;
  }

  /** Lets go of everybody who waits: nothing is read any more. */
  end(): void {
    this.#isClosed = true;
    for (const { done } of this.#pending.splice(0)) done();
  }
}
