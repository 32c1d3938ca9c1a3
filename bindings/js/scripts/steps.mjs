// What the package's scripts have in common: running a program in its folder, and the files of the runtimes.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The package's folder. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** One of each runtime that the tests and the demo use. */
const FILES = ["python-3.12.0", "ruby-3.2.0", "quickjs-0.5.0-alpha", "php-8.2.0", "sqlite-3.26.0", "clang-22.0.0"];

/** Runs a program, and ends with its status if that is not 0. */
export function run(command, args, env = {}) {
  const options = { cwd: root, stdio: "inherit", shell: process.platform === "win32", env: { ...process.env, ...env } };
  const { status, error } = spawnSync(command, args, options);
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Has the files of the runtimes in `site`. */
export function ensureSite() {
  if (!FILES.every((name) => existsSync(`${root}/site/${name}.wasm.gz`))) run(process.execPath, ["scripts/site.mjs"]);
}

/** Has `stepwell.wasm`. */
export function ensureLibrary() {
  if (!existsSync(`${root}/dist/stepwell.wasm`)) run("npm", ["run", "build:wasm"]);
}
