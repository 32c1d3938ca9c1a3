// Compiles the tests and runs them, all or those whose names are given: npm test -- streams runtimes

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** One of each runtime that the tests use. */
const FILES = ["python-3.12.0", "ruby-3.2.0", "quickjs-0.5.0-alpha", "php-8.2.0", "sqlite-3.26.0", "clang-22.0.0"].map(
  (name) => `${name}.wasm.gz`,
);
const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const wanted = process.argv.slice(2);
run(process.execPath, ["scripts/api.mjs", "--check"]);
if (!FILES.every((name) => existsSync(`${root}/site/${name}`))) run(process.execPath, ["scripts/site.mjs"]);
run("npx", ["--no-install", "tsc", "-p", "test/tsconfig.json"]);
const tests = readdirSync(`${root}/test-build`).filter((name) => name.endsWith(".test.js"));
const chosen = tests.filter((name) => wanted.length === 0 || wanted.some((one) => name.startsWith(one)));
if (chosen.length === 0) throw new Error(`there is no test ${wanted.join(", ")}`);
run(process.execPath, ["--test", "--test-reporter=spec", ...chosen.map((name) => `test-build/${name}`)]);
