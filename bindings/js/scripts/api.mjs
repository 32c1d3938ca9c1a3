// Writes api.d.ts, the public interface as the compiler declares it, or only compares it: api.mjs [--check]

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILES = [
  "index", "engine", "module", "process", "options", "file-system", "file-tree", "image", "errors", "source",
  "runtimes/load", "runtimes/runtime", "runtimes/program", "runtimes/fetching", "runtimes/store",
  "elements/index", "elements/run-element", "elements/wasi-element", "elements/program-element", "elements/file-element",
  "elements/outcome", "elements/settings", "elements/diagnostics", "runno/index", "runno/files",
];
const path = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));

const parts = FILES.map((name) => {
  const lines = readFileSync(path(`dist/${name}.d.ts`), "utf8").split("\n");
  const shown = lines.filter((line) => !/^import |^\/\/# sourceMappingURL/.test(line));
  return `// ${name}\n\n${shown.join("\n").trim()}\n`;
});
const text = `// The public interface, written by npm run api.\n\n${parts.join("\n")}`;
const golden = path("api.d.ts");
if (!process.argv.includes("--check")) writeFileSync(golden, text);
else if (readFileSync(golden, "utf8") !== text) {
  console.error("api.d.ts is not up to date: the public interface has changed; run: npm run api");
  process.exit(1);
}
