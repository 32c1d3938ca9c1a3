/** The parts of the components that need no page. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { build } from "esbuild";
import type { RuntimeOptions } from "stepwell";

import { find } from "../dist/runtimes/catalog.js";
import { Runtime } from "../dist/runtimes/runtime.js";
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
const { Shown } = await part<typeof import("../dist/elements/shown.js")>("shown");
const { Downloads } = await part<typeof import("../dist/elements/downloads.js")>("downloads");
const { Announcer } = await part<typeof import("../dist/elements/announcer.js")>("announcer");
const { ended, failed, TimeUp } = await part<typeof import("../dist/elements/outcome.js")>("outcome");
const { configure, current } = await part<typeof import("../dist/elements/settings.js")>("settings");
const { limitsOf } = await part<typeof import("../dist/elements/attributes.js")>("attributes");
const { startProgram, takesInput } = await part<typeof import("../dist/elements/programs.js")>("programs");

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
    assert.deepEqual(diagnosticsOf(text, "main.c"), [
      { file: "main.c", line: 2, column: 11, severity: "error", message: "expected ';' after return statement" },
      { file: "main.c", line: 1, column: 5, severity: "warning", message: "w: x" },
    ]);
  });

  it("are the program's only if they are about its own file", () => {
    const cases = [
      ["main.c", 1], ["./main.c", 1], ["/main.c", 1], ["util.h", 0], ["sub/main.c", 0], ["/sub/main.c", 0], ["main.cpp", 0],
    ] as const;
    for (const [file, count] of cases) {
      const text = `In file included from main.c:1:\n${file}:3:1: error: unknown type name 'oops'\n`;
      assert.equal(diagnosticsOf(text, "main.c").length, count, file);
    }
  });
});

describe("a part that is loaded when it is shown", () => {
  it("is loaded again after a failure", async () => {
    let attempts = 0;
    const shown = new Shown(async () => {
      attempts += 1;
      if (attempts === 1) throw new TypeError("the network is down");
      return () => ({ dispose: () => undefined });
    });
    await assert.rejects(shown.show(), /the network is down/);
    assert.equal(shown.current, null);
    assert.notEqual(await shown.show(), null);
    assert.notEqual(shown.current, null);
    await shown.show();
    assert.equal(attempts, 2);
  });
});

describe("a part that cannot be loaded", () => {
  it("fails for nobody who has hidden it, nor for who has shown it anew", async () => {
    type Make = () => { dispose: () => void };
    const loads: { readonly resolve: (make: Make) => void; readonly reject: (error: unknown) => void }[] = [];
    const shown = new Shown(() => new Promise<Make>((resolve, reject) => loads.push({ resolve, reject })));
    const first = shown.show();
    shown.hide();
    const second = shown.show();
    loads[0]?.reject(new TypeError("the network is down"));
    assert.equal(await first, null);
    assert.equal(shown.show(), second);
    loads[1]?.resolve(() => ({ dispose: () => undefined }));
    assert.equal(await second, shown.current);
  });
});

describe("a run that was ended by the time of something else", () => {
  it("has failed, and has not used up its own", () => {
    const { kind, message } = failed(new DOMException("The download took too long.", "TimeoutError"));
    assert.deepEqual([kind, message], ["failed", "It could not be run: The download took too long."]);
    assert.equal(failed(new TimeUp()).kind, "limit");
  });
});

describe("a run that a limit has ended", () => {
  it("names the attribute that the limit is set by, if there is one", () => {
    const cases = [
      ["steps", "its steps are used up (steps)."],
      ["memoryBytes", "it needs more memory than it may have (memory-bytes)."],
      ["tableElements", "it needs larger tables than it may have."],
      ["outputBytes", "it has written as much as it may (output-bytes)."],
      ["outputQueueBytes", "its output is not read."],
      ["descriptors", "it has too many files open."],
      ["argumentBytes", "its arguments are too long."],
      ["hostMemory", "this page has no more memory for it."],
    ] as const;
    for (const [limit, why] of cases) {
      const end = { code: null, reason: "limit", limit, growthRefused: null } as never;
      assert.equal(ended(end).message, `Ended by a limit: ${why}`);
      const refused = { code: 1, reason: "exit", limit: null, growthRefused: limit } as never;
      assert.equal(ended(refused).message, `A limit was reached: ${why} Finished with exit code 1.`);
    }
  });
});

describe("a limit in an attribute", () => {
  const component = (attributes: Readonly<Record<string, string>>) => ({
    hasAttribute: (name: string) => name in attributes,
    getAttribute: (name: string) => attributes[name] ?? null,
  }) as unknown as Element;

  it("is a whole number", () => {
    assert.deepEqual(limitsOf(component({ steps: "1_000", "output-bytes": "5" })), { steps: 1000n, outputBytes: 5n });
  });

  it("is called by the attribute's name if it is none", () => {
    for (const name of ["steps", "memory-bytes", "output-bytes", "file-bytes"]) {
      const cases = [["many", 'a whole number, not "many"'], [`${2n ** 64n}`, "between 0 and 2^64, not 18446744073709551616"]] as const;
      for (const [value, wanted] of cases) {
        const message = `${name} must be ${wanted}`;
        assert.throws(() => limitsOf(component({ [name]: value })), { name: "TypeError", message });
      }
    }
  });
});

describe("downloads", () => {
  const file = (name: string, loadedBytes: number) => ({ file: name, loadedBytes, totalBytes: 10_000_000 });

  it("are told together, and not as being loaded when they are there", () => {
    const downloads = new Downloads("ruby", false);
    const cases = [
      [file("module", 0), 0, "Loading ruby, 10.0 MB…"],
      [file("module", 5_000_000), 0.5, "Loading ruby, 10.0 MB…"],
      [file("base", 0), 0.25, "Loading ruby, 20.0 MB…"],
      [file("module", 10_000_000), 0.5, "Loading ruby, 20.0 MB…"],
      [file("base", 10_000_000), null, "Preparing ruby…"],
    ] as const;
    for (const [progress, part, message] of cases) {
      downloads.note(progress);
      assert.deepEqual([downloads.part, downloads.message], [part, message]);
    }
  });

  it("of a compiler are followed by its work", () => {
    const downloads = new Downloads("clang", true);
    downloads.note(file("module", 10_000_000));
    assert.equal(downloads.message, "Preparing clang, and compiling…");
  });
});

describe("what is read aloud", () => {
  it("has nothing of the program before in it", () => {
    const lines: string[] = [];
    const log = { append: (line: { textContent: string }) => lines.push(line.textContent), replaceChildren: () => (lines.length = 0) };
    Object.assign(globalThis, { document: { createElement: () => ({}) } });
    const announcer = new Announcer(log as unknown as HTMLElement);
    const write = (bytes: Uint8Array) => {
      announcer.write("stdout", bytes);
      announcer.flush();
    };
    const [half, rest] = [Uint8Array.of(0xc3), Uint8Array.of(0xa4)];
    write(half);
    announcer.clear();
    write(rest);
    assert.deepEqual(lines, ["ä"], "one program, whose terminal was emptied");
    write(half);
    announcer.restart();
    write(new TextEncoder().encode("new"));
    assert.deepEqual(lines, ["new"]);
  });
});

describe("the settings of a page", () => {
  it("are refused at once if they are of a wrong type, and nothing is changed", () => {
    const before = { ...current() };
    const cases = [
      [null, "the settings must be an object, not null"],
      [5, "the settings must be an object, not a number"],
      [{ runtimes: 5 }, "runtimes must be a string or a URL, not a number"],
      [{ runtimes: null }, "runtimes must be a string or a URL, not null"],
      [{ thread: "x" }, 'thread must be "worker" or "inline", not "x"'],
      [{ thread: null }, 'thread must be "worker" or "inline", not null'],
      [{ sliceMs: -1 }, "sliceMs must be more than 0, not -1"],
      [{ sliceMs: NaN }, "sliceMs must be more than 0, not NaN"],
      [{ sliceMs: "5" }, "sliceMs must be a number, not a string"],
      [{ wasm: 5 }, "wasm must be an address, a Response, bytes or a WebAssembly.Module, not a number"],
      [{ thraed: "inline" }, 'there is no setting "thraed"'],
      [{ runtimes: "elsewhere/", thread: "x" }, 'thread must be "worker" or "inline", not "x"'],
    ] as const;
    for (const [changes, message] of cases) {
      assert.throws(() => configure(changes as never), { name: "TypeError", message });
      assert.deepEqual(current(), before);
    }
  });

  it("are changed if they are given", () => {
    const before = { ...current() };
    const wasm = Promise.resolve(new Uint8Array());
    configure({ runtimes: new URL("http://localhost/site/"), thread: "inline", sliceMs: 2.5, wasm });
    configure({ runtimes: undefined, thread: undefined } as never);
    assert.deepEqual(current(), { runtimes: new URL("http://localhost/site/"), thread: "inline", sliceMs: 2.5, wasm });
    configure({ sliceMs: undefined, wasm: undefined });
    assert.deepEqual([current().sliceMs, current().wasm], [undefined, undefined]);
    configure(before);
    assert.deepEqual(current(), before);
  });
});

describe("keys", () => {
  it("are for the programs of every language but SQL, by any of its names", () => {
    const cases = [["python", true], ["c++@8.0.1", true], ["", true], ["sql", false], ["SQLite", false], ["sqlite@3.26", false]] as const;
    for (const [name, expected] of cases) assert.equal(takesInput(name), expected, name);
  });
});

describe("an interpreter that can be started before its programs", () => {
  const PROGRESS = { file: "module", loadedBytes: 0, totalBytes: 1 };

  /** What is asked of a runtime by a component with these attributes. */
  async function asked(more: { readonly seed?: bigint; readonly receipt?: boolean; readonly cold?: boolean }): Promise<string[]> {
    Object.assign(globalThis, { document: { baseURI: "http://localhost/" } });
    const calls: string[] = [];
    let fetch: () => void = () => undefined;
    const process = {};
    const made = Runtime as never as new (...parts: unknown[]) => Runtime;
    const runtime = Object.assign(new made({}, {}, find("python"), { warm: {} }), {
      warmUp: async () => (fetch(), void calls.push("warmUp")),
      compile: async (_: string, { name, warm }: { name: string; warm: boolean }) => {
        calls.push(`compile ${name} ${warm}`);
        // A worker that is busy lets go of nothing.
        return { diagnostics: "", spawn: async () => process, dispose: () => new Promise<void>(() => undefined) };
      },
    });
    const engine = {
      thread: "worker",
      runtime: async (_: string, { onProgress }: RuntimeOptions) => (fetch = () => onProgress?.(PROGRESS), runtime),
    };
    const ending = new AbortController();
    const { afterwards } = await startProgram(engine as never, {
      from: "site/", runtime: "python", text: "", files: {}, args: [], stdio: "terminal", limits: { steps: 1n }, receipt: false, cold: false,
      signal: ending.signal, say: () => undefined, onProgress: () => void calls.push("fetching"), onMessages: async () => undefined,
      ...more,
    });
    ending.abort();
    afterwards?.();
    return calls;
  }

  it("is started for a limit of steps, and for the next program, which has no progress of this one", async () => {
    assert.deepEqual(await asked({}), ["fetching", "warmUp", "compile main.py true", "warmUp"]);
  });

  it("is not started before a program that cannot go on from it", async () => {
    assert.deepEqual(await asked({ seed: 1n }), ["compile main.py true"]);
    assert.deepEqual(await asked({ receipt: true }), ["compile main.py false"]);
    assert.deepEqual(await asked({ cold: true }), ["compile main.py false"]);
  });
});
