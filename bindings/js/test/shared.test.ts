import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Shared } from "../dist/shared.js";

const reason = new Error("never mind");

/** Something shared whose making is ended by hand. */
class Bench {
  readonly signals: AbortSignal[] = [];
  readonly finish: ((error?: Error) => void)[] = [];
  disposed = 0;
  readonly shared = new Shared((signal) => {
    this.signals.push(signal);
    const thing = { [Symbol.asyncDispose]: async () => void (this.disposed += 1) };
    return new Promise<AsyncDisposable>((resolve, reject) => {
      this.finish.push((error) => (error === undefined ? resolve(thing) : reject(error)));
    });
  });
}

describe("something that is made once for all", () => {
  it("is made once, and again if that has failed", async () => {
    const { shared, finish } = new Bench();
    const failing = [shared.get(), shared.get()];
    finish[0]?.(reason);
    for (const one of failing) await assert.rejects(one, reason);
    const got = [shared.get(), shared.get()];
    finish[1]?.();
    assert.equal(await got[0], await got[1]);
    assert.equal(await shared.get(), await got[0]);
    assert.equal(finish.length, 2);
  });

  it("is made for those who still wait when one stops, also if that was the first", async () => {
    const { shared, finish, signals } = new Bench();
    const first = new AbortController();
    const [one, other] = [shared.get(first.signal), shared.get()];
    first.abort(reason);
    await assert.rejects(one, reason);
    assert.equal(signals[0]?.aborted, false);
    finish[0]?.();
    assert.ok(await other);
  });

  it("is not made on when all have stopped, and the next who asks gets another", async () => {
    const bench = new Bench();
    const { shared, finish, signals } = bench;
    const [first, second] = [new AbortController(), new AbortController()];
    const both = [shared.get(first.signal), shared.get(second.signal)];
    first.abort(reason);
    second.abort(reason);
    for (const one of both) await assert.rejects(one, reason);
    assert.equal(signals[0]?.reason, reason);
    const again = shared.get();
    finish[0]?.();
    finish[1]?.();
    await again;
    assert.deepEqual([signals.length, signals[1]?.aborted, bench.disposed], [2, false, 1]);
  });

  it("stays when a signal comes after it was made, until it is disposed of", async () => {
    const bench = new Bench();
    const controller = new AbortController();
    const got = bench.shared.get(controller.signal);
    bench.finish[0]?.();
    await got;
    controller.abort(reason);
    await assert.rejects(bench.shared.get(controller.signal), reason);
    assert.deepEqual([bench.shared.isBegun, bench.disposed], [true, 0]);
    await bench.shared.dispose();
    assert.deepEqual([bench.shared.isBegun, bench.disposed], [false, 1]);
  });
});
