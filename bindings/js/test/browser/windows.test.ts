/** What comes from another window of the page is taken as what comes from its own. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { Chromium } from "./chromium.js";
import { guest } from "../guests.js";

const chromium = new Chromium();

describe("values of a frame", () => {
  for (const thread of ["worker", "inline"] as const) {
    it(`are taken: addresses, responses, streams, modules, dates, signals and files, ${thread}`, async () => {
      const page = await chromium.visit("<iframe></iframe>");
      const found = await page.evaluate(
        async ([thread, echo]) => {
          const path = "/dist/index.js";
          const { Engine } = (await import(path)) as typeof import("stepwell");
          const other = (document.querySelector("iframe") as HTMLIFrameElement).contentWindow as Window & typeof globalThis;
          const library = new other.URL("/dist/stepwell.wasm", document.baseURI);
          const data = `data:application/wasm;base64,${echo}`;
          const outputs: string[] = [];
          for (const wasm of [library, await other.fetch(library), await other.WebAssembly.compileStreaming(other.fetch(library))]) {
            const engine = await Engine.load({ thread, wasm });
            for (const source of [new other.URL(data), await other.fetch(data), other.Uint8Array.from(atob(echo), (one) => one.charCodeAt(0))]) {
              const module = await engine.compile(source, { signal: new other.AbortController().signal });
              const stdin = new other.Response("hi").body as ReadableStream<Uint8Array>;
              const mounts = other.eval("({ '/': { a: 'a' } })") as {};
              const { stdout } = await engine.run(module, { stdin, epoch: new other.Date(0), mounts });
              outputs.push(stdout);
            }
            await engine.dispose();
          }
          return outputs;
        },
        [thread, Buffer.from(guest("echo")).toString("base64")] as const,
      );
      assert.deepEqual(found, Array(9).fill("hi"));
      await page.close();
    });
  }
});
