/** What all components of a page share: where things come from, and the engines. */

import { Engine, type EngineOptions } from "../engine.js";
import { EngineError } from "../errors.js";

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
const engines = new Map<Thread, Promise<Engine>>();

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
  const known = engines.get(thread);
  if (known !== undefined) return known;
  const { wasm, sliceMs } = settings;
  const options = { thread, ...(wasm === undefined ? {} : { wasm }), ...(sliceMs === undefined ? {} : { sliceMs }) };
  const engine = Engine.load(options);
  engines.set(thread, engine);
  engine.catch(() => forget(thread, engine));
  return engine;
}

/** Has the next run make a new engine if this error says that the old one is lost, whose worker and memory are let go of. */
export function noteLoss(thread: Thread, engine: Promise<Engine>, error: unknown): void {
  if (!(error instanceof EngineError) || error.code !== "LOST") return;
  forget(thread, engine);
  engine.then((lost) => lost.dispose()).catch(() => undefined);
}

function forget(thread: Thread, engine: Promise<Engine>): void {
  if (engines.get(thread) === engine) engines.delete(thread);
}
