/** What goes on without a network, and without a place to keep things. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { RunElement } from "stepwell/elements";

import { Chromium, countRequests, program, run, screen } from "./chromium.js";

const chromium = new Chromium();

describe("a page that loses its network", () => {
  it("runs its programs again, also in an engine that has to take the runtime from the database", async () => {
    const page = await chromium.visit(`${program("js", "print('one')", "editor")}<main></main>`);
    const component = page.locator("stepwell-run").first();
    assert.equal((await run(component)).stdout, "one\n");
    await page.context().setOffline(true);
    try {
      const isThere = () => page.evaluate(async () => await fetch("/package.json", { cache: "no-store" }).then(() => true, () => false));
      assert.equal(await isThere(), false, "the network is gone");
      await component.evaluate((element) => ((element as RunElement).program = "print('two')"));
      assert.equal((await run(component)).stdout, "two\n");

      // Another thread has another engine, which has nothing of this one's.
      await page.locator("main").evaluate((main, html) => (main.innerHTML = html), program("js", "print('three')", 'thread="inline"'));
      const other = page.locator("main stepwell-run");
      const { kind, stdout, message } = await run(other);
      assert.deepEqual([kind, stdout], ["exited", "three\n"], message);
      assert.equal(await screen(other), "three");
      assert.deepEqual(chromium.errors, []);
    } finally {
      await page.context().setOffline(false);
    }
    await page.close();
  });
});

describe("a browser that keeps nothing", () => {
  const cases: readonly (readonly [what: string, script: string])[] = [
    ["has no database", "Object.defineProperty(globalThis, 'indexedDB', { value: undefined })"],
    ["forbids to open one", "IDBFactory.prototype.open = () => { throw new DOMException('It is insecure.', 'SecurityError'); }"],
    ["cannot open one", `IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('It is broken.', 'UnknownError') };
      setTimeout(() => request.onerror());
      return request;
    }`],
    ["has no room", "IDBObjectStore.prototype.put = () => { throw new DOMException('It is full.', 'QuotaExceededError'); }"],
    ["finds out late that it has no room", `const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...all) {
        const request = put.apply(this, all);
        request.onsuccess = () => this.transaction.abort();
        return request;
      }`],
    ["fails to read", "IDBObjectStore.prototype.get = () => { throw new DOMException('It is gone.', 'InvalidStateError'); }"],
  ];
  for (const [what, script] of cases) {
    it(`and ${what}: a program runs, and is loaded anew on the next visit`, async () => {
      const page = await chromium.visit(program("sqlite", "select 6 * 7;"), { head: `<script>${script}</script>` });
      const component = page.locator("stepwell-run");
      for (const visit of ["first", "second"]) {
        const asked = countRequests(page);
        const { kind, stdout, message } = await run(component);
        assert.deepEqual([kind, stdout], ["exited", "42\n"], message);
        assert.equal(asked.filter((path) => path.startsWith("/site/")).length, 1, visit);
        await page.reload();
      }
      assert.deepEqual(chromium.errors, []);
      await page.close();
    });
  }
});
