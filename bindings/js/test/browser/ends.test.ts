/** However a program ends, the component says how. */

import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";

import type { Locator } from "playwright-core";
import type { RunElement } from "stepwell/elements";

import { Chromium, hold, program, run, shows } from "./chromium.js";
import { slicesOf, watchedSlices } from "./slices.js";

const chromium = new Chromium();

/** The milliseconds from a click on Stop, or from the call of `stop`, to the event that says that the run is over. */
async function msToStop(component: Locator): Promise<number> {
  return await component.evaluate(async (element) => {
    const over = new Promise((resolve) => element.addEventListener("stepwell-end", resolve, { once: true }));
    const start = performance.now();
    element.shadowRoot?.querySelector<HTMLElement>(".stop")?.click();
    await over;
    return performance.now() - start;
  });
}

describe("stopping", () => {
  for (const thread of ["worker", "inline"]) {
    it(`Stop ends an endless loop after the slice that runs, ${thread}`, async (test: TestContext) => {
      // Cold, so that nothing else is started when it is over.
      const attributes = `thread="${thread}" cold`;
      const text = "print('on it', flush=True)\nwhile True: pass";
      const page = await chromium.visit(program("python", text, attributes), { head: watchedSlices });
      const component = page.locator("stepwell-run");
      void run(component).catch(() => undefined);
      await shows(component, "on it");
      const ms = await msToStop(component);
      const { slices, atKill } = await slicesOf(page, thread);
      const last = slices.at(-1);
      test.diagnostic(`stopped after ${ms.toFixed(1)} ms; the last slice has taken ${last?.ms.toFixed(1)} ms for ${last?.steps} steps`);
      assert.equal(slices.length - (atKill ?? NaN), 0, "slices that were begun after the program was killed");
      // The figure is 100 ms, of which a machine that does other things as well may take more: this only tells that it was soon.
      assert.ok(ms < 2_000, `${ms} ms`);
      assert.equal(await component.getByRole("status").textContent(), "Stopped.");
      assert.deepEqual(chromium.errors, []);
      await page.close();
    });
  }

  it("a component is done at once while the worker compiles something for another program", async () => {
    const page = await chromium.visit(program("quickjs", "print('on it'); for (;;) {}"));
    const told = await page.locator("stepwell-run").evaluate(async (element) => {
      const path = "/dist/elements.js";
      const { sharedEngine } = (await import(path)) as typeof import("stepwell/elements");
      // The browser unpacks it: the server says how it is packed.
      const wasm = await (await fetch("/site/php-8.2.0.wasm.gz")).arrayBuffer();
      const engine = await sharedEngine();
      const told: string[] = [];
      const writes = new Promise((resolve) => element.addEventListener("stepwell-output", resolve, { once: true }));
      const running = (element as RunElement).run().then(({ kind, files }) => told.push(`${kind} ${files}`));
      await writes;
      const compiling = engine.compile(wasm).then(() => told.push("compiled"));
      // By then the worker is asked.
      await new Promise((resolve) => setTimeout(resolve));
      (element as RunElement).stop();
      await Promise.all([running, compiling]);
      return told;
    });
    assert.deepEqual(told, ["stopped null", "compiled"]);
    assert.deepEqual(chromium.errors, []);
    await page.close();
  });

  it("a component that leaves the page ends its program", async () => {
    const page = await chromium.visit(program("quickjs", "for (;;) {}"));
    const outcome = await page.locator("stepwell-run").evaluate(async (element) => {
      const running = (element as RunElement).run();
      element.remove();
      return (await running).kind;
    });
    assert.equal(outcome, "stopped");
    await page.close();
  });
});

describe("ends that are no exits", () => {
  const TRAP = "int main(void) { __builtin_trap(); }";
  const GREEDY = "const all = []; for (;;) all.push(new ArrayBuffer(1 << 20));";
  const REFUSED = "int main(void) { return 0 }";
  const cases: readonly (readonly [what: string, runtime: string, text: string, attributes: string, kind: string, message: RegExp])[] = [
    ["a limit of steps", "quickjs", "for (;;) {}", 'steps="10_000_000"', "limit", /^Ended by a limit: its steps are used up/],
    ["a limit of output", "quickjs", "for (;;) print(1)", 'output-bytes="1000"', "limit", /it has written as much as it may/],
    ["a limit of memory", "quickjs", GREEDY, 'memory-bytes="33554432"', "exited", /^A limit was reached: it needs more memory/],
    ["a limit of time", "quickjs", "for (;;) {}", 'timeout-ms="500"', "limit", /its time is used up/],
    ["a trap", "clang", TRAP, "", "trap", /^The program has failed: unreachable executed/],
    ["a refusal", "clang", REFUSED, "", "refused", /^The compiler does not accept the program/],
    ["an exit code", "quickjs", "import * as std from 'std'; std.exit(3)", "", "exited", /^Finished with exit code 3\.$/],
    ["an unknown runtime", "cobol", "", "", "failed", /there is no runtime "cobol"/],
    ["a wrong attribute", "quickjs", "", 'steps="many"', "failed", /steps must be a whole number, not "many"/],
    ["a missing file", "php", "", 'runtimes="/nowhere/"', "failed", /404/],
  ];
  for (const [what, runtime, text, attributes, kind, message] of cases) {
    it(`${what} is told`, async () => {
      const page = await chromium.visit(program(runtime, text, attributes));
      const component = page.locator("stepwell-run");
      const ended = await run(component);
      assert.equal(ended.kind, kind, ended.message);
      assert.match(ended.message, message);
      assert.equal(await component.getByRole("status").textContent(), ended.message);
      await page.close();
    });
  }

  it("a limit of time counts from the start of the program, not of its download", async () => {
    const page = await chromium.visit(program("sqlite", "select 1;", 'timeout-ms="60000"') + program("js", "for (;;) {}", 'timeout-ms="60000"'));
    await page.clock.install();
    const [quick, endless] = [page.locator("stepwell-run").first(), page.locator("stepwell-run").last()];
    const { asked, release } = await hold(page, "**/site/sqlite*");
    const ended = run(quick);
    await asked;
    await page.clock.fastForward(120_000);
    release();
    assert.equal((await ended).stdout, "1\n");

    const limited = run(endless);
    await endless.getByRole("status").filter({ hasText: "Running." }).waitFor();
    await page.clock.fastForward(61_000);
    assert.deepEqual(await limited.then(({ kind, message }) => [kind, message]), ["limit", "Ended by a limit: its time is used up (timeout-ms)."]);
    await page.close();
  });

  it("a compiler's messages about another file are in the terminal, and mark no line of the program", async () => {
    const text = '#include "util.h"\nint main(void) {\n  return 0;\n}\n';
    const file = '<stepwell-file path="/util.h">int oops\n</stepwell-file>';
    const page = await chromium.visit(program("clang", text, "editor").replace("</stepwell-run>", `${file}</stepwell-run>`));
    const component = page.locator("stepwell-run");
    await component.getByRole("textbox", { name: "Program", exact: true }).waitFor();
    const { kind, stderr } = await run(component);
    assert.equal(kind, "refused");
    assert.match(stderr, /util\.h:1:9: error: expected ';'/);
    await shows(component, "expected ';'");
    assert.equal(await component.locator(".cm-lint-marker").count(), 0);
    await page.close();
  });

  it("a compiler's messages are in the terminal and at their lines", async () => {
    const page = await chromium.visit(program("clang", "int main(void) {\n  return 0\n}", "editor"));
    const component = page.locator("stepwell-run");
    await component.getByRole("textbox", { name: "Program", exact: true }).waitFor();
    const { stderr } = await run(component);
    assert.match(stderr, /^main\.c:2:11: error: expected ';'/);
    await shows(component, "expected ';'");
    assert.equal(await component.locator(".cm-lint-marker-error").count(), 1);
    await page.close();
  });
});
