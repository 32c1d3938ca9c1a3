// Compiles the tests and runs them, all or those whose names are given: npm test -- streams runtimes

import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";

import { ensureSite, root, run } from "./steps.mjs";

const wanted = process.argv.slice(2);
run(process.execPath, ["scripts/api.mjs", "--check"]);
ensureSite();
run("npx", ["--no-install", "tsc", "-p", "test/tsconfig.json"]);
const tests = readdirSync(`${root}/test-build`).filter((name) => name.endsWith(".test.js"));
const chosen = tests.filter((name) => wanted.length === 0 || wanted.some((one) => name.startsWith(one)));
if (chosen.length === 0) throw new Error(`there is no test ${wanted.join(", ")}`);
// By itself Node leaves one processor free.
const args = ["--test", `--test-concurrency=${availableParallelism()}`, "--test-reporter=spec"];
run(process.execPath, [...args, ...chosen.map((name) => `test-build/${name}`)]);
