// Runs the tests in a real Chromium, all or those whose names are given: npm run test:browser -- languages input
//
// On Debian and Ubuntu the superuser gets Chromium from the system's packages; elsewhere STEPWELL_CHROMIUM says where it is.

import { readdirSync } from "node:fs";

import { ensureChromium } from "./chromium.mjs";
import { ensureLibrary, ensureSite, root, run } from "./steps.mjs";

const chromium = ensureChromium();
ensureLibrary();
run("npm", ["run", "build:js"]);
run("npm", ["run", "build:elements"]);
ensureSite();
run("npx", ["--no-install", "tsc", "-p", "test/tsconfig.json"]);

const wanted = process.argv.slice(2);
const folder = "test-build/browser";
const tests = readdirSync(`${root}/${folder}`).filter((name) => name.endsWith(".test.js"));
const chosen = tests.filter((name) => wanted.length === 0 || wanted.some((one) => name.startsWith(one)));
if (chosen.length === 0) throw new Error(`there is no test ${wanted.join(", ")}`);
// One browser at a time: each runs interpreters, and their times are told.
const args = ["--test", "--test-concurrency=1", "--test-reporter=spec", ...chosen.map((name) => `${folder}/${name}`)];
run(process.execPath, args, { STEPWELL_CHROMIUM: chromium });
