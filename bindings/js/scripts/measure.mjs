// Measures in Node: measure.mjs [inline|worker]. What is fetched lies in `site`, what is kept in a folder that goes afterwards.

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { directoryStore, Engine } from "stepwell";

const HELLO = {
  python: 'print("hello")',
  ruby: 'puts "hello"',
  javascript: 'print("hello")',
  php: '<?php echo "hello\\n";',
  sql: "select 'hello';",
  c: '#include <stdio.h>\nint main(void) { puts("hello"); }',
};
const FILES = { python: "python-3.12.0", ruby: "ruby-3.2.0", javascript: "quickjs-0.5.0-alpha", php: "php-8.2.0", sql: "sqlite-3.26.0", c: "clang-22.0.0" };
const thread = process.argv[2] ?? "worker";
const site = new URL("../site/", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "stepwell-"));

/** Seconds until the first output of hello, in an engine that has just been loaded. */
async function firstOutput(name, warm) {
  const engine = await Engine.load({ thread });
  const start = performance.now();
  const runtime = await engine.runtime(name, { from: site, store: directoryStore(folder) });
  const running = await runtime.spawn(HELLO[name], { warm });
  await running.stdout.getReader().read();
  const seconds = (performance.now() - start) / 1000;
  await running.exit;
  if (warm === false) await runtime.warmUp();
  await engine.dispose();
  return seconds;
}

await (await Engine.load({ thread })).dispose();
console.log(`| ${thread} | fetched | first visit | second | second, warm |\n|---|---|---|---|---|`);
for (const name of Object.keys(HELLO)) {
  const bytes = statSync(new URL(`${FILES[name]}.wasm.gz`, site)).size;
  const times = [];
  for (const warm of [false, false, true]) times.push(`${(await firstOutput(name, warm)).toFixed(2)} s`);
  console.log(`| ${name} | ${(bytes / 1e6).toFixed(1)} MB | ${times.join(" | ")} |`);
}
rmSync(folder, { recursive: true });
