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

  it("ends the input for a callback that returns nothing", async () => {
    await withEngine({}, async (engine) => {
      const stdin = (() => undefined) as never;
      assert.equal((await WASI.start(guest("echo"), { stdin }, { engine })).exitCode, 0);
    });
  });

  it("rejects for input that is no text", async () => {
    await withEngine({}, async (engine) => {
      for (const [given, kind] of [[5, "a number"], [{}, "an Object"], [Uint8Array.of(1), "a Uint8Array"]] as const) {
        const stdin = (() => given) as never;
        const message = `what stdin returns must be a string or null, not ${kind}`;
        await assert.rejects(WASI.start(guest("echo"), { stdin }, { engine }), { name: "TypeError", message });
      }
    });
  });

  it("names the option that is of a wrong type", async () => {
    await withEngine({}, async (engine) => {
      const file = { path: "/a", timestamps, mode: "string", content: "" };
      const cases = [
        [null, {}, "context must be an object, not null"],
        ["x", {}, "context must be an object, not a string"],
        [{ args: "x" }, {}, "args must be an array, not a string"],
        [{ args: ["a", 5] }, {}, "args[1] must be a string, not a number"],
        [{ args: null }, {}, "args must be an array, not null"],
        [{ env: "x" }, {}, "env must be an object, not a string"],
        [{ env: { A: 5 } }, {}, "env.A must be a string, not a number"],
        [{ fs: "x" }, {}, "fs must be an object, not a string"],
        [{ fs: { "/a": "text" } }, {}, 'fs["/a"] must be an object, not a string'],
        [{ fs: { "/a": { ...file, content: 5 } } }, {}, 'fs["/a"].content must be a string or bytes, not a number'],
        [{ fs: { "/a": { ...file, timestamps: {} } } }, {}, 'fs["/a"].timestamps.access must be a Date, not undefined'],
        [{ stdin: "x" }, {}, "stdin must be a function, not a string"],
        [{ stdout: 5 }, {}, "stdout must be a function, not a number"],
        [{ stderr: null }, {}, "stderr must be a function, not null"],
        [{}, { engine: 5 }, "engine must be an Engine, not a number"],
        [{}, { engine: {} }, "engine must be an Engine, not an Object"],
        [{}, null, "the third argument must be an object, not null"],
      ] as const;
      for (const [context, choice, message] of cases) {
        const given = choice === null || "engine" in choice ? choice : { engine };
        const expected = { name: "TypeError", message };
        await assert.rejects(WASI.start(guest("hello"), context as never, given as never), expected);
        if (!message.startsWith("stdin")) {
          const start = async () => await new WASIWorkerHost(guest("hello"), context as never, given as never).start();
          await assert.rejects(start, expected);
        }
      }
      const { processes, modules, fileSystems } = await engine.usage();
      assert.deepEqual([processes, modules, fileSystems], [0, 0, 0]);
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

  it("refuses input that is no text, before its start and after", async () => {
    await withEngine({}, async (engine) => {
      const host = new WASIWorkerHost(guest("echo"), {}, { engine });
      const expected = { name: "TypeError", message: "data must be a string, not a number" };
      await assert.rejects(host.pushStdin(5 as never), expected);
      const result = host.start();
      await assert.rejects(host.pushStdin(5 as never), expected);
      await host.pushEOF();
      assert.equal((await result).exitCode, 0);
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
