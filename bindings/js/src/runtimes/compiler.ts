/** Programs that are compiled first: compiler and linker are guests too, over the files that the program gets. */

import { object } from "../checks.js";
import type { Engine } from "../engine.js";
import type { FileSystem } from "../file-system.js";
import type { Limits, SpawnOptions } from "../options.js";
import { written, type Process } from "../process.js";
import { argv, type Artefact, type Fill, type Language, type Stage } from "./catalog.js";
import { artefactName } from "./names.js";
import { disposable, refusal, refuseReserved, type Program, type ProgramOptions, type RunOptions } from "./program.js";
import type { Share } from "./stock.js";

/** What the stages call the files that they pass to each other; they are gone when the program starts. */
const OBJECT = ".stepwell-object";
const OUTPUT = ".stepwell-output";
/** A compiler may take more than a guest gets by default: 4 GiB, all that it can address. */
const COMPILER_LIMITS: Limits = { memoryBytes: 2 ** 32 - 1 };
/** What the linker puts where `main` should be, without a word. */
const STAND_IN = "undefined_weak:main";

interface Source {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Compiles and links a program. */
export async function compileProgram(
  engine: Engine,
  language: Language,
  share: Share,
  source: Source,
  options: ProgramOptions,
): Promise<Program> {
  const tools = new Tools(engine, share, options);
  let tree = await share.root(options.signal);
  try {
    await tree.writeTree("", { ...options.files, [source.name]: source.bytes });
    const extra = await tools.artefacts(language.artefacts, source, tree);
    const stages = language.stages.slice(0, -1);
    let diagnostics = "";
    for (const [at, stage] of stages.entries()) {
      const given = argv(stage.argv, fill(source.name, []));
      const ended = await tools.run(stage, at === 0 ? [...given, ...extra] : given, tree);
      await tree.dispose();
      tree = ended.files;
      diagnostics += ended.text;
      if (ended.code !== 0) throw refusal(diagnostics || `${given[0]} ended with ${ended.code ?? ended.limit}`);
    }
    const wasm = await tree.readFile(OUTPUT);
    for (const path of [OBJECT, OUTPUT, ...language.artefacts.map((artefact) => artefact.output)]) {
      await tree.rm(path, { force: true });
    }
    if (lacksMain(wasm)) throw refusal(`${diagnostics}${source.name}: undefined symbol: main\n`);
    return await program(engine, language.stages.at(-1) as Stage, wasm, tree, diagnostics, source.name, options);
  } catch (error) {
    await tree.dispose();
    throw error;
  }
}

async function program(
  engine: Engine,
  stage: Stage,
  wasm: Uint8Array,
  tree: FileSystem,
  diagnostics: string,
  name: string,
  options: ProgramOptions,
): Promise<Program> {
  const { signal } = options;
  const module = await engine.compile(wasm, signal === undefined ? {} : { signal });
  const spawn = async (own: RunOptions = {}): Promise<Process> => {
    const all = { ...options, ...object(own, "options") };
    refuseReserved(all);
    const [argv0 = name, ...args] = argv(stage.argv, fill(name, all.args ?? []));
    const env = { ...stage.env, ...all.env };
    return engine.spawn(module, { ...all, argv0, args, env, mounts: { ...all.mounts, "/": tree } });
  };
  const dispose = async () => {
    await module.dispose();
    await tree.dispose();
  };
  return disposable({ diagnostics, module, spawn, dispose });
}

/** What the catalogue's places stand for. A name that starts with a dash is no option. */
function fill(name: string, args: readonly string[]): Fill {
  const program = name.startsWith("-") ? `./${name}` : name;
  return { program, object: OBJECT, output: OUTPUT, colour: "-fno-color-diagnostics", args };
}

function lacksMain(wasm: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(wasm).includes(STAND_IN);
}

/** How a compiler or a linker has ended. */
interface Ended {
  readonly code: number | null;
  readonly limit: string | null;
  readonly text: string;
  readonly files: FileSystem;
}

class Tools {
  readonly #engine: Engine;
  readonly #share: Share;
  readonly #options: ProgramOptions;

  constructor(engine: Engine, share: Share, options: ProgramOptions) {
    this.#engine = engine;
    this.#share = share;
    this.#options = options;
  }

  /** Runs a stage over a tree, which stays as it is. */
  async run(stage: Pick<Stage, "tool" | "env">, given: readonly string[], tree: FileSystem): Promise<Ended> {
    const { signal } = this.#options;
    const module = await this.#share.module(stage.tool === "linker" ? "linker" : "module", signal);
    const [argv0 = "", ...args] = given;
    const options: SpawnOptions = { argv0, args, env: stage.env, mounts: { "/": tree }, limits: COMPILER_LIMITS };
    const process = this.#engine.spawn(module, signal === undefined ? options : { ...options, signal });
    try {
      const { code, limit, stdout, stderr } = await written(process);
      return { code, limit, text: stdout + stderr, files: await process.files("/") };
    } finally {
      await process.dispose();
    }
  }

  /** Puts what a program can use into the tree, making it if need be: the arguments that the compile stage gets for it. */
  async artefacts(artefacts: readonly Artefact[], source: Source, tree: FileSystem): Promise<string[]> {
    const given: string[] = [];
    for (const artefact of artefacts) {
      if (!isWanted(new TextDecoder().decode(source.bytes), artefact.headers)) continue;
      const bytes = await this.#artefact(artefact);
      if (bytes === null) continue;
      await tree.writeFile(artefact.output, bytes);
      given.push(...artefact.use);
    }
    return given;
  }

  async #artefact(artefact: Artefact): Promise<Uint8Array | null> {
    const { files } = this.#share;
    const key = await artefactName(files.runtime, artefact);
    const kept = await files.unsealed(key);
    if (kept !== null) return kept;
    const root = await this.#share.root(this.#options.signal);
    const place = { ...fill("", []), output: artefact.output };
    const making = this.run({ tool: "module", env: {} }, argv(artefact.argv, place), root);
    const ended = await making.finally(() => root.dispose());
    try {
      if (ended.code !== 0) return null;
      const made = await ended.files.readFile(artefact.output);
      await files.keep(key, made);
      return made;
    } finally {
      await ended.files.dispose();
    }
  }
}

/**
 * Whether a program would include one of the headers anyway, and has nothing before that could change what they mean: a header
 * of its own, or a macro with a reserved name.
 */
export function isWanted(source: string, headers: readonly string[]): boolean {
  if (headers.length === 0) return true;
  for (const [, word = "", rest = ""] of source.matchAll(/^[ \t]*#[ \t]*([a-zA-Z]*)[ \t]*(.*)$/gm)) {
    if (word === "include") {
      const name = /^<([^>]*)>/.exec(rest)?.[1];
      if (name === undefined) return false;
      if (headers.includes(name.trim())) return true;
    } else if ((word === "define" || word === "undef") && rest.startsWith("_")) return false;
  }
  return false;
}
