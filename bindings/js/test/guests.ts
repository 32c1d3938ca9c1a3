/** The guests of the C ABI's tests, and what the tests have in common. */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { Engine, type EngineOptions } from "stepwell";
import wabt from "wabt";

const PACKAGE = new URL("../", import.meta.url);
const tools = await wabt();

/** A file of the repository, by its path from the top. */
export function repository(path: string): URL {
  return new URL(`../../${path}`, PACKAGE);
}

/** A guest of `bindings/c/tests/guests`. */
export function guest(name: string): Uint8Array {
  return assembled(readFileSync(repository(`bindings/c/tests/guests/${name}.wat`), "utf8"));
}

/** A module from its text. */
export function assembled(text: string): Uint8Array {
  const module = tools.parseWat("test.wat", text, {});
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

export const THREADS = ["inline", "worker"] as const;

/** Hands an engine to a test, and lets go of it. */
export async function withEngine(options: EngineOptions, test: (engine: Engine) => Promise<void>): Promise<void> {
  const engine = await Engine.load(options);
  try {
    await test(engine);
  } finally {
    await engine.dispose();
  }
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const text = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Everything that a stream has, as text. */
export async function all(stream: ReadableStream<Uint8Array>): Promise<string> {
  return await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
}

/** Where a file of the package lies. */
export function packaged(path: string): string {
  return fileURLToPath(new URL(path, PACKAGE));
}
