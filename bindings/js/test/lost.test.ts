/** An engine that is lost fails everything that waits for it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import type { Worker } from "node:worker_threads";

import { Engine, type Process } from "stepwell";

import { guest, packaged, THREADS, withEngine } from "./guests.js";

const LOST = { name: "EngineError", code: "LOST" };

/** The library with the names of two functions exchanged, so that reading memory hands the other what it cannot take. */
function broken(): Uint8Array {
  const [one, other] = ["stepwell_process_read_memory", "stepwell_receipt_differences"];
  const text = readFileSync(packaged("dist/stepwell.wasm"), "latin1");
  return Buffer.from(text.replace(new RegExp(`${one}|${other}`, "g"), (name) => (name === one ? other : one)), "latin1");
}

/** Everything that waits for a process. */
function waits(process: Process): Promise<unknown>[] {
  return [process.exit, process.stdout.getReader().read(), process.stderr.getReader().read()];
}

for (const thread of THREADS) {
  describe(`a library that fails, ${thread}`, () => {
    it("fails all processes, those that wait as well, and whoever reads from them", async () => {
      await withEngine({ thread, wasm: broken() }, async (engine) => {
        const [spin, echo] = [await engine.compile(guest("spin")), await engine.compile(guest("echo"))];
        const processes = [engine.spawn(spin), engine.spawn(echo, { stdin: "piped" })] as const;
        assert.equal(await processes[1].inputWanted(), true);
        const all = processes.flatMap(waits).map((wait) => assert.rejects(wait, LOST));
        await assert.rejects(processes[0].readMemory(0, 1), LOST);
        await Promise.all(all);
        await assert.rejects(engine.version(), LOST);
        // There is nothing to let go of any more.
        await Promise.all([...processes, spin, echo].map((thing) => thing.dispose()));
      });
    });
  });
}

/** Has a test know the workers that are started meanwhile. */
async function withWorkers(test: (workers: Worker[]) => Promise<void>): Promise<void> {
  const threads = process.getBuiltinModule("node:worker_threads") as { Worker: typeof Worker };
  const workers: Worker[] = [];
  const { Worker: Original } = threads;
  threads.Worker = class extends Original {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
  try {
    await test(workers);
  } finally {
    threads.Worker = Original;
  }
}

/** Resolves when a worker is over; fails if it stays. */
async function isOver(worker: Worker | undefined): Promise<void> {
  // A worker that is over has no number any more.
  for (let at = 0; worker?.threadId !== -1; at += 1) {
    assert.ok(at < 200, "the worker runs on");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("a worker", () => {
  it("is ended when the library cannot be loaded there", async () => {
    await withWorkers(async (workers) => {
      // It is a module, and none of this package's.
      const wasm = guest("hello");
      for (let at = 0; at < 3; at += 1) await assert.rejects(Engine.load({ thread: "worker", wasm }));
      assert.equal(workers.length, 3);
      for (const worker of workers) await isOver(worker);
    });
  });

  it("is ended when the library has failed there", async () => {
    await withWorkers(async (workers) => {
      const engine = await Engine.load({ thread: "worker", wasm: broken() });
      const spinning = engine.spawn(await engine.compile(guest("spin")));
      await assert.rejects(spinning.readMemory(0, 1), LOST);
      await isOver(workers[0]);
      await assert.rejects(engine.usage(), LOST);
    });
  });
});

describe("a worker that ends by itself", () => {
  it("fails all that waits for it", async () => {
    await withWorkers(async (workers) => {
      const engine = await Engine.load({ thread: "worker" });
      const running = engine.spawn(await engine.compile(guest("echo")), { stdin: "piped" });
      const all = waits(running).map((wait) => assert.rejects(wait, LOST));
      await workers[0]?.terminate();
      await Promise.all(all);
      await assert.rejects(engine.usage(), LOST);
      await running.dispose();
      await engine.dispose();
    });
  });
});
