/** Where bytes come from: an address, a response, or bytes themselves. */

import { nodeBuiltin } from "./host.js";

/** Something that is or will be bytes. */
export type BytesSource = Uint8Array | ArrayBuffer | Response | URL | string;

/** The bytes of a source. An address is fetched; in Node, one of a file is read. */
export async function bytesOf(
  source: BytesSource | PromiseLike<BytesSource>,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const found = await withSignal(source, signal);
  if (found instanceof ArrayBuffer) return new Uint8Array(found);
  if (ArrayBuffer.isView(found)) return found as Uint8Array<ArrayBuffer>;
  const response = await responseOf(found, signal);
  if (response instanceof Uint8Array) return response;
  return new Uint8Array(await withSignal(response.arrayBuffer(), signal));
}

/** The answer at an address, which must be one of success; for a file in Node, its bytes. */
export async function responseOf(
  source: Response | URL | string,
  signal?: AbortSignal,
): Promise<Response | Uint8Array<ArrayBuffer>> {
  if (!(source instanceof Response)) {
    const file = fileOf(source);
    if (file !== null) return file;
  }
  const response = source instanceof Response ? source : await fetch(source, signal === undefined ? {} : { signal });
  if (!response.ok) throw new TypeError(`${response.url || "the response"}: ${response.status} ${response.statusText}`);
  return response;
}

/** What a promise comes to, unless the signal comes first. */
export async function withSignal<T>(promise: T | PromiseLike<T>, signal?: AbortSignal): Promise<T> {
  signal?.throwIfAborted();
  if (signal === undefined) return await promise;
  return await new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    Promise.resolve(promise)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", abort));
  });
}

function fileOf(address: URL | string): Promise<Uint8Array<ArrayBuffer>> | null {
  const files = nodeBuiltin<typeof import("node:fs")>("node:fs");
  if (files === undefined || !String(address).startsWith("file:")) return null;
  return files.promises.readFile(new URL(address));
}
