/** `<stepwell-file path="/data.txt">text</stepwell-file>`: a file of the program that its parent runs. */

import { bytesOf } from "../source.js";
import type { FileTree } from "../file-tree.js";
import { programText } from "./text.js";

export class FileElement extends HTMLElement {
  /** Where the file is, from the root of the program's files. */
  get path(): string {
    return this.getAttribute("path") ?? "";
  }

  set path(path: string) {
    this.setAttribute("path", path);
  }

  /** Where its content is fetched from; empty if it is the text of the element. */
  get url(): string {
    return this.getAttribute("url") ?? "";
  }

  set url(url: string) {
    this.setAttribute("url", url);
  }

  /** The text of the element. */
  get content(): string {
    return programText(this);
  }

  set content(content: string) {
    this.textContent = content;
  }

  /** What is in the file. */
  async bytes(signal?: AbortSignal): Promise<string | Uint8Array> {
    return this.url === "" ? this.content : await bytesOf(new URL(this.url, document.baseURI), signal);
  }

  connectedCallback(): void {
    this.hidden = true;
  }
}

/** The files that the children of a component are. */
export async function filesOf(element: Element, signal?: AbortSignal): Promise<FileTree> {
  const children = Array.from(element.querySelectorAll<FileElement>("stepwell-file"));
  const contents = await Promise.all(children.map((child) => child.bytes(signal)));
  const tree: Folder = {};
  children.forEach((child, at) => place(tree, child.path, contents[at] ?? ""));
  return tree;
}

interface Folder {
  [name: string]: string | Uint8Array | Folder;
}

/** Puts a file at a path, and makes the folders above it. */
function place(tree: Folder, path: string, content: string | Uint8Array): void {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const name = names.pop();
  if (name === undefined || names.includes("..") || name === "..") {
    throw new TypeError(`${JSON.stringify(path)} is no path of a <stepwell-file>`);
  }
  let folder = tree;
  for (const step of names) {
    const next = (folder[step] ??= {});
    if (typeof next === "string" || ArrayBuffer.isView(next)) throw new TypeError(`${path}: ${step} is a file, not a directory`);
    folder = next as Folder;
  }
  folder[name] = content;
}
