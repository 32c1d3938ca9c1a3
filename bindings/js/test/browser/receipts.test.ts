/** Runs in Chromium have the receipts that tests/everywhere/golden.txt has of native ones, and hold up no page. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it, type TestContext } from "node:test";
import { gunzipSync } from "node:zlib";

import type { RunElement } from "stepwell/elements";

import { Chromium, program } from "./chromium.js";
import { slicesOf, watchedSlices, type Slice } from "./slices.js";
import { packaged, repository } from "../guests.js";

const chromium = new Chromium();

/** The columns of the table, by the name of the row. */
const GOLDEN = new Map(
  readFileSync(repository("tests/everywhere/golden.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => [line.split(" ")[0], line.split(/ +/)]),
);

const PROGRAMS: readonly (readonly [row: string, runtime: string, file: string, limits: Readonly<Record<string, number>>])[] = [
  ["python-steps", "python", "sort.py", { steps: 50_000_000 }],
  ["js-mix", "quickjs", "mix.js", {}],
  ["sql-query", "sqlite", "query.sql", {}],
  ["php-mix", "php", "mix.php", {}],
  ["ruby-raise", "ruby", "raise.rb", {}],
  ["c-floats", "clang", "floats.c", {}],
];

/** What src/core/slice.ts says of slices, and how long they are to take by default. */
const [SLICE_MS, STEPS_MIN, GROWTH_MAX] = [5, 1_000, 2];

const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/** The SHA-256 of a runtime's module as a site serves it. The table has been made with that one. */
function servedSha256(runtime: string): string {
  const prefix = runtime === "python" ? "python-3.12" : runtime;
  const name = readdirSync(packaged("site")).find((one) => one.startsWith(prefix) && one.endsWith(".wasm.gz"));
  return sha256(gunzipSync(readFileSync(packaged(`site/${name}`))));
}

/** The digest that a receipt would have for another module. */
function digestFor(module: string, receipt: string): string {
  const { inputs, digest } = JSON.parse(receipt);
  assert.equal(sha256(receipt.trim().replace(`"digest":"${digest}",`, "")), digest, "the digest is that of the rest");
  return sha256(receipt.trim().replace(`"digest":"${digest}",`, "").replace(inputs.module.sha256, module));
}

describe("receipts in Chromium", () => {
  for (const thread of ["worker", "inline"] as const) {
    for (const [row, runtime, file, limits] of PROGRAMS) {
      // Inline, only what takes a moment to compile: a page of somebody's would use a worker.
      if (thread === "inline" && !["js-mix", "sql-query"].includes(row)) continue;
      it(`${row} is as the table says, ${thread}`, async () => {
        const page = await chromium.visit("");
        const text = readFileSync(repository(`tests/everywhere/guests/${file}`), "utf8");
        const result = await page.evaluate(async ({ thread, runtime, file, text, limits }) => {
          const path = "/dist/elements.js";
          const { sharedEngine } = (await import(path)) as typeof import("stepwell/elements");
          const engine = await sharedEngine(thread);
          const loaded = await engine.runtime(runtime, { from: "/site/" });
          return await loaded.run(text, { name: file, limits, receipt: true });
        }, { thread, runtime, file, text, limits });
        const golden = GOLDEN.get(row) ?? [];
        // The table's C programs have other files beside them, of which the receipt tells; what they do is the same.
        if (runtime === "clang") assert.deepEqual([String(result.steps), sha256(result.stdout)], golden.slice(3, 4).concat(golden[5] ?? ""));
        else assert.equal(digestFor(servedSha256(runtime), result.receipt ?? ""), golden.at(-1));
        await page.close();
      });
    }
  }

  it("a component gives the same receipt each time", async () => {
    const page = await chromium.visit(program("quickjs", "print(Math.random())", "receipt seed=7"));
    const receipts = await page.locator("stepwell-run").evaluate(async (element) => {
      const component = element as RunElement;
      return [(await component.run()).exit?.receipt, (await component.run()).exit?.receipt];
    });
    assert.equal(typeof receipts[0], "string");
    assert.equal(receipts[0], receipts[1]);
    await page.close();
  });
});

describe("a page beside a program that runs inline", () => {
  it("gets its turn between slices, which are as long as those before them allow", async (test: TestContext) => {
    const page = await chromium.visit(program("quickjs", "for (;;) {}", 'thread="inline"'), { head: watchedSlices });
    const gaps = await page.locator("stepwell-run").evaluate(async (element) => {
      const component = element as RunElement;
      const over = component.run();
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const found: number[] = [];
      const { port1, port2 } = new MessageChannel();
      // Each message is a task of the page's own.
      await new Promise<void>((resolve) => {
        let last = performance.now();
        const end = last + 3_000;
        port1.onmessage = () => {
          const now = performance.now();
          found.push(now - last);
          last = now;
          if (now < end) port2.postMessage(null);
          else resolve();
        };
        port2.postMessage(null);
      });
      component.stop();
      await over;
      return found.sort((a, b) => a - b);
    });
    const at = (part: number) => gaps[Math.floor(part * (gaps.length - 1))] ?? 0;
    const [median, most, max] = [at(0.5), at(0.99), at(1)].map((ms) => ms.toFixed(1));
    test.diagnostic(`${gaps.length} turns, milliseconds between them: median ${median}, 99% ${most}, largest ${max}`);
    const { slices } = await slicesOf(page, "inline");
    slices.slice(1).forEach(({ steps, turns }, index) => {
      const before = slices[index] as Slice;
      assert.ok(turns > before.turns, `between slices ${index} and ${index + 1} the page had no turn`);
      // As many steps as would have taken 5 ms, if those of this slice take as long as those of the one before.
      const most = Math.max(STEPS_MIN, before.steps * Math.min(GROWTH_MAX, SLICE_MS / before.ms));
      assert.ok(steps <= Math.ceil(most), `slice ${index + 1} had ${steps} steps after ${before.steps} in ${before.ms} ms`);
    });
    // How long they take depends on what else the machine does. The figure is 16 ms; this only tells that they are short.
    assert.ok(at(0.5) < 500, `median ${median} ms`);
    await page.close();
  });
});
