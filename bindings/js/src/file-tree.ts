/** Files as a literal. */

import { bytesIn, isLiteral, mistaken } from "./checks.js";
import type { TreeData } from "./core/protocol.js";
import type { Bytes } from "./source.js";

/** Files as a literal: a name is followed by the content of a file, or by what is in a directory. */
export interface FileTree {
  readonly [name: string]: string | Bytes | FileTree;
}

/**
 * A tree as plain data. What is neither a text nor bytes nor a directory is refused: it would become an empty one.
 *
 * @internal
 */
export function treeData(files: FileTree, name: string, wanted = "a FileTree"): TreeData {
  if (!isLiteral(files)) throw mistaken(name, wanted, files);
  return folderData(files, "", name, [files]);
}

function folderData(files: FileTree, folder: string, name: string, around: readonly object[]): TreeData {
  const entries = Object.entries(files).map(([entry, content]): [string, TreeData[string]] => {
    if (typeof content === "string") return [entry, content];
    const bytes = bytesIn(content);
    if (bytes !== null) return [entry, bytes];
    const path = `${folder}/${entry}`;
    if (!isLiteral(content)) throw mistaken(`${name}: ${path}`, "a string, bytes or an object of files", content);
    if (around.includes(content)) throw new TypeError(`${name}: ${path} is a directory that it lies in itself`);
    return [entry, folderData(content as FileTree, path, name, [...around, content])];
  });
  return Object.fromEntries(entries);
}
