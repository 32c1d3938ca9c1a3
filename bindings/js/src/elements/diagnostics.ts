/** What compilers have to say, read from what they write. */

import { plain } from "./text.js";

/** One message of a compiler about a place in a file. */
export interface Diagnostic {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly severity: "error" | "warning" | "info";
  readonly message: string;
}

/** As clang and gcc write them: `main.c:3:5: error: expected ';'`. */
const MESSAGE = /^(?<file>[^\s:][^:\n]*):(?<line>\d+):(?<column>\d+): (?<severity>fatal error|error|warning|note|remark): (?<message>.*)$/gm;

/** The messages about one file in what a compiler has written. */
export function diagnosticsOf(written: string, name: string): Diagnostic[] {
  return all(written).filter(({ file }) => file.replace(/^\.?\//, "") === name);
}

function all(written: string): Diagnostic[] {
  return Array.from(plain(written).matchAll(MESSAGE), ({ groups = {} }) => ({
    file: groups["file"] ?? "",
    line: Number(groups["line"]),
    column: Number(groups["column"]),
    severity: severityOf(groups["severity"]),
    message: groups["message"] ?? "",
  }));
}

function severityOf(word: string | undefined): Diagnostic["severity"] {
  if (word === "error" || word === "fatal error") return "error";
  return word === "warning" ? "warning" : "info";
}
