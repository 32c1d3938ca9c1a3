// Runs modules in node's own WASI: node node-wasi.mjs ROOT '[{"module":FILE,"argv":[…]},…]'
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [root, steps] = process.argv.slice(2);
for (const { module: path, argv } of JSON.parse(steps)) {
  const module = new WebAssembly.Module(readFileSync(path));
  const imports = {};
  const isUnstable = WebAssembly.Module.imports(module).some((row) => row.module === "wasi_unstable");
  const wasi = new WASI({
    version: isUnstable ? "unstable" : "preview1",
    args: argv,
    env: {},
    preopens: { "/": root, ".": root },
    returnOnExit: true,
  });
  Object.assign(imports, wasi.getImportObject());
  const instance = new WebAssembly.Instance(module, imports);
  const status = wasi.start(instance);
  if (status) process.exit(status);
}
