/** Files as `@runno/wasi` describes them: each by its whole path, with its times. */

import { encoded, isA, mistaken, object } from "../checks.js";
import type { FileSystem } from "../file-system.js";

export type WASIPath = string;

export interface WASITimestamps {
  readonly access: Date;
  readonly modification: Date;
  readonly change: Date;
}

export type WASIFile = { readonly path: WASIPath; readonly timestamps: WASITimestamps } & (
  | { readonly mode: "string"; readonly content: string }
  | { readonly mode: "binary"; readonly content: Uint8Array }
);

export interface WASIFS {
  readonly [path: WASIPath]: WASIFile;
}

const NANOSECONDS = 1_000_000n;

/** @internal Refuses what does not describe files. */
export function checkFiles(fs: WASIFS): void {
  for (const [path, file] of Object.entries(object(fs, "fs"))) {
    const name = `fs[${JSON.stringify(path)}]`;
    const { content, timestamps } = object(file, name);
    encoded(content, `${name}.content`);
    const times = object(timestamps, `${name}.timestamps`);
    for (const which of ["access", "modification"] as const) {
      if (!isA(times[which], "Date")) throw mistaken(`${name}.timestamps.${which}`, "a Date", times[which]);
    }
  }
}

/** Writes files into a file system. */
export async function write(files: FileSystem, fs: WASIFS): Promise<FileSystem> {
  for (const [path, { content, timestamps }] of Object.entries(fs)) {
    await files.writeFile(path, content);
    await files.utimes(path, nanoseconds(timestamps.access), nanoseconds(timestamps.modification));
  }
  return files;
}

/** All files of a file system. What was given as text is text, unless it has become something else. */
export async function read(files: FileSystem, given: WASIFS): Promise<WASIFS> {
  const found: Record<WASIPath, WASIFile> = {};
  for await (const path of paths(files, "")) found[path] = await one(files, path, given[path]?.mode ?? "binary");
  return found;
}

async function* paths(files: FileSystem, folder: string): AsyncGenerator<WASIPath> {
  for await (const entry of files.readdir(folder === "" ? "/" : folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* paths(files, path);
    else if (entry.isFile()) yield path;
  }
}

async function one(files: FileSystem, path: WASIPath, mode: WASIFile["mode"]): Promise<WASIFile> {
  const [content, stats] = [await files.readFile(path), await files.stat(path)];
  const modification = date(stats.mtimeNs);
  const base = { path, timestamps: { access: date(stats.atimeNs), modification, change: modification } };
  const text = mode === "string" ? textOf(content) : null;
  return text === null ? { ...base, mode: "binary", content } : { ...base, mode: "string", content: text };
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

function nanoseconds(date: Date): bigint {
  return BigInt(date.getTime()) * NANOSECONDS;
}

function date(ns: bigint): Date {
  return new Date(Number(ns / NANOSECONDS));
}
