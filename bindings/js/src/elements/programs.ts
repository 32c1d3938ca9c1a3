/** Starts programs in a language: the seam between the components and the runtimes. */

import type { Engine } from "../engine.js";
import { CompileError } from "../errors.js";
import type { FileTree } from "../file-tree.js";
import type { Limits, StreamKind } from "../options.js";
import type { Progress } from "../runtimes/fetching.js";
import type { ProgramOptions } from "../runtimes/program.js";
import type { Runtime } from "../runtimes/runtime.js";
import { Downloads } from "./downloads.js";
import type { Started } from "./session.js";

/** A program, and what it starts with. */
export interface Program {
  /** The folder with the files of the runtimes. */
  readonly from: string | URL;
  readonly runtime: string;
  readonly text: string;
  readonly files: FileTree;
  readonly args: readonly string[];
  readonly stdio: StreamKind;
  readonly limits: Limits;
  readonly receipt: boolean;
  /** Whether the interpreter is started for this program alone. */
  readonly cold: boolean;
  readonly seed?: bigint;
  readonly signal: AbortSignal;
  readonly say: (message: string) => void;
  /** Hears of a download, and how far all of them are. */
  readonly onProgress: (progress: Progress, all: Downloads) => void;
  /** Takes what a compiler has written, which calls the program by the name of its file. */
  readonly onMessages: (text: string, file: string) => Promise<void>;
}

/** Languages, and runtimes of these, whose programs do not end before their input does, though they rarely read any. */
const WITHOUT_INPUT = new Set(["sql", "sqlite"]);

/** Whether programs of a language or runtime, which may have a version, can be given input. */
export function takesInput(name: string): boolean {
  return !WITHOUT_INPUT.has(name.toLowerCase().split("@")[0] ?? "");
}

/** Starts a program. What has to be fetched, compiled or started for it is kept for the next one. */
export async function startProgram(engine: Engine, program: Program): Promise<Started> {
  const from = new URL(program.from, document.baseURI).href;
  const onProgress = (progress: Progress) => {
    // What is fetched afterwards is not this program's.
    if (program.signal.aborted) return;
    downloads.note(progress);
    program.onProgress(progress, downloads);
  };
  const runtime = await engine.runtime(program.runtime, { from, onProgress });
  const downloads = new Downloads(runtime.name, runtime.isCompiled);
  const file = runtime.fileName;
  try {
    const options = { ...optionsOf(runtime, program), name: file };
    const isWarm = runtime.warmFor(options) !== null;
    if (isWarm && program.limits.steps !== undefined) {
      // So that the limit is for the program alone, in its first run as in all others.
      program.say("Starting the interpreter…");
      await runtime.warmUp({ stdio: program.stdio, signal: program.signal });
    }
    if (runtime.isCompiled) program.say("Compiling…");
    const compiled = await runtime.compile(program.text, options);
    if (compiled.diagnostics !== "") await program.onMessages(compiled.diagnostics, file);
    const process = await compiled.spawn().finally(() => void compiled.dispose().catch(() => undefined));
    const started = { process, takesInput: options.stdin === "piped" };
    // Inline it would hold up the page.
    return isWarm && engine.thread === "worker" ? { ...started, afterwards: () => void warmUp(runtime, program.stdio) } : started;
  } catch (error) {
    if (error instanceof CompileError && error.diagnostics !== "") await program.onMessages(error.diagnostics, file);
    throw error;
  }
}

function optionsOf(runtime: Runtime, program: Program): ProgramOptions {
  const { files, args, stdio, limits, receipt, seed, signal, cold } = program;
  const stdin = takesInput(runtime.language) ? "piped" : "";
  return { files, args, stdio, limits, receipt, signal, stdin, warm: !cold && !receipt, ...(seed === undefined ? {} : { seed }) };
}

/** Has the next program find the interpreter started. */
async function warmUp(runtime: Runtime, stdio: StreamKind): Promise<void> {
  // If it fails, the next program starts it, and says why.
  await runtime.warmUp({ stdio }).catch(() => undefined);
}
