/** How many steps a slice has: as many as take about the time that it is to take. Where slices end changes no result. */

const STEPS_FIRST = 200_000;
const STEPS_MIN = 1_000;
const STEPS_MAX = 1_000_000_000;
/** A slice has at most so many times the steps of the one before. */
const GROWTH_MAX = 2;

export class Slice {
  readonly #targetMs: number;
  #steps = STEPS_FIRST;
  #start = 0;

  constructor(targetMs: number) {
    this.#targetMs = targetMs;
  }

  /** The steps of the slice that starts here. */
  start(): bigint {
    this.#start = performance.now();
    return BigInt(this.#steps);
  }

  /** Learns from the slice that ends here. One that has not used its steps up says only that it was not too short. */
  end(isUsedUp: boolean): void {
    const elapsedMs = performance.now() - this.#start;
    const ratio = elapsedMs > 0 ? this.#targetMs / elapsedMs : GROWTH_MAX;
    const next = this.#steps * Math.min(ratio, isUsedUp ? GROWTH_MAX : 1);
    this.#steps = Math.round(Math.min(Math.max(next, STEPS_MIN), STEPS_MAX));
  }
}
