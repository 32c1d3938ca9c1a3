/** How many steps a slice has: as many as take about the time that it is to take. Where slices end changes no result. */

const STEPS_FIRST = 200_000;
const STEPS_MIN = 1_000;
const STEPS_MAX = 1_000_000_000;
/** A slice that ran freely is at most so many times as long as the one before. */
const GROWTH_MAX = 2;

export class Slice {
  readonly #targetMs: number;
  #steps = STEPS_FIRST;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** Runs a slice by `run`, which is told how many steps it has, and learns from how long it took. */
  run<T>(run: (steps: bigint) => T): T {
    const start = performance.now();
    const result = run(BigInt(this.#steps));
    const elapsedMs = performance.now() - start;
    const ratio = elapsedMs > 0 ? this.#targetMs / elapsedMs : GROWTH_MAX;
    const next = this.#steps * Math.min(ratio, GROWTH_MAX);
    this.#steps = Math.round(Math.min(Math.max(next, STEPS_MIN), STEPS_MAX));
    return result;
  }
}
