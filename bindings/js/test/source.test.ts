/** Where bytes come from, and what becomes of that when nobody wants them any more. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";

import { bytesOf, withSignal } from "../dist/source.js";
import { file } from "../dist/runtimes/fetching.js";
import { guest, withEngine } from "./guests.js";

const reason = new Error("never mind");
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A stream that gives so many bytes and no more, and tells when it is let go of. */
function stalled(bytes: number): { readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>; readonly left: Promise<unknown> } {
  let leave: (reason: unknown) => void = () => undefined;
  const left = new Promise((resolve) => (leave = resolve));
  const start = (controller: ReadableStreamDefaultController) => bytes > 0 && controller.enqueue(new Uint8Array(bytes));
  return { stream: new ReadableStream({ start: (controller) => void start(controller), cancel: leave }), left };
}

describe("waiting with a signal", () => {
  it("leaves no rejection that nobody hears of, whichever comes first", async () => {
    const controller = new AbortController();
    const failing = turn().then(() => Promise.reject(new Error("too late")));
    const waits = [withSignal(failing, controller.signal), withSignal(Promise.reject(new Error("lost")), AbortSignal.abort(reason))];
    controller.abort(reason);
    for (const wait of waits) await assert.rejects(wait, reason);
    // The runner fails for a rejection that is not handled.
    await turn();
    await turn();
  });
});

describe("bytes that nobody wants any more", () => {
  const FILE = { role: "module", name: "file", bytes: 100, sha256: "", original: "" } as const;
  const cases: [what: string, get: (from: ReadableStream<Uint8Array<ArrayBuffer>>, signal: AbortSignal) => Promise<unknown>][] = [
    ["a response", (from, signal) => bytesOf(new Response(from), signal)],
    ["a response that comes late", (from, signal) => bytesOf(turn().then(() => new Response(from)), signal)],
    ["a file of a runtime", (from, signal) => file(FILE, { from: () => new Response(from), store: null, signal })],
    ["a file that comes late", (from, signal) => file(FILE, { from: () => turn().then(() => new Response(from)), store: null, signal })],
  ];
  for (const [what, get] of cases) {
    for (const bytes of [0, 10]) {
      it(`are not read on: ${what}, after ${bytes} bytes`, async () => {
        const controller = new AbortController();
        const { stream, left } = stalled(bytes);
        const got = get(stream, controller.signal);
        // What comes late takes a turn.
        for (let at = 0; at < 100; at += 1) await (what.endsWith("late") ? null : turn());
        controller.abort(reason);
        await assert.rejects(got, reason);
        await left;
      });
    }
  }
});

describe("bytes that do not come", () => {
  it("are missed by name and with a reason", async () => {
    const server = createServer((request, response) => {
      if (request.url?.startsWith("/late") !== true) {
        request.socket.destroy();
        return;
      }
      response.writeHead(200, { "content-length": 10 });
      response.write("1");
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const FILE = { role: "module", name: "file.gz", bytes: 10, sha256: "", original: "" } as const;
    const broken = new ReadableStream({ start: (controller) => controller.error(new Error("torn")) });
    const cases: [get: () => Promise<unknown>, what: string][] = [
      [() => bytesOf(`${site}/early`), `${site}/early cannot be fetched: `],
      [() => bytesOf(new URL(`${site}/late`)), `${site}/late cannot be read: `],
      [() => file(FILE, { from: `${site}/folder`, store: null }), `${site}/folder/file.gz cannot be fetched: `],
      [() => file(FILE, { from: `${site}/late`, store: null }), "file.gz cannot be read: "],
      [() => file(FILE, { from: () => new Response(broken), store: null }), "file.gz cannot be read: torn"],
      [() => file(FILE, { from: () => new Uint8Array([0x1f, 0x8b, 0]), store: null }), "file.gz cannot be read: "],
    ];
    try {
      for (const [get, what] of cases) {
        await assert.rejects(get, (error) => {
          assert.ok(error instanceof TypeError && error.cause instanceof Error);
          assert.ok(error.message.startsWith(what), `${error.message}: ${what}`);
          assert.doesNotMatch(error.message, /: (?:fetch failed|terminated|undefined)?$/);
          return true;
        });
      }
    } finally {
      server.close();
    }
    await assert.rejects(bytesOf(`${site}/gone`), /^TypeError: http.*\/gone cannot be fetched: connect ECONNREFUSED/);
  });
});

describe("bytes that do not come, for a reason that is no error", () => {
  const FILE = { role: "module", name: "file", bytes: 10, sha256: "", original: "" } as const;
  for (const cause of [null, undefined, "torn", 5]) {
    it(`are missed by name: ${cause}`, async () => {
      const broken = () => new Response(new ReadableStream({ start: (controller) => controller.error(cause) }));
      const message = new RegExp(` cannot be read: ${cause}$`);
      await assert.rejects(bytesOf(broken()), { name: "TypeError", message, cause });
      await assert.rejects(file(FILE, { from: broken, store: null }), { name: "TypeError", message, cause });
    });
  }
});

describe("a module that nobody wants any more", () => {
  it("is let go of when it has been compiled", async () => {
    await withEngine({ thread: "worker" }, async (engine) => {
      const controller = new AbortController();
      const compiled = engine.compile(guest("hello"), { signal: controller.signal });
      // By then the worker is asked, and its answer is a task of its own.
      for (let at = 0; at < 100; at += 1) await null;
      controller.abort(reason);
      await assert.rejects(compiled, reason);
      const { modules, bytes } = await engine.usage();
      assert.deepEqual([modules, bytes], [0, 0]);
    });
  });
});
