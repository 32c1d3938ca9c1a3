/** Making a process from a request. */

import { asBytes, asFixed, asText, type Abi } from "./abi.js";
import type { LimitNumbers, ProcessRequest } from "./protocol.js";
import type { Trees } from "./trees.js";

const encoder = new TextEncoder();

/** Makes limits, hands them to `use`, and frees them. */
export function withLimits<T>(abi: Abi, numbers: LimitNumbers, use: (limits: number) => T): T {
  const limits = abi.u32("limits_new");
  try {
    for (const [limit, max] of numbers) abi.call("limits_set", limits, limit, max);
    return use(limits);
  } finally {
    abi.raw("stepwell_limits_free", limits);
  }
}

/** A module that was accepted. */
export interface Accepted {
  readonly handle: number;
  /** The SHA-256 that receipts have of it, if not its own. */
  readonly original: Uint8Array | null;
}

/** Makes a process of a module: its handle. */
export function spawn(abi: Abi, trees: Trees, module: Accepted, request: ProcessRequest): number {
  const builder = abi.u32("process_builder_new", module.handle);
  try {
    describe(abi, builder, request, module.original);
    mount(abi, trees, builder, request);
    return abi.u32("process_builder_spawn", builder);
  } finally {
    abi.raw("stepwell_process_builder_free", builder);
  }
}

function describe(abi: Abi, builder: number, request: ProcessRequest, original: Uint8Array | null): void {
  for (const argument of request.argv) abi.call("process_builder_arg", builder, asText(argument));
  for (const [name, value] of request.env) abi.call("process_builder_env", builder, asText(name), asText(value));
  withLimits(abi, request.limits, (limits) => abi.call("process_builder_limits", builder, limits));
  request.stdio.forEach((kind, stream) => abi.call("process_builder_stdio", builder, stream, kind));
  if (request.seed !== null) abi.call("process_builder_seed", builder, request.seed);
  if (request.epoch !== null) abi.call("process_builder_epoch", builder, request.epoch);
  if (request.invoke !== null) {
    abi.call("process_builder_invoke", builder, asText(request.invoke.name));
    for (const argument of request.invoke.args) abi.call("process_builder_invoke_arg", builder, asText(argument));
  }
  if (request.freezable) abi.call("process_builder_freezable", builder);
  if (request.profile) abi.call("process_builder_profile", builder);
  if (request.trace) abi.call("process_builder_trace", builder);
  if (request.repeat !== null) abi.call("process_builder_repeat", builder, asBytes(encoder.encode(request.repeat)));
  if (!request.receipt && request.repeat === null) return;
  if (original === null) abi.call("process_builder_receipt", builder);
  else abi.call("process_builder_receipt_of", builder, asFixed(original));
}

function mount(abi: Abi, trees: Trees, builder: number, request: ProcessRequest): void {
  if (request.mounts === null) {
    abi.call("process_builder_without_files", builder);
    return;
  }
  // The outer before the inner: a later mount hides what is below it.
  const mounts = [...request.mounts].sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { path, source, readOnly } of mounts) {
    const tree = typeof source === "number" ? fork(abi, trees.handle(source)) : trees.make(source, []);
    try {
      trees.limit(tree, request.quotas);
      abi.call("process_builder_mount_tree", builder, asText(path), tree, readOnly);
    } finally {
      abi.raw("stepwell_tree_free", tree);
    }
  }
}

function fork(abi: Abi, tree: number): number {
  return abi.u32("tree_fork", tree);
}
