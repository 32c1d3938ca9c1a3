import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { gunzipSync } from "node:zlib";

import { CompileError, TrapError } from "stepwell";

import { all, assembled, bytes, guest, packaged, text, THREADS, withEngine } from "./guests.js";

/** Writes `out` and `err` to its outputs, and fails. */
const LAST_WORDS = assembled(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00\\13\\00\\00\\00\\03\\00\\00\\00outerr")
  (func (export "_start")
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 32)))
    (drop (call $fd_write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 32)))
    unreachable))`);

for (const thread of THREADS) {
  describe(`a process, ${thread}`, () => {
    it("runs to its end and says what it has written", async () => {
      await withEngine({ thread }, async (engine) => {
        const result = await engine.run(await engine.compile(guest("hello")));
        assert.equal(result.stdout, "hello\n");
        assert.equal(result.reason, "exited");
        assert.equal(result.code, 0);
        assert.ok(result.steps > 0n);
      });
    });

    it("gets arguments, environment, random numbers of its seed and a calendar", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("args"));
        const options = { argv0: "a", args: ["b", "ü"], env: { X: "1" }, epoch: new Date(5) };
        const [one, same, other] = await Promise.all([3, 3, 4].map((seed) => engine.run(module, { ...options, seed })));
        assert.ok(one?.stdout.startsWith("a\0b\0ü\0X=1\0"), JSON.stringify(one?.stdout));
        assert.equal(one?.stdout, same?.stdout);
        assert.notEqual(one?.stdout, other?.stdout);
      });
    });

    it("has all 32 bits of its exit code, which is no error", async () => {
      await withEngine({ thread }, async (engine) => {
        const { code } = await engine.run(await engine.compile(guest("exit")));
        assert.equal(code, 4_000_000_007);
      });
    });

    it("returns what a called export has", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("add"));
        assert.deepEqual(module.functions, ["_start", "add", "half"]);
        const { results } = await engine.run(module, { invoke: { name: "add", args: [40, 2n] } });
        assert.deepEqual(results, ["42"]);
        await assert.rejects(engine.run(module, { invoke: { name: "none" } }), TypeError);
      });
    });

    it("that traps rejects with the trap and the functions that were active", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("trap")), { backtrace: true });
        await assert.rejects(process.exit, (error) => {
          assert.ok(error instanceof TrapError);
          assert.equal(error.trap, "unreachable");
          assert.deepEqual(error.backtrace.map((frame) => frame.name), ["inner", "outer", null]);
          return true;
        });
      });
    });

    it("that traps has the error of its run say what it has written", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(LAST_WORDS);
        const run = engine.run(module, { backtrace: false });
        await assert.rejects(run, { name: "TrapError", trap: "unreachable", stdout: "out", stderr: "err" });
        const process = engine.spawn(module, { backtrace: false });
        await assert.rejects(process.exit, { name: "TrapError", stdout: null, stderr: null });
        assert.deepEqual([await all(process.stdout), await all(process.stderr)], ["out", "err"]);
      });
    });

    it("reaches a limit, which is an exit that names it", async () => {
      await withEngine({ thread }, async (engine) => {
        const spin = await engine.compile(guest("spin"));
        const exit = await engine.run(spin, { limits: { steps: 1_000_003 } });
        assert.deepEqual([exit.reason, exit.limit, exit.code], ["limit", "steps", null]);
        assert.ok(exit.steps <= 1_000_003n && exit.steps > 1_000_000n, String(exit.steps));
        const grown = await engine.run(await engine.compile(guest("grow")), { limits: { memoryBytes: 65_536 } });
        assert.deepEqual([grown.reason, grown.growthRefused], ["exited", "memoryBytes"]);
        const flood = await engine.run(await engine.compile(guest("flood")), { limits: { outputBytes: 1000n } });
        assert.deepEqual([flood.reason, flood.limit], ["limit", "outputBytes"]);
      });
    });

    it("takes the same steps however it is sliced", async () => {
      const steps: bigint[] = [];
      for (const sliceMs of [0.05, 50]) {
        await withEngine({ thread, sliceMs }, async (engine) => {
          const module = await engine.compile(guest("late"));
          const process = engine.spawn(module, { backtrace: false });
          await assert.rejects(process.exit, (error: TrapError) => steps.push(error.steps) > 0);
        });
      }
      assert.equal(steps[0], steps[1]);
    });

    it("that is killed rejects with the reason, and its files are there", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("spin")), { mounts: { "/": { kept: "yes" } } });
        const reason = new Error("enough");
        process.kill(reason);
        await assert.rejects(process.exit, reason);
        assert.equal(await all(process.stdout), "");
        const files = await process.files();
        assert.equal(await files.readFile("kept", "utf8"), "yes");
        await process.dispose();
      });
    });

    it("that is killed has its streams end with what was read until then", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("echo")), { stdin: "piped" });
        const [out, err] = [process.stdout.getReader(), process.stderr.getReader()];
        const writer = process.stdin.getWriter();
        await writer.write(bytes("read\n"));
        assert.equal(text((await out.read()).value ?? bytes("")), "read\n");
        const pending = [out.read(), err.read()];
        process.kill();
        process.kill();
        for (const read of pending) assert.deepEqual(await read, { done: true, value: undefined });
        await assert.rejects(process.exit, { name: "AbortError" });
        await assert.rejects(process.stdout.cancel(), { name: "TypeError" }, "it is locked");
        await out.cancel();
        await process.dispose();
      });
    });

    it("ends when its signal says so, also before it starts", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("spin"));
        const reason = new Error("too late");
        await assert.rejects(engine.run(module, { signal: AbortSignal.abort(reason) }), reason);
        const timeout = engine.run(module, { signal: AbortSignal.timeout(20) });
        await assert.rejects(timeout, { name: "TimeoutError" });
        await assert.rejects(engine.compile(guest("hello"), { signal: AbortSignal.abort(reason) }), reason);
      });
    });

    it("runs beside others", async () => {
      await withEngine({ thread }, async (engine) => {
        const [spin, echo] = await Promise.all(["spin", "echo"].map((name) => engine.compile(guest(name))));
        assert.ok(spin && echo);
        const spinning = engine.spawn(spin);
        const { stdout } = await engine.run(echo, { stdin: "beside" });
        assert.equal(stdout, "beside");
        assert.ok((await spinning.steps()) > 0n);
        await spinning.dispose();
      });
    });

    it("writes a receipt that can be repeated and compared", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("echo"));
        const { receipt } = await engine.run(module, { argv0: "echo", stdin: "a\n", receipt: true, seed: 9 });
        assert.ok(receipt);
        assert.ok(receipt.includes(module.sha256));
        const same = await engine.run(module, { stdin: "a\n", repeat: receipt });
        assert.deepEqual(await engine.compareReceipts(receipt, same.receipt ?? ""), []);
        const other = await engine.run(module, { stdin: "b\n", repeat: receipt });
        assert.notDeepEqual(await engine.compareReceipts(receipt, other.receipt ?? ""), []);
        await assert.rejects(engine.run(module, { repeat: "{}" }), { code: "RECEIPT" });
      });
    });

    it("is frozen where it reads, and goes on from there any number of times", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("echo"));
        const process = engine.spawn(module, { stdin: "piped", freezable: true });
        const image = await process.freeze("stdin");
        assert.equal((await process.exit).reason, "frozen");
        const loaded = await engine.loadImage(module, await image.save());
        for (const from of [image, loaded]) {
          for (const line of ["one", "two"]) {
            assert.equal(await all(engine.thaw(from, { stdin: line }).stdout), line);
          }
        }
        await assert.rejects(engine.loadImage(module, bytes("no image")), { code: "IMAGE" });
      });
    });

    it("that has gone on from an image is frozen again, also from bytes", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("echo"));
        const first = await engine.spawn(module, { stdin: "piped", freezable: true }).freeze("stdin");
        const thawed = engine.thaw(first, { stdin: "piped" });
        const second = await thawed.freeze("stdin");
        assert.equal(second.module, module);
        await second.prepare();
        const loaded = await engine.loadImage(module, await second.save());
        for (const image of [second, loaded]) assert.equal(await all(engine.thaw(image, { stdin: "on" }).stdout), "on");
        const writer = thawed.stdin.getWriter();
        await writer.write(bytes("itself"));
        await writer.close();
        assert.equal(await all(thawed.stdout), "itself");
      });
    });

    it("is frozen for one who asks at a time", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("echo"));
        for (const freezable of [true, false]) {
          const process = engine.spawn(module, { stdin: "piped", freezable });
          const [one, other] = [process.freeze("stdin"), process.freeze("stdin")];
          await assert.rejects(other, { name: "TypeError", message: "the process is to be frozen already" });
          await (await one).dispose();
          if (!freezable) await (await process.freeze("stdin")).dispose();
          await process.dispose();
        }
      });
    });

    it("that is not to be frozen goes on after it was", async () => {
      await withEngine({ thread }, async (engine) => {
        const module = await engine.compile(guest("echo"));
        const process = engine.spawn(module, { stdin: "piped" });
        const image = await process.freeze("stdin");
        const writer = process.stdin.getWriter();
        await writer.write(bytes("on"));
        await writer.close();
        assert.equal(await all(process.stdout), "on");
        assert.equal(await all(engine.thaw(image, { stdin: "again" }).stdout), "again");
      });
    });
  });
}

describe("a process whose engine is busy", () => {
  it("is over for who has killed it at once, and for the engine when it comes to that", async () => {
    await withEngine({ thread: "worker" }, async (engine) => {
      const [spin, echo] = [await engine.compile(guest("spin")), await engine.compile(guest("echo"))];
      const python = gunzipSync(readFileSync(packaged("site/python-3.12.0.wasm.gz")));
      const waiting = engine.spawn(echo, { stdin: "piped", mounts: { "/": { kept: "yes" } } });
      assert.equal(await waiting.inputWanted(), true);
      const reads = [all(waiting.stdout), all(waiting.stderr)];
      const controller = new AbortController();
      const running = engine.run(spin, { signal: controller.signal });
      let isCompiled = false;
      const compiled = engine.compile(python).finally(() => (isCompiled = true));
      // The worker has been asked by then, and takes seconds.
      for (let at = 0; at < 100; at += 1) await null;
      const reason = new Error("enough");
      waiting.kill(reason);
      controller.abort(reason);
      await assert.rejects(waiting.exit, reason);
      await assert.rejects(running, reason);
      assert.deepEqual(await Promise.all(reads), ["", ""]);
      assert.equal(isCompiled, false);
      assert.equal(await (await waiting.files()).readFile("kept", "utf8"), "yes");
      await (await compiled).dispose();
      while ((await engine.usage()).processes > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const thing of [waiting, spin, echo]) await thing.dispose();
      assert.deepEqual([(await engine.usage()).modules, (await engine.usage()).processes], [0, 0]);
    });
  });
});

describe("compiling", () => {
  const cases: [string, Uint8Array, string][] = [
    ["text", bytes("hello"), "NOT_WASM"],
    ["a cut module", guest("hello").slice(0, 60), "INVALID_MODULE"],
    ["an unknown import", guest("unknown"), "UNKNOWN_IMPORT"],
    ["a wrong type", guest("wrong_type"), "IMPORT_TYPE"],
  ];
  for (const [what, wasm, code] of cases) {
    it(`refuses ${what}`, async () => {
      await withEngine({}, async (engine) => {
        await assert.rejects(engine.compile(wasm), (error) => error instanceof CompileError && error.code === code);
      });
    });
  }

  it("takes bytes, buffers, responses, files and promises of them", async () => {
    await withEngine({}, async (engine) => {
      const wasm = Uint8Array.from(guest("hello"));
      const sources = [wasm, wasm.buffer, new Response(wasm), Promise.resolve(wasm), Promise.resolve(new Response(wasm))];
      const hashes = await Promise.all(sources.map(async (source) => (await engine.compile(source)).sha256));
      assert.equal(new Set(hashes).size, 1);
      await assert.rejects(engine.compile(new Response("no", { status: 404 })), /404/);
    });
  });
});

describe("misuse", () => {
  it("is a TypeError that names what is wrong", async () => {
    await withEngine({}, async (engine) => {
      const module = await engine.compile(guest("hello"));
      assert.throws(() => engine.spawn(module, { limits: { steps: 1.5 } }), /steps must be a whole number/);
      assert.throws(() => engine.spawn(module, { limits: { stops: 1 } as object }), /no limit "stops"/);
      assert.throws(() => engine.spawn(module, { readOnly: ["/a"] }), /nothing is mounted at \/a/);
      assert.throws(() => engine.spawn(module).stdin, /stdin: "piped"/);
      await assert.rejects(engine.run(module, { args: ["a\0b"] }), /NUL/);
      await assert.rejects(engine.run(module, { mounts: { "a": {} } }), /EINVAL/);
      await assert.rejects(engine.run(module, { mounts: { "/": { "a/b": "" } } }), /is no name of a file/);
      await module.dispose();
      await assert.rejects(engine.run(module), /disposed/);
    });
  });
});
