/** How the texts of each language are coloured; every language is loaded when it is first needed. */

import { StreamLanguage } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

type Load = () => Promise<Extension>;

const SYNTAXES: Readonly<Record<string, Load>> = {
  python: async () => (await import("@codemirror/lang-python")).python(),
  js: async () => (await import("@codemirror/lang-javascript")).javascript(),
  php: async () => (await import("@codemirror/lang-php")).php(),
  sql: async () => (await import("@codemirror/lang-sql")).sql({ dialect: (await import("@codemirror/lang-sql")).SQLite }),
  cpp: async () => (await import("@codemirror/lang-cpp")).cpp(),
  ruby: async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/ruby")).ruby),
};

/** Names of languages and runtimes, by the name of their syntax. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  python: ["py"],
  js: ["javascript", "quickjs", "qjs"],
  php: ["php-cgi"],
  sql: ["sqlite"],
  cpp: ["c", "c++", "cxx", "clang", "clang++", "clangpp"],
  ruby: ["rb"],
};

/** What colours the texts of a language or runtime; nothing for one that is not known. */
export async function syntaxOf(name: string): Promise<Extension> {
  const bare = (name.split("@")[0] ?? "").toLowerCase();
  const known = bare in SYNTAXES ? bare : Object.keys(NAMES).find((syntax) => NAMES[syntax]?.includes(bare));
  return (await SYNTAXES[known ?? ""]?.()) ?? [];
}
