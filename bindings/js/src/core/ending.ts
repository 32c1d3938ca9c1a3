/** What is said about a process when it is over. */

import { messageOf, type Frame } from "../errors.js";
import { asText, type Abi } from "./abi.js";
import { LIMIT, STATE, TRAP } from "./numbers.js";
import type { Ending, ProcessRequest } from "./protocol.js";

type Wanted = Pick<ProcessRequest, "receipt" | "repeat" | "backtrace" | "profile">;

/** The ending of a process that is in one of its last states. */
export function endingOf(abi: Abi, process: number, state: number, wanted: Wanted, trace: string | null): Ending {
  switch (state) {
    case STATE.exited: {
      const code = abi.u32("process_exit_code", process);
      const results = abi.strings("process_results", process);
      return { ...common(abi, process, wanted, trace, null), kind: "exited", code, results };
    }
    case STATE.exhausted: {
      const limit = nameOf(abi.u32("process_exhausted_limit", process));
      return { ...common(abi, process, wanted, trace, null), kind: "limit", limit };
    }
    default: {
      const kind = TRAP[abi.u32("process_trap_kind", process)] ?? "host_panic";
      const trap = { kind, message: abi.text("process_trap_message", process) };
      return { ...common(abi, process, wanted, trace, null), kind: "trapped", trap, ...backtrace(abi, process, wanted) };
    }
  }
}

/** The ending of a process that is stopped from outside. */
export function killed(abi: Abi, process: number, wanted: Wanted, trace: string | null): Ending {
  return { ...common(abi, process, wanted, trace, "interrupted"), kind: "killed" };
}

function common(abi: Abi, process: number, wanted: Wanted, trace: string | null, reason: string | null): Ending {
  const [isRefused, refused] = abi.pair("process_growth_refused", process);
  return {
    kind: "killed",
    code: null,
    limit: null,
    trap: null,
    backtrace: [],
    noBacktrace: null,
    steps: abi.u64("process_steps", process),
    syscalls: abi.u64("process_syscalls", process),
    memoryPeakBytes: Number(abi.u64("process_memory_peak_bytes", process)),
    growthRefused: (isRefused & 0xff) !== 0 ? nameOf(refused) : null,
    results: [],
    receipt: wanted.receipt || wanted.repeat !== null ? abi.text("process_receipt", process, reason === null ? 0 : asText(reason)) : null,
    trace,
    profile: wanted.profile ? abi.text("process_profile", process) : null,
  };
}

function backtrace(abi: Abi, process: number, wanted: Wanted): Pick<Ending, "backtrace" | "noBacktrace"> {
  if (!wanted.backtrace) return { backtrace: [], noBacktrace: "it was not asked for" };
  let handle: number;
  try {
    handle = abi.u32("process_backtrace", process);
  } catch (error) {
    return { backtrace: [], noBacktrace: messageOf(error) };
  }
  const frames = Array.from({ length: abi.raw("stepwell_backtrace_count", handle) }, (_, at): Frame => ({
    function: abi.raw("stepwell_backtrace_function", handle, at),
    name: abi.part("stepwell_backtrace_name", "stepwell_backtrace_name_len", handle, at),
  }));
  abi.raw("stepwell_backtrace_free", handle);
  return { backtrace: frames, noBacktrace: null };
}

function nameOf(limit: number): string {
  return LIMIT[limit] ?? `limit ${limit}`;
}
