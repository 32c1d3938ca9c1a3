import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Process } from "stepwell";

import { all, assembled, bytes, guest, text, THREADS, withEngine } from "./guests.js";

/** Waits until a process takes no more steps. */
async function untilItWaits(process: Process): Promise<bigint> {
  let before = -1n;
  for (;;) {
    const steps = await process.steps();
    if (steps === before) return steps;
    before = steps;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Reads its input in pieces of 32 KiB, and does nothing with it; or the first piece, and takes steps from then on. */
const reader = (isSpinning: boolean): Uint8Array =>
  assembled(`(module
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\\00\\80\\00\\00\\00\\80\\00\\00")
    (func (export "_start")
      (loop $next
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (loop $spin (br_if $spin (i32.const ${Number(isSpinning)})))
        (br_if $next (i32.load (i32.const 8))))))`);

for (const thread of THREADS) {
  describe(`streams, ${thread}`, () => {
    it("pass what is written on while the guest runs", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("echo")), { stdin: "piped" });
        const writer = process.stdin.getWriter();
        const reader = process.stdout.getReader();
        for (const line of ["one\n", "two\n"]) {
          await writer.write(bytes(line));
          const { value } = await reader.read();
          assert.equal(value && text(value), line);
        }
        await writer.close();
        assert.equal((await reader.read()).done, true);
        assert.equal((await process.exit).code, 0);
      });
    });

    it("hold a guest back that nobody reads, and let it go on when somebody does", async () => {
      await withEngine({ thread }, async (engine) => {
        const limits = { outputBytes: 1_000_000 };
        const process = engine.spawn(await engine.compile(guest("flood")), { limits });
        const waiting = await untilItWaits(process);
        assert.ok(waiting < 100_000n, `${waiting} steps`);
        const reader = process.stdout.getReader();
        assert.equal((await reader.read()).value?.length, 65_536);
        assert.ok((await untilItWaits(process)) > waiting);
        let size = 65_536;
        for (let next = await reader.read(); !next.done; next = await reader.read()) size += next.value.length;
        assert.equal(size, 1_000_000);
        assert.equal((await process.exit).limit, "outputBytes");
      });
    });

    it("hold back who writes more than the guest reads", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("echo")), { stdin: "piped" });
        const writer = process.stdin.getWriter();
        let isWritten = false;
        const written = writer.write(new Uint8Array(1_000_000)).then(() => (isWritten = true));
        await untilItWaits(process);
        assert.equal(isWritten, false);
        void writer.close();
        assert.equal((await all(process.stdout)).length, 1_000_000);
        await written;
      });
    });

    it("take input from a stream, and give up with its reason", async () => {
      await withEngine({ thread }, async (engine) => {
        const echo = await engine.compile(guest("echo"));
        const stdin = new Response("a stream").body ?? undefined;
        assert.ok(stdin);
        assert.equal((await engine.run(echo, { stdin })).stdout, "a stream");
        const reason = new Error("the source is gone");
        const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(reason) });
        await assert.rejects(engine.run(echo, { stdin: broken }), reason);
      });
    });

    it("end the process with what is wrong when something is written that is no bytes", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("echo")), { stdin: "piped" });
        const wrong = { name: "TypeError", message: "what is written to standard input must be bytes, not a string" };
        const exit = assert.rejects(process.exit, wrong);
        const writer = process.stdin.getWriter();
        writer.closed.catch(() => undefined);
        await assert.rejects(writer.write("text" as unknown as Uint8Array), wrong);
        await exit;
        assert.equal(await all(process.stdout), "");
        while ((await engine.usage()).processes > 0) await new Promise((resolve) => setImmediate(resolve));
      });
    });

    it("let go of the stream that input comes from when the process is over", async () => {
      await withEngine({ thread }, async (engine) => {
        const cases: [guest: string, end: (process: Process) => unknown][] = [
          ["exit", () => undefined],
          ["echo", (process) => process.kill()],
          ["echo", (process) => process.dispose()],
          ["echo", () => engine.dispose()],
        ];
        for (const [name, end] of cases) {
          const module = await engine.compile(guest(name));
          let stdin: ReadableStream<Uint8Array> | undefined;
          const left = new Promise((resolve) => (stdin = new ReadableStream({ cancel: resolve })));
          const process = engine.spawn(module, { stdin: stdin as ReadableStream<Uint8Array> });
          end(process);
          assert.ok(await left, name);
          await new Promise((resolve) => setImmediate(resolve));
          assert.equal(stdin?.locked, false, name);
        }
      });
    });

    it("do not say that the guest waits for what it was given", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(reader(true)), { stdin: "piped" });
        assert.equal(await process.inputWanted(), true);
        // A whole line: a read does not end before one does.
        const written = process.stdin.getWriter().write(bytes("x\n"));
        const wanted = process.inputWanted();
        await written;
        process.kill();
        assert.equal(await wanted, false);
      });
    });

    it("tell the guest that nobody will read any more", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("flood")));
        await process.stdout.cancel();
        // PIPE
        assert.equal((await process.exit).code, 64);
      });
    });

    it("are given up only by who has locked them, also while that waits", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("echo")), { stdin: "piped" });
        const reader = process.stdout.getReader();
        const writer = process.stdin.getWriter();
        await assert.rejects(process.stdout.cancel(), { name: "TypeError" });
        await writer.write(bytes("one\n"));
        assert.equal(text((await reader.read()).value ?? bytes("")), "one\n", "it is not given up");
        const pending = reader.read();
        await reader.cancel();
        assert.deepEqual(await pending, { done: true, value: undefined });
        process.kill();
        await assert.rejects(process.exit, { name: "AbortError" });
      });
    });

    it("keep what was written last for who reads late", async () => {
      await withEngine({ thread }, async (engine) => {
        const process = engine.spawn(await engine.compile(guest("hello")));
        await process.exit;
        assert.equal(await all(process.stdout), "hello\n");
        assert.equal(await all(process.stderr), "oops\n");
      });
    });

    it("wake a guest that waits for input or for a while, whichever comes first", async () => {
      await withEngine({ thread }, async (engine) => {
        const poll = await engine.compile(guest("poll"));
        const fed = engine.spawn(poll, { stdin: "piped" });
        await fed.stdin.getWriter().write(bytes("x\n"));
        assert.equal((await fed.exit).code, 2);
        const start = performance.now();
        const left = engine.spawn(poll, { stdin: "piped" });
        assert.equal((await left.exit).code, 1);
        assert.ok(performance.now() - start >= 999);
      });
    });
  });
}

describe("an engine in the caller's thread", () => {
  it("gives way to others while a guest reads what lies there for it", async () => {
    await withEngine({ thread: "inline" }, async (engine) => {
      const portions = 40;
      let turns = 0;
      const count = () => {
        turns += 1;
        timer = setImmediate(count);
      };
      let timer = setImmediate(count);
      const stdin = new Blob([new Uint8Array(portions * 65_536)]).stream();
      const { code } = await engine.run(await engine.compile(reader(false)), { stdin });
      clearImmediate(timer);
      assert.equal(code, 0);
      assert.ok(turns >= portions, `${turns} turns`);
    });
  });
});
