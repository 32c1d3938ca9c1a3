/** A program reads what is typed while it runs. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { RunElement } from "stepwell/elements";

import { Chromium, endOfRun, program, screen, shows } from "./chromium.js";

const chromium = new Chromium();
const GREETING = "name = input('Name? ')\nprint('Hello,', name)";

for (const thread of ["worker", "inline"]) {
  describe(`input, ${thread}`, () => {
    it("input() waits, is typed with a correction, and goes on", async () => {
      const page = await chromium.visit(program("python", GREETING, `thread="${thread}"`));
      const component = page.locator("stepwell-run");
      const ended = component.evaluate(endOfRun);
      await component.getByRole("button", { name: "Run" }).click();
      await component.getByRole("status").filter({ hasText: "Waiting for input." }).waitFor();
      await shows(component, "Name?");

      // The focus has come along from the button.
      await page.keyboard.type("Adx");
      await page.keyboard.press("Backspace");
      await page.keyboard.type("a\n");
      // To a terminal Python writes its prompts as errors.
      assert.deepEqual(await ended.then(({ stdout, stderr }) => [stdout, stderr]), ["Hello, Ada\n", "Name? "]);
      assert.equal(await screen(component), "Name? Ada\nHello, Ada");
      await page.close();
    });

    it("is said to be waited for only until it was typed", async () => {
      const text = "import * as std from 'std'; std.in.getline(); std.in.getline(); print('got'); for (;;) {}";
      const page = await chromium.visit(program("quickjs", text, `thread="${thread}"`));
      const component = page.locator("stepwell-run");
      const status = component.getByRole("status");
      for (const early of ["", "early\n"]) {
        const ended = component.evaluate(endOfRun);
        await component.evaluate((element, typed) => {
          void (element as RunElement).run();
          (element as RunElement).type(typed);
        }, early);
        await status.filter({ hasText: "Waiting for input." }).waitFor();
        await component.evaluate((element, typed) => (element as RunElement).type(typed), early === "" ? "one\ntwo\n" : "two\n");
        await shows(component, "got");
        assert.equal(await status.textContent(), "Running.");
        await component.getByRole("button", { name: "Stop" }).click();
        assert.equal((await ended).kind, "stopped");
      }
      await page.close();
    });

    it("Ctrl+D ends the input", async () => {
      const page = await chromium.visit(program("python", "import sys\nprint(repr(sys.stdin.read()))", `thread="${thread}"`));
      const component = page.locator("stepwell-run");
      const ended = component.evaluate(endOfRun);
      await component.getByRole("button", { name: "Run" }).click();
      await component.getByRole("status").filter({ hasText: "Waiting for input." }).waitFor();
      await page.keyboard.type("one\ntwo\n");
      await page.keyboard.press("Control+d");
      assert.equal((await ended).stdout, "'one\\ntwo\\n'\n");
      await page.close();
    });
  });
}

describe("input", () => {
  it("what is typed before the program asks is kept for it", async () => {
    const page = await chromium.visit(program("quickjs", "import * as std from 'std'; print(std.in.getline())"));
    const component = page.locator("stepwell-run");
    const ended = component.evaluate(endOfRun);
    await component.evaluate((element) => {
      void (element as RunElement).run();
      (element as RunElement).type("early\n");
    });
    assert.equal((await ended).stdout, "early\n");
    await page.close();
  });

  it("Ctrl+C stops", async () => {
    const page = await chromium.visit(program("python", "input()"));
    const component = page.locator("stepwell-run");
    const ended = component.evaluate(endOfRun);
    await component.getByRole("button", { name: "Run" }).click();
    await component.getByRole("status").filter({ hasText: "Waiting for input." }).waitFor();
    await page.keyboard.press("Control+c");
    assert.deepEqual(await ended.then(({ kind, message }) => [kind, message]), ["stopped", "Stopped by Ctrl+C."]);
    await page.close();
  });
});
