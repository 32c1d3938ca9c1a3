/** What all components of a page share: where things come from, and the engines. */

import type { Engine, EngineOptions } from "../engine.js";
import { SharedEngine } from "../shared-engine.js";

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

/** Changes settings of the page. Those of an engine count for the next one, so they come before the first run. */
export function configure(changes: Partial<Settings>): void {
  Object.assign(settings, changes);
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
