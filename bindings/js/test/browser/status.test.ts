/** A reader is told how a program stands, with the buttons and without them. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { RunElement } from "stepwell/elements";

import { Chromium, hold, program, seesStatus } from "./chromium.js";
import { assembled, guest } from "../guests.js";

const chromium = new Chromium();
const address = (wasm: Uint8Array) => `data:application/wasm;base64,${Buffer.from(wasm).toString("base64")}`;
const EXIT_3 = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "_start") (call $exit (i32.const 3))))`;

describe("a program without buttons", () => {
  const cases: readonly (readonly [what: string, attributes: string, message: RegExp, seen: boolean])[] = [
    ["a good end", `src="${address(guest("hello"))}"`, /^Finished\.$/, false],
    ["a code that is not 0", `src="${address(assembled(EXIT_3))}"`, /^Finished with exit code 3\.$/, true],
    ["a trap", `src="${address(guest("trap"))}"`, /^The program has failed: unreachable executed/, true],
    ["a limit", `src="${address(guest("spin"))}" steps="1000"`, /^Ended by a limit: its steps are used up/, true],
    ["an address with nothing there", 'src="/nowhere.wasm"', /^It could not be run: .*404/, true],
    ["no address", "", /^It could not be run: .*needs the attribute src/, true],
  ];
  for (const [what, attributes, message, seen] of cases) {
    it(`tells of ${what}${seen ? ", which can be seen" : ", which its output shows"}`, async () => {
      const page = await chromium.visit(`<stepwell-wasi ${attributes} autorun></stepwell-wasi>`);
      const component = page.locator("stepwell-wasi");
      // What is found by its role is there for a screen reader.
      await component.getByRole("status").filter({ hasText: message }).waitFor({ state: "attached" });
      assert.equal(await seesStatus(component), seen);
      assert.equal(await component.getByRole("button").count(), 0);
      await page.close();
    });
  }

  it("tells that it waits for input, which the cursor shows", async () => {
    const page = await chromium.visit(`<stepwell-wasi src="${address(guest("echo"))}" autorun></stepwell-wasi>`);
    const component = page.locator("stepwell-wasi");
    await component.getByRole("status").filter({ hasText: "Waiting for input." }).waitFor({ state: "attached" });
    assert.equal(await seesStatus(component), false);
    const cursor = component.locator(".xterm-cursor-outline");
    await cursor.waitFor();
    await component.evaluate((element) => (element as RunElement).type("\x04"));
    await cursor.waitFor({ state: "detached" });
    await page.close();
  });

  it("tells that it is loaded also if its address names no file", async () => {
    const page = await chromium.visit('<stepwell-wasi src="/folder/?program" autorun></stepwell-wasi>', {
      before: async (shown) => await shown.route("**/folder/*", () => undefined),
    });
    const status = page.locator("stepwell-wasi").getByRole("status");
    await status.filter({ hasText: "Loading the program…" }).waitFor({ state: "attached", timeout: 10_000 });
    await page.close();
  });

  it("shows that it is loaded, and nothing any more when it runs", async () => {
    const page = await chromium.visit('<stepwell-wasi src="/slow.wasm" autorun></stepwell-wasi>', {
      before: async (shown) => await shown.route("**/slow.wasm", () => undefined),
    });
    const component = page.locator("stepwell-wasi");
    await component.getByRole("status").filter({ hasText: "Loading slow.wasm…" }).waitFor({ state: "attached" });
    while (!(await seesStatus(component))) await page.waitForTimeout(20);
    await component.evaluate((element, src) => {
      element.setAttribute("src", src);
      void (element as RunElement).run();
    }, address(guest("spin")));
    await component.getByRole("status").filter({ hasText: "Running." }).waitFor({ state: "attached" });
    assert.equal(await seesStatus(component), false);
    await page.close();
  });
});

describe("a runtime that is fetched", () => {
  it("is loaded, then prepared, and its progress is shown only while it is loaded", async () => {
    const page = await chromium.visit(program("sqlite", "select 1;"));
    const component = page.locator("stepwell-run");
    const { asked, release } = await hold(page, "**/site/**");
    const said = component.evaluate(async (element) => {
      const root = element.shadowRoot as ShadowRoot;
      const progress = root.querySelector("progress") as HTMLProgressElement;
      const found: string[] = [];
      // Its records have each text, also of several that came in one turn.
      const observer = new MutationObserver((records) => {
        for (const { addedNodes } of records) for (const node of addedNodes) found.push(node.textContent ?? "");
      });
      observer.observe(root.querySelector(".status") as Node, { childList: true });
      const shown: boolean[] = [];
      element.addEventListener("stepwell-progress", (event) => {
        const { loadedBytes, totalBytes } = (event as CustomEvent).detail;
        if (loadedBytes === 0 || loadedBytes === totalBytes) shown.push(!progress.hidden);
      });
      await (element as RunElement).run();
      await new Promise((resolve) => setTimeout(resolve));
      return { found, shown };
    });
    await asked;
    while (!(await seesStatus(component))) await page.waitForTimeout(20);
    release();
    const { found, shown } = await said;
    assert.deepEqual(found.map((text) => text.replace(/[\d.]+ MB/, "N MB")), [
      "Starting…", "Loading sqlite, N MB…", "Preparing sqlite…", "Running.", "Finished.",
    ]);
    assert.deepEqual(shown, [true, false]);
    await page.close();
  });
});
