/** What an engine has of a runtime, shared by all who have asked for it from the same folder with the same store. */

import type { Client } from "../client.js";
import type { Engine } from "../engine.js";
import type { FileSystem } from "../file-system.js";
import type { Module } from "../module.js";
import type { Shared } from "../shared.js";
import type { Language, Role, RuntimeData, Selection } from "./catalog.js";
import { addressOf, type Place, type Progress } from "./fetching.js";
import { Files } from "./files.js";
import { Warm } from "./warm.js";

/** Who has asked for a runtime: hears how far the fetching is, and can end the wait for it. */
export interface Asker {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The files of a runtime, and its interpreters that were started. */
class Stock {
  readonly files: Files;
  readonly #engine: Engine;
  readonly #client: Client;
  readonly #warm = new Map<Language, Warm>();
  readonly #forget: () => void;
  /** How many have asked for it who are there and have not let go of it. */
  users = 0;

  constructor(engine: Engine, client: Client, runtime: RuntimeData, place: Place, forget: () => void) {
    this.#engine = engine;
    this.#client = client;
    this.files = new Files(engine, client, runtime, place);
    this.#forget = forget;
  }

  /** The started interpreters of a language; `null` if it has none. */
  warm(selection: Selection): Warm | null {
    const { language } = selection;
    const recipe = language.warm;
    if (recipe === null) return null;
    return found(this.#warm, language, () => new Warm(this.#engine, this.#client, selection, recipe, this.files));
  }

  async dispose(): Promise<void> {
    this.#forget();
    // At once, so that nothing waits for what will not come.
    await Promise.all([...this.#warm.values(), this.files].map((one) => one.dispose()));
  }
}

/** Of those who have forgotten a runtime nobody can tell whether they will ask again: they only do not count any more. */
const forgotten = new FinalizationRegistry<Stock>((stock) => (stock.users -= 1));

/** A share of a stock. */
export class Share {
  readonly #stock: Stock;
  readonly #asker: Asker;
  readonly warm: Warm | null;

  constructor(stock: Stock, selection: Selection, asker: Asker) {
    this.#stock = stock;
    this.#asker = asker;
    this.warm = stock.warm(selection);
    stock.users += 1;
    forgotten.register(this, stock, this);
  }

  get files(): Files {
    return this.#stock.files;
  }

  async module(role: Role, signal?: AbortSignal): Promise<Module> {
    return await this.wait(this.files.module(role), signal);
  }

  /** A new file system with the base and what is added to it. */
  async root(signal?: AbortSignal): Promise<FileSystem> {
    return await (await this.wait(this.files.base, signal)).fork();
  }

  /** Waits for what may have to be fetched: the asker hears of that, and its signal ends the wait too. */
  async wait<T extends AsyncDisposable | null>(thing: Shared<T>, signal?: AbortSignal): Promise<T> {
    if (thing.isDone) return await thing.get(signal);
    const { onProgress, signal: whole } = this.#asker;
    const failed = new AbortController();
    const hear = (progress: Progress) => {
      try {
        onProgress?.(progress);
      } catch (error) {
        // Others who wait hear nothing of that.
        failed.abort(error);
      }
    };
    const { listeners } = this.files;
    listeners.add(hear);
    try {
      return await thing.get(AbortSignal.any([failed.signal, whole, signal].filter((one) => one !== undefined)));
    } finally {
      listeners.delete(hear);
    }
  }

  /** Lets go of it: the last one disposes of the stock. */
  async dispose(): Promise<void> {
    // It counts as long as it is registered.
    if (forgotten.unregister(this)) this.#stock.users -= 1;
    if (this.#stock.users === 0) await this.#stock.dispose();
  }
}

/** Stocks of one place, by the runtime. */
type Stocks = Map<RuntimeData, Stock>;

/** Stocks of one store. Functions may be made for one call only, and go with it. */
interface Shelf {
  readonly addresses: Map<string, Stocks>;
  readonly functions: WeakMap<object, Stocks>;
}

/** Where nothing is kept. */
const NOWHERE = {};
const engines = new WeakMap<Client, WeakMap<object, Shelf>>();

/** A share of what the engine has of a runtime of this place. */
export function share(engine: Engine, client: Client, selection: Selection, place: Place, asker: Asker): Share {
  const { runtime } = selection;
  const from = typeof place.from === "function" ? place.from : addressOf(place.from);
  const shelves = found(engines, client, () => new WeakMap<object, Shelf>());
  const shelf = found(shelves, place.store ?? NOWHERE, (): Shelf => ({ addresses: new Map(), functions: new WeakMap() }));
  const none = (): Stocks => new Map();
  const stocks = typeof from === "string" ? found(shelf.addresses, from, none) : found(shelf.functions, from, none);
  const make = (): Stock => {
    const stock: Stock = new Stock(engine, client, runtime, { ...place, from }, () => {
      if (stocks.get(runtime) === stock) stocks.delete(runtime);
    });
    return stock;
  };
  return new Share(found(stocks, runtime, make), selection, asker);
}

/** What a map has, put there if need be. */
function found<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const value = make();
  map.set(key, value);
  return value;
}
