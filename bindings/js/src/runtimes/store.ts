/** Where what was fetched and what was made of it is kept, by name. */

import { nodeBuiltin } from "../host.js";

/** A place that keeps bytes by name from one visit to the next. */
export interface Store {
  /** What is kept under a name. */
  get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps bytes. What cannot be kept is fetched or made again, so a failure is for the caller to pass over. */
  set(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Lets go of what is kept under a name. */
  delete(name: string): Promise<void>;
  /** The names under which something is kept: what another version of the package has kept is removed. */
  names(): Promise<readonly string[]>;
}

const OBJECTS = "files";

/** A store in the browser's database, which every page of the site shares. */
export function indexedDbStore(database = "stepwell"): Store {
  let opened: Promise<IDBDatabase> | null = null;
  const forget = () => (opened = null);
  const act = async <T>(mode: IDBTransactionMode, use: (objects: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    // What has failed once may succeed the next time.
    opened ??= openDatabase(database, forget);
    const transaction = (await opened.catch((error: unknown) => (forget(), Promise.reject(error)))).transaction(OBJECTS, mode);
    return await new Promise<T>((resolve, reject) => {
      const request = use(transaction.objectStore(OBJECTS));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  };
  return {
    get: async (name) => await act("readonly", (objects) => objects.get(name) as IDBRequest<Uint8Array<ArrayBuffer> | undefined>),
    set: async (name, bytes) => void (await act("readwrite", (objects) => objects.put(bytes, name))),
    delete: async (name) => void (await act("readwrite", (objects) => objects.delete(name))),
    names: async () => (await act("readonly", (objects) => objects.getAllKeys())).map(String),
  };
}

/** A connection, until the browser closes it. Whoever wants to delete the database need not wait for the page to go. */
async function openDatabase(name: string, onClosed: () => void): Promise<IDBDatabase> {
  return await new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(OBJECTS);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const { result } = request;
      result.onclose = onClosed;
      result.onversionchange = () => {
        result.close();
        onClosed();
      };
      resolve(result);
    };
  });
}

/** A store that is gone with the page. */
export function memoryStore(): Store {
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    get: async (name) => kept.get(name),
    set: async (name, bytes) => void kept.set(name, bytes),
    delete: async (name) => void kept.delete(name),
    names: async () => [...kept.keys()],
  };
}

/** What the name of a file ends with that is being written. */
const PART = ".part";

/** A store in a folder, for Node. */
export function directoryStore(folder: string): Store {
  const fs = nodeBuiltin<typeof import("node:fs")>("node:fs")?.promises;
  if (fs === undefined) throw new TypeError("there are no folders in a browser: use indexedDbStore()");
  const path = (name: string) => `${folder}/${encodeURIComponent(name)}`;
  return {
    async get(name) {
      try {
        return await fs.readFile(path(name));
      } catch (error) {
        if ((error as { code?: string }).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async set(name, bytes) {
      await fs.mkdir(folder, { recursive: true });
      // Renamed when it is whole: another process may read at any time.
      const part = `${path(name)}.${crypto.randomUUID()}${PART}`;
      await fs.writeFile(part, bytes);
      await fs.rename(part, path(name));
    },
    async delete(name) {
      await fs.rm(path(name), { force: true });
    },
    async names() {
      const found = await fs.readdir(folder);
      return found.filter((name) => !name.endsWith(PART)).flatMap(decoded);
    },
  };
}

/** The name that a file has been called for; none for a file of somebody else's. */
function decoded(file: string): string[] {
  try {
    return [decodeURIComponent(file)];
  } catch {
    return [];
  }
}

let own: Store | null = null;

/** The store of a browser, one for all engines; in Node, none. */
export function defaultStore(): Store | null {
  if (typeof indexedDB !== "undefined") own ??= indexedDbStore();
  return own;
}
