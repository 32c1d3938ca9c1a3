/** What is known of the runtimes: the shape of the generated data, and finding one in it. */

import { CATALOG } from "./data.js";

/** What a file of a runtime is for. */
export type Role = "module" | "linker" | "base";

/** A file of a runtime, as `stepwell runtimes export` writes it into a site's folder. */
export interface RuntimeFile {
  readonly role: Role;
  /** Its name in the folder. */
  readonly name: string;
  /** Bytes and SHA-256, unpacked. */
  readonly bytes: number;
  readonly sha256: string;
  /** The SHA-256 of the file that it comes from, which has debugging information too: receipts have this one. */
  readonly original: string;
}

/** One module to run, with templates of its arguments. */
export interface Stage {
  readonly tool: "module" | "linker" | "output";
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Something that a compiler makes once for all programs. */
export interface Artefact {
  readonly argv: readonly string[];
  readonly output: string;
  readonly headers: readonly string[];
  readonly use: readonly string[];
}

/** A language of a runtime. */
export interface Language {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly extensions: readonly string[];
  readonly artefacts: readonly Artefact[];
  readonly stages: readonly Stage[];
  readonly warm: Recipe | null;
}

/** How an interpreter is started once for all programs. */
export interface Recipe {
  readonly prelude: string;
  /** Where the interpreter finds the prelude; without it, that is the last argument. */
  readonly place: string | null;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The program that the interpreter runs when it goes on, with `{job}` in a literal of bytes; without it, the prelude reads the job. */
  readonly call: string | null;
}

/** A runtime. */
export interface RuntimeData {
  readonly name: string;
  readonly version: string;
  readonly isDefault: boolean;
  readonly licence: string;
  readonly files: readonly RuntimeFile[];
  /** Texts that are added to its base, by path. */
  readonly support: Readonly<Record<string, string>>;
  readonly languages: readonly Language[];
}

/** A language, and the runtime that has it. */
export interface Selection {
  readonly runtime: RuntimeData;
  readonly language: Language;
}

/** Names that Runno gives to languages, and that nobody else does. */
const RUNNO_NAMES: ReadonlyMap<string, string> = new Map([["clangpp", "c++"]]);

/** Finds a runtime or a language by a name, which may have a version: `python`, `py`, `c++`, `python@3.11`. */
export function find(name: string): Selection {
  const [given = "", version] = name.toLowerCase().split("@");
  const bare = RUNNO_NAMES.get(given) ?? given;
  for (const runtime of CATALOG) {
    const isWanted = version === undefined ? runtime.isDefault : isVersion(runtime.version, version);
    if (!isWanted) continue;
    const named = runtime.languages.find((language) => language.name === bare || language.aliases.includes(bare));
    const language = named ?? (runtime.name === bare ? runtime.languages[0] : undefined);
    if (language !== undefined) return { runtime, language };
  }
  const known = new Set(CATALOG.flatMap((runtime) => runtime.languages.map((language) => language.name)));
  throw new TypeError(`there is no runtime ${JSON.stringify(name)}; there are ${[...known].join(", ")}`);
}

/** Whether `asked` is a version, or that cut after one of its numbers. */
function isVersion(version: string, asked: string): boolean {
  return version === asked || version.startsWith(`${asked}.`) || version.startsWith(`${asked}-`);
}

const PLACE = /\{(program|quoted|object|output|colour|args)\}/g;

/** What the places of a stage's arguments stand for. */
export interface Fill {
  readonly program: string;
  readonly object: string;
  readonly output: string;
  readonly colour: string;
  readonly args: readonly string[];
}

/** A stage's arguments with every place filled. */
export function argv(templates: readonly string[], fill: Fill): string[] {
  const places = { ...fill, quoted: quoted(fill.program) };
  return templates.flatMap((template) =>
    template === "{args}"
      ? fill.args
      : [template.replace(PLACE, (place, name: keyof typeof places) => (name === "args" ? place : places[name]))],
  );
}

/** A path as one word of a line of SQLite's shell, which ends a word at white space and takes a backslash for an escape. */
function quoted(path: string): string {
  return /[ \t\n\r\v\f\\]/.test(path) ? `"${path.replaceAll(/[\\"]/g, "\\$&")}"` : path;
}
