/** What a page and a reader without a mouse or a screen can do with the components. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import type { Page } from "playwright-core";
import type { Outcome, RunElement, WasiElement } from "stepwell/elements";

import { Chromium, endOfRun, program, run, screen, shows } from "./chromium.js";
import { guest } from "../guests.js";

const chromium = new Chromium();
const module = (name: string) => `data:application/wasm;base64,${Buffer.from(guest(name)).toString("base64")}`;

describe("<stepwell-run>", () => {
  it("takes its program from text, a script, a template or an attribute, without the indentation of the markup", async () => {
    const page = await chromium.visit(`
      <stepwell-run runtime="js">
        if (1 &lt; 2) {
          print(1)
        }
      </stepwell-run>
      <stepwell-run runtime="js"><script type="text/plain">print("<b>")</script></stepwell-run>
      <stepwell-run runtime="js"><template>if (1 &lt; 2 && 3 > 2) print(2)</template></stepwell-run>
      <stepwell-run runtime="js" code="print(3)"></stepwell-run>`);
    const texts = await page.locator("stepwell-run").evaluateAll((all) => all.map((one) => (one as RunElement).program));
    const expected = ["if (1 < 2) {\n  print(1)\n}\n", 'print("<b>")\n', "if (1 < 2 && 3 > 2) print(2)\n", "print(3)\n"];
    assert.deepEqual(texts, expected);
    await page.close();
  });

  it("follows its text again when its attribute code is removed", async () => {
    const given = (attributes: string) => program("js", "print('text')", `code="print('code')" ${attributes}`);
    const page = await chromium.visit(given("") + given("editor"));
    await page.locator(".cm-editor").waitFor();
    const programs = () => page.locator("stepwell-run").evaluateAll((all) => all.map((one) => (one as RunElement).program));
    const both = (text: string) => [text, text];
    assert.deepEqual(await programs(), both("print('code')\n"));
    await page.locator("stepwell-run").evaluateAll((all) => all.forEach((one) => one.removeAttribute("code")));
    assert.deepEqual(await programs(), both("print('text')\n"));
    await page.locator("stepwell-run").evaluateAll((all) => all.forEach((one) => (one.textContent = "print('changed')")));
    // What is in an editor is its reader's.
    assert.deepEqual(await programs(), ["print('changed')\n", "print('text')\n"]);
    await page.locator("stepwell-run").evaluateAll((all) => all.forEach((one) => one.setAttribute("code", "print('again')")));
    assert.deepEqual(await programs(), both("print('again')\n"));
    await page.close();
  });

  it("follows its text after it was moved, unless it has a program of the page's", async () => {
    const page = await chromium.visit(program("js", "print(1)") + program("js", "print(1)"));
    const programs = await page.locator("stepwell-run").evaluateAll((all) => all.map((one, at) => {
      const element = one as RunElement;
      if (at === 1) element.program = "print('set')";
      document.body.append(element);
      element.textContent = "print(2)";
      return element.program;
    }));
    assert.deepEqual(programs, ["print(2)\n", "print('set')"]);
    await page.close();
  });

  it("tells of a change when its reader edits or takes back, and not when the page sets the program", async () => {
    const page = await chromium.visit(program("js", "print(1)", "editor"));
    const component = page.locator("stepwell-run");
    const editor = component.getByRole("textbox", { name: "Program", exact: true });
    await editor.waitFor();
    const told = await component.evaluateHandle((element) => {
      const programs: string[] = [];
      element.addEventListener("stepwell-change", (event) => programs.push((event as CustomEvent).detail.program));
      return programs;
    });
    await component.evaluate((element) => {
      (element as RunElement).program = "1";
      element.setAttribute("code", "2");
      element.removeAttribute("code");
      (element as RunElement).program = "3";
    });
    assert.deepEqual(await told.jsonValue(), []);
    await editor.press("Control+End");
    await page.keyboard.type("4");
    await page.keyboard.press("Control+z");
    await page.keyboard.insertText("56");
    assert.deepEqual(await told.jsonValue(), ["34", "3", "356"]);
    await page.close();
  });

  it("refuses to type what is no text, whether it runs or not", async () => {
    const page = await chromium.visit(program("js", "for (;;) {}"));
    const told = await page.locator("stepwell-run").evaluate((element) => {
      const one = element as RunElement;
      const refusals = () => [5, null].map((value) => {
        try {
          return one.type(value as never);
        } catch (error) {
          return String(error);
        }
      });
      const before = refusals();
      void one.run();
      return [...before, ...refusals()];
    });
    const expected = ["a number", "null"].map((kind) => `TypeError: text must be a string, not ${kind}`);
    assert.deepEqual(told, [...expected, ...expected]);
    await page.close();
  });

  it("refuses a program that is no text, with an editor and without, and keeps the one that it has", async () => {
    const page = await chromium.visit(program("js", "print(1)") + program("js", "print(1)", "editor"));
    await page.locator(".cm-editor").waitFor();
    const told = await page.locator("stepwell-run").evaluateAll((all) =>
      all.flatMap((one) => [5, null, undefined, {}].map((value) => {
        try {
          (one as RunElement).program = value as never;
          return "taken";
        } catch (error) {
          return `${String(error)}; ${(one as RunElement).program}`;
        }
      })),
    );
    const kinds = ["a number", "null", "undefined", "an Object"];
    const expected = kinds.map((kind) => `TypeError: program must be a string, not ${kind}; print(1)\n`);
    assert.deepEqual(told, [...expected, ...expected]);
    await page.close();
  });

  it("has the files of its children, and gives the files that are left to the page", async () => {
    const text = `
      import * as std from 'std';
      print(std.loadFile('/data/in.txt').length, std.loadFile('/package.json').length > 0);
      const out = std.open('/out.txt', 'w'); out.puts('left'); out.close();`;
    const files = '<stepwell-file path="data/in.txt">four\n</stepwell-file><stepwell-file path="/package.json" url="/package.json"></stepwell-file>';
    const page = await chromium.visit(program("js", text).replace("</stepwell-run>", `${files}</stepwell-run>`));
    const [stdout, left] = await page.locator("stepwell-run").evaluate(async (element) => {
      const { stdout, stderr, files } = await (element as RunElement).run();
      return [stdout + stderr, await files?.readFile("/out.txt", "utf8").catch(String)];
    });
    assert.deepEqual([stdout, left], ["5 true\n", "left"]);
    await page.close();
  });

  it("tells the page what happens", async () => {
    const page = await chromium.visit(program("sqlite", "select 'a';"));
    const told = await page.locator("stepwell-run").evaluate(async (element) => {
      const names: string[] = [];
      const decoder = new TextDecoder();
      const hear = (event: Event) => {
        const { detail } = event as CustomEvent;
        const more = event.type === "stepwell-output" ? ` ${detail.stream} ${decoder.decode(detail.bytes).trim()}` : "";
        if (event.type !== "stepwell-progress" || detail.loadedBytes === detail.totalBytes) names.push(event.type + more);
      };
      for (const name of ["start", "progress", "output", "end"]) document.body.addEventListener(`stepwell-${name}`, hear);
      await (element as RunElement).run();
      return names;
    });
    assert.deepEqual(told, ["stepwell-start", "stepwell-progress", "stepwell-output stdout a", "stepwell-end"]);
    await page.close();
  });

  it("runs anew when it is asked to while it runs, and shows only the new run", async () => {
    const page = await chromium.visit(program("js", "print('old'); for (;;) {}"));
    const component = page.locator("stepwell-run");
    const kinds = await component.evaluate(async (element) => {
      const one = element as RunElement;
      const first = one.run();
      one.program = "print('new')";
      const second = one.run();
      return [(await first).kind, (await second).kind];
    });
    assert.deepEqual(kinds, ["stopped", "exited"]);
    assert.equal(await screen(component), "new");
    await page.close();
  });

  it("is there for who hears of its start, and can be stopped, typed to and run anew by them", async () => {
    const page = await chromium.visit(program("js", "import * as std from 'std'; print(std.in.getline())"));
    const told = await page.locator("stepwell-run").evaluate(async (element) => {
      const one = element as RunElement;
      const atStart = async (act: () => void): Promise<Outcome> => {
        one.addEventListener("stepwell-start", act, { once: true });
        return await one.run();
      };
      const running: boolean[] = [];
      const typed = await atStart(() => {
        running.push(one.running);
        one.type("typed\n");
      });
      const stopped = await atStart(() => one.stop());
      const anew = await atStart(() => void one.run());
      one.stop();
      return [running, typed.stdout, stopped.kind, anew.kind];
    });
    assert.deepEqual(told, [[true], "typed\n", "stopped", "stopped"]);
    await page.close();
  });

  it("several share one engine, and run at the same time", async () => {
    const endless = program("js", "for (;;) {}");
    const page = await chromium.visit(endless + endless + program("js", "print('done')"));
    const components = page.locator("stepwell-run");
    for (const at of [0, 1]) await components.nth(at).getByRole("button", { name: "Run" }).click();
    assert.equal((await run(components.nth(2))).stdout, "done\n");
    assert.equal(page.workers().length, 1);
    assert.equal(await components.nth(0).evaluate((element) => (element as RunElement).running), true);
    await page.close();
  });

  it("stopping one that loads does not stop another that waits for the same files", async () => {
    const page = await chromium.visit(program("php", "<?php echo 1;") + program("php", "<?php echo 2;"));
    const outcomes = await page.locator("stepwell-run").evaluateAll(async (all) => {
      const runs = all.map((one) => (one as RunElement).run());
      all.forEach((one, at) => at === 0 && one.addEventListener("stepwell-progress", () => (one as RunElement).stop()));
      return (await Promise.all(runs)).map(({ kind, stdout }: Outcome) => [kind, stdout]);
    });
    assert.deepEqual(outcomes, [["stopped", ""], ["exited", "2"]]);
    await page.close();
  });
});

describe("a component without what it needs", () => {
  it("runs with its editor and its terminal when they can be fetched again, and not without", async () => {
    const parts = "**/dist/elements/{screen,editor}-*.js";
    const before = async (page: Page) => await page.route(parts, (route) => route.abort());
    const page = await chromium.visit(program("js", "print('at last')", "editor"), { before });
    const component = page.locator("stepwell-run");
    const { kind, message } = await run(component);
    assert.equal(kind, "failed", message);
    assert.equal(await page.locator(".cm-editor, .xterm").count(), 0);
    await page.unroute(parts);
    assert.equal((await run(component)).stdout, "at last\n");
    assert.equal(await screen(component), "at last");
    await component.getByRole("textbox", { name: "Program", exact: true }).waitFor();
    assert.deepEqual(chromium.errors, []);
    await page.close();
  });

  it("says nothing of an editor that nobody wants any more", async () => {
    for (const leave of ["removeAttribute", "remove"] as const) {
      let [ask, fail] = [() => {}, () => {}];
      const asked = new Promise<void>((resolve) => (ask = resolve));
      const failing = new Promise<void>((resolve) => (fail = resolve));
      const before = async (page: Page) => {
        await page.route("**/dist/elements/editor-*.js", async (route) => (ask(), await failing, await route.abort()));
      };
      const page = await chromium.visit(program("js", "", "editor"), { before });
      const component = await page.locator("stepwell-run").elementHandle();
      await asked;
      await component?.evaluate((element, leave) => element[leave]("editor"), leave);
      const failed = page.waitForEvent("requestfailed");
      fail();
      await failed;
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 100)));
      assert.equal(await component?.evaluate(({ shadowRoot }) => shadowRoot?.querySelector("[role=status]")?.textContent), "", leave);
      await page.close();
    }
  });

  it("has another engine after one that was lost, whose worker is gone", async () => {
    const head = `<script>
      const made = [];
      globalThis.Worker = class extends Worker { constructor(...all) { super(...all); made.push(this); } };
      const lose = () => made[0].onerror(new ErrorEvent("error", { message: "it is lost" }));
    </script>`;
    const page = await chromium.visit(program("js", "print('on it'); for (;;) {}"), { head });
    const component = page.locator("stepwell-run");
    const ended = component.evaluate(endOfRun);
    await component.getByRole("button", { name: "Run" }).click();
    await shows(component, "on it");
    const [lost] = page.workers();
    const gone = new Promise<void>((resolve) => lost?.once("close", () => resolve()));
    await page.evaluate("lose()");
    assert.match(await ended.then(({ kind, message }) => `${kind}: ${message}`), /^failed: .*it is lost/);
    await gone;
    await component.evaluate((element) => ((element as RunElement).program = "print('again')"));
    assert.equal((await run(component)).stdout, "again\n");
    assert.equal(page.workers().length, 1);
    await page.close();
  });
});

describe("a component that is moved", () => {
  /** How many editors, terminals and style sheets it has. */
  const parts = (element: Element) => {
    const root = element.shadowRoot as ShadowRoot;
    return [root.querySelectorAll(".cm-editor").length, root.querySelectorAll(".xterm").length, root.adoptedStyleSheets.length];
  };

  it("has one editor and one terminal, with the text as it was edited", async () => {
    const move = (element: Element) => {
      for (const target of ["main", "body", "main"]) document.querySelector(target)?.append(element);
    };
    // Before its parts are loaded, and after.
    const module = `(${move})(document.querySelector("stepwell-run"))`;
    const page = await chromium.visit(`${program("js", "print(1)", "editor")}<main></main>`, { module });
    const component = page.locator("stepwell-run");
    const editor = component.getByRole("textbox", { name: "Program", exact: true });
    await editor.waitFor();
    await component.locator(".xterm").waitFor();
    const once = await component.evaluate(parts);
    assert.deepEqual(once.slice(0, 2), [1, 1]);
    await editor.fill("print('moved')");
    await component.evaluate(move);
    await component.locator(".xterm").waitFor();
    await editor.filter({ hasText: "moved" }).waitFor();
    assert.deepEqual(await component.evaluate(parts), once);
    assert.equal((await run(component)).stdout, "moved\n");
    assert.equal(await screen(component), "moved");
    assert.deepEqual(chromium.errors, []);
    await page.close();
  });

  it("has neither when it was taken out of the page while it ran", async () => {
    const page = await chromium.visit(program("js", "for (;;) print('on and on')", "editor"));
    const component = page.locator("stepwell-run");
    await component.getByRole("textbox", { name: "Program", exact: true }).waitFor();
    const element = await component.elementHandle();
    await component.evaluate((one) => void (one as RunElement).run());
    await shows(component, "on and on");
    const kind = await element?.evaluate(async (one) => {
      const over = new Promise<Outcome>((resolve) => one.addEventListener("stepwell-end", (event) => resolve((event as CustomEvent).detail)));
      one.remove();
      return (await over).kind;
    });
    assert.equal(kind, "stopped");
    assert.deepEqual((await element?.evaluate(parts))?.slice(0, 2), [0, 0]);
    assert.deepEqual(chromium.errors, []);
    await page.close();
  });
});

describe("<stepwell-wasi>", () => {
  it("runs a program by itself, with arguments, and gives it what is typed", async () => {
    const page = await chromium.visit(`<stepwell-wasi src="${module("echo")}" controls autorun></stepwell-wasi>`);
    const component = page.locator("stepwell-wasi");
    await component.getByRole("status").filter({ hasText: "Waiting for input." }).waitFor();
    const ended = component.evaluate(endOfRun);
    await component.evaluate((element) => (element as WasiElement).type("to and fro\n\x04"));
    assert.equal((await ended).stdout, "to and fro\n");
    assert.equal(await screen(component), "to and fro\nto and fro");
    await page.close();
  });

  it("splits its arguments as a shell does", async () => {
    const page = await chromium.visit(`<stepwell-wasi src="${module("args")}" name="list" args='one "two words"'></stepwell-wasi>`);
    const stdout = await page.locator("stepwell-wasi").evaluate(async (element) => (await (element as WasiElement).run()).stdout);
    assert.ok(stdout.includes("list\0one\0two words\0"), JSON.stringify(stdout));
    await page.close();
  });

  it("shows no more than the program writes with disable-echo", async () => {
    const page = await chromium.visit(`<stepwell-wasi src="${module("echo")}" disable-echo controls></stepwell-wasi>`);
    const component = page.locator("stepwell-wasi");
    const ended = component.evaluate(endOfRun);
    await component.evaluate((element) => {
      void (element as WasiElement).run();
      (element as WasiElement).type("once\n\x04");
    });
    await ended;
    assert.equal(await screen(component), "once");
    await page.close();
  });
});

describe("without a mouse or a screen", () => {
  it("Tab goes through editor, buttons and terminal, and Escape gets out of the editor", async () => {
    const page = await chromium.visit(`${program("js", "print(1)", "editor")}<button>After</button>`);
    const component = page.locator("stepwell-run");
    const editor = component.getByRole("textbox", { name: "Program", exact: true });
    await editor.waitFor();
    await shows(component, "");
    const focused = () => page.evaluate(() => {
      const inner = document.querySelector("stepwell-run")?.shadowRoot?.activeElement ?? document.activeElement;
      return inner?.getAttribute("aria-label") ?? inner?.textContent;
    });
    await editor.focus();
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Program", "Tab indents");
    const order: (string | null | undefined)[] = [];
    await page.keyboard.press("Escape");
    for (const _ of [1, 2, 3, 4]) {
      await page.keyboard.press("Tab");
      order.push(await focused());
    }
    assert.deepEqual(order, ["Run", "Stop", "Input of the program", "After"]);
    await page.keyboard.press("Shift+Tab");
    assert.equal(await focused(), "Input of the program");
    await page.close();
  });

  it("output is in a log, without colours, and the buttons say whether they do something", async () => {
    const page = await chromium.visit(program("js", "print('\\x1b[31mred\\x1b[0m'); print('two')", 'label="An example"'));
    const component = page.getByRole("group", { name: "An example" });
    await run(component);
    assert.deepEqual(await component.getByRole("log").locator("div").allTextContents(), ["red", "two"]);
    assert.equal(await component.getByRole("button", { name: "Stop" }).getAttribute("aria-disabled"), "true");
    assert.equal(await component.getByRole("button", { name: "Run" }).getAttribute("aria-disabled"), "false");
    await page.close();
  });

  it("Ctrl+Enter in the editor runs what is there", async () => {
    const page = await chromium.visit(program("js", "print(1)", "editor"));
    const component = page.locator("stepwell-run");
    const ended = component.evaluate(endOfRun);
    await component.getByRole("textbox", { name: "Program", exact: true }).fill("print('edited')");
    await page.keyboard.press("Control+Enter");
    assert.equal((await ended).stdout, "edited\n");
    await page.close();
  });

  it("is light or dark as the system is, or as its attribute says", async () => {
    const page = await chromium.visit(program("js", "") + program("js", "", 'theme="dark"'));
    const colours = async () =>
      await page.locator("stepwell-run").evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
    const [light, dark] = ["rgb(255, 255, 255)", "rgb(27, 30, 36)"];
    assert.deepEqual(await colours(), [light, dark]);
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await colours(), [dark, dark]);
    await page.close();
  });
});
