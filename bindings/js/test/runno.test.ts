/** What takes Runno's signature does what Runno's does. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { WASI, WASIWorkerHost, WASIWorkerHostKilledError } from "stepwell/runno";
import { Engine, TrapError } from "stepwell";

import { guest, withEngine } from "./guests.js";

const when = new Date("2020-02-02T02:02:02Z");
const timestamps = { access: when, modification: when, change: when };

describe("WASI.start", () => {
  it("asks for input when the program waits for it, until there is none", async () => {
    await withEngine({}, async (engine) => {
      const lines = ["one\n", "two\n"];
      let [written, asked] = ["", 0];
      const stdin = () => {
        asked += 1;
        return lines.shift() ?? null;
      };
      const context = { args: ["echo"], stdin, stdout: (text: string) => (written += text) };
      assert.equal((await WASI.start(guest("echo"), context, { engine })).exitCode, 0);
      assert.deepEqual([written, asked], ["one\ntwo\n", 3]);
    });
  });

  it("ends the input for an empty text as for none, like Runno", async () => {
    await withEngine({}, async (engine) => {
      let asked = 0;
      const stdin = () => {
        asked += 1;
        return asked < 10 ? "" : null;
      };
      assert.equal((await WASI.start(guest("echo"), { stdin }, { engine })).exitCode, 0);
      assert.equal(asked, 1);
    });
  });

  it("rejects with what a callback throws, and leaves nothing behind", async () => {
    await withEngine({}, async (engine) => {
      const error = new Error("no such luck");
      const fail = () => {
        throw error;
      };
      const file = { path: "/a/b", timestamps, mode: "string", content: "" } as const;
      const cases = [
        [guest("echo"), { stdin: fail }],
        [guest("echo"), { stdin: () => Promise.reject(error) }],
        [guest("hello"), { stdout: fail }],
      ] as const;
      for (const [wasm, context] of cases) await assert.rejects(WASI.start(wasm, context, { engine }), error);
      const clash = { "/a": { ...file, path: "/a" }, "/a/b": file };
      await assert.rejects(WASI.start(guest("hello"), { fs: clash }, { engine }), { name: "FileSystemError" });
      await assert.rejects(WASI.start(guest("hello"), { args: ["a\0"] }, { engine }), /NUL/);
      while ((await engine.usage()).processes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const { modules, fileSystems, bytes } = await engine.usage();
      assert.deepEqual([modules, fileSystems, bytes], [0, 0, 0]);
    });
  });

  it("does not ask a program for input that reads none", async () => {
    await withEngine({}, async (engine) => {
      const stdin = () => assert.fail("it was asked for input");
      assert.deepEqual((await WASI.start(guest("exit"), { stdin }, { engine })).fs, {});
    });
  });

  it("gives files with their times, and returns all that are left", async () => {
    await withEngine({}, async (engine) => {
      const fs = { "/a/text.txt": { path: "/a/text.txt", timestamps, mode: "string", content: "text" } } as const;
      const { fs: left } = await WASI.start(guest("hello"), { fs }, { engine });
      assert.deepEqual(left, fs);
    });
  });

  it("rejects for a trap, and for what there is not", async () => {
    await withEngine({}, async (engine) => {
      await assert.rejects(WASI.start(guest("trap"), {}, { engine }), TrapError);
      await assert.rejects(WASI.start(guest("hello"), { debug: () => undefined } as object, { engine }), /no debug callback/);
      assert.equal((await engine.usage()).processes, 0);
    });
  });
});

describe("the engine of all who name none", () => {
  it("is another one after it was lost", async () => {
    const { load } = Engine;
    const engines: Engine[] = [];
    Engine.load = async () => {
      const engine = await load.call(Engine, {});
      engines.push(engine);
      return engine;
    };
    try {
      assert.equal((await WASI.start(guest("exit"))).exitCode, 4_000_000_007);
      assert.equal((await WASI.start(guest("exit"))).exitCode, 4_000_000_007);
      assert.equal(engines.length, 1);
      await engines[0]?.dispose();
      const again = [WASI.start(guest("exit")), WASI.start(guest("exit"))];
      for (const { exitCode } of await Promise.all(again)) assert.equal(exitCode, 4_000_000_007);
      assert.equal(engines.length, 2);
    } finally {
      Engine.load = load;
      await engines[1]?.dispose();
    }
  });
});

describe("WASIWorkerHost", () => {
  it("takes input before and after its start", async () => {
    await withEngine({}, async (engine) => {
      let written = "";
      const host = new WASIWorkerHost(guest("echo"), { stdout: (text) => (written += text) }, { engine });
      await host.pushStdin("early ");
      const result = host.start();
      await host.pushStdin("late");
      await host.pushEOF();
      assert.equal((await result).exitCode, 0);
      assert.equal(written, "early late");
    });
  });

  it("is killed", async () => {
    await withEngine({}, async (engine) => {
      const host = new WASIWorkerHost(guest("spin"), {}, { engine });
      const result = host.start();
      host.kill();
      await assert.rejects(result, WASIWorkerHostKilledError);
    });
  });
});
