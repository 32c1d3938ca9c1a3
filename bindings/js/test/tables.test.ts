import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";

import * as numbers from "../dist/core/numbers.js";
import { plainSha256 } from "../dist/runtimes/sha256.js";
import { argv, find } from "../dist/runtimes/catalog.js";
import { isWanted } from "../dist/runtimes/compiler.js";
import { repository } from "./guests.js";

const header = readFileSync(repository("bindings/c/include/stepwell.h"), "utf8");

/** The numbers of an enum in the header, by name. */
function values(prefix: string): Map<string, number> {
  const found = header.matchAll(new RegExp(`^ +STEPWELL_${prefix}_([A-Z0-9_]+) = (\\d+),`, "gm"));
  return new Map(Array.from(found, ([, name = "", value]) => [name, Number(value)]));
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

describe("the numbers of the C ABI", () => {
  const tables: [string, readonly string[]][] = [
    ["LIMIT", numbers.LIMIT],
    ["TRAP", numbers.TRAP],
    ["CHANGE", numbers.CHANGE],
  ];
  for (const [prefix, names] of tables) {
    it(`are those of the header: ${prefix}`, () => {
      const found = [...values(prefix)].sort(([, a], [, b]) => a - b).map(([name]) => name);
      assert.deepEqual(names.map(snake), found);
    });
  }
  const objects: [string, Readonly<Record<string, number>>][] = [
    ["STATE", numbers.STATE],
    ["FREEZE_POINT", numbers.FREEZE_POINT],
    ["STREAM_KIND", numbers.STREAM_KIND],
  ];
  for (const [prefix, object] of objects) {
    it(`are those of the header: ${prefix}`, () => {
      const known = Object.entries(object).map(([name, value]) => [snake(name), value] as const);
      assert.deepEqual(new Map(known), values(prefix));
    });
  }

  it("are those of the header: statuses", () => {
    const body = /enum stepwell_status[^{]*\{(.*?)\n\};/s.exec(header)?.[1] ?? "";
    const found = [...body.matchAll(/STEPWELL_([A-Z0-9_]+) = (\d+),/g)];
    assert.ok(found.length > 20);
    for (const [, name, value] of found) assert.equal(numbers.STATUS[Number(value)], name);
  });

  it("are those of the header: quotas, waits and the version", () => {
    assert.deepEqual([...values("QUOTA").keys()], ["BYTES", "INODES", "FILE_BYTES"]);
    assert.equal(numbers.QUOTA.length, values("QUOTA").size);
    for (const [name, value] of Object.entries(numbers.WAIT)) assert.equal(values("WAIT").get(snake(name)), value);
    assert.match(header, new RegExp(`STEPWELL_ABI_VERSION ${numbers.ABI_VERSION}\\n`));
    assert.equal(numbers.FILE_TYPE.length, values("FILE_TYPE").size);
    assert.deepEqual([numbers.ERRNO[44], numbers.ERRNO[76]], ["ENOENT", "ENOTCAPABLE"]);
  });
});

describe("SHA-256 without the browser's", () => {
  it("is the same", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
      const bytes = Uint8Array.from({ length }, (_, at) => (at * 7) & 0xff);
      const expected = createHash("sha256").update(bytes).digest("hex");
      assert.equal(Buffer.from(plainSha256(bytes)).toString("hex"), expected, `${length} bytes`);
    }
  });
});

describe("the catalogue", () => {
  const cases: [string, string][] = [
    ["python", "python 3.12.0 python"],
    ["py", "python 3.12.0 python"],
    ["python@3.11", "python 3.11.3 python"],
    ["C++", "clang 22.0.0 c++"],
    ["clang", "clang 22.0.0 c"],
    ["clangpp", "clang 22.0.0 c++"],
    ["c@8.0.1", "clang 8.0.1 c"],
    ["js", "quickjs 0.5.0-alpha javascript"],
    ["sql", "sqlite 3.26.0 sql"],
  ];
  for (const [name, expected] of cases) {
    it(`finds ${name}`, () => {
      const { runtime, language } = find(name);
      assert.equal(`${runtime.name} ${runtime.version} ${language.name}`, expected);
    });
  }

  it("says what there is", () => {
    assert.throws(() => find("cobol"), /no runtime "cobol"; there are python, ruby/);
    assert.throws(() => find("python@2"), TypeError);
    assert.throws(() => find("constructor"), TypeError);
  });

  it("fills the places of arguments, once", () => {
    const fill = { program: "{output}", object: "o", output: "p", colour: "c", args: ["{program}", "b"] };
    assert.deepEqual(argv(["x{program}y", "{args}", "{object}", "{"], fill), ["x{output}y", "{program}", "b", "o", "{"]);
  });

  const words: [path: string, word: string][] = [
    [`/a-b'c"é.sql`, `/a-b'c"é.sql`],
    ["/a b.sql", '"/a b.sql"'],
    ["/a\n.sql", '"/a\n.sql"'],
    ['/a\\b".sql', '"/a\\\\b\\".sql"'],
  ];
  for (const [program, expected] of words) {
    it(`makes ${JSON.stringify(program)} one word of a shell`, () => {
      const fill = { program, object: "", output: "", colour: "", args: [] };
      assert.deepEqual(argv([".read {quoted}"], fill), [`.read ${expected}`]);
    });
  }
});

describe("precompiled headers", () => {
  const headers = ["iostream", "vector"];
  const cases: [string, boolean][] = [
    ["#include <iostream>\nint main() {}", true],
    ["// c\n#pragma once\n  # include < vector >\n", true],
    ["#include <stdio.h>\n#include <vector>\n", true],
    ['#include "own.h"\n#include <vector>\n', false],
    ["#include <stdio.h>\nint main() {}", false],
    ["#define NDEBUG\n#include <vector>\n", true],
    ["#define _LIBCPP_DEBUG 1\n#include <vector>\n", false],
    ["int main() {}", false],
  ];
  for (const [source, wanted] of cases) {
    it(`are ${wanted ? "" : "not "}for ${JSON.stringify(source)}`, () => {
      assert.equal(isWanted(source, headers), wanted);
      assert.equal(isWanted(source, []), true);
    });
  }
});
