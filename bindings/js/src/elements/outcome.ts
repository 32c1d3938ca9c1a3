/** How a run has ended, as a host page and a reader are told. */

import { CompileError, messageOf, TrapError } from "../errors.js";
import type { FileSystem } from "../file-system.js";
import type { LimitName } from "../options.js";
import type { Exit } from "../process.js";
import { attributeOf } from "./attributes.js";

/** How a run has ended. */
export interface Outcome {
  /**
   * `"exited"`: by itself. `"limit"`: a limit has ended it. `"trap"`: it has failed. `"refused"`: a compiler does not take it.
   * `"stopped"`: somebody has stopped it. `"failed"`: it could not be run, for which `error` is the reason.
   */
  readonly kind: "exited" | "limit" | "trap" | "refused" | "stopped" | "failed";
  /** One sentence for a reader. */
  readonly message: string;
  /** The program's code; `null` if it has not ended by itself. */
  readonly code: number | null;
  /** What is known of an end by itself or by a limit. */
  readonly exit: Exit | null;
  /** Why it could not be run, or what it has failed with. */
  readonly error: unknown;
  /** What was written, as text, and what was typed. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdin: string;
  /** The files that the program has left at `/`, if it has run to its end. */
  readonly files: FileSystem | null;
}

/** The part of an outcome that follows from how the process has ended. */
export type Ended = Pick<Outcome, "kind" | "message" | "code" | "exit" | "error">;

/** The reason for which the Stop button ends a run. */
export class Stopped extends DOMException {
  constructor(message = "Stopped.") {
    super(message, "AbortError");
  }
}

/** The reason for which a run ends that has had its time. */
export class TimeUp extends DOMException {
  constructor() {
    super("The time is used up.", "TimeoutError");
  }
}

const LIMITS: Readonly<Record<LimitName, string>> = {
  steps: "its steps are used up",
  memoryBytes: "it needs more memory than it may have",
  tableElements: "it needs larger tables than it may have",
  outputBytes: "it has written as much as it may",
  outputQueueBytes: "its output is not read",
  descriptors: "it has too many files open",
  argumentBytes: "its arguments are too long",
  hostMemory: "this page has no more memory for it",
};

/** What an exit means. */
export function ended(exit: Exit): Ended {
  const base = { code: exit.code, exit, error: null };
  if (exit.reason === "limit" && exit.limit !== null) {
    return { ...base, kind: "limit", message: `Ended by a limit: ${reached(exit.limit)}.` };
  }
  const code = `Finished with exit code ${exit.code ?? "none"}.`;
  if (exit.growthRefused !== null) {
    return { ...base, kind: "exited", message: `A limit was reached: ${reached(exit.growthRefused)}. ${code}` };
  }
  return { ...base, kind: "exited", message: exit.code === 0 ? "Finished." : code };
}

/** What a limit is about, and the attribute that a page changes it by. */
function reached(limit: LimitName): string {
  const attribute = attributeOf(limit);
  return attribute === undefined ? LIMITS[limit] : `${LIMITS[limit]} (${attribute})`;
}

/** What an error means that a run has ended with. */
export function failed(error: unknown): Ended {
  const base = { code: null, exit: null, error };
  if (error instanceof TrapError) return { ...base, kind: "trap", message: `The program has failed: ${error.message}.` };
  if (error instanceof CompileError && error.code === "DIAGNOSTICS") {
    return { ...base, kind: "refused", message: "The compiler does not accept the program." };
  }
  if (error instanceof DOMException && error.name === "AbortError") return { ...base, kind: "stopped", message: error.message };
  if (error instanceof TimeUp) {
    return { ...base, kind: "limit", message: "Ended by a limit: its time is used up (timeout-ms)." };
  }
  return { ...base, kind: "failed", message: `It could not be run: ${messageOf(error)}` };
}
