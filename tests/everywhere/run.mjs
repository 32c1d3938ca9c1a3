// node run.mjs ENGINE FOLDER [NAME…]: runs the bundles in a folder, all or the named ones, and prints their rows.
//
// ENGINE is this package built for wasm32-unknown-unknown. It imports nothing; src/raw.rs has its exports.

import { readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const [engine, folder, ...names] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node run.mjs ENGINE FOLDER [NAME…]');
  process.exit(1);
}
const compiled = new WebAssembly.Module(readFileSync(engine));

let loaded = null;
for (const line of readFileSync(join(folder, 'list.txt'), 'utf8').trimEnd().split('\n')) {
  const [name, module] = line.split(' ');
  if (names.length > 0 && !names.includes(name)) continue;
  // Programs of one runtime follow each other in the list. An instance is for one of them: its memory never shrinks.
  if (loaded?.module !== module) {
    loaded = { module, exports: new WebAssembly.Instance(compiled).exports };
    put(loaded.exports, readFileSync(join(folder, module)));
    loaded.exports.load();
  }
  put(loaded.exports, readFileSync(join(folder, `${name}.bundle`)));
  // Addresses are unsigned.
  const at = loaded.exports.run() >>> 0;
  const row = new Uint8Array(loaded.exports.memory.buffer, at, loaded.exports.row_bytes());
  writeSync(1, Buffer.from(row));
  writeSync(1, '\n');
}

/** Hands bytes to the engine. */
function put(exports, bytes) {
  const at = exports.buffer(bytes.length) >>> 0;
  new Uint8Array(exports.memory.buffer, at, bytes.length).set(bytes);
}
