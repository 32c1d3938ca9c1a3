/** Who asks an engine for the same runtime from the same place gets the same files and modules. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { memoryStore, type BytesSource, type Engine, type Progress } from "stepwell";

import type { Client } from "../dist/client.js";
import { find } from "../dist/runtimes/catalog.js";
import type { Place } from "../dist/runtimes/fetching.js";
import { share } from "../dist/runtimes/stock.js";
import { packaged, withEngine } from "./guests.js";

const site = pathToFileURL(`${packaged("site")}/`);
const served = (name: string) => readFileSync(new URL(name, site));

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** Has everything collected that was forgotten. */
async function collect(): Promise<void> {
  for (let at = 0; at < 3; at += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe("a runtime that was asked for again", () => {
  it("is fetched and compiled once, under all of its names", async () => {
    await withEngine({}, async (engine) => {
      const names: string[] = [];
      const from = (name: string) => (names.push(name), served(name));
      for (const name of ["sql", "sqlite", "SQL"]) {
        assert.equal((await (await engine.runtime(name, { from })).run("select 1;")).stdout, "1\n");
      }
      assert.deepEqual(names, ["sqlite-3.26.0.wasm.gz"]);
      assert.equal((await engine.usage()).modules, 1);
    });
  });

  it("is compiled once also if it is dropped after each call", async () => {
    await withEngine({}, async (engine) => {
      const folder = site.href.replace(/\/$/, "");
      for (const from of [site, site.href, folder]) {
        assert.equal((await (await engine.runtime("sql", { from })).run("select 1;")).stdout, "1\n");
        await collect();
        assert.equal((await engine.usage()).modules, 1);
      }
      // Those who have forgotten it do not count.
      await (await engine.runtime("sql", { from: site })).dispose();
      assert.equal((await engine.usage()).modules, 0);
    });
  });

  it("is collected with what was made for one call only", async () => {
    await withEngine({}, async (engine) => {
      const run = async () => {
        const sql = await engine.runtime("sql", { from: served });
        assert.equal((await sql.run("select 1;")).stdout, "1\n");
        const alone = await engine.runtime("sql", { from: (name) => served(name), store: memoryStore() });
        assert.equal((await alone.run("select 1;")).stdout, "1\n");
      };
      await run();
      assert.equal((await engine.usage()).modules, 2);
      await collect();
      assert.equal((await engine.usage()).modules, 1);
    });
  });

  it("is there until all have let go of it", async () => {
    await withEngine({}, async (engine) => {
      const [one, other] = [await engine.runtime("sql", { from: site }), await engine.runtime("sqlite", { from: site })];
      assert.equal((await one.run("select 1;")).stdout, "1\n");
      await one.dispose();
      await one.dispose();
      assert.equal((await engine.usage()).modules, 1);
      assert.equal((await other.run("select 2;")).stdout, "2\n");
      await other.dispose();
      const { modules, fileSystems, bytes } = await engine.usage();
      assert.deepEqual([modules, fileSystems, bytes], [0, 0, 0]);
      // It is only made anew.
      assert.equal((await other.run("select 3;")).stdout, "3\n");
      await other.dispose();
      assert.equal((await engine.usage()).modules, 0);
    });
  });

  const stalls: [what: string, from: () => BytesSource | Promise<never>][] = [
    ["does not answer", () => new Promise<never>(() => undefined)],
    ["does not go on", () => new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array([0x1f, 0x8b])) }))],
  ];
  for (const [what, from] of stalls) {
    for (const name of ["sql", "python", "c"]) {
      it(`is let go of while a server ${what}, and nothing waits for it any more: ${name}`, async () => {
        await withEngine({}, async (engine) => {
          let asked: () => void = () => undefined;
          const isAsked = new Promise<void>((resolve) => (asked = resolve));
          const runtime = await engine.runtime(name, { from: () => (asked(), from()), store: memoryStore() });
          const waiting = [runtime.run(""), ...(name === "python" ? [runtime.warmUp()] : [])];
          const given = waiting.map((wait) => assert.rejects(wait, { name: "AbortError" }));
          await isAsked;
          await runtime.dispose();
          await Promise.all(given);
          const { modules, fileSystems, processes } = await engine.usage();
          assert.deepEqual([modules, fileSystems, processes], [0, 0, 0]);
        });
      });
    }
  }

  it("tells each who waits how far it is, and fails for one alone that cannot hear that", async () => {
    await withEngine({}, async (engine) => {
      const from = (name: string) => served(name);
      const heard: Progress[] = [];
      const deaf = await engine.runtime("sql", { from, onProgress: () => assert.fail("too loud") });
      const keen = await engine.runtime("sql", { from, onProgress: (progress) => heard.push(progress) });
      const [failing, running] = [deaf.run("select 1;"), keen.run("select 2;")];
      await assert.rejects(failing, /too loud/);
      assert.equal((await running).stdout, "2\n");
      assert.equal(heard.at(-1)?.loadedBytes, heard.at(-1)?.totalBytes);
    });
  });

  it("is not given up for others when the signal of one says so", async () => {
    await withEngine({}, async (engine) => {
      const reason = new Error("never mind");
      const controller = new AbortController();
      let give: () => void = () => undefined;
      const from = (name: string) => new Promise<Uint8Array>((resolve) => (give = () => resolve(served(name))));
      const one = await engine.runtime("sql", { from, signal: controller.signal });
      const other = await engine.runtime("sql", { from });
      const [stopped, running] = [one.run("select 1;"), other.run("select 2;")];
      await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      await assert.rejects(stopped, reason);
      give();
      assert.equal((await running).stdout, "2\n");
      // What is there needs no fetching.
      assert.equal((await one.run("select 3;")).stdout, "3\n");
    });
  });
});

describe("the files of a runtime", () => {
  const engine = {} as Engine;
  const files = (name: string, place: Place, client: Client) => share(engine, client, find(name), place, {}).files;
  const [mine, yours] = [{} as Client, {} as Client];
  const store = memoryStore();
  const place = { from: "https://example.org/site", store };

  it("are shared by names, languages and ways to write a folder", () => {
    const c = files("c", place, mine);
    for (const name of ["c", "c++", "cpp", "clang"]) assert.equal(files(name, place, mine), c, name);
    for (const from of ["https://example.org/site/", new URL("https://example.org/a/../site")]) {
      assert.equal(files("c", { from, store }, mine), c);
    }
  });

  it("are not shared by versions, folders, stores or engines", () => {
    const c = files("c", place, mine);
    assert.notEqual(files("c@8.0.1", place, mine), c);
    assert.notEqual(files("c", { from: "https://example.org/", store }, mine), c);
    assert.notEqual(files("c", { ...place, store: memoryStore() }, mine), c);
    assert.notEqual(files("c", { ...place, store: null }, mine), c);
    assert.notEqual(files("c", place, yours), c);
    assert.notEqual(files("c", { from: () => new Uint8Array(), store }, mine), files("c", { from: () => new Uint8Array(), store }, mine));
  });
});
