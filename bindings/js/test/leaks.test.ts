import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Engine } from "stepwell";

import { bytes, guest, THREADS, withEngine } from "./guests.js";

/** Uses everything that an engine has, and lets go of it. */
async function useEverything(engine: Engine): Promise<void> {
  const echo = await engine.compile(guest("echo"));
  const trap = await engine.compile(guest("trap"));
  const fs = await engine.fileSystem({ a: { b: "c" } });
  const fork = await fs.fork();
  const process = engine.spawn(echo, { stdin: "piped", mounts: { "/": fs }, freezable: true, receipt: true });
  const image = await process.freeze("stdin");
  const thawed = engine.thaw(image, { stdin: "x".repeat(100_000), files: { "/": { more: "y" } } });
  const files = await process.files();
  await engine.run(echo, { stdin: "a", receipt: true, trace: true });
  await engine.run(trap).catch(() => undefined);
  const running = engine.spawn(echo, { stdin: "piped" });
  await fs.diff(fork);
  for (const thing of [running, thawed, files, process, image, fork, fs, echo, trap]) await thing.dispose();
}

for (const thread of THREADS) {
  describe(`an engine, ${thread}`, () => {
    it("holds nothing when everything was disposed of", async () => {
      await withEngine({ thread }, async (engine) => {
        assert.equal((await engine.usage()).bytes, 0);
        await useEverything(engine);
        // What was killed ends at its next slice.
        while ((await engine.usage()).processes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
        const once = await engine.usage();
        assert.deepEqual([once.processes, once.modules, once.images, once.fileSystems], [0, 0, 0, 0]);
        assert.equal(once.bytes, 0);
      });
    });

    it("answers nothing when it was disposed of itself, and everything that ran is over", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("spin")));
        const lost = { name: "EngineError", code: "LOST", message: "the engine was disposed" };
        const waits = [process.exit, process.stdout.getReader().read(), process.inputWanted()];
        const all = waits.map((wait) => assert.rejects(wait, lost));
        await engine.dispose();
        await Promise.all(all);
        await assert.rejects(engine.usage(), { code: "LOST" });
      });
    });
  });
}

describe("a process that cannot be made", () => {
  it("leaves nothing behind", async () => {
    await withEngine({ thread: "inline" }, async (engine) => {
      const echo = await engine.compile(guest("echo"));
      const frozen = engine.spawn(echo, { stdin: "piped", freezable: true });
      const image = await frozen.freeze("stdin");
      await frozen.dispose();
      // What the first run of a module makes stays with it.
      await engine.run(echo);
      const thawed = engine.thaw(image);
      await thawed.exit;
      await thawed.dispose();
      const before = (await engine.usage()).bytes;
      // More than the engine's memory can ever hold; nobody touches it here.
      const stdin = new Uint8Array(2 ** 31);
      await assert.rejects(engine.run(echo, { stdin }), RangeError);
      await assert.rejects(engine.thaw(image, { stdin }).exit, RangeError);
      await assert.rejects(engine.thaw(image, { files: { "/": { "a/b": bytes("") } } }).exit, TypeError);
      assert.equal((await engine.usage()).bytes, before);
    });
  });
});
