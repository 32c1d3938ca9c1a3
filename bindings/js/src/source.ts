/** Where bytes come from: an address, a response, or bytes themselves. */

import { bytesIn, isA, mistaken } from "./checks.js";
import { messageOf } from "./errors.js";
import { nodeBuiltin } from "./host.js";

/** Bytes: a buffer, or a view of one, whose numbers may be larger. */
export type Bytes = ArrayBuffer | ArrayBufferView;

/** Something that is or will be bytes. */
export type BytesSource = Bytes | Response | URL | string;

/** The bytes of a source. An address is fetched; in Node, one of a file is read. */
export async function bytesOf(
  source: BytesSource | PromiseLike<BytesSource>,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const found = await withSignal(source, signal, letGo);
  const bytes = bytesIn(found);
  if (bytes !== null) return bytes;
  const response = await responseOf(found as Exclude<BytesSource, Bytes>, signal);
  if (response instanceof Uint8Array) return response;
  const body = response.body === null ? null : endingWith(response.body, signal);
  try {
    return new Uint8Array(await withSignal(new Response(body).arrayBuffer(), signal));
  } catch (cause) {
    throw failure(`${response.url || "the response"} cannot be read`, cause, signal);
  }
}

/** The answer at an address, which must be one of success; for a file in Node, its bytes. */
export async function responseOf(
  source: Response | URL | string,
  signal?: AbortSignal,
): Promise<Response | Uint8Array<ArrayBuffer>> {
  if (!isAddress(source) && !isA(source, "Response")) throw mistaken("the source", "bytes, a Response or an address", source);
  const options = signal === undefined ? {} : { signal };
  if (isAddress(source)) {
    const file = fileOf(source);
    if (file !== null) return await withSignal(file, signal);
  }
  const response = isAddress(source) ? await fetched(source, options) : source;
  if (response.ok) return response;
  letGo(response);
  throw new TypeError(`${response.url || "the response"}: ${response.status} ${response.statusText}`);
}

async function fetched(address: URL | string, options: { readonly signal?: AbortSignal }): Promise<Response> {
  try {
    return await fetch(address, options);
  } catch (cause) {
    throw failure(`${String(address)} cannot be fetched`, cause, options.signal);
  }
}

/** The error of bytes that do not come: the signal's reason if that was it, else `what`, and why. */
export function failure(what: string, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  // Node says why in the cause.
  const inner = (cause as { readonly cause?: { readonly message?: string; readonly code?: string } } | null | undefined)?.cause;
  return new TypeError(`${what}: ${inner?.message || inner?.code || messageOf(cause)}`, { cause });
}

/** What a promise comes to, unless the signal comes first: what comes later is handed to `tooLate`. */
export async function withSignal<T>(
  promise: T | PromiseLike<T>,
  signal?: AbortSignal,
  tooLate: (value: T) => void = () => undefined,
): Promise<T> {
  if (signal === undefined) return await promise;
  return await new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    const take = (value: T) => (signal.aborted ? tooLate(value) : resolve(value));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    Promise.resolve(promise)
      .then(take, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}

/** Ends the download of what is not wanted any more. */
export function letGo(source: unknown): void {
  // A body that somebody reads is for them to end.
  if (isA(source, "Response") && !source.bodyUsed) source.body?.cancel().catch(() => undefined);
}

/** A body that is read no further when the signal comes, also if it was fetched without it. */
export function endingWith<T>(body: ReadableStream<T>, signal: AbortSignal | undefined): ReadableStream<T> {
  return signal === undefined ? body : body.pipeThrough(new TransformStream<T, T>(), { signal });
}

/** Whether something can be an address. */
export function isAddress(source: unknown): source is URL | string {
  return typeof source === "string" || isA(source, "URL");
}

function fileOf(address: URL | string): Promise<Uint8Array<ArrayBuffer>> | null {
  const files = nodeBuiltin<typeof import("node:fs")>("node:fs");
  if (files === undefined || !String(address).startsWith("file:")) return null;
  return files.promises.readFile(new URL(address));
}
