/** Sees from outside in which slices programs run: the library is wrapped before the package makes an instance of it. */

import type { Page } from "playwright-core";

/** One call of the library that runs a process. */
export interface Slice {
  /** How many steps it has at most. */
  readonly steps: number;
  readonly ms: number;
  /** How many turns others have had before it. */
  readonly turns: number;
}

/** All slices, and how many there were when a process was killed. */
export interface Slices {
  readonly slices: readonly Slice[];
  readonly atKill: number | null;
}

type Exports = Record<string, (...args: (number | bigint)[]) => number>;

/** Watches in the thread where it is called, which is a page's or a worker's. */
function watch(): void {
  const seen: { slices: Slice[]; atKill: number | null } = { slices: [], atKill: null };
  Object.assign(globalThis, { seenSlices: seen });
  const { port1, port2 } = new MessageChannel();
  let turns = 0;
  port1.onmessage = () => (turns += 1);
  // A worker is asked to kill a process by a message.
  addEventListener("message", (event) => {
    if ((event as MessageEvent).data?.method === "kill") seen.atKill = seen.slices.length;
  });
  const original = WebAssembly.instantiate as (module: WebAssembly.Module, imports: object) => Promise<WebAssembly.Instance>;
  const wrapped = async (module: WebAssembly.Module, imports: object) => {
    const instance = await original(module, imports);
    const exports = { ...instance.exports } as Exports;
    const run = exports["stepwell_process_run"] as Exports[string];
    exports["stepwell_process_run"] = (...args) => {
      const start = performance.now();
      // Is taken in its turn, so before the next slice if that leaves the others a turn.
      port2.postMessage(null);
      const status = run(...args);
      seen.slices.push({ steps: Number(args[1]), ms: performance.now() - start, turns });
      return status;
    };
    return { exports };
  };
  Object.assign(WebAssembly, { instantiate: wrapped });
}

/** The same for the workers of a page, which get it in front of their own script. */
function watchWorkers(source: string): void {
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      const text = `(${source})(); import ${JSON.stringify(String(url))};`;
      super(URL.createObjectURL(new Blob([text], { type: "text/javascript" })), options);
    }
  };
}

/** What a page has in its head to be watched. */
export const watchedSlices = `<script>(${watch})(); (${watchWorkers})(${JSON.stringify(String(watch))});
  addEventListener("click", () => (seenSlices.atKill = seenSlices.slices.length), { capture: true });</script>`;

/** What was seen in the thread where guests run. */
export async function slicesOf(page: Page, thread: string): Promise<Slices> {
  const seen = () => (globalThis as unknown as { seenSlices: Slices }).seenSlices;
  const [worker] = page.workers();
  if (thread === "inline") return await page.evaluate(seen);
  if (worker === undefined) throw new TypeError("the page has no worker");
  return await worker.evaluate(seen);
}
