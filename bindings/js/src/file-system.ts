/** Files in memory, by the names of `node:fs/promises`. */

import { bytes, choice, count, count32, encoded, flag, mistaken, object, text } from "./checks.js";
import type { Client } from "./client.js";
import type { Id } from "./core/protocol.js";
import type { ChangeData, EntryData, StatData } from "./core/trees.js";
import { treeData, type FileTree } from "./file-tree.js";
import type { Bytes } from "./source.js";

/** What something in a file system is. */
export type FileType = "unknown" | "block-device" | "character-device" | "directory" | "file" | "socket" | "symlink";

/** The most that a file system holds. */
export interface FileSystemLimits {
  /** Bytes in files and in the targets of symbolic links. Default: 1 GiB. */
  readonly fileBytes?: number | bigint;
  /** Files, directories and links. Default: 1 million. */
  readonly inodes?: number | bigint;
  /** The largest size of one file, holes included. Default: 16 TiB. */
  readonly singleFileBytes?: number | bigint;
}

/** An entry of a directory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly type: FileType;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What is known of a path. */
export interface Stats {
  readonly type: FileType;
  /** Bytes of a file, or of a symbolic link's target. */
  readonly size: number;
  /** How many names it has. */
  readonly nlink: number;
  /** Its permission bits. */
  readonly mode: number;
  /** Times in nanoseconds since 1970. */
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** A difference between two file systems. */
export interface Change {
  readonly change: "added" | "modified" | "removed" | "renamed";
  /** Without a slash at either end. */
  readonly path: string;
  /** Where something was that was renamed. */
  readonly from: string | null;
}

/**
 * A copy-on-write tree of files. A fork costs nothing and is independent. A process that it is mounted in works on a fork.
 *
 * Symbolic links in paths are not followed, whatever they lead to: reading one is `EINVAL`, writing to one is `ELOOP`, and what
 * would be in one, also its listing, is `ENOTDIR`. There is no `..`, which is `EINVAL`.
 */
export class FileSystem implements AsyncDisposable {
  /** @internal */
  readonly client: Client;
  /** @internal */
  readonly id: Id;

  /** @internal */
  constructor(client: Client, id: Id) {
    this.client = client;
    this.id = id;
    client.track(this, "trees.release", id);
  }

  /** The content of a file: bytes, or text if an encoding is given. */
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  readFile(path: string, encoding: "utf8" | "utf-8"): Promise<string>;
  async readFile(path: string, encoding?: "utf8" | "utf-8"): Promise<Uint8Array<ArrayBuffer> | string> {
    if (encoding !== undefined) choice(encoding, "encoding", ["utf8", "utf-8"]);
    const content = await this.#call<Uint8Array<ArrayBuffer>>("readFile", text(path, "path"));
    return encoding === undefined ? content : new TextDecoder().decode(content);
  }

  /** Writes a file, and makes the directories above it. */
  async writeFile(path: string, data: string | Bytes): Promise<void> {
    await this.#call("writeFile", text(path, "path"), encoded(data, "data"));
  }

  /** Writes files from a literal below a directory. */
  async writeTree(path: string, files: FileTree): Promise<void> {
    await this.#call("writeTree", text(path, "path").replace(/\/+$/, ""), treeData(files, "files"));
  }

  /** Makes a directory and those above it, as far as they are missing. */
  async mkdir(path: string): Promise<void> {
    await this.#call("mkdir", text(path, "path"));
  }

  /** The entries of a directory, sorted by name. */
  async *readdir(path: string): AsyncGenerator<DirectoryEntry, void, undefined> {
    const entries = await this.#call<EntryData[]>("readdir", text(path, "path"));
    for (const entry of entries) yield { ...entry, ...questions(entry.type) };
  }

  /** What is at a path; a symbolic link is not followed. */
  async stat(path: string): Promise<Stats> {
    const { type, size, links, mode, accessed, modified } = await this.#call<StatData>("stat", text(path, "path"));
    const numbers = { size: Number(size), nlink: Number(links), mode, atimeNs: accessed, mtimeNs: modified };
    return { type, ...numbers, ...questions(type) };
  }

  /** Moves what is at a path, and replaces what is at the other. */
  async rename(from: string, to: string): Promise<void> {
    await this.#call("rename", text(from, "from"), text(to, "to"));
  }

  /** Removes a file, a link or an empty directory; with `recursive`, a directory with everything in it. */
  async rm(path: string, options: { readonly recursive?: boolean; readonly force?: boolean } = {}): Promise<void> {
    const { recursive = false, force = false } = object(options, "options");
    flag(force, "force");
    try {
      await this.#call("remove", text(path, "path"), flag(recursive, "recursive"));
    } catch (error) {
      if (!force || (error as { code?: string }).code !== "ENOENT") throw error;
    }
  }

  /** Makes a symbolic link. */
  async symlink(target: string, path: string): Promise<void> {
    await this.#call("symlink", text(target, "target"), text(path, "path"));
  }

  /** What a symbolic link leads to. */
  async readlink(path: string): Promise<string> {
    return await this.#call("readlink", text(path, "path"));
  }

  /** Gives a file one more name. */
  async link(from: string, path: string): Promise<void> {
    await this.#call("link", text(from, "from"), text(path, "path"));
  }

  /** Sets permission bits, which are kept for archives and never checked. */
  async chmod(path: string, mode: number): Promise<void> {
    await this.#call("chmod", text(path, "path"), count32(mode, "mode"));
  }

  /** Sets the times of access and modification, in nanoseconds since 1970. */
  async utimes(path: string, atimeNs: bigint, mtimeNs: bigint): Promise<void> {
    await this.#call("utimes", text(path, "path"), count(atimeNs, "atimeNs"), count(mtimeNs, "mtimeNs"));
  }

  /** An independent copy, in constant time. */
  async fork(): Promise<FileSystem> {
    const fork = this.client.next();
    await this.#call("fork", fork);
    return new FileSystem(this.client, fork);
  }

  /** What has changed since `base`, an earlier fork of this that was left alone. Times do not count. */
  async diff(base: FileSystem): Promise<Change[]> {
    if (!(base instanceof FileSystem)) throw mistaken("base", "a FileSystem", base);
    return await this.#call<ChangeData[]>("diff", this.client.idOf(base, "base"));
  }

  /** Adds the files of a tar archive, not compressed. */
  async importTar(archive: Bytes): Promise<void> {
    await this.#call("importTar", bytes(archive, "archive"));
  }

  /** Everything as a tar archive. Equal trees make equal archives. */
  async exportTar(): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#call("exportTar");
  }

  /** The SHA-256 of everything, in hexadecimal: equal for equal trees on every host. */
  async digest(): Promise<string> {
    return await this.#call("digest");
  }

  /** How much counts against its limits. */
  async usage(): Promise<{ fileBytes: number; inodes: number }> {
    const { bytes, inodes } = await this.#call<{ bytes: bigint; inodes: bigint }>("usage");
    return { fileBytes: Number(bytes), inodes: Number(inodes) };
  }

  /** Lets go of it. */
  async dispose(): Promise<void> {
    await this.client.release(this, "trees.release", this.id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  #call<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.client.link.call<T>(`trees.${method}`, this.id, ...args);
  }
}

function questions(type: FileType): Pick<Stats, "isFile" | "isDirectory" | "isSymbolicLink"> {
  return {
    isFile: () => type === "file",
    isDirectory: () => type === "directory",
    isSymbolicLink: () => type === "symlink",
  };
}
