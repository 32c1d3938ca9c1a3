/** A real Chromium that visits pages of a static server, which sets no headers of its own. */

import { after, before } from "node:test";

import { chromium, type Browser, type BrowserContext, type Locator, type Page } from "playwright-core";
import type { RunElement } from "stepwell/elements";

// @ts-expect-error A script of the package, which has no declarations.
import { ensureChromium } from "../../scripts/chromium.mjs";
// @ts-expect-error As above.
import { serve } from "../../scripts/serve.mjs";


/** A browser, and the pages that it is shown. */
export class Chromium {
  #browser!: Browser;
  #context!: BrowserContext;
  #server!: { address: string; close: () => Promise<void> };
  readonly #pages = new Map<string, string>();
  readonly #errors: string[] = [];

  /** Starts before the tests of a file, and ends after them. */
  constructor() {
    before(async () => {
      this.#server = await serve({ more: (request: Asked, response: Answer) => this.#answer(request, response) });
      // Chromium has no sandbox for the superuser; what it shows is the package's own.
      const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      this.#browser = await chromium.launch({ executablePath: ensureChromium(), args });
      this.#context = await this.#browser.newContext();
    });
    after(async () => {
      await this.#browser.close();
      await this.#server.close();
    });
  }

  /** Shows a page with this body. What is kept from one visit to the next is that of all pages of the file. */
  async visit(body: string, options: Visit = {}): Promise<Page> {
    const path = `/pages/${this.#pages.size}/`;
    this.#pages.set(path, page(body, options.head ?? "", options.module ?? ""));
    const shown = await this.#context.newPage();
    shown.setDefaultTimeout(120_000);
    shown.on("pageerror", (error) => this.#errors.push(error.stack ?? error.message));
    await options.before?.(shown);
    await shown.goto(this.#server.address + path);
    return shown;
  }

  /** What has gone wrong in pages without being caught. */
  get errors(): readonly string[] {
    return this.#errors;
  }

  get browser(): Browser {
    return this.#browser;
  }

  #answer(request: Asked, response: Answer): boolean {
    const found = this.#pages.get(request.url ?? "");
    if (found === undefined) return false;
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(found);
    return true;
  }
}

/** What there is on a page besides its body. */
export interface Visit {
  readonly head?: string;
  readonly module?: string;
  /** What is done with the page before it is loaded. */
  readonly before?: (page: Page) => Promise<unknown>;
}

type Asked = import("node:http").IncomingMessage;
type Answer = import("node:http").ServerResponse;

/** The components are not told where the runtimes are more than once. */
function page(body: string, head: string, module: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><link rel="icon" href="data:,">${head}
    <script type="module">
      import { configure } from "/dist/elements.js";
      configure({ runtimes: "/site/" });
      ${module}
    </script>
    <body>${body}</body></html>`;
}

/** A component with a program in a language. */
export function program(runtime: string, text: string, attributes = ""): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<stepwell-run runtime="${runtime}" controls ${attributes}>${escaped}</stepwell-run>`;
}

/** How a run has ended, as far as it can be sent from a page. */
export interface Ended {
  readonly kind: string;
  readonly message: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly receipt: string | null;
}

/** Clicks on Run and waits for the end. */
export async function run(component: Locator): Promise<Ended> {
  const ended = component.evaluate(endOfRun);
  await component.getByRole("button", { name: "Run" }).click();
  return await ended;
}

/** The end of the next run of a component. */
export function endOfRun(element: Element): Promise<Ended> {
  return new Promise((resolve) => {
    const end = (event: Event) => {
      const { kind, message, code, stdout, stderr, exit } = (event as CustomEvent).detail;
      resolve({ kind, message, code, stdout, stderr, receipt: exit?.receipt ?? null });
    };
    element.addEventListener("stepwell-end", end, { once: true });
  });
}

/** What a component's terminal shows. */
export async function screen(component: Locator): Promise<string> {
  return await component.evaluate((element) => (element as RunElement).screenText());
}

/** Waits until a component's terminal shows something. */
export async function shows(component: Locator, text: string): Promise<void> {
  await component.evaluate(async (element, wanted) => {
    while (!(await (element as RunElement).screenText()).includes(wanted)) await new Promise((resolve) => setTimeout(resolve, 20));
  }, text);
}

/** Whether a reader sees the line that says how it stands: it is where it is drawn. */
export async function seesStatus(component: Locator): Promise<boolean> {
  return await component.evaluate((element) => {
    const root = element.shadowRoot as ShadowRoot;
    const status = root.querySelector(".status") as HTMLElement;
    const { left, top, width, height } = status.getBoundingClientRect();
    return height > 1 && root.elementFromPoint(left + width / 2, top + height / 2) === status;
  });
}

/** Lets no request for a file through before it is released. */
export async function hold(page: Page, pattern: string): Promise<{ readonly asked: Promise<void>; release: () => void }> {
  let [ask, release] = [() => {}, () => {}];
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    ask();
    await released;
    await route.continue();
  });
  return { asked, release };
}

/** Counts what a page asks its server for. */
export function countRequests(shown: Page): string[] {
  const asked: string[] = [];
  shown.on("request", (request) => asked.push(new URL(request.url()).pathname));
  return asked;
}
