import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";

import { directoryStore, indexedDbStore, memoryStore, type Store } from "stepwell";

import { packaged, withEngine } from "./guests.js";

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

/** As much of a browser's database as a store uses. */
class Databases {
  opened = 0;
  isBroken = false;
  closed = 0;
  connection: { onclose?: () => void; onversionchange?: () => void } | null = null;
  readonly #kept = new Map<string, unknown>();

  open(): object {
    this.opened += 1;
    const request: Record<string, unknown> = {};
    queueMicrotask(() => {
      request["error"] = new Error("there is no room");
      request["result"] = this.connection = { transaction: () => this.#transaction(), close: () => (this.closed += 1) } as object;
      (request[this.isBroken ? "onerror" : "onsuccess"] as () => void)();
    });
    return request;
  }

  #transaction(): object {
    const kept = this.#kept;
    const transaction: { oncomplete?: () => void; objectStore: () => object } = {
      objectStore: () => ({
        get: (name: string) => ({ result: kept.get(name) }),
        put: (bytes: unknown, name: string) => ({ result: void kept.set(name, bytes) }),
        getAllKeys: () => ({ result: [...kept.keys()] }),
      }),
    };
    queueMicrotask(() => transaction.oncomplete?.());
    return transaction;
  }
}

describe("the browser's store", () => {
  it("has one connection for all engines and runtimes, and another if that was lost", async () => {
    const databases = new Databases();
    const scope = globalThis as { indexedDB?: unknown };
    scope.indexedDB = databases;
    try {
      const run = async () => {
        await withEngine({}, async (engine) => {
          for (const name of ["sql", "sqlite"]) {
            const from = (file: string) => readFileSync(packaged(`site/${file}`));
            assert.equal((await (await engine.runtime(name, { from })).run("select 1;")).stdout, "1\n");
          }
        });
      };
      databases.isBroken = true;
      await run();
      assert.ok(databases.opened > 0);
      [databases.isBroken, databases.opened] = [false, 0];
      await run();
      await run();
      assert.equal(databases.opened, 1);
      databases.connection?.onclose?.();
      await run();
      assert.equal(databases.opened, 2);
    } finally {
      delete scope.indexedDB;
    }
  });

  it("is out of the way of who wants to delete it, and opened again by who goes on", async () => {
    const databases = new Databases();
    const scope = globalThis as { indexedDB?: unknown };
    scope.indexedDB = databases;
    try {
      const store = indexedDbStore();
      await store.set("a", new Uint8Array([1]));
      databases.connection?.onversionchange?.();
      assert.equal(databases.closed, 1);
      assert.deepEqual(await store.get("a"), new Uint8Array([1]));
      assert.equal(databases.opened, 2);
    } finally {
      delete scope.indexedDB;
    }
  });
});
