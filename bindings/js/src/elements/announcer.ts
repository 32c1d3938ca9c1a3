/** Tells a screen reader what a program writes: a terminal is a picture to it. */

import { plain } from "./text.js";

/** Output is told in portions of so many milliseconds: a reader cannot follow every byte. */
const PORTION_MS = 250;
/** What the log keeps for reading back. */
const LINES_MAX = 200;

/** A log that is read aloud. */
export class Announcer {
  readonly #log: HTMLElement;
  #decoders = decoders();
  #pending = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(log: HTMLElement) {
    this.#log = log;
  }

  /** Takes what a program has written. */
  write(stream: "stdout" | "stderr", bytes: Uint8Array): void {
    this.#pending += this.#decoders[stream].decode(bytes, { stream: true });
    this.#timer ??= setTimeout(() => this.flush(), PORTION_MS);
  }

  /** Tells what has come together. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = plain(this.#pending).split("\n").slice(-LINES_MAX);
    this.#pending = "";
    for (const line of lines) if (line !== "") this.#log.append(paragraph(line));
    while (this.#log.childElementCount > LINES_MAX) this.#log.firstElementChild?.remove();
  }

  /** Empties the log. */
  clear(): void {
    this.#pending = "";
    this.#log.replaceChildren();
  }

  /** Is there for another program: half a character of the one before is no part of what it writes. */
  restart(): void {
    this.clear();
    this.#decoders = decoders();
  }
}

function decoders(): Readonly<Record<"stdout" | "stderr", TextDecoder>> {
  return { stdout: new TextDecoder(), stderr: new TextDecoder() };
}

function paragraph(text: string): HTMLElement {
  const element = document.createElement("div");
  element.textContent = text;
  return element;
}
