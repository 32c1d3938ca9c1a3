import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { promisify } from "node:util";

import { guest, packaged } from "./guests.js";

const readme = readFileSync(packaged("README.md"), "utf8");
const programs = [...readme.matchAll(/```js\n(.*?)```\s+```text\n(.*?)```/gs)];

describe("the README", () => {
  it("has programs", () => {
    assert.ok(programs.length >= 4);
  });

  for (const [at, [, program = "", printed]] of programs.entries()) {
    it(`has a program ${at + 1} that prints what it says`, async () => {
      // Inside the package, so that its name is known there.
      const folder = mkdtempSync(packaged("test-build/readme-"));
      try {
        writeFileSync(`${folder}/hello.wasm`, guest("hello"));
        symlinkSync(packaged("site"), `${folder}/site`);
        writeFileSync(`${folder}/program.mjs`, program);
        const { stdout } = await promisify(execFile)(process.execPath, [`${folder}/program.mjs`]);
        assert.equal(stdout.trim(), printed?.trim());
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }
});
