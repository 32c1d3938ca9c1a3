/** Files as a literal: a name is followed by the content of a file, or by what is in a directory. */
export interface FileTree {
  readonly [name: string]: string | Uint8Array | FileTree;
}
