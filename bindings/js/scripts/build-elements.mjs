// Bundles the web components, with the editor and the terminal that they load when they need them, so that a page without a
// bundler can use them. The package's own files stay outside: a page that uses both has one copy of the engine.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const src = join(root, "src");
const elements = join(src, "elements");
const dist = join(root, "dist");

/** Leaves imports of what is outside of the folder of the components as they are, seen from `dist/elements.js`. */
const core = {
  name: "core",
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, importer, resolveDir }) => {
      const target = resolve(resolveDir, path);
      if (!dirname(importer).startsWith(elements) || target.startsWith(elements)) return undefined;
      return { path: `./${relative(src, target)}`, external: true };
    });
  },
};

rmSync(join(dist, "elements"), { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: [{ in: join(elements, "index.ts"), out: "elements" }],
  outdir: dist,
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minify: true,
  sourcemap: true,
  chunkNames: "elements/[name]-[hash]",
  loader: { ".css": "text" },
  plugins: [core],
  metafile: true,
  logLevel: "warning",
});

for (const [name, { imports }] of Object.entries(metafile.outputs)) {
  const own = imports.find(({ external, path }) => external && path.startsWith("./"));
  // Its path is right only in the entry.
  if (own !== undefined && !name.endsWith("dist/elements.js")) throw new Error(`${name} must not import ${own.path}`);
}

// What is bundled keeps its licences.
const names = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
const notices = [...new Set(names)].filter((name) => name !== undefined).sort().map((name) => {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = ["LICENSE", "LICENSE.md", "LICENCE"].map((one) => join(folder, one)).find(existsSync);
  if (license !== "MIT" || file === undefined) throw new Error(`${name} ${version} has no MIT licence to go with it`);
  return `${name} ${version}\n\n${readFileSync(file, "utf8").trim()}\n`;
});
writeFileSync(join(dist, "elements", "THIRD-PARTY.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
