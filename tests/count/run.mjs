// node run.mjs MODULE COUNT ROOT ARGUMENT…: runs a counting module in node's own engine and WASI, and writes what it
// has counted to the file COUNT. ROOT is the guest's /. Ends with 77 if the engine does not have what the module needs.

import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { WASI } from 'node:wasi';

const UNSUPPORTED = 77;
const ENOSYS = 52;

const [path, count, root, ...args] = process.argv.slice(2);
const bytes = readFileSync(path);
if (!WebAssembly.validate(bytes)) {
  // Where it needs no asking any more, the flag does nothing.
  setFlagsFromString('--experimental-wasm-memory64');
  if (!WebAssembly.validate(bytes)) process.exit(UNSUPPORTED);
}

const module = new WebAssembly.Module(bytes);
const wanted = WebAssembly.Module.imports(module);
const isOld = wanted.some((one) => one.module === 'wasi_unstable');
// What the environment has besides the guest's own is for node itself.
const { PATH, ...env } = process.env;
const wasi = new WASI({ version: isOld ? 'unstable' : 'preview1', args, env, preopens: { '/': root }, returnOnExit: true });
const imports = { [isOld ? 'wasi_unstable' : 'wasi_snapshot_preview1']: { ...wasi.wasiImport } };
for (const one of wanted) {
  // Some runtimes import sockets that no program here uses.
  imports[one.module] ??= {};
  imports[one.module][one.name] ??= () => ENOSYS;
}
const instance = new WebAssembly.Instance(module, imports);
process.exitCode = wasi.start(instance);
writeFileSync(count, String(instance.exports.count.value));
