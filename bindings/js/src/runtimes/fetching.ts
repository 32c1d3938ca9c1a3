/** Fetching the files of a runtime: checked against the catalogue, kept, with word on how far it is. */

import { isA } from "../checks.js";
import { bytesOf, endingWith, failure, letGo, responseOf, withSignal, type BytesSource } from "../source.js";
import type { RuntimeFile } from "./catalog.js";
import { fileName } from "./names.js";
import { sha256 } from "./sha256.js";
import type { Store } from "./store.js";

/** How far the fetching of a file is. */
export interface Progress {
  /** The name of the file. */
  readonly file: string;
  /** Bytes of it that are there, unpacked. */
  readonly loadedBytes: number;
  readonly totalBytes: number;
}

/** Where files are fetched from: a folder's address, or a function that is told the name of a file. */
export type FilesFrom = URL | string | ((name: string) => BytesSource | PromiseLike<BytesSource>);

/** Where files come from, and where they are kept. */
export interface Place {
  readonly from: FilesFrom;
  readonly store: Store | null;
}

export interface Fetching extends Place {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** A file: the kept one, or fetched, checked and kept. */
export async function file(wanted: RuntimeFile, { from, store, signal, onProgress }: Fetching): Promise<Uint8Array<ArrayBuffer>> {
  const key = fileName(wanted);
  const kept = await store?.get(key).catch(() => undefined);
  signal?.throwIfAborted();
  if (kept !== undefined && (await sha256(kept)) === wanted.sha256) return kept;
  const report = (loadedBytes: number) => onProgress?.({ file: wanted.name, loadedBytes, totalBytes: wanted.bytes });
  const bytes = await unpacked(await source(from, wanted.name, signal), wanted, report, signal);
  const found = await sha256(bytes);
  if (found !== wanted.sha256) {
    throw new TypeError(`${wanted.name} has SHA-256 ${found}, not ${wanted.sha256}: export the runtime anew`);
  }
  await store?.set(key, bytes).catch(() => undefined);
  return bytes;
}

async function source(from: FilesFrom, name: string, signal?: AbortSignal): Promise<Response | Uint8Array<ArrayBuffer>> {
  if (typeof from === "function") {
    const found = await withSignal(from(name), signal, letGo);
    return isA(found, "Response") ? await responseOf(found, signal) : await bytesOf(found, signal);
  }
  return await responseOf(new URL(name, addressOf(from)), signal);
}

/** A folder's whole address. */
export function addressOf(folder: URL | string): string {
  const address = String(folder).replace(/\/*$/, "/");
  const base = typeof location === "undefined" ? undefined : location.href;
  try {
    return new URL(address, base).href;
  } catch {
    const where = base === undefined ? "a whole address, as there is no page that it starts from" : "an address";
    throw new TypeError(`from must be ${where}, not ${JSON.stringify(String(folder))}`);
  }
}

/** The bytes of an answer, which may be packed with gzip. It is read no further than it is wanted. */
async function unpacked(
  found: Response | Uint8Array<ArrayBuffer>,
  wanted: RuntimeFile,
  report: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const body = isA(found, "Response") ? found.body : new Blob([found]).stream();
  if (body === null) throw new TypeError(`${wanted.name} is empty`);
  const broken = (cause: unknown) => Promise.reject(failure(`${wanted.name} cannot be read`, cause, signal));
  const reader = (await gunzipped(endingWith(body, signal)).catch(broken)).getReader();
  try {
    report(0);
    return await read(() => reader.read().catch(broken), wanted, report);
  } catch (error) {
    // What is wrong is said already.
    reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

async function read(
  more: () => Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>,
  wanted: RuntimeFile,
  report: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(wanted.bytes);
  let at = 0;
  for (let next = await more(); !next.done; next = await more()) {
    const { value } = next;
    if (at + value.length > bytes.length) {
      throw new TypeError(`${wanted.name} has more than ${wanted.bytes} bytes: export the runtime anew`);
    }
    bytes.set(value, at);
    at += value.length;
    report(at);
  }
  if (at < bytes.length) throw new TypeError(`${wanted.name} has ${at} bytes, not ${wanted.bytes}: export the runtime anew`);
  return bytes;
}

/** Unpacks what starts as gzip does: a server may have done so already. */
async function gunzipped(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  const reader = body.getReader();
  const first = await reader.read();
  const whole = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => (first.done ? controller.close() : controller.enqueue(first.value)),
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const isPacked = !first.done && first.value[0] === 0x1f && first.value[1] === 0x8b;
  return isPacked ? whole.pipeThrough(new DecompressionStream("gzip")) : whole;
}
