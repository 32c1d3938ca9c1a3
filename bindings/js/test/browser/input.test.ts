/** A program reads what is typed while it runs. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Locator, Page } from "playwright-core";
import type { RunElement } from "stepwell/elements";

import { Chromium, endOfRun, hold, program, screen, shows } from "./chromium.js";

const chromium = new Chromium();
/** Has a page's worker seem busy, once `isBusy` is set, when it is asked whether a program waits for input: `late` has its answers. */
const BUSY = `<script>
  let isBusy = false;
  const [asked, late] = [new Set(), []];
  globalThis.Worker = class extends Worker {
    postMessage(request, ...more) {
      if (isBusy && request.method === "inputWanted") asked.add(request.call);
      super.postMessage(request, ...more);
    }
    set onmessage(hear) {
      super.onmessage = (event) => (asked.has(event.data.call) ? late.push(() => hear(event)) : hear(event));
    }
  };
</script>`;
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

  describe("keys before the program runs", () => {
    /** A program whose file is on its way, with the focus in its terminal. */
    async function loading(runtime: string, text: string) {
      const file = '<stepwell-file path="/late" url="/package.json"></stepwell-file>';
      const page = await chromium.visit(program(runtime, text).replace("</stepwell-run>", `${file}</stepwell-run>`));
      const component = page.locator("stepwell-run");
      await component.locator(".xterm").waitFor();
      const { asked, release } = await hold(page, "**/package.json");
      const ended = component.evaluate(endOfRun);
      await component.getByRole("button", { name: "Run" }).click();
      await asked;
      await component.getByRole("textbox", { name: "Input of the program" }).focus();
      return { page, component, ended, release };
    }

    it("are shown, and go to it when it runs", async () => {
      const { page, component, ended, release } = await loading("quickjs", "import * as std from 'std'; print(std.in.getline())");
      await page.keyboard.type("early\n");
      await shows(component, "early");
      release();
      assert.equal((await ended).stdout, "early\n");
      assert.equal(await screen(component), "early\nearly");
      await page.close();
    });

    it("stop it if they are Ctrl+C", async () => {
      const { page, ended } = await loading("quickjs", "print(1)");
      await page.keyboard.press("Control+c");
      assert.deepEqual(await ended.then(({ kind, message }) => [kind, message]), ["stopped", "Stopped by Ctrl+C."]);
      await page.close();
    });

    it("are dropped if it takes no input, and when it is over", async () => {
      const { page, component, ended, release } = await loading("sqlite", "select 'a';");
      await page.keyboard.type("early\n");
      release();
      assert.equal((await ended).stdout, "a\n");
      await page.keyboard.type("late\n");
      assert.equal(await screen(component), "a");
      await page.close();
    });
  });

  describe("the focus", () => {
    const TWICE = "import * as std from 'std'; print(std.in.getline()); print(std.in.getline())";
    /** The label of what has the focus, when everybody has had a turn to take it. */
    const focused = async (page: Page): Promise<string | null | undefined> => {
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      return await page.evaluate(() => document.querySelector("stepwell-run")?.shadowRoot?.activeElement?.getAttribute("aria-label"));
    };
    const waits = async (component: Locator) => await component.getByRole("status").filter({ hasText: "Waiting for input." }).waitFor();

    it("comes along from Run, and from an editor where nothing was done since Ctrl+Enter", async () => {
      const page = await chromium.visit(program("quickjs", TWICE, "editor"));
      const component = page.locator("stepwell-run");
      const editor = component.getByRole("textbox", { name: "Program", exact: true });
      for (const start of [
        async () => await component.getByRole("button", { name: "Run" }).click(),
        async () => await editor.press("Control+Enter"),
      ]) {
        const ended = component.evaluate(endOfRun);
        await start();
        await waits(component);
        assert.equal(await focused(page), "Input of the program");
        await page.keyboard.type("one\ntwo\n");
        assert.equal((await ended).stdout, "one\ntwo\n");
      }
      await page.close();
    });

    it("stays in an editor that the reader has gone to", async () => {
      const page = await chromium.visit(program("quickjs", TWICE, "editor"));
      const component = page.locator("stepwell-run");
      await component.getByRole("button", { name: "Run" }).click();
      await waits(component);
      await component.getByRole("textbox", { name: "Program", exact: true }).click();
      await component.evaluate((element) => (element as RunElement).type("one\n"));
      await shows(component, "one\none");
      await waits(component);
      assert.equal(await focused(page), "Program");
      await page.close();
    });

    it("stays in the editor with a reader who writes on after Ctrl+Enter", async () => {
      const file = '<stepwell-file path="/late" url="/package.json"></stepwell-file>';
      const page = await chromium.visit(program("quickjs", TWICE, "editor").replace("</stepwell-run>", `${file}</stepwell-run>`));
      const component = page.locator("stepwell-run");
      const { asked, release } = await hold(page, "**/package.json");
      await component.getByRole("textbox", { name: "Program", exact: true }).press("Control+Enter");
      await asked;
      await page.keyboard.type("//");
      release();
      await waits(component);
      assert.equal(await focused(page), "Program");
      assert.match(await component.evaluate((element) => (element as RunElement).program), /\/\//);
      await page.close();
    });

    it("is in the terminal at once when the page puts it there after a run", async () => {
      const page = await chromium.visit(program("quickjs", "print(1)"));
      const label = await page.locator("stepwell-run").evaluate(async (element) => {
        await (element as RunElement).run();
        (element as RunElement).focus();
        return element.shadowRoot?.activeElement?.getAttribute("aria-label");
      });
      assert.equal(label, "Input of the program");
      await page.close();
    });

    it("stays outside of the component", async () => {
      const page = await chromium.visit(`${program("quickjs", TWICE)}<input aria-label="Elsewhere">`);
      const component = page.locator("stepwell-run");
      await page.getByRole("textbox", { name: "Elsewhere" }).focus();
      await component.evaluate((element) => void (element as RunElement).run());
      await waits(component);
      await focused(page);
      assert.equal(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Elsewhere");
      await page.close();
    });
  });

  it("that a program waits for is not said, nor taken the focus to, when the program was stopped", async () => {
    const text = "import * as std from 'std'; std.in.getline(); std.in.getline()";
    const page = await chromium.visit(program("quickjs", text), { head: BUSY });
    const component = page.locator("stepwell-run");
    const status = component.getByRole("status");
    const ended = component.evaluate(endOfRun);
    await component.getByRole("button", { name: "Run" }).click();
    await status.filter({ hasText: "Waiting for input." }).waitFor();
    await page.evaluate("isBusy = true");
    await component.evaluate((element) => (element as RunElement).type("one\n"));
    await page.waitForFunction("late.length > 0");
    // From there the focus would go along.
    await component.getByRole("button", { name: "Run" }).focus();
    await component.evaluate((element) => (element as RunElement).stop());
    assert.equal((await ended).kind, "stopped");
    await page.evaluate("late.forEach((hear) => hear())");
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    assert.equal(await status.textContent(), "Stopped.");
    const focused = await component.evaluate((element) => element.shadowRoot?.activeElement?.textContent);
    assert.equal(focused, "Run");
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
