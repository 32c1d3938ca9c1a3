// Prepares the demo and serves it: the package built, the files of the runtimes in `site`. demo.mjs [PORT]

import { serve } from "./serve.mjs";
import { ensureLibrary, ensureSite, run } from "./steps.mjs";

const port = Number(process.argv[2] ?? 8080);

ensureLibrary();
run("npm", ["run", "build:js"]);
run("npm", ["run", "build:elements"]);
ensureSite();
const { address } = await serve({ port });
console.log(`The demo is at ${address}/demo/`);
