// Figures in Chromium beside Runno's own packages, in one page: node bench/browser.mjs [LANGUAGE...]
//
// Prints a Markdown table. Only ratios from one run count: the machine has other things to do. In Python and Ruby, Stepwell's
// page lies idle for a while before "again". Needs `npm run build`, the files of the runtimes in `site` (node scripts/site.mjs)
// and Runno's runtimes, which `stepwell runtimes install` has fetched: $STEPWELL is the program, else the one of this folder's
// own build.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { chromium } from "playwright-core";

import { CATALOG } from "../dist/runtimes/data.js";
import { ensureChromium } from "../scripts/chromium.mjs";
import { serve } from "../scripts/serve.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
/** Runno reads input by a SharedArrayBuffer, which a page has only with these. Stepwell does not need them. */
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const RUNNO = "/bench/node_modules/@runno/runtime/dist/main.js";
const HOST = /https:\/\/[\w.]+\/langs/;

/** SQLite is not among them: in Runno it does not end, but waits for more commands. Name, what either calls it, a program that says hello, and what Runno loads for it with the version of the catalogue. */
const LANGUAGES = [
  ["Python", "python", "python", "print('hello')", "python@3.11.3"],
  ["Ruby", "ruby", "ruby", "puts 'hello'", "ruby@3.2.0"],
  ["JavaScript", "quickjs", "quickjs", "print('hello')", "quickjs@0.5.0-alpha"],
  ["PHP", "php", "php-cgi", "<?php echo 'hello', PHP_EOL;", "php@8.2.0"],
  ["C", "clang", "clang", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }", "clang@8.0.1"],
];
const RUN_MS_MAX = 90_000;
/** What a busy machine needs to start an interpreter for the programs to come. */
const WARMING_MS = 45_000;
const LOOP = "n = 0\nfor i in range(300_000):\n    n = (n * 31 + i) % 1_000_003\nprint(n)";

/** What Runno's server would have under `langs`, by name. */
const langs = new Map();

function install() {
  if (existsSync(join(here, "node_modules"))) return;
  const done = spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: here, stdio: "inherit" });
  if (done.status !== 0) throw new Error("npm cannot install what the figures compare with");
}

/** Finds Runno's runtimes in the cache of the command line, by the hashes of the catalogue. */
function findLangs() {
  const program = process.env.STEPWELL ?? join(here, "../../../target/debug/stepwell");
  const { stdout, status, error } = spawnSync(program, ["runtimes", "path", "ruby"], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${program}: ${error?.message ?? "it does not know where the runtimes are"}`);
  const blobs = dirname(stdout.trim());
  const names = {
    "python@3.11.3": ["python-3.11.3.wasm", "python-3.11.3.tar.gz"], "ruby@3.2.0": ["ruby-3.2.0.wasm", "ruby-3.2.0.tar.gz"],
    "quickjs@0.5.0-alpha": ["wasmedge_quickjs.wasm"], "php@8.2.0": ["php-cgi-8.2.0.wasm"], "sqlite@3.26.0": ["sqlite.wasm"],
    "clang@8.0.1": ["clang.wasm", "wasm-ld.wasm", "clang-fs.tar.gz"],
  };
  for (const [reference, called] of Object.entries(names)) {
    const [name, version] = reference.split("@");
    const { files } = CATALOG.find((one) => one.name === name && one.version === version);
    for (const end of called) {
      const role = end.endsWith(".tar.gz") ? "base" : end.includes("wasm-ld") ? "linker" : "module";
      const bytes = readFileSync(join(blobs, files.find((file) => file.role === role).original));
      langs.set(`/langs/${end}`, role === "base" ? gzipSync(bytes) : bytes);
    }
  }
}

const PAGE = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><body></body><script type="module">
  const ours = () => import("/dist/elements.js").then(({ configure }) => {
    configure({ runtimes: "/site/" });
    document.body.innerHTML = '<stepwell-run></stepwell-run>';
    return customElements.whenDefined("stepwell-run");
  });
  const runno = () => import("${RUNNO}").then(() => {
    document.body.innerHTML = '<runno-run runtime="python"></runno-run>';
    return document.querySelector("runno-run").updateComplete;
  });
  window.ready = { ours, runno };
  window.run = {
    async ours(runtime, text) {
      const component = document.querySelector("stepwell-run");
      Object.assign(component, { runtime, program: text });
      const { kind, stdout, message } = await component.run();
      return kind === "exited" ? stdout : message;
    },
    async runno(runtime, text) {
      const result = await document.querySelector("runno-run").interactiveRunCode(runtime, text);
      return result.stdout ?? JSON.stringify(result);
    },
  };
</script>`;

function answer(request, response) {
  const path = new URL(request.url, "http://localhost").pathname;
  const send = (type, body) => {
    response.writeHead(200, { "content-type": type, "cache-control": "max-age=3600", ...ISOLATED }).end(body);
    return true;
  };
  if (path === "/figures") return send("text/html", PAGE);
  if (path === RUNNO) {
    const text = readFileSync(join(here, "..", RUNNO), "utf8");
    return send("text/javascript", text.replace(HOST, `http://${request.headers.host}/langs`));
  }
  const lang = langs.get(path);
  return lang !== undefined && send(path.endsWith(".wasm") ? "application/wasm" : "application/gzip", lang);
}

/** What a server that packs with gzip sends for a path. */
function packedBytes(path) {
  const bytes = langs.get(path) ?? readFileSync(join(here, "..", path));
  return path.endsWith(".gz") ? bytes.length : gzipSync(bytes).length;
}

/** Milliseconds of a first visit, of a later run in it, and of the first run of a second visit; bytes of the first. */
async function measure(browser, address, who, runtime, text) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const asked = new Set();
  context.on("request", (request) => asked.add(new URL(request.url()).pathname));
  const visit = async () => {
    await page.goto(`${address}/figures`);
    await page.evaluate((who) => window.ready[who](), who);
  };
  const run = async (what = text) => await Promise.race([timeout(), evaluate(what)]);
  const timeout = () => page.waitForTimeout(RUN_MS_MAX).then(() => ({ output: "does not end", ms: RUN_MS_MAX }));
  const evaluate = async (what) =>
    await page.evaluate(async ([who, runtime, text]) => {
      const start = performance.now();
      const output = await window.run[who](runtime, text);
      return { output, ms: performance.now() - start };
    }, [who, runtime, what]);
  try {
    await visit();
    const first = await run();
    const bytes = [...asked].filter((path) => path !== "/figures" && !path.startsWith("blob")).map(safeBytes);
    // What is made for the next visit is made while nothing else runs.
    if (who === "ours" && ["python", "ruby"].includes(runtime)) await page.waitForTimeout(WARMING_MS);
    const again = await run();
    await visit();
    const warm = await run();
    const loop = runtime === "python" ? await run(LOOP) : null;
    return { first, again, warm, loop, bytes: bytes.reduce((a, b) => a + b, 0) };
  } finally {
    await context.close();
  }
}

function safeBytes(path) {
  try {
    return packedBytes(path);
  } catch {
    return 0;
  }
}

install();
findLangs();
const { address, close } = await serve({ headers: { ...ISOLATED, "cache-control": "max-age=3600" }, more: answer });
const browser = await chromium.launch({
  executablePath: ensureChromium(),
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const seconds = ({ output, ms }) => (/hello|^\d+\s*$/.test(output) ? (ms / 1000).toFixed(2) : `fails: ${output.trim().slice(0, 60)}`);
const wanted = process.argv.slice(2).map((name) => name.toLowerCase());
console.log("| language | who | MB sent | first visit, s | again, s | second visit, s |\n|---|---|---|---|---|---|");
let loops = null;
for (const [name, own, theirs, text] of LANGUAGES) {
  if (wanted.length > 0 && !wanted.includes(name.toLowerCase())) continue;
  const found = [
    ["Stepwell", await measure(browser, address, "ours", own, text)],
    ["Runno", await measure(browser, address, "runno", theirs, text)],
  ];
  for (const [who, { first, again, warm, bytes }] of found) {
    console.log(`| ${name} | ${who} | ${(bytes / 1e6).toFixed(1)} | ${[first, again, warm].map(seconds).join(" | ")} |`);
  }
  if (name === "Python") loops = found.map(([, { loop }]) => loop.ms);
}
if (loops !== null) console.log(`\nA loop in Python: ${loops.map((ms) => (ms / 1000).toFixed(2)).join(" s and ")} s, ratio ${(loops[0] / loops[1]).toFixed(1)}`);
console.log(`\nIn Python and Ruby the page of Stepwell has lain idle for ${WARMING_MS / 1000} s before "again".`);
await browser.close();
await close();
