/** The entry of an engine's worker. */

import { Core } from "./core/core.js";
import { dispatch, sent } from "./core/link.js";
import type { Reply, Request, Start } from "./core/protocol.js";
import { nodeBuiltin } from "./host.js";

interface Port {
  postMessage(message: Reply, transfer: ArrayBuffer[]): void;
}

let core: Promise<Core> | undefined;

async function answer(port: Port, { call, method, args }: Request): Promise<void> {
  try {
    if (method === "start") {
      const start = args[0] as Start;
      core = Core.start(start.module, start.sliceMs);
      await core;
      port.postMessage({ call, ok: true, value: undefined }, []);
      return;
    }
    if (core === undefined) throw new TypeError("the worker was not started");
    const value = await dispatch(await core, method, args);
    // Bytes that come out of the library are copies that nobody else has.
    port.postMessage({ call, ok: true, value }, value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []);
  } catch (error) {
    port.postMessage({ call, ok: false, error: sent(error) }, []);
  }
}

const threads = nodeBuiltin<typeof import("node:worker_threads")>("node:worker_threads");
if (threads?.parentPort) {
  const port = threads.parentPort;
  port.on("message", (request: Request) => void answer(port as Port, request));
} else {
  const scope = globalThis as unknown as Port & { onmessage: (event: MessageEvent<Request>) => void };
  scope.onmessage = (event) => void answer(scope, event.data);
}
