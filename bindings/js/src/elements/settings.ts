/** What all components of a page share: where things come from, and the engines. */

import { bytesIn, choice, isA, mistaken, object } from "../checks.js";
import type { Engine, EngineOptions } from "../engine.js";
import { SharedEngine } from "../shared-engine.js";
import { isAddress } from "../source.js";

/** Where guests run. */
export type Thread = "worker" | "inline";

/** Settings of a page. */
export interface Settings {
  /** The address of the folder with the files of the runtimes. Default: `runtimes/` beside the page. */
  runtimes: string | URL;
  /** Where guests run if a component does not say so itself. */
  thread: Thread;
  /** Where `stepwell.wasm` comes from. Default: beside the package's files. */
  wasm: EngineOptions["wasm"];
  /** How long a guest runs before others have their turn. */
  sliceMs: number | undefined;
}

const settings: Settings = { runtimes: "runtimes/", thread: "worker", wasm: undefined, sliceMs: undefined };
const engines = new Map<Thread, SharedEngine>();

/** What refuses a value of each setting that cannot be right. */
const CHECKS: { readonly [name in keyof Settings]: (value: unknown) => void } = {
  runtimes(value) {
    if (!isAddress(value)) throw mistaken("runtimes", "a string or a URL", value);
  },
  thread(value) {
    choice(value, "thread", ["worker", "inline"]);
  },
  wasm(value) {
    const isPromise = typeof (value as PromiseLike<unknown> | null)?.then === "function";
    const isSource = isAddress(value) || bytesIn(value) !== null || isA(value, "Response") || isA(value, "WebAssembly.Module");
    if (!isPromise && !isSource) throw mistaken("wasm", "an address, a Response, bytes or a WebAssembly.Module", value);
  },
  sliceMs(value) {
    if (typeof value !== "number") throw mistaken("sliceMs", "a number", value);
    if (!(value > 0)) throw new TypeError(`sliceMs must be more than 0, not ${value}`);
  },
};
/** The settings that may be without a value. */
const OPTIONAL = new Set(["wasm", "sliceMs"]);

/** Changes settings of the page. Those of an engine count for the next one, so they come before the first run. */
export function configure(changes: Partial<Settings>): void {
  const given = Object.entries(object(changes, "the settings")).filter(([name, value]) => value !== undefined || OPTIONAL.has(name));
  for (const [name, value] of given) {
    if (!Object.hasOwn(CHECKS, name)) throw new TypeError(`there is no setting ${JSON.stringify(name)}`);
    if (value !== undefined) CHECKS[name as keyof Settings](value);
  }
  Object.assign(settings, Object.fromEntries(given));
}

/** The settings as they are. */
export function current(): Readonly<Settings> {
  return settings;
}

/** The engine that all components of the page share which run in the same kind of thread. */
export function sharedEngine(thread: Thread = settings.thread): Promise<Engine> {
  const { wasm, sliceMs } = settings;
  const options = { thread, ...(wasm === undefined ? {} : { wasm }), ...(sliceMs === undefined ? {} : { sliceMs }) };
  const engine = engines.get(thread) ?? new SharedEngine();
  engines.set(thread, engine);
  return engine.get(options);
}
