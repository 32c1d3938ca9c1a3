/** The parts of the components that need no page. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { build } from "esbuild";

import { packaged } from "./guests.js";

/** A module of the components, which are built for pages. */
async function part<T>(name: string): Promise<T> {
  const { outputFiles } = await build({
    entryPoints: [packaged(`src/elements/${name}.ts`)], bundle: true, format: "esm", target: "es2022", write: false,
  });
  const text = Buffer.from(outputFiles[0]?.contents ?? []).toString("base64");
  return (await import(`data:text/javascript;base64,${text}`)) as T;
}

const { LineDiscipline } = await part<typeof import("../dist/elements/line-discipline.js")>("line-discipline");
const { trimmed, plain } = await part<typeof import("../dist/elements/text.js")>("text");
const { diagnosticsOf } = await part<typeof import("../dist/elements/diagnostics.js")>("diagnostics");

/** What comes of keys: what is shown, and what goes to the program. */
function typed(shows: boolean, ...keys: string[]): { shown: string; sent: string[] } {
  const [shown, sent]: [string[], string[]] = [[], []];
  const line = new LineDiscipline(
    {
      echo: (text) => void shown.push(text),
      send: (text) => void sent.push(text),
      end: () => void sent.push("END"),
      interrupt: () => void sent.push("INTERRUPT"),
    },
    shows,
  );
  for (const key of keys) line.type(key);
  return { shown: shown.join(""), sent };
}

describe("keys in line mode", () => {
  const cases: readonly (readonly [keys: readonly string[], shown: string, sent: readonly string[]])[] = [
    [["a", "b", "\r"], "ab\r\n", ["ab\n"]],
    [["one\r\ntwo\nthr"], "one\r\ntwo\r\nthr", ["one\n", "two\n"]],
    [["ab", "\x7f", "c\r"], "ab\b \bc\r\n", ["ac\n"]],
    [["\x7f", "\r"], "\r\n", ["\n"]],
    [["日", "\x7f", "\r"], "日\b \b\b \b\r\n", ["\n"]],
    [["e\u0301", "\x7f", "\r"], "e\u0301\b \b\r\n", ["\n"]],
    [["abc", "\x15", "d\r"], "abc\b \b\b \b\b \bd\r\n", ["d\n"]],
    [["\x1b[A", "\x1bOB", "a\r"], "a\r\n", ["a\n"]],
    [["\x04"], "", ["END"]],
    [["ab", "\x04"], "ab", ["ab"]],
    [["ab", "\x03", "\r"], "ab^C\r\n\r\n", ["INTERRUPT", "\n"]],
  ];
  for (const [keys, shown, sent] of cases) {
    it(JSON.stringify(keys.join("")), () => assert.deepEqual(typed(true, ...keys), { shown, sent }));
  }

  it("shows nothing if it is not to", () => assert.deepEqual(typed(false, "ab\r"), { shown: "", sent: ["ab\n"] }));
});

describe("texts", () => {
  it("lose the indentation of the markup, and no other", () => {
    const cases = [
      ["\n    a\n      b\n\n    c\n  ", "a\n  b\n\nc\n"],
      ["\ta\n\tb", "a\nb\n"],
      ["\ta\n  b", "\ta\n  b\n"],
      ["  \n \n", ""],
      ["a\r\nb\r\n", "a\nb\n"],
    ] as const;
    for (const [text, expected] of cases) assert.equal(trimmed(text), expected, JSON.stringify(text));
  });

  it("are plain without what a terminal acts on", () => {
    assert.equal(plain("\x1b[1;31mred\x1b[0m\r\n\x1b]0;title\x07a\tb\x07"), "red\na\tb");
  });
});

describe("a compiler's messages", () => {
  it("have a place, a severity and a text", () => {
    const text = "main.c:2:11: error: expected ';' after return statement\n    2 |   return 0\nmain.c:1:5: warning: w: x\nlinker: error\n";
    assert.deepEqual(diagnosticsOf(text), [
      { file: "main.c", line: 2, column: 11, severity: "error", message: "expected ';' after return statement" },
      { file: "main.c", line: 1, column: 5, severity: "warning", message: "w: x" },
    ]);
  });
});
