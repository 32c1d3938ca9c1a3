import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";

import { directoryStore, Engine, TrapError, type FileSystem, type Program, type RunResult, type Runtime } from "stepwell";

import { bytes, packaged, repository } from "./guests.js";

let engine: Engine;
let c: Runtime;

before(async () => {
  engine = await Engine.load();
  const from = pathToFileURL(`${packaged("site")}/`);
  c = await engine.runtime("c", { from, store: directoryStore(packaged("test-build/store")) });
});

after(() => engine.dispose());

function compiled(name: string): Promise<Program> {
  return c.compile(readFileSync(repository(`tests/guests/${name}`)), { name });
}

/** The answer in the golden file's form: what the guest has printed, or how it has ended. */
function answer(name: string, stdout: string, ended: RunResult | TrapError): string {
  const printed = stdout.replace(`${name}: `, "").trimEnd();
  if (ended instanceof TrapError) {
    const fault = /^(\w+): (\w+) points at/.exec(ended.message);
    return `${printed}traps: ${fault === null ? ended.trap : `${fault[1]} ${fault[2]}`}`;
  }
  return ended.code === 0 && printed !== "" ? printed : `${printed}exits ${ended.code}`;
}

describe("preview1", () => {
  it("answers 106 questions about its corners as was decided", async () => {
    const program = await compiled("probe.c");
    assert.ok(program.module);
    const lines = readFileSync(repository("tests/probes.golden"), "utf8").split("\n");
    const cases = lines.filter((line) => line !== "" && !line.startsWith("#"));
    assert.equal(cases.length, 106);
    const wrong: string[] = [];
    for (const line of cases) {
      const [name = "", rest = ""] = line.split(/: (.*)/s);
      const [expected = ""] = rest.split(" | on a host: ");
      const process = engine.spawn(program.module, { argv0: "probe", args: [name], stdin: "piped", backtrace: false });
      // Input stays open; a case that does not read it leaves it there.
      process.stdin.getWriter().write(bytes("hello")).catch(() => undefined);
      const stdout = new Response(process.stdout).text();
      const ended = await process.exit.catch((error: unknown) => error as TrapError);
      const found = answer(name, await stdout, ended as RunResult | TrapError);
      if (found !== expected) wrong.push(`${name}: decided ${expected}, found ${found}`);
      await process.dispose();
    }
    assert.deepEqual(wrong, []);
    await program.dispose();
  });

  it("does 60 scripts of file operations as a real directory did", async () => {
    const program = await compiled("fsops.c");
    assert.ok(program.module);
    const base = await scriptBase();
    const folder = repository("tests/guests/fsops/");
    const scripts = readdirSync(folder).filter((name) => name.endsWith(".txt"));
    assert.equal(scripts.length, 60);
    for (const script of scripts) {
      const stdin = readFileSync(new URL(script, folder));
      const golden = readFileSync(new URL(script.replace(/txt$/, "golden"), folder), "utf8");
      const { code, stdout } = await engine.run(program.module, { argv0: "fsops", mounts: { "/": base }, stdin });
      assert.equal(code, 0, script);
      assert.deepEqual(differences(stdout, golden), [], script);
    }
    await base.dispose();
    await program.dispose();
  });
});

/** What every script starts with. */
async function scriptBase(): Promise<FileSystem> {
  const base = await engine.fileSystem({
    a: { b: { x: "x" }, f: "0123456789" },
    b: { g: "G".repeat(5000) },
    big: "big!".repeat(17_500),
    emp: {},
  });
  await base.symlink("a/f", "l");
  await base.symlink("b", "ld");
  return base;
}

/** The lines that differ, but for those of a directory that is synced: the engine that recorded them does not allow that. */
function differences(found: string, golden: string): string[] {
  const recorded = golden.split("\n");
  const isSynced = (line: string, at: number) => / sync \d+: ok$/.test(line) && recorded[at] === line.replace(/ok$/, "BADFD");
  return found.split("\n").filter((line, at) => line !== recorded[at] && !isSynced(line, at));
}
