/** Getting a runtime by its name. */

import type { Client } from "../client.js";
import type { Engine } from "../engine.js";
import { find } from "./catalog.js";
import type { FilesFrom, Progress } from "./fetching.js";
import { Files } from "./files.js";
import { Runtime } from "./runtime.js";
import { defaultStore, type Store } from "./store.js";

/** Where a runtime comes from. */
export interface RuntimeOptions {
  /** The folder's address that `stepwell runtimes export` has written, or a function that is told a file's name. */
  readonly from: FilesFrom;
  /** Where what was fetched, and what was made of it, is kept. Default: the browser's database; in Node, nowhere. */
  readonly store?: Store | null;
  /** Ends the fetching. */
  readonly signal?: AbortSignal;
  /** Hears how far the fetching is. */
  readonly onProgress?: (progress: Progress) => void;
}

/** A runtime by its name. Its files are fetched when a program first needs them. */
export async function loadRuntime(engine: Engine, client: Client, name: string, options: RuntimeOptions): Promise<Runtime> {
  const selection = find(name);
  const { from, store = defaultStore(), signal, onProgress } = options;
  signal?.throwIfAborted();
  return new Runtime(engine, client, selection, new Files(engine, client, selection.runtime, { from, store, signal, onProgress }));
}
