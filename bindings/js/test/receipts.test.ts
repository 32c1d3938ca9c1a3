import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { directoryStore, Engine } from "stepwell";

import { packaged, repository } from "./guests.js";

const site = pathToFileURL(`${packaged("site")}/`);
const target = process.env["CARGO_TARGET_DIR"] ?? fileURLToPath(repository("target"));
const program = join(target, "debug", process.platform === "win32" ? "stepwell.exe" : "stepwell");

/** Programs of tests/everywhere that need nothing but themselves and, some, their input. */
const CASES: [runtime: string, file: string, stdin: string, args: string[]][] = [
  ["python", "world.py", "lines.txt", ["one", "two words"]],
  ["javascript", "mix.js", "", []],
  ["javascript", "throw.js", "", []],
  ["php", "mix.php", "", []],
  ["sql", "query.sql", "", []],
  ["ruby", "raise.rb", "", []],
  ["c", "files.c", "", []],
  ["c", "lines.c", "lines.txt", []],
];

describe("receipts", () => {
  for (const [name, file, input, args] of CASES) {
    it(`are those of the native program: ${file}`, async () => {
      const source = readFileSync(repository(`tests/everywhere/guests/${file}`));
      const stdin = input === "" ? "" : readFileSync(repository(`tests/everywhere/guests/${input}`), "utf8");
      const folder = mkdtempSync(join(tmpdir(), "stepwell-"));
      const engine = await Engine.load();
      try {
        const native = await nativeReceipt(folder, file, source, stdin, args);
        const store = directoryStore(packaged("test-build/store"));
        const runtime = await engine.runtime(name, { from: site, store });
        const { receipt } = await runtime.run(source, { name: file, args, stdin, receipt: true });
        assert.deepEqual(await engine.compareReceipts(native, receipt ?? ""), []);
        assert.equal(receipt?.trim(), native.trim());
      } finally {
        await engine.dispose();
        rmSync(folder, { recursive: true });
      }
    });
  }
});

async function nativeReceipt(folder: string, file: string, source: Uint8Array, stdin: string, args: string[]): Promise<string> {
  assert.ok(existsSync(program), `${program} is missing: npm run site builds it`);
  writeFileSync(join(folder, file), source);
  const running = promisify(execFile)(program, ["run", "--receipt", join(folder, "receipt"), join(folder, file), ...args]);
  running.child.stdin?.end(stdin);
  // What the program ends with is in the receipt.
  await running.catch(() => undefined);
  return readFileSync(join(folder, "receipt"), "utf8");
}
