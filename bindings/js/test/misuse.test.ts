/** What is of a wrong type is refused where it is given, by a TypeError that names it; nothing else comes of it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { runInNewContext } from "node:vm";

import { Engine, type FileSystem, type Module, type SpawnOptions, type Store } from "stepwell";

import { Abi, asBytes, asText } from "../dist/core/abi.js";
import { all, guest, packaged, text, THREADS } from "./guests.js";

/** Whatever a program in JavaScript may hand over. */
const given = <T>(value: unknown): T => value as T;

for (const thread of THREADS) {
  describe(`a value of a wrong type, ${thread}`, () => {
    let engine: Engine;
    let echo: Module;
    let args: Module;
    let files: FileSystem;

    before(async () => {
      engine = await Engine.load({ thread });
      [echo, args] = [await engine.compile(guest("echo")), await engine.compile(guest("args"))];
      files = await engine.fileSystem({ a: "a" });
    });
    after(() => engine.dispose());

    const options: [what: string, options: object, message: RegExp][] = [
      ["args", { args: [1] }, /^args\[0\] must be a string, not a number$/],
      ["args", { args: "abc" }, /^args must be an array, not a string$/],
      ["argv0", { argv0: null }, /^argv0 must be a string, not null$/],
      ["env", { env: { A: 1 } }, /^env\.A must be a string, not a number$/],
      ["env", { env: [["A", "1"]] }, /^env must be an object, not an Array$/],
      ["env", { env: { A: undefined } }, /^env\.A must be a string, not undefined$/],
      ["stdin", { stdin: 5 }, /^stdin must be .*, not a number$/],
      ["stdin", { stdin: new Blob(["x"]) }, /^stdin must be .*, not a Blob$/],
      ["stdio", { stdio: "tty" }, /^stdio must be "pipe", "terminal" or "file", not "tty"$/],
      ["stdio", { stdio: { stdout: 1 } }, /^stdio\.stdout must be "pipe", "terminal" or "file", not a number$/],
      ["limits", { limits: 5 }, /^limits must be an object, not a number$/],
      ["limits", { limits: { steps: "5" } }, /^steps must be a number or a bigint, not a string$/],
      ["outputQueueBytes", { limits: { outputQueueBytes: 0 } }, /^outputQueueBytes must be at least 1, not 0$/],
      ["options", given(5), /^options must be an object, not a number$/],
      ["options", given("x"), /^options must be an object, not a string$/],
      ["backtrace", { backtrace: "yes" }, /^backtrace must be a boolean, not a string$/],
      ["receipt", { receipt: 1 }, /^receipt must be a boolean, not a number$/],
      ["trace", { trace: {} }, /^trace must be a boolean, not an Object$/],
      ["profile", { profile: null }, /^profile must be a boolean, not null$/],
      ["freezable", { freezable: 0n }, /^freezable must be a boolean, not a bigint$/],
      ["seed", { seed: "1" }, /^seed must be a number or a bigint, not a string$/],
      ["epoch", { epoch: 5 }, /^epoch must be a Date or a bigint, not a number$/],
      ["epoch", { epoch: new Date(Number.NaN) }, /^epoch must be a date that is valid$/],
      ["invoke", { invoke: "f" }, /^invoke must be an object, not a string$/],
      ["invoke", { invoke: { name: 8 } }, /^invoke\.name must be a string, not a number$/],
      ["invoke", { invoke: { name: "f", args: [{}] } }, /^invoke\.args\[0\] must be .*, not an Object$/],
      ["repeat", { repeat: 5 }, /^repeat must be a string, not a number$/],
      ["readOnly", { readOnly: "/" }, /^readOnly must be an array, not a string$/],
      ["signal", { signal: new AbortController() }, /^signal must be an AbortSignal, not an AbortController$/],
      ["mounts", { mounts: new Map() }, /^mounts must be an object, not a Map$/],
      ["mounts", { mounts: { "/": "text" } }, /^mounts\["\/"\] must be a FileSystem or a FileTree, not a string$/],
      ["mounts", { mounts: { "/": { a: 5 } } }, /^mounts\["\/"\]: \/a must be .*, not a number$/],
    ];
    for (const [what, wrong, message] of options) {
      it(`is refused before a guest is started: ${what}, ${message.source.replace(/.*, not /, "").slice(0, -1)}`, async () => {
        assert.throws(() => engine.spawn(echo, given<SpawnOptions>(wrong)), { name: "TypeError", message });
        await assert.rejects(engine.run(echo, given(wrong)), { name: "TypeError", message });
        assert.equal((await engine.usage()).processes, 0);
      });
    }

    const leaves: [what: string, leaf: unknown][] = [
      ["a number", 5],
      ["null", null],
      ["undefined", undefined],
      ["a Blob", new Blob(["x"])],
      ["an Array", [1, 2]],
      ["a Map", new Map([["a", "b"]])],
      ["a Promise", Promise.resolve("x")],
      ["a Date", new Date()],
      ["a function", () => "x"],
    ];
    for (const [what, leaf] of leaves) {
      it(`is no file of a tree: ${what}`, async () => {
        const message = new RegExp(`: /d/leaf must be a string, bytes or an object of files, not ${what}$`);
        const tree = given<{}>({ d: { leaf } });
        await assert.rejects(engine.fileSystem(tree), { name: "TypeError", message });
        await assert.rejects(files.writeTree("", tree), { name: "TypeError", message });
        assert.throws(() => engine.spawn(echo, { mounts: { "/": tree } }), { name: "TypeError", message });
      });
    }

    it("is no file of a tree: a directory in itself, while the same one at two places is", async () => {
      const around: { within?: object } = {};
      around.within = { around };
      const message = /^files: \/within\/around is a directory that it lies in itself$/;
      await assert.rejects(engine.fileSystem(given(around)), { name: "TypeError", message });
      const shared = { file: "x" };
      const both = await engine.fileSystem({ one: shared, other: { shared } });
      assert.equal(await both.readFile("other/shared/file", "utf8"), "x");
      await both.dispose();
    });

    it("is no file of a tree: another file system", async () => {
      await assert.rejects(engine.fileSystem(given({ leaf: files })), /\/leaf must be .*, not a FileSystem$/);
    });

    const operations: [what: string, act: (fs: FileSystem) => Promise<unknown>, message: RegExp][] = [
      ["writeFile", (fs) => fs.writeFile("x", given(5)), /^data must be a string or bytes, not a number$/],
      ["writeFile", (fs) => fs.writeFile("x", given(null)), /^data must be a string or bytes, not null$/],
      ["writeFile", (fs) => fs.writeFile(given(5), "x"), /^path must be a string, not a number$/],
      ["importTar", (fs) => fs.importTar(given(5)), /^archive must be bytes, not a number$/],
      ["importTar", (fs) => fs.importTar(given("tar")), /^archive must be bytes, not a string$/],
      ["readFile", (fs) => fs.readFile("a", given("latin1")), /^encoding must be "utf8" or "utf-8", not "latin1"$/],
      ["symlink", (fs) => fs.symlink(given(8), "l"), /^target must be a string, not a number$/],
      ["chmod", (fs) => fs.chmod("a", given("755")), /^mode must be a number or a bigint, not a string$/],
      ["utimes", (fs) => fs.utimes("a", given(5.5), 0n), /^atimeNs must be a whole number, not 5.5/],
      ["utimes", (fs) => fs.utimes("a", 0n, given(new Date())), /^mtimeNs must be a number or a bigint, not a Date$/],
      ["rm", (fs) => fs.rm("a", given(5)), /^options must be an object, not a number$/],
      ["rm", (fs) => fs.rm("a", given({ recursive: "yes" })), /^recursive must be a boolean, not a string$/],
      ["rm", (fs) => fs.rm("a", given({ force: 1 })), /^force must be a boolean, not a number$/],
      ["diff", (fs) => fs.diff(given({})), /^base must be a FileSystem, not an Object$/],
    ];
    for (const [what, act, message] of operations) {
      it(`is refused by a file system, which stays as it is: ${what}`, async () => {
        const before = await files.digest();
        await assert.rejects(act(files), { name: "TypeError", message });
        assert.equal(await files.digest(), before);
      });
    }

    it("is refused by a process, which goes on", async () => {
      const process = engine.spawn(echo, { stdin: "piped" });
      await process.inputWanted();
      const wrong: [act: () => Promise<unknown>, message: RegExp][] = [
        [() => process.freeze(given("stdout")), /^point must be/],
        [() => process.freeze(given({ open: 5 })), /^open must be a string, not a number$/],
        [() => process.freeze(given({ call: "fd_write" })), /^number must be a number or a bigint, not undefined$/],
        [() => process.freeze({ call: "fd_write", number: 0 }), /^number must be at least 1, not 0$/],
        [() => process.freeze({ open: "file" }), /^open must be an absolute path, not "file"$/],
        [() => process.readMemory(given("0"), 1), /^address must be a number or a bigint, not a string$/],
        [() => process.readMemory(0, -1), /^length must be between 0 and/],
        [() => process.files(given(5)), /^path must be a string, not a number$/],
      ];
      for (const [act, message] of wrong) await assert.rejects(act, { name: "TypeError", message });
      const writer = process.stdin.getWriter();
      await writer.write(new Uint8Array([97]));
      await writer.close();
      assert.equal(await all(process.stdout), "a");
    });

    it("is refused by what goes on where an image stands", async () => {
      const process = engine.spawn(echo, { stdin: "piped", freezable: true });
      const image = await process.freeze("stdin");
      const wrong: [options: object, message: RegExp][] = [
        [{ signal: new AbortController() }, /^signal must be an AbortSignal, not an AbortController$/],
        [{ stdin: 5 }, /^stdin must be /],
        [given(5), /^options must be an object, not a number$/],
        [{ files: { "/": { a: 5 } } }, /^files\["\/"\]: \/a must be /],
        [{ files: "no" }, /^files must be an object, not a string$/],
      ];
      for (const [options, message] of wrong) {
        assert.throws(() => engine.thaw(image, options), { name: "TypeError", message });
      }
      assert.equal((await engine.usage()).processes, 0);
      await assert.rejects(engine.loadImage(echo, given(5)), /image must be bytes, not a number$/);
    });

    it("is refused as a module, a source or a receipt", async () => {
      assert.throws(() => engine.spawn(given({ id: 1 })), /^TypeError: module must be a Module, not an Object$/);
      assert.throws(() => engine.thaw(given(null)), /^TypeError: image must be an Image, not null$/);
      await assert.rejects(engine.compile(given(5)), /^TypeError: the source must be .*, not a number$/);
      await assert.rejects(engine.compile(guest("echo"), given({ signal: {} })), /signal must be an AbortSignal, not an Object$/);
      await assert.rejects(engine.compile(guest("echo"), given(5)), /^TypeError: options must be an object, not a number$/);
      await assert.rejects(engine.fileSystem({}, given({ steps: 3 })), /^TypeError: a file system has no limit "steps"$/);
      await assert.rejects(engine.compareReceipts(given(5), ""), /^TypeError: recorded must be a string, not a number$/);
      await assert.rejects(engine.runtime(given(5), { from: "x" }), /^TypeError: name must be a string, not a number$/);
      await assert.rejects(engine.runtime("sql", given({})), /^TypeError: from must be .*, not undefined$/);
      await assert.rejects(engine.runtime("sql", given({ from: "x", store: 5 })), /^TypeError: store must be an object, not a number$/);
      const store = given<Store>({ get: () => undefined });
      await assert.rejects(engine.runtime("sql", { from: "x", store }), /^TypeError: store.set must be a function, not undefined$/);
      await assert.rejects(engine.runtime("sql", given({ from: "x", onProgress: 5 })), /^TypeError: onProgress must be a function, not a number$/);
      for (const from of ["", "relative/"]) {
        const message = new RegExp(`^from must be a whole address, .*, not "${from}"$`);
        await assert.rejects(engine.runtime("sql", { from }), { name: "TypeError", message });
      }
    });

    it("is refused by a runtime before anything is fetched", async () => {
      const runtime = await engine.runtime("python", { from: () => assert.fail("it was fetched") });
      const wrong: [run: () => Promise<unknown>, message: RegExp][] = [
        [() => runtime.run(given(5)), /^source must be a string or bytes, not a number$/],
        [() => runtime.run("", given({ files: new Blob() })), /^files must be a FileTree, not a Blob$/],
        [() => runtime.run("", given({ args: [1] })), /^args\[0\] must be a string, not a number$/],
        [() => runtime.run("", given({ env: { A: 1 } })), /^env\.A must be a string, not a number$/],
        [() => runtime.run("", given({ name: 5 })), /^name must be a string, not a number$/],
        [() => runtime.run("", given({ mounts: [] })), /^mounts must be an object, not an Array$/],
        [() => runtime.spawn("", given({ signal: new AbortController() })), /^signal must be an AbortSignal/],
        [() => runtime.run("", given(null)), /^options must be an object, not null$/],
        [() => runtime.compile("", given(5)), /^options must be an object, not a number$/],
        [() => runtime.run("", given({ warm: "yes" })), /^warm must be a boolean, not a string$/],
        [() => runtime.run("", { mounts: { "/": {} } }), /^mounts\["\/"\] is the runtime's: what is to be there goes into files$/],
        [() => runtime.run("", given({ invoke: { name: "f" } })), /^invoke is not for the program of a runtime$/],
        [() => runtime.run("", given({ stdin: "piped" })), /^stdin must not be "piped" for run, /],
        [() => runtime.warmUp(given(5)), /^options must be an object, not a number$/],
        [() => runtime.warmUp(given({ stdio: "tty" })), /^stdio must be "pipe", "terminal" or "file", not "tty"$/],
      ];
      for (const [run, message] of wrong) await assert.rejects(run, { name: "TypeError", message });
    });

    it("is no input that is written while a run is waited for", async () => {
      const message = /^stdin must not be "piped" for run, which gives nothing to write to: use spawn$/;
      await assert.rejects(engine.run(echo, given({ stdin: "piped" })), { name: "TypeError", message });
      assert.equal((await engine.usage()).processes, 0);
    });

    it("is none of those that are right", async () => {
      const { stdout } = await engine.run(args, { args: ["b"], env: { X: "1" }, mounts: { "/": Object.create(null) } });
      assert.ok(stdout.startsWith("program\0b\0X=1\0"), JSON.stringify(stdout));
    });
  });
}

for (const thread of THREADS) {
  describe(`bytes in any form, ${thread}`, () => {
    let engine: Engine;
    let echo: Module;

    before(async () => {
      engine = await Engine.load({ thread });
      echo = await engine.compile(guest("echo"));
    });
    after(() => engine.dispose());

    const data: [what: string, data: ArrayBuffer | ArrayBufferView][] = [
      ["an ArrayBuffer", new Uint8Array([104, 105]).buffer],
      ["a Uint16Array", new Uint16Array([0x6968])],
      ["a DataView", new DataView(new Uint8Array([0, 104, 105, 0]).buffer, 1, 2)],
      ["a Buffer", Buffer.from("hi")],
    ];
    for (const [what, hi] of data) {
      it(`are taken as they lie there: ${what}`, async () => {
        const fs = await engine.fileSystem({ literal: hi });
        await fs.writeFile("written", hi);
        for (const name of ["literal", "written"]) assert.equal(await fs.readFile(name, "utf8"), "hi");
        assert.equal((await engine.run(echo, { stdin: hi })).stdout, "hi");
        const piped = engine.spawn(echo, { stdin: "piped" });
        const writer = piped.stdin.getWriter();
        await writer.write(hi);
        await writer.close();
        assert.equal(await all(piped.stdout), "hi");
        await piped.dispose();
        await fs.dispose();
      });
    }

    it("are taken for a module and for an archive", async () => {
      const wasm = Uint8Array.from(guest("echo"));
      for (const source of [wasm.buffer, new DataView(wasm.buffer)]) {
        assert.equal((await engine.compile(source)).sha256, echo.sha256);
      }
      const copy = await engine.fileSystem();
      const files = await engine.fileSystem({ a: "a" });
      await copy.importTar((await files.exportTar()).buffer);
      assert.equal(await copy.digest(), await files.digest());
    });
  });
}

for (const thread of THREADS) {
  describe(`values of another realm, ${thread}`, () => {
    it("are taken as those of this one", async () => {
      const library = new Uint8Array(readFileSync(packaged("dist/stepwell.wasm")));
      const script = `({ wasm: new WebAssembly.Module(library), epoch: new Date(86_400_000), tree: { a: new Uint8Array([104, 105]) } })`;
      const other = runInNewContext(script, { library }) as { wasm: WebAssembly.Module; epoch: Date; tree: { a: Uint8Array } };
      assert.ok(!(other.wasm instanceof WebAssembly.Module) && !(other.epoch instanceof Date));
      const engine = await Engine.load({ thread, wasm: other.wasm });
      try {
        const args = await engine.compile(guest("args"));
        const receipts = [other.epoch, new Date(86_400_000)].map(async (epoch) => (await engine.run(args, { epoch, receipt: true })).receipt);
        const [one, same] = await Promise.all(receipts);
        assert.ok(one);
        assert.equal(one, same);
        const files = await engine.fileSystem(other.tree);
        assert.equal(await files.readFile("a", "utf8"), "hi");
      } finally {
        await engine.dispose();
      }
    });
  });
}

describe("an engine", () => {
  it("is not loaded with options of a wrong type", async () => {
    const cases: [options: object, message: RegExp][] = [
      [{ thread: "foo" }, /^thread must be "worker" or "inline", not "foo"$/],
      [{ sliceMs: "5" }, /^sliceMs must be a number, not a string$/],
      [given(5), /^options must be an object, not a number$/],
      [given("x"), /^options must be an object, not a string$/],
      [given(null), /^options must be an object, not null$/],
      [{ wasm: 5 }, /^wasm must be .*, not a number$/],
    ];
    for (const [options, message] of cases) await assert.rejects(Engine.load(options), { name: "TypeError", message });
  });
});

describe("the glue over the C ABI", () => {
  it("takes nothing for bytes or a text but what is", async () => {
    const abi = await Abi.instantiate(await WebAssembly.compile(readFileSync(packaged("dist/stepwell.wasm"))));
    const tree = abi.u32("tree_new");
    for (const wrong of [5, 5n, true, null, undefined, "text", {}, [], new ArrayBuffer(1), new Uint16Array(1)]) {
      const act = () => abi.call("tree_write", tree, asText("x"), asBytes(given(wrong)));
      assert.throws(act, { name: "TypeError", message: /^bytes were expected, not / });
    }
    for (const wrong of [5, 5n, true, null, undefined, {}, new Uint8Array(1)]) {
      const act = () => abi.call("tree_mkdir", tree, asText(given(wrong)));
      assert.throws(act, { name: "TypeError", message: /^a text was expected, not / });
      if (typeof wrong === "object" || wrong === undefined) {
        assert.throws(() => abi.call("tree_mkdir", given<number>(wrong)), { name: "TypeError" });
      }
    }
    abi.call("tree_write", tree, asText("x"), asBytes(new Uint8Array([104])));
    assert.equal(text(abi.bytes("tree_read", tree, asText("x"))), "h");
  });
});
