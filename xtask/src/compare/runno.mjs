// Runs modules in @runno/wasi: node runno.mjs ROOT '[{"module":FILE,"argv":[…]},…]' NODE_MODULES
import { readFileSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [root, steps, packages] = process.argv.slice(2);
const { WASI, WASIContext } = await import(pathToFileURL(join(packages, "@runno/wasi/dist/main.js")));

function* files(folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

const now = new Date();
const timestamps = { access: now, change: now, modification: now };
let fs = {};
for (const path of files("")) {
  fs[path] = { path, timestamps, mode: "binary", content: new Uint8Array(readFileSync(join(root, path))) };
}

for (const { module: path, argv } of JSON.parse(steps)) {
  // What a step before has made is in its files, not in the folder.
  const made = path.startsWith(root) ? fs[path.slice(root.length)] : undefined;
  const bytes = made ? made.content : readFileSync(path);
  const context = new WASIContext({
    args: argv,
    env: {},
    stdin: () => null,
    stdout: (text) => writeSync(1, text),
    stderr: (text) => writeSync(2, text),
    isTTY: false,
    fs,
  });
  const wasi = new WASI(context);
  const source = await WebAssembly.instantiate(bytes, wasi.getImportObject());
  const result = wasi.start(source);
  if (result.exitCode) process.exit(result.exitCode);
  fs = result.fs;
}
