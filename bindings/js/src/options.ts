/** What a process starts with, as the caller says it, and as the core takes it. */

import { bytesIn, choice, count, flag, isA, list, mistaken, object, text, texts } from "./checks.js";
import type { Client } from "./client.js";
import { LIMIT, QUOTA, STREAM_KIND } from "./core/numbers.js";
import type { LimitNumbers, MountSource, ProcessRequest } from "./core/protocol.js";
import { treeData, type FileTree } from "./file-tree.js";
import { FileSystem, type FileSystemLimits } from "./file-system.js";
import type { Bytes } from "./source.js";

/** The most that a process may use. Steps are executed operators of WebAssembly. */
export interface Limits extends FileSystemLimits {
  /** Steps in all. Default: no limit. */
  readonly steps?: number | bigint;
  /** Bytes of all linear memories together; growing beyond it fails in the guest. Default: 2 GiB. */
  readonly memoryBytes?: number | bigint;
  /** Elements of all tables together; growing beyond it fails in the guest. Default: 10 million. */
  readonly tableElements?: number | bigint;
  /** Bytes written to standard output, and to standard error. Default: no limit. */
  readonly outputBytes?: number | bigint;
  /** Bytes of each output that may lie unread, at least 1; a guest that writes on waits. Default: 64 KiB. */
  readonly outputQueueBytes?: number | bigint;
  /** Open descriptors. Default: 1024. */
  readonly descriptors?: number | bigint;
  /** Bytes of arguments and environment together. Default: 2 MiB. */
  readonly argumentBytes?: number | bigint;
}

const ARGUMENT_BYTES = 2 ** 21;

/** The name of a limit that can end a run. */
export type LimitName = Exclude<keyof Limits, keyof FileSystemLimits> | "hostMemory";

/** What a guest is told that a standard stream is attached to. */
export type StreamKind = "pipe" | "terminal" | "file";

/** What standard input is: fed while the process runs, or all at once. */
export type StdinSource = "piped" | string | Bytes | ReadableStream<Uint8Array>;

/** What a process starts with. */
export interface SpawnOptions {
  /** The name that the guest is called by. Default: `"program"`. */
  readonly argv0?: string;
  /** The arguments after that name. */
  readonly args?: readonly string[];
  /** The environment; the guest sees nothing of the host's. */
  readonly env?: Readonly<Record<string, string>>;
  /** What is at which absolute path. The guest works on forks. Default: nothing in `/`. `null`: the guest sees no files at all. */
  readonly mounts?: Readonly<Record<string, FileSystem | FileTree>> | null;
  /** Paths of `mounts` that the guest cannot change. */
  readonly readOnly?: readonly string[];
  /** Default: empty. */
  readonly stdin?: StdinSource;
  /** What the guest is told that its streams are: one kind for all three, or each. Default: `"pipe"`. */
  readonly stdio?: StreamKind | { readonly stdin?: StreamKind; readonly stdout?: StreamKind; readonly stderr?: StreamKind };
  readonly limits?: Limits;
  /** The seed of the random numbers. Default: 0. Runs with equal seeds are equal. */
  readonly seed?: number | bigint;
  /** Where the calendar starts, which moves with the steps: a date, or nanoseconds since 1970. Default: 2026-01-01. */
  readonly epoch?: Date | bigint;
  /** Calls this export instead of `_start`; its results are in the exit. */
  readonly invoke?: { readonly name: string; readonly args?: readonly (number | bigint | string)[] };
  /** Ends the run; `exit` then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Whether a trap comes with a backtrace, for which the run is repeated, which takes as long. Default: in a worker. */
  readonly backtrace?: boolean;
  /** Whether the exit has a receipt. */
  readonly receipt?: boolean;
  /** A receipt whose run is made again: its arguments, environment, limits and seed. Files and input are to be given. */
  readonly repeat?: string;
  /** Whether the exit has a line for each call of WASI. */
  readonly trace?: boolean;
  /** Whether the exit tells where the steps went, as flame-graph tools read it. It is several times slower. */
  readonly profile?: boolean;
  /** Whether the process can be frozen without repeating its run. It is up to half as slow again. */
  readonly freezable?: boolean;
}

/** What the core takes. */
export function request(client: Client, options: SpawnOptions, backtrace: boolean): ProcessRequest {
  const { argv0 = "program", args = [], env = {}, limits = {} } = object(options, "options");
  const { freezable = false, receipt = false, trace = false, profile = false } = options;
  return {
    argv: [text(argv0, "argv0"), ...texts(args, "args")],
    env: variables(env),
    mounts: mounts(client, options),
    limits: numbers(LIMIT, limits),
    quotas: numbers(QUOTA, limits),
    stdio: kinds(options.stdio),
    seed: options.seed === undefined ? null : count(options.seed, "seed"),
    epoch: options.epoch === undefined ? null : nanoseconds(options.epoch),
    invoke: options.invoke === undefined ? null : invoked(options.invoke),
    freezable: flag(freezable, "freezable"),
    receipt: flag(receipt, "receipt"),
    repeat: options.repeat === undefined ? null : text(options.repeat, "repeat"),
    trace: flag(trace, "trace"),
    profile: flag(profile, "profile"),
    backtrace: options.backtrace === undefined ? backtrace : flag(options.backtrace, "backtrace"),
    stdin: stdinBytes(options.stdin),
  };
}

/** Refuses input that is written while the process runs: who waits for its end has nothing to write to. */
export function notPiped(options: { readonly stdin?: StdinSource }): void {
  if (object(options, "options").stdin !== "piped") return;
  throw new TypeError('stdin must not be "piped" for run, which gives nothing to write to: use spawn');
}

/** What standard input is from the start; `null` if it is fed. */
export function stdinBytes(stdin: StdinSource | undefined): Uint8Array | null {
  if (stdin === "piped" || isA(stdin, "ReadableStream")) return null;
  if (stdin === undefined) return new Uint8Array();
  const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : bytesIn(stdin);
  if (bytes === null) throw mistaken("stdin", '"piped", a string, bytes or a ReadableStream', stdin);
  return bytes;
}

/** The names and values of an environment. */
function variables(env: Readonly<Record<string, string>>): [name: string, value: string][] {
  return Object.entries(object(env, "env")).map(([name, value]) => [name, text(value, `env.${name}`)]);
}

/** Refuses arguments and variables as the library does, for a guest that gets them in another way. */
export function checkArguments({ argv0 = "", args = [], env = {}, limits = {} }: SpawnOptions): void {
  const names = Object.keys(env);
  if (names.some((name) => name === "" || name.includes("="))) throw new TypeError("the name is none that a variable can have");
  const texts = [argv0, ...args, ...names, ...Object.values(env)];
  if (texts.some((one) => one.includes("\0"))) throw new TypeError("a text must not hold NUL");
  const encoder = new TextEncoder();
  const bytes = texts.reduce((sum, one) => sum + encoder.encode(one).length + 1, 0);
  const { argumentBytes = ARGUMENT_BYTES } = limits;
  if (bytes <= argumentBytes) return;
  throw new TypeError(`the arguments and the environment take ${bytes} bytes, and ${argumentBytes} are allowed`);
}

/** The limits whose names are in a table, with their numbers there. */
export function numbers(names: readonly string[], limits: Limits): LimitNumbers {
  const given = Object.entries(object(limits, "limits")).filter(([, max]) => max !== undefined);
  for (const [name] of given) {
    if (!(LIMIT as readonly string[]).includes(name) && !(QUOTA as readonly string[]).includes(name)) {
      throw new TypeError(`there is no limit ${JSON.stringify(name)}`);
    }
  }
  const known = given.filter(([name]) => names.includes(name));
  return known.map(([name, max]) => [names.indexOf(name), maximum(name, max)]);
}

function maximum(name: string, max: unknown): bigint {
  const found = count(max, name);
  // A guest that writes would wait for ever.
  if (name === "outputQueueBytes" && found === 0n) throw new TypeError("outputQueueBytes must be at least 1, not 0");
  return found;
}

/** The limits of a file system, which has no others. */
export function quotas(limits: FileSystemLimits): LimitNumbers {
  const other = Object.keys(object(limits, "limits")).find((name) => !(QUOTA as readonly string[]).includes(name));
  if (other !== undefined) throw new TypeError(`a file system has no limit ${JSON.stringify(other)}`);
  return numbers(QUOTA, limits);
}

function mounts(client: Client, options: SpawnOptions): ProcessRequest["mounts"] {
  const { mounts = {}, limits = {} } = options;
  const readOnly = texts(options.readOnly ?? [], "readOnly");
  if (mounts === null) return null;
  const given = object(mounts, "mounts");
  const needsRoot = numbers(QUOTA, limits).length > 0 && !("/" in given);
  const all = Object.entries(needsRoot ? { ...given, "/": {} } : given);
  const missing = readOnly.find((path) => !all.some(([mounted]) => mounted === path));
  if (missing !== undefined) throw new TypeError(`nothing is mounted at ${missing}, which is to be read-only`);
  return all.map(([path, mounted]) => ({
    path,
    source: mountSource(client, mounted, `mounts[${JSON.stringify(path)}]`),
    readOnly: readOnly.includes(path),
  }));
}

function mountSource(client: Client, mounted: FileSystem | FileTree, name: string): MountSource {
  if (mounted instanceof FileSystem) return client.idOf(mounted, name);
  return treeData(mounted, name, "a FileSystem or a FileTree");
}

function kinds(stdio: SpawnOptions["stdio"]): ProcessRequest["stdio"] {
  const of = (kind: unknown, name: string) => STREAM_KIND[streamKind(kind, name)];
  if (typeof stdio === "string") return [of(stdio, "stdio"), of(stdio, "stdio"), of(stdio, "stdio")];
  const { stdin = "pipe", stdout = "pipe", stderr = "pipe" } = object(stdio ?? {}, "stdio");
  return [of(stdin, "stdio.stdin"), of(stdout, "stdio.stdout"), of(stderr, "stdio.stderr")];
}

/** A kind of streams. */
export function streamKind(kind: unknown, name: string): StreamKind {
  return choice(kind, name, Object.keys(STREAM_KIND) as StreamKind[]);
}

function invoked(invoke: NonNullable<SpawnOptions["invoke"]>): NonNullable<ProcessRequest["invoke"]> {
  const { name, args = [] } = object(invoke, "invoke");
  return { name: text(name, "invoke.name"), args: list(args, "invoke.args").map(argument) };
}

function argument(value: unknown, at: number): string {
  if (["string", "number", "bigint"].includes(typeof value)) return String(value);
  throw mistaken(`invoke.args[${at}]`, "a number, a bigint or a string", value);
}

function nanoseconds(epoch: Date | bigint): bigint {
  if (typeof epoch === "bigint") return count(epoch, "epoch");
  if (!isA(epoch, "Date")) throw mistaken("epoch", "a Date or a bigint", epoch);
  if (Number.isNaN(epoch.getTime())) throw new TypeError("epoch must be a date that is valid");
  return count(BigInt(epoch.getTime()) * 1_000_000n, "epoch");
}
