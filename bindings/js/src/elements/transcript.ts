/** What a program has written, kept for the host page. */

/** Of more than this the start is kept. */
const BYTES_MAX = 8 * 1024 * 1024;

export class Transcript {
  readonly #decoder = new TextDecoder();
  readonly #parts: string[] = [];
  #bytes = 0;

  write(bytes: Uint8Array): void {
    const kept = bytes.subarray(0, Math.max(BYTES_MAX - this.#bytes, 0));
    this.#bytes += kept.length;
    if (kept.length > 0) this.#parts.push(this.#decoder.decode(kept, { stream: true }));
  }

  get text(): string {
    return this.#parts.join("");
  }
}
