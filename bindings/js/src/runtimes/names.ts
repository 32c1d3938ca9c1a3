/** What things are called in a store, and which of them this version of the package can use. */

import { STREAM_KIND } from "../core/numbers.js";
import type { StreamKind } from "../options.js";
import type { Artefact, Language, RuntimeData, RuntimeFile } from "./catalog.js";
import { CATALOG } from "./data.js";
import { sha256 } from "./sha256.js";
import type { Store } from "./store.js";

/** A file as it was fetched. */
export function fileName(file: RuntimeFile): string {
  return `file-${file.sha256}`;
}

/** A module with most of the work of compiling done; `preparation` is the library's way to do that. */
export function preparedName(preparation: string, file: RuntimeFile): string {
  return `prepared-${preparation}-${file.sha256}`;
}

/** What a compiler has made once for all programs. */
export async function artefactName(runtime: RuntimeData, artefact: Artefact): Promise<string> {
  return `artefact-${await hash([hashes(runtime), artefact])}`;
}

/** A started interpreter: the name has everything that it depends on. */
export async function warmName(preparation: string, runtime: RuntimeData, language: Language, stdio: StreamKind): Promise<string> {
  const depends = await hash([hashes(runtime), language.warm, language.stages[0]?.env]);
  return `warm-2-${preparation}-${depends}-${stdio}`;
}

const OWN = /^(?:file|prepared|artefact|warm)-/;
const KINDS = Object.keys(STREAM_KIND) as StreamKind[];

/** Removes what other versions of this package have kept, or of its runtimes, and leaves alone what is not the package's. */
export async function removeOld(store: Store, preparation: string): Promise<void> {
  const usable = new Set(await Promise.all(CATALOG.flatMap((runtime) => namesOf(runtime, preparation))));
  for (const name of await store.names()) if (OWN.test(name) && !usable.has(name)) await store.delete(name);
}

function namesOf(runtime: RuntimeData, preparation: string): (string | Promise<string>)[] {
  const files = runtime.files.flatMap((file) => [fileName(file), preparedName(preparation, file)]);
  const made = runtime.languages.flatMap((language) => [
    ...language.artefacts.map((artefact) => artefactName(runtime, artefact)),
    ...(language.warm === null ? [] : KINDS).map((stdio) => warmName(preparation, runtime, language, stdio)),
  ]);
  return [...files, ...made];
}

function hashes(runtime: RuntimeData): readonly string[] {
  return runtime.files.map((file) => file.sha256);
}

async function hash(depends: readonly unknown[]): Promise<string> {
  return await sha256(new TextEncoder().encode(JSON.stringify(depends)));
}
