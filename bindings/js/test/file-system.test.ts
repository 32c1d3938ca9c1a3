import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { FileSystemError } from "stepwell";

import { guest, THREADS, withEngine } from "./guests.js";

for (const thread of THREADS) {
  describe(`a file system, ${thread}`, () => {
    it("does what node:fs/promises does, by the same names", async () => {
      await withEngine({ thread }, async (engine) => {
        const fs = await engine.fileSystem({ a: { "one.txt": "1", two: new Uint8Array([2]) } });
        assert.equal(await fs.readFile("a/one.txt", "utf8"), "1");
        assert.deepEqual([...(await fs.readFile("a/two"))], [2]);
        await fs.mkdir("b/c");
        await fs.writeFile("b/c/new", "new");
        await fs.rename("a/two", "b/two");
        await fs.symlink("two", "b/link");
        await fs.link("b/two", "b/three");
        await fs.chmod("b/two", 0o755);
        await fs.utimes("b/two", 1n, 2n);
        assert.equal(await fs.readlink("b/link"), "two");
        const stats = await fs.stat("b/two");
        assert.deepEqual(
          [stats.isFile(), stats.size, stats.nlink, stats.mode & 0o777, stats.atimeNs, stats.mtimeNs],
          [true, 1, 2, 0o755, 1n, 2n],
        );
        const names = [];
        for await (const entry of fs.readdir("b")) names.push(`${entry.name} ${entry.type}`);
        assert.deepEqual(names, ["c directory", "link symlink", "three file", "two file"]);
        await assert.rejects(fs.rm("b"), { code: "ENOTEMPTY" });
        await fs.rm("b", { recursive: true });
        await fs.rm("b", { force: true });
        await assert.rejects(fs.stat("b"), (error) => error instanceof FileSystemError && error.code === "ENOENT");
      });
    });

    it("follows no link", async () => {
      await withEngine({ thread }, async (engine) => {
        const fs = await engine.fileSystem({ file: "x", folder: { file: "y" } });
        await fs.symlink("file", "link");
        await fs.symlink("folder", "way");
        const acts: [act: () => Promise<unknown>, code: string][] = [
          [() => fs.readFile("link"), "EINVAL"],
          [() => fs.writeFile("link", ""), "ELOOP"],
          [() => fs.readFile("way/file"), "ENOTDIR"],
          [() => fs.writeFile("way/file", ""), "ENOTDIR"],
          [() => fs.mkdir("way/more"), "ENOTDIR"],
          [() => fs.readdir("way").next(), "ENOTDIR"],
          [() => fs.readFile("folder/../file"), "EINVAL"],
        ];
        for (const [act, code] of acts) await assert.rejects(act, { name: "FileSystemError", code });
      });
    });

    it("is forked, compared, hashed and archived", async () => {
      await withEngine({ thread }, async (engine) => {
        const fs = await engine.fileSystem({ kept: "k", gone: "g", moved: "m" });
        const base = await fs.fork();
        await fs.writeFile("new", "n");
        await fs.rm("gone");
        await fs.rename("moved", "away");
        assert.deepEqual(await fs.diff(base), [
          { change: "renamed", path: "away", from: "moved" },
          { change: "removed", path: "gone", from: null },
          { change: "added", path: "new", from: null },
        ]);
        const copy = await engine.fileSystem();
        await copy.importTar(await fs.exportTar());
        assert.equal(await copy.digest(), await fs.digest());
        assert.notEqual(await base.digest(), await fs.digest());
        await assert.rejects(copy.importTar(new Uint8Array(700).fill(1)), { code: "ARCHIVE" });
      });
    });

    it("holds no more than it may", async () => {
      await withEngine({ thread }, async (engine) => {
        const fs = await engine.fileSystem({}, { fileBytes: 10 });
        await fs.writeFile("a", "1234567890");
        await assert.rejects(fs.writeFile("b", "1"), { code: "ENOSPC" });
        assert.equal((await fs.usage()).fileBytes, 10);
      });
    });

    it("is worked on by a process as a fork, and read-only if that is asked for", async () => {
      await withEngine({ thread }, async (engine) => {
        const file = await engine.compile(guest("file"));
        const fs = await engine.fileSystem({ before: "" });
        const process = engine.spawn(file, { mounts: { "/": fs } });
        assert.equal((await process.exit).code, 0);
        const after = await process.files();
        assert.equal(await after.readFile("out", "utf8"), "made");
        assert.deepEqual((await after.diff(fs)).map(({ path }) => path), ["out"]);
        await assert.rejects(fs.stat("out"), { code: "ENOENT" });
        // ROFS
        assert.equal((await engine.run(file, { mounts: { "/": fs }, readOnly: ["/"] })).code, 69);
        // BADF: there is no descriptor 3.
        assert.equal((await engine.run(file, { mounts: null })).code, 8);
        // NOSPC
        assert.equal((await engine.run(file, { limits: { inodes: 1 } })).code, 51);
      });
    });
  });
}
