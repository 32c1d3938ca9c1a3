import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { directoryStore, memoryStore, type Store } from "stepwell";

const stores: [name: string, make: (folder: string) => Store][] = [
  ["in memory", () => memoryStore()],
  ["in a folder", (folder) => directoryStore(folder)],
];

for (const [name, make] of stores) {
  it(`a store ${name} keeps bytes by any name until they are deleted`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "stepwell-"));
    try {
      const store = make(folder);
      assert.equal(await store.get("a/b %"), undefined);
      for (const [at, one] of ["a/b %", "c"].entries()) await store.set(one, new Uint8Array([at]));
      assert.deepEqual([...((await store.get("a/b %")) ?? [])], [0]);
      assert.deepEqual([...(await store.names())].sort(), ["a/b %", "c"]);
      await store.delete("c");
      await store.delete("c");
      assert.deepEqual(await store.names(), ["a/b %"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

describe("a store in a folder", () => {
  it("does not name what is being written, nor what is somebody else's", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stepwell-"));
    try {
      const store = directoryStore(folder);
      for (const file of ["file-1.0.part", "100%.txt"]) writeFileSync(join(folder, file), "");
      assert.deepEqual(await store.names(), []);
      assert.equal(readdirSync(folder).length, 2);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
