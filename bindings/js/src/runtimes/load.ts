/** Getting a runtime by its name. */

import { callable, mistaken, object, signalOf } from "../checks.js";
import type { Client } from "../client.js";
import type { Engine } from "../engine.js";
import { isAddress } from "../source.js";
import { find } from "./catalog.js";
import type { FilesFrom, Progress } from "./fetching.js";
import { Runtime } from "./runtime.js";
import { share } from "./stock.js";
import { defaultStore, type Store } from "./store.js";

/** Where a runtime comes from. */
export interface RuntimeOptions {
  /** The folder's address that `stepwell runtimes export` has written, or a function that is told a file's name. */
  readonly from: FilesFrom;
  /** Where what was fetched, and what was made of it, is kept. Default: the browser's database; in Node, nowhere. */
  readonly store?: Store | null;
  /** Ends the fetching, and the wait for it. Others who need the same files get them. */
  readonly signal?: AbortSignal;
  /** Hears how far the fetching is, while a program of this runtime waits for it. */
  readonly onProgress?: (progress: Progress) => void;
}

/** A runtime by its name. Its files are fetched when a program first needs them. */
export async function loadRuntime(engine: Engine, client: Client, name: string, options: RuntimeOptions): Promise<Runtime> {
  const selection = find(name);
  const { from, store = defaultStore(), onProgress } = object(options, "options");
  if (typeof from !== "function" && !isAddress(from)) throw mistaken("from", "an address or a function", from);
  if (onProgress !== undefined) callable(onProgress, "onProgress");
  if (store !== null) checkStore(store);
  const signal = signalOf(options);
  signal?.throwIfAborted();
  const own = share(engine, client, selection, { from, store }, { signal, onProgress });
  return new Runtime(engine, client, selection, own);
}

function checkStore(store: Store): void {
  object(store, "store");
  for (const name of ["get", "set", "delete", "names"] as const) callable(store[name], `store.${name}`);
}
