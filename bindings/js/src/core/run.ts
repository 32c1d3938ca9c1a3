/** One process, driven to its end in slices, with its streams, its clock and the event loop in between. */

import { asText, type Abi } from "./abi.js";
import { endingOf, killed } from "./ending.js";
import { FREEZE_POINT, STATE, WAIT } from "./numbers.js";
import type { Ending, ProcessRequest } from "./protocol.js";
import { Slice } from "./slice.js";
import { Input, Output, type OutputName } from "./streams.js";
import { TIMER_MS_MAX, turn } from "./turns.js";

/** What of a request counts while the process runs. */
export type Wanted = Pick<ProcessRequest, "receipt" | "repeat" | "trace" | "profile" | "backtrace" | "freezable">;

/** Where a process is to stop. */
export interface Point {
  readonly point: number;
  readonly name: string;
  readonly number: bigint;
}

/** Who waits for a process to be frozen. */
interface Freezing {
  /** Whether a blocked process stands where it is to be frozen. */
  readonly isMet: (waitsForInput: boolean) => boolean;
  readonly resolve: (image: number) => void;
  readonly reject: (error: unknown) => void;
}

/** A process that runs. */
export class Run {
  readonly #abi: Abi;
  readonly #process: number;
  readonly #request: Wanted;
  readonly #slice: Slice;
  readonly #outputs = { stdout: new Output("stdout"), stderr: new Output("stderr") };
  readonly #input = new Input();
  /** Ends a wait. */
  #wake: (() => void) | null = null;
  /** Who wants to know when the process waits for input. */
  readonly #askers: ((isWaiting: boolean) => void)[] = [];
  #isStarved = false;
  #isKilled = false;
  /** Whether an output has been taken from since it last ran. */
  #hasDrained = false;
  #isOver = false;
  #freezing: Freezing | null = null;
  #trace = "";
  /** Trees are taken from the process before it is freed. */
  readonly #keep: (process: number) => void;

  constructor(
    abi: Abi,
    process: number,
    sliceMs: number,
    request: Wanted,
    keep: (process: number) => void,
  ) {
    this.#abi = abi;
    this.#process = process;
    this.#slice = new Slice(sliceMs);
    this.#request = request;
    this.#keep = keep;
  }

  /** The handle; of no use when it is over. */
  get process(): number {
    if (this.#isOver) throw new TypeError("the process is over");
    return this.#process;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Runs it to its end and frees it. */
  async drive(): Promise<Ending> {
    try {
      const ending = await this.#toEnd();
      this.#keep(this.#process);
      for (const output of Object.values(this.#outputs)) output.end(this.#abi, this.#process);
      return ending;
    } catch (error) {
      for (const output of Object.values(this.#outputs)) output.fail(error);
      this.#freezing?.reject(error);
      this.#freezing = null;
      throw error;
    } finally {
      this.#finish();
    }
  }

  read(stream: OutputName): Promise<Uint8Array | null> {
    const bytes = this.#outputs[stream].read();
    if (this.#isOver) this.#outputs[stream].deliver(this.#abi, this.#process);
    else this.#deliver();
    this.wake();
    return bytes;
  }

  closeOutput(stream: OutputName): void {
    this.#outputs[stream].close(this.#abi, this.#process);
    this.#hasDrained = true;
    this.wake();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    const written = this.#input.write(bytes);
    if (bytes.length > 0) this.#isStarved = false;
    this.wake();
    return written;
  }

  closeInput(): void {
    this.#input.close();
    this.#isStarved = false;
    this.wake();
  }

  /** Resolves when the process waits for input that it was not given: true. When it is over: false. */
  inputWanted(): Promise<boolean> {
    if (this.#isOver || this.#isStarved) return Promise.resolve(this.#isStarved);
    return new Promise((resolve) => this.#askers.push(resolve));
  }

  kill(): void {
    this.#isKilled = true;
    this.wake();
  }

  /** Stops it at a point and freezes it there: the image's handle. */
  freeze(at: Point): Promise<number> {
    if (this.#isOver) return Promise.reject(new TypeError("the process is over"));
    if (this.#freezing !== null) return Promise.reject(new TypeError("the process is to be frozen already"));
    this.#abi.call("process_freeze_at", this.#process, at.point, asText(at.name), at.number);
    const isMet = (waitsForInput: boolean) =>
      at.point === FREEZE_POINT.nextCall || (at.point === FREEZE_POINT.stdin && waitsForInput);
    return new Promise((resolve, reject) => {
      this.#freezing = { isMet, resolve, reject };
      this.wake();
    });
  }

  wake(): void {
    this.#wake?.();
    this.#wake = null;
  }

  async #toEnd(): Promise<Ending> {
    const abi = this.#abi;
    for (;;) {
      if (this.#isKilled) return killed(abi, this.#process, this.#request, this.#traced());
      this.#input.deliver(abi, this.#process, false);
      this.#hasDrained = false;
      const state = abi.u32("process_run", this.#process, this.#slice.start());
      this.#slice.end(state === STATE.yielded);
      this.#deliver();
      if (this.#request.trace) this.#trace += abi.text("process_drain_trace", this.#process);
      switch (state) {
        case STATE.yielded:
        case STATE.interrupted:
          break;
        case STATE.blocked: {
          const frozen = await this.#whileBlocked();
          if (frozen) return frozen;
          break;
        }
        case STATE.freezePoint: {
          const frozen = this.#freezeHere();
          if (frozen) return frozen;
          break;
        }
        default:
          return endingOf(abi, this.#process, state, this.#request, this.#traced());
      }
      // Also after a block: what a guest waits for may lie there each time.
      await turn();
    }
  }

  #deliver(): void {
    for (const output of Object.values(this.#outputs)) {
      if (output.deliver(this.#abi, this.#process)) this.#hasDrained = true;
    }
  }

  /** Waits for what a blocked process waits for; the ending if it was frozen at that, which was its end. */
  async #whileBlocked(): Promise<Ending | null> {
    const abi = this.#abi;
    const on = abi.u32("process_blocked_on", this.#process);
    const wants = (wait: number) => (on & wait) !== 0;
    const waitMs = wants(WAIT.time) ? Number(abi.u64("process_blocked_nanoseconds", this.#process)) / 1e6 : Infinity;
    const end = performance.now() + waitMs;
    for (;;) {
      if (this.#isKilled) return null;
      // It stands at a call already, which the next point that it comes to would be behind.
      if (this.#freezing?.isMet(wants(WAIT.input)) === true) return this.#freezeHere();
      if (wants(WAIT.input) && this.#input.deliver(abi, this.#process, true)) return null;
      if (wants(WAIT.output) && this.#hasDrained) return null;
      if (performance.now() >= end) {
        abi.call("process_elapse", this.#process);
        return null;
      }
      this.#starve(wants(WAIT.input));
      await this.#sleep(end - performance.now());
      this.#isStarved = false;
      this.#deliver();
    }
  }

  #starve(isStarved: boolean): void {
    this.#isStarved = isStarved;
    if (isStarved) for (const tell of this.#askers.splice(0)) tell(true);
  }

  /** Waits for so long, or until something comes. */
  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms < Infinity ? setTimeout(() => this.wake(), Math.min(Math.max(ms, 0), TIMER_MS_MAX)) : null;
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Freezes the process that stands where it was to; the ending if that was its end. */
  #freezeHere(): Ending | null {
    const freezing = this.#freezing;
    this.#freezing = null;
    if (freezing === null) return null;
    // A freezable process is over when it is frozen; any other goes on.
    const ending: Ending = { ...killed(this.#abi, this.#process, this.#request, this.#traced()), kind: "frozen" };
    let image: number;
    try {
      image = this.#abi.u32("process_freeze", this.#process);
    } catch (error) {
      freezing.reject(error);
      return null;
    }
    freezing.resolve(image);
    return this.#request.freezable ? ending : null;
  }

  #traced(): string | null {
    return this.#request.trace ? this.#trace : null;
  }

  #finish(): void {
    this.#isOver = true;
    this.#freezing?.reject(new TypeError("the process has ended before it stood where it was to be frozen"));
    this.#input.end();
    for (const tell of this.#askers.splice(0)) tell(false);
    this.#abi.raw("stepwell_process_free", this.#process);
  }
}

