// Writes the files of runtimes into the folder `site`, as a web site serves them: site.mjs [NAME...]

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const site = fileURLToPath(new URL("../site", import.meta.url));

const given = process.argv.slice(2);
const names = given.length > 0 ? given : ["python", "ruby", "quickjs", "php", "sqlite", "clang"];
const args = ["run", "--quiet", "--locked", "--package", "stepwell-cli", "--", "runtimes", "export", ...names, site];
const { status, error } = spawnSync("cargo", args, { cwd: root, stdio: "inherit" });
if (error !== undefined) throw new Error(`cargo cannot be started: ${error.message}`);
process.exit(status ?? 1);
