/** What one engine has made is nothing to another, whose numbers for its own things are the same. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Engine, FileSystem, Image, Module } from "stepwell";

import { guest, THREADS, withEngine } from "./guests.js";

const FOREIGN = { name: "TypeError", message: /belongs to another engine$/ };

interface Things {
  readonly module: Module;
  readonly files: FileSystem;
  readonly image: Image;
}

/** One thing of each kind, with the same numbers in every engine. */
async function things(engine: Engine): Promise<Things> {
  const module = await engine.compile(guest("echo"));
  const files = await engine.fileSystem({ a: "a" });
  const process = engine.spawn(module, { stdin: "piped", freezable: true });
  const image = await process.freeze("stdin");
  await process.dispose();
  return { module, files, image };
}

for (const thread of THREADS) {
  describe(`a thing of another engine, ${thread}`, () => {
    const cases: [what: string, use: (engine: Engine, own: Things, other: Things) => unknown][] = [
      ["a module to spawn", (engine, _, other) => engine.spawn(other.module)],
      ["a module to run", (engine, _, other) => engine.run(other.module)],
      ["a module of an image", (engine, _, other) => engine.loadImage(other.module, new Uint8Array(1))],
      ["an image", (engine, _, other) => engine.thaw(other.image)],
      ["a mount", (engine, own, other) => engine.spawn(own.module, { mounts: { "/": other.files } })],
      ["a base to compare with", (_, own, other) => own.files.diff(other.files)],
    ];
    for (const [what, use] of cases) {
      it(`is refused: ${what}`, async () => {
        await withEngine({ thread }, async (engine) => {
          await withEngine({ thread: "inline" }, async (stranger) => {
            const [own, other] = [await things(engine), await things(stranger)];
            await assert.rejects(async () => await use(engine, own, other), FOREIGN);
            assert.equal((await engine.usage()).processes, 0);
          });
        });
      });
    }
  });
}
