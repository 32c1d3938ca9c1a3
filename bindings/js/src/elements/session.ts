/** One run in a component: what the program writes goes to those who listen, what is typed goes to the program. */

import type { Process } from "../process.js";
import { ended, failed, TimeUp, type Outcome } from "./outcome.js";
import { Transcript } from "./transcript.js";

export type StreamName = "stdout" | "stderr";

/** A process that was started for a component. */
export interface Started {
  readonly process: Process;
  /** Whether it can be given input. */
  readonly takesInput: boolean;
  /** What is done when the run is over and everybody knows. */
  readonly afterwards?: () => void;
}

/** Takes what a program has written. The program waits for a promise. */
export type OnOutput = (stream: StreamName, bytes: Uint8Array) => void | Promise<void>;

export class Session {
  readonly #onOutput: OnOutput;
  readonly #written = { stdout: new Transcript(), stderr: new Transcript() };
  #typed = "";
  #input: WritableStreamDefaultWriter<Uint8Array> | null = null;
  readonly #waiting: (() => void)[] = [];
  #gifts = 0;
  #opened: () => void = () => undefined;
  /** Everything that was given so far has gone to the program, which may not have read it yet. */
  #taken: Promise<unknown> = new Promise<void>((resolve) => (this.#opened = resolve));
  /** What was typed before there was a program, as one does with a terminal. */
  #early: (string | null)[] = [];

  constructor(onOutput: OnOutput) {
    this.#onOutput = onOutput;
  }

  /** Waits for a process, which it gives what it is sent. */
  async attend(starting: Promise<Started>): Promise<Outcome> {
    let started: Started;
    try {
      started = await starting;
    } catch (error) {
      return this.#outcome(failed(error), null);
    }
    const { process, takesInput } = started;
    try {
      if (takesInput) this.#open(process);
      const written = Promise.all([this.#pump("stdout", process.stdout), this.#pump("stderr", process.stderr)]);
      // What cannot be shown is not waited for. Streams of a process that could not be made fail with it.
      written.catch((error: unknown) => process.kill(error));
      const exit = await process.exit.then(ended, failed);
      const end = exit.kind === "failed" ? exit : await written.then(() => exit, failed);
      const isCutShort = end.kind === "failed" || end.kind === "stopped" || end.error instanceof TimeUp;
      return this.#outcome(end, isCutShort ? null : await process.files("/").catch(() => null));
    } finally {
      this.#tellGiven();
      // Others may keep the worker busy, for which nobody waits who has stopped a program.
      process.dispose().catch(() => undefined);
    }
  }

  /** Gives the program input. */
  send(text: string): void {
    this.#typed += text;
    this.#give(text);
  }

  /** Ends the program's input. */
  end(): void {
    this.#give(null);
  }

  /** Resolves when the program waits for input and nothing is on the way to it: true. When it is over: false. */
  async isWanted(process: Process): Promise<boolean> {
    for (;;) {
      const gifts = this.#gifts;
      await this.#taken;
      if (!(await process.inputWanted())) return false;
      // Unless something was given meanwhile.
      if (this.#gifts === gifts) return true;
    }
  }

  /** Resolves when the program is given something the next time, or is over. */
  given(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Takes output that is not the program's own, such as a compiler's. */
  async note(stream: StreamName, bytes: Uint8Array): Promise<void> {
    this.#written[stream].write(bytes);
    await this.#onOutput(stream, bytes);
  }

  #tellGiven(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #open(process: Process): void {
    this.#input = process.stdin.getWriter();
    for (const text of this.#early.splice(0)) this.#give(text);
    this.#opened();
  }

  #give(text: string | null): void {
    this.#gifts += 1;
    this.#tellGiven();
    if (this.#input === null) {
      this.#early.push(text);
      return;
    }
    const given = text === null ? this.#input.close() : this.#input.write(new TextEncoder().encode(text));
    // A program that is over takes no input, which is no error.
    this.#taken = Promise.allSettled([this.#taken, given]);
  }

  async #pump(stream: StreamName, from: ReadableStream<Uint8Array>): Promise<void> {
    const reader = from.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await this.note(stream, value);
    }
  }

  #outcome(end: ReturnType<typeof failed>, files: Outcome["files"]): Outcome {
    const { stdout, stderr } = this.#written;
    return { ...end, stdout: stdout.text, stderr: stderr.text, stdin: this.#typed, files };
  }
}
