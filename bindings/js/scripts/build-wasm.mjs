// Builds stepwell.wasm by the project's own chore, which picks the compiler and says which, and puts it into dist.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const dist = fileURLToPath(new URL("../dist", import.meta.url));

const { status, error } = spawnSync("cargo", ["xtask", "capi", "wasm"], { cwd: root, stdio: "inherit" });
if (error !== undefined) throw new Error(`cargo cannot be started: ${error.message}`);
if (status !== 0) process.exit(status ?? 1);
const target = process.env.CARGO_TARGET_DIR ?? "target";
mkdirSync(dist, { recursive: true });
copyFileSync(join(root, target, "capi/wasm32-unknown-unknown/small/stepwell.wasm"), join(dist, "stepwell.wasm"));
