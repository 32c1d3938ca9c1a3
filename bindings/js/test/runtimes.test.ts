import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, it } from "node:test";

import { CompileError, directoryStore, Engine, memoryStore, type ProgramOptions, type Progress } from "stepwell";

import { all, packaged } from "./guests.js";

const site = pathToFileURL(`${packaged("site")}/`);
const served = (name: string) => readFileSync(new URL(name, site));
const kept = mkdtempSync(join(tmpdir(), "stepwell-"));
/** What one test has prepared, the next does not prepare again. */
const store = directoryStore(kept);
let engine: Engine;

before(async () => {
  engine = await Engine.load({ thread: "worker" });
});

after(async () => {
  await engine.dispose();
  rmSync(kept, { recursive: true });
});

describe("the files of a runtime", () => {
  it("are fetched with word on how far it is, and then kept", async () => {
    const names: string[] = [];
    const heard: Progress[] = [];
    const own = memoryStore();
    const from = (name: string) => (names.push(name), served(name));
    const options = { from, store: own, onProgress: (progress: Progress) => heard.push(progress) };
    const first = await engine.runtime("sql", options);
    assert.deepEqual(names, [], "nothing is fetched before a program needs it");
    assert.equal((await first.run("select 1;")).stdout, "1\n");
    assert.equal((await first.run("select 2;")).stdout, "2\n");
    assert.deepEqual(names, ["sqlite-3.26.0.wasm.gz"]);
    assert.equal(heard[0]?.loadedBytes, 0);
    assert.equal(heard.at(-1)?.loadedBytes, heard[0]?.totalBytes);
    const offline = { store: own, from: () => Promise.reject(new Error("offline")) };
    assert.equal((await (await engine.runtime("sql", offline)).run("select 3;")).stdout, "3\n");
    await first.dispose();
  });

  it("that an older version has kept are removed when something is kept, and nothing else", async () => {
    const kept = memoryStore();
    const old = ["file-0", "prepared-0-0", "artefact-0", "warm-2-0-0-pipe"];
    for (const name of [...old, "the page's own"]) await kept.set(name, new Uint8Array(1));
    const sql = await engine.runtime("sql", { from: site, store: kept });
    assert.equal((await sql.run("select 1;")).stdout, "1\n");
    const names = await kept.names();
    assert.deepEqual(names.map((name) => old.includes(name)), [false, false, false]);
    assert.ok(names.includes("the page's own"));
    const offline = await engine.runtime("sql", { from: () => Promise.reject(new Error("offline")), store: kept });
    assert.equal((await offline.run("select 2;")).stdout, "2\n");
    await Promise.all([sql.dispose(), offline.dispose()]);
  });

  it("may come unpacked, if the server has done that", async () => {
    const { gunzipSync } = await import("node:zlib");
    const from = (name: string) => new Response(gunzipSync(served(name)));
    const sql = await engine.runtime("sql", { from, store: null });
    assert.equal((await sql.run("select 4;")).stdout, "4\n");
  });

  it("are refused if they are not the catalogue's", async () => {
    const { gunzipSync } = await import("node:zlib");
    const whole = Uint8Array.from(gunzipSync(served("sqlite-3.26.0.wasm.gz")));
    const flipped = whole.slice();
    flipped[1000]! ^= 1;
    const cases: [Uint8Array, RegExp][] = [
      [flipped, /has SHA-256/],
      [whole.slice(1), /has \d+ bytes, not/],
      [new Uint8Array([...whole, 0]), /has more than/],
    ];
    for (const [bytes, message] of cases) {
      const sql = await engine.runtime("sql", { from: () => bytes, store: null });
      await assert.rejects(sql.run("select 1;"), message);
    }
    const missing = await engine.runtime("sql", { from: new URL("none/", site), store: null });
    await assert.rejects(missing.run("select 1;"), /ENOENT/);
  });

  it("are not fetched on when a signal says so", async () => {
    const reason = new Error("never mind");
    const controller = new AbortController();
    const options = { from: () => new Promise<never>(() => undefined), store: null, signal: controller.signal };
    const sql = await engine.runtime("sql", options);
    setTimeout(() => controller.abort(reason), 20);
    await assert.rejects(sql.run("select 1;"), reason);
    await assert.rejects(engine.runtime("sql", { ...options, signal: AbortSignal.abort(reason) }), reason);
  });
});

describe("the signal of one program", () => {
  const reason = new Error("never mind");

  it("does not end what others wait for, and ends what nobody else does", async () => {
    let [asked, left] = [0, 0];
    let give: (bytes: Uint8Array<ArrayBuffer>) => void = () => undefined;
    const body = (start: (controller: ReadableStreamDefaultController) => void) =>
      new Response(new ReadableStream({ start, cancel: () => void (left += 1) }));
    const from = (name: string) => {
      asked += 1;
      return body((controller) => {
        give = (bytes) => {
          controller.enqueue(bytes);
          controller.close();
        };
        controller.enqueue(Uint8Array.from(served(name)).subarray(0, 1000));
      });
    };
    const sql = await engine.runtime("sql", { from, store: null });
    const run = (signal?: AbortSignal) => sql.run("select 1;", signal === undefined ? {} : { signal });
    const untilAsked = async (times: number) => {
      while (asked < times) await new Promise((resolve) => setImmediate(resolve));
    };
    const alone = new AbortController();
    const stopped = run(alone.signal);
    await untilAsked(1);
    alone.abort(reason);
    await assert.rejects(stopped, reason);
    assert.equal(left, 1);

    const first = new AbortController();
    const [one, other] = [run(first.signal), run()];
    await untilAsked(2);
    first.abort(reason);
    await assert.rejects(one, reason);
    give(Uint8Array.from(served("sqlite-3.26.0.wasm.gz")).subarray(1000));
    assert.equal((await other).stdout, "1\n");
    assert.deepEqual([asked, left], [2, 1]);
    await sql.dispose();
  });

  it("does not end the start of an interpreter that others wait for", async () => {
    const python = await engine.runtime("python", { from: site, store });
    const first = new AbortController();
    const stdio = "terminal";
    const [one, other] = [python.warmUp({ stdio, signal: first.signal }), python.warmUp({ stdio })];
    // Its module is being made by then, or it runs.
    await engine.version();
    first.abort(reason);
    await assert.rejects(one, reason);
    await other;
    await python.dispose();
  });
});

describe("each language", () => {
  const cases: [name: string, source: string, printed: string][] = [
    ["python", "import sys\nprint(6 * 7, sys.argv[1:], open('/data.txt').read())", "42 ['a', 'b c'] data\n"],
    ["ruby", "puts 6 * 7, ARGV.inspect, File.read('/data.txt')", '42\n["a", "b c"]\ndata\n'],
    ["php", "<?php echo 6 * 7, ' ', $argv[2], ' ', file_get_contents('/data.txt');", "42 b c data"],
    ["javascript", "print(6 * 7, args.slice(1).join(), std.loadFile('/data.txt'))", "42 a,b c data\n"],
    ["sql", ".read /more.sql\nselect sum(x) from t;\n", "42\n"],
  ];
  for (const [name, source, printed] of cases) {
    it(`runs: ${name}`, async () => {
      const runtime = await engine.runtime(name, { from: site, store });
      const files = { "data.txt": "data", "more.sql": "create table t(x); insert into t values(40), (2);" };
      const options = name === "sql" ? { files } : { files, args: ["a", "b c"] };
      const preamble = name === "javascript" ? "import * as std from 'std';\n" : "";
      const { code, stdout, stderr } = await runtime.run(preamble + source, options);
      assert.deepEqual([stderr, stdout, code], ["", printed, 0]);
      await runtime.dispose();
    });
  }

  it("runs: c, with the compiler's messages apart", async () => {
    const c = await engine.runtime("c", { from: site, store });
    const source = `#include <stdio.h>
      int main(int argc, char **argv) { char line[9]; if (argc > 9) return 1 / 0; fgets(line, 9, stdin); printf("%s %s", argv[1], line); }`;
    const result = await c.run(source, { name: "warned.c", args: ["arg"], stdin: "in" });
    assert.equal(result.stdout, "arg in");
    assert.match(result.diagnostics, /^warned\.c:2:\d+: warning: division by zero/);
    await assert.rejects(c.run("int main(void) { return x; }"), (error) => {
      assert.ok(error instanceof CompileError);
      assert.match(error.diagnostics, /^main\.c:1:25: error: use of undeclared identifier 'x'/);
      return true;
    });
    await assert.rejects(c.run("int other;"), /does not compile/);
    const program = await c.compile('#include <stdlib.h>\nint main(void) { abort(); }');
    await assert.rejects((await program.spawn()).exit, { name: "TrapError" });
    await program.dispose();
    await c.dispose();
  });
});

describe("an interpreter that was started", () => {
  it("runs programs as a fresh one does, also from what was kept", async () => {
    const source = `
import sys, os
print(__name__, sys.argv, os.environ.get("NAME"), sorted(os.listdir("/")), input(), file=sys.stderr)
print(open("/data.txt").read(), flush=True)
sys.exit(3)`;
    const options = { args: ["a", "ü"], env: { NAME: "value" }, files: { "data.txt": "data" }, stdin: "typed\n" };
    const outcomes = [];
    const steps: bigint[] = [];
    const runtime = () => engine.runtime("python", { from: site, store });
    const [cold, warm] = [await runtime(), await runtime()];
    await warm.warmUp();
    const again = await engine.runtime("python", { from: () => Promise.reject(new Error("offline")), store });
    for (const [python, isWarm] of [[cold, false], [warm, true], [again, true]] as const) {
      const result = await python.run(source, { ...options, warm: isWarm });
      outcomes.push([result.code, result.stdout, result.stderr]);
      steps.push(result.steps);
    }
    assert.deepEqual(outcomes[1], outcomes[0]);
    assert.deepEqual(outcomes[2], outcomes[0]);
    assert.equal(steps[1], steps[2]);
    for (const python of [cold, warm, again]) await python.dispose();
  });

  it("refuses what a fresh one refuses, and takes what that takes", async () => {
    const python = await engine.runtime("python", { from: site, store });
    await python.warmUp();
    const wrong: [options: ProgramOptions, message: RegExp][] = [
      [{ env: { "A=B": "x" } }, /^the name is none that a variable can have$/],
      [{ env: { "": "x" } }, /^the name is none that a variable can have$/],
      [{ env: { "A\0": "x" } }, /^a text must not hold NUL$/],
      [{ env: { A: "x\0" } }, /^a text must not hold NUL$/],
      [{ args: ["\0"] }, /^a text must not hold NUL$/],
      [{ limits: { argumentBytes: 21 }, args: ["ü"], env: { A: "" } }, /^the arguments and the environment take 22 bytes, and 21 are allowed$/],
    ];
    for (const [options, message] of wrong) {
      for (const warm of [true, false]) await assert.rejects(python.run("", { ...options, warm }), { name: "TypeError", message });
    }
    const small = { argumentBytes: 22, fileBytes: 1, singleFileBytes: 1, inodes: 1 };
    const source = "try:\n  open('/new', 'w').write('x')\nexcept OSError as error: print(error.errno)";
    const outcomes = [];
    for (const warm of [true, false]) {
      const { code, stdout, stderr } = await python.run(source, { limits: small, args: ["ü"], env: { A: "" }, warm });
      outcomes.push([code, stdout, stderr]);
    }
    assert.deepEqual(outcomes[0], outcomes[1]);
    assert.equal(outcomes[0]?.[0], 0);
    await python.dispose();
  });

  it("is held to limits that count from there", async () => {
    const python = await engine.runtime("python", { from: site, store });
    await python.warmUp();
    const result = await python.run("while True: pass", { limits: { steps: 20_000_000 } });
    assert.deepEqual([result.reason, result.limit], ["limit", "steps"]);
    const process = await python.spawn("print('typed:', input())", { stdin: "piped" });
    await assert.rejects(process.freeze(), { name: "TypeError", message: /of a started interpreter, .*warm: false$/ });
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("yes\n"));
    assert.equal(await all(process.stdout), "typed: yes\n");
    await python.dispose();
  });
});

describe("an engine that has run languages", () => {
  it("holds nothing when they were disposed of", async () => {
    // What other tests have left to the collector is none of this one's.
    const own = await Engine.load({ thread: "worker" });
    const [sql, js] = await Promise.all(["sql", "js"].map((name) => own.runtime(name, { from: site, store })));
    await sql?.run("select 1;");
    await js?.run("print(1)");
    await Promise.all([sql?.dispose(), js?.dispose()]);
    const { bytes, ...counts } = await own.usage();
    assert.deepEqual([counts.processes, counts.modules, counts.images, counts.fileSystems], [0, 0, 0, 0]);
    assert.equal(bytes, 0);
    await own.dispose();
  });
});
