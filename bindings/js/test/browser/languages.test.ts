/** Each language runs from a component, and a second run needs nothing from the site. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Chromium, countRequests, program, run, screen } from "./chromium.js";

const chromium = new Chromium();

const PROGRAMS: readonly (readonly [runtime: string, text: string, output: string])[] = [
  ["python", "import sys\nprint('python', 6 * 7, sys.argv)", "python 42 ['/main.py']\n"],
  ["ruby", "puts \"ruby #{6 * 7}\"", "ruby 42\n"],
  ["quickjs", "console.log('js', [1, 2].map((n) => n * 21))", "js 21,42\n"],
  ["php", "<?php echo 'php ', 6 * 7, \"\\n\";", "php 42\n"],
  ["sqlite", "select 'sql', 6 * 7;", "sql|42\n"],
  ["clang", "#include <stdio.h>\nint main(void) { printf(\"c %d\\n\", 6 * 7); }", "c 42\n"],
];

describe("what an older version has kept", () => {
  it("is removed from the database when something is kept", async () => {
    const page = await chromium.visit(program("sqlite", "select 1;"));
    const names = async (old: string | null) =>
      await page.evaluate(async (old) => {
        const path = "/dist/index.js";
        const { indexedDbStore } = (await import(path)) as typeof import("stepwell");
        const store = indexedDbStore();
        if (old !== null) await store.set(old, new Uint8Array(1));
        return await store.names();
      }, old);
    assert.deepEqual(await names("prepared-0-0"), ["prepared-0-0"]);
    assert.equal((await run(page.locator("stepwell-run"))).stdout, "1\n");
    const kept = await names(null);
    assert.deepEqual(kept.map((name) => name.split("-")[0]), ["file", "prepared"]);
    assert.ok(!kept.includes("prepared-0-0"));
    await page.close();
  });
});

describe("languages in a page without special headers", () => {
  for (const [runtime, text, output] of PROGRAMS) {
    it(`${runtime} runs, again without a request, and after a new visit without one to the site`, async () => {
      const page = await chromium.visit(program(runtime, text));
      assert.equal(await page.evaluate(() => crossOriginIsolated), false);
      const component = page.locator("stepwell-run");

      const first = await run(component);
      assert.deepEqual([first.kind, first.code, first.stdout], ["exited", 0, output], first.message + first.stderr);
      assert.equal(await screen(component), output.trimEnd());

      const asked = countRequests(page);
      assert.equal((await run(component)).stdout, output);
      assert.equal(asked.length, 0, asked.join());

      await page.reload();
      assert.equal((await run(component)).stdout, output);
      assert.deepEqual(asked.filter((path) => path.startsWith("/site/")), []);
      assert.deepEqual(chromium.errors, []);
      await page.close();
    });
  }
});
