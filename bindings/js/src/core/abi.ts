/**
 * The glue over the C ABI: calls the functions that `stepwell.h` declares in an instance of `stepwell.wasm`.
 *
 * Texts and bytes go in through the module's own `stepwell_alloc` and `stepwell_free`; a handle is its address, a number.
 * Every other file of the package calls through this one.
 */

import { kind } from "../checks.js";
import { CompileError, EngineError, FileSystemError } from "../errors.js";
import { ABI_VERSION, ERRNO, STATUS } from "./numbers.js";

/** What a function of the ABI is given. A text and bytes are marked, so that no number is taken for the address of one. */
export type Argument = number | bigint | boolean | Given;

/** Bytes that are in the library's memory during a call: their address, and, unless it can be only so many, their number. */
class Given {
  readonly bytes: Uint8Array;
  readonly isCounted: boolean;

  constructor(bytes: Uint8Array, isCounted: boolean) {
    this.bytes = bytes;
    this.isCounted = isCounted;
  }
}

const encoder = new TextEncoder();

/** A text. */
export function asText(text: string): Given {
  if (typeof text !== "string") throw new TypeError(`a text was expected, not ${kind(text)}`);
  if (text.includes("\0")) throw new TypeError("a text must not hold NUL");
  return new Given(encoder.encode(`${text}\0`), false);
}

/** Bytes, any number of them. */
export function asBytes(bytes: Uint8Array): Given {
  return new Given(checked(bytes), true);
}

/** Bytes of which there can be only so many. */
export function asFixed(bytes: Uint8Array): Given {
  return new Given(checked(bytes), false);
}

function checked(bytes: Uint8Array): Uint8Array {
  if (!(bytes instanceof Uint8Array)) throw new TypeError(`bytes were expected, not ${kind(bytes)}`);
  return bytes;
}

type Exported = (...args: (number | bigint)[]) => number | bigint | undefined;

/** Bytes at the start of the scratch space where outputs go, before the place for the error. */
const OUTPUT_BYTES = 32;
const HASH_BYTES = 32;
/** The statuses of a module that is not accepted. */
const COMPILE_STATUSES = new Set<string>(STATUS.slice(20, 26));
/** The statuses of a caller who has asked for what cannot be. */
const MISUSE = new Set<string>([
  "INVALID_UTF8", "INVALID_ARGUMENT", "WRONG_STATE", "MISSING_EXPORT", "ENTRY_TYPE", "ARGUMENTS", "TOO_MANY_ARGUMENTS",
  "USED", "BAD_HANDLE", "NULL",
]);

/** One instance of the library. */
export class Abi {
  readonly #exports: Readonly<Record<string, WebAssembly.ExportValue>>;
  readonly #memory: WebAssembly.Memory;
  readonly #scratch: number;
  readonly #decoder = new TextDecoder();
  /** What the instance has failed with; it answers nothing from then on. */
  #lost: EngineError | null = null;
  /** Is told when that happens. */
  onLost: () => void = () => undefined;

  private constructor(exports: Readonly<Record<string, WebAssembly.ExportValue>>) {
    this.#exports = exports;
    this.#memory = exports["memory"] as WebAssembly.Memory;
    const version = this.raw("stepwell_abi_version");
    if (version !== ABI_VERSION) {
      throw new TypeError(`stepwell.wasm has interface ${version}, this package needs ${ABI_VERSION}`);
    }
    this.#scratch = this.#allocate(OUTPUT_BYTES + 8);
  }

  /** Makes an instance, which needs nothing from outside. */
  static async instantiate(module: WebAssembly.Module): Promise<Abi> {
    const instance = await WebAssembly.instantiate(module, {});
    return new Abi(instance.exports);
  }

  /** Calls a function whose success has no output. */
  call(name: string, ...args: Argument[]): void {
    this.#call(name, args, false);
  }

  /** Calls a function that puts out a handle or a number of 32 bits. */
  u32(name: string, ...args: Argument[]): number {
    this.#call(name, args, true);
    return this.#view().getUint32(this.#scratch, true);
  }

  /** Calls a function that puts out a number of 64 bits. */
  u64(name: string, ...args: Argument[]): bigint {
    this.#call(name, args, true);
    return this.#view().getBigUint64(this.#scratch, true);
  }

  /** Calls a function that puts out a hash: its bytes in hexadecimal. */
  hash(name: string, ...args: Argument[]): string {
    this.#call(name, args, true);
    const bytes = this.#bytes(this.#scratch, HASH_BYTES);
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  /** Calls a function that puts out owned bytes: a copy of them outside of the library. */
  bytes(name: string, ...args: Argument[]): Uint8Array<ArrayBuffer> {
    const handle = this.u32(name, ...args);
    const copy = this.#bytes(this.raw("stepwell_bytes_data", handle), this.raw("stepwell_bytes_len", handle)).slice();
    this.raw("stepwell_bytes_free", handle);
    return copy;
  }

  /** Calls a function that puts out owned bytes which are text. */
  text(name: string, ...args: Argument[]): string {
    return this.#decoder.decode(this.bytes(name, ...args));
  }

  /** Calls a function that puts out a list of texts. */
  strings(name: string, ...args: Argument[]): string[] {
    const handle = this.u32(name, ...args);
    const texts = Array.from({ length: this.raw("stepwell_strings_count", handle) }, (_, at) =>
      this.part("stepwell_strings_data", "stepwell_strings_len", handle, at) ?? "");
    this.raw("stepwell_strings_free", handle);
    return texts;
  }

  /** Calls a function that puts out two numbers of 32 bits. */
  pair(name: string, ...args: Argument[]): [number, number] {
    this.#view().setUint32(this.#scratch + 8, 0, true);
    this.#call(name, [...args, this.#scratch, this.#scratch + 8], false);
    return [this.#view().getUint32(this.#scratch, true), this.#view().getUint32(this.#scratch + 8, true)];
  }

  /** A text that is borrowed from a handle, by the functions for its data and length; `null` if there is none. */
  part(data: string, len: string, handle: number, at: number): string | null {
    const address = this.raw(data, handle, at);
    return address === 0 ? null : this.#decoder.decode(this.#bytes(address, this.raw(len, handle, at)).slice());
  }

  /** Bytes of the library's memory, copied. */
  copy(address: number, len: number): Uint8Array<ArrayBuffer> {
    return this.#bytes(address, len).slice();
  }

  /** A constant text, by the whole name of its function. */
  constant(name: string): string {
    const address = this.raw(name);
    return this.#decoder.decode(this.copy(address, this.#textLength(address)));
  }

  /** A function that cannot fail, by its whole name: its answer of 32 bits. */
  raw(name: string, ...args: (number | bigint)[]): number {
    const answer = this.#run(name, args);
    return typeof answer === "number" ? answer >>> 0 : 0;
  }

  /** A function that cannot fail, by its whole name: its answer of 64 bits. */
  raw64(name: string, ...args: (number | bigint)[]): bigint {
    const answer = this.#run(name, args);
    return typeof answer === "bigint" ? BigInt.asUintN(64, answer) : 0n;
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Bytes of the library's memory that are in use. */
  get allocated(): number {
    return this.raw("stepwell_allocated");
  }

  /** Bytes of all of the library's memory, which never shrinks. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength;
  }

  #call(name: string, args: readonly Argument[], hasOutput: boolean): void {
    const owned: [address: number, len: number][] = [];
    const error = this.#scratch + OUTPUT_BYTES;
    let status: number;
    try {
      const given = args.flatMap((argument) => this.#marshal(argument, owned));
      if (hasOutput) given.push(this.#scratch);
      this.#view().setUint32(error, 0, true);
      status = this.raw(`stepwell_${name}`, ...given, error);
    } finally {
      if (this.#lost === null) for (const [address, len] of owned) this.raw("stepwell_free", address, len);
    }
    if (status !== 0) throw this.#failure(status, this.#view().getUint32(error, true));
  }

  #marshal(argument: Argument, owned: [number, number][]): (number | bigint)[] {
    if (typeof argument === "boolean") return [Number(argument)];
    if (typeof argument === "number" || typeof argument === "bigint") return [argument];
    if (!(argument instanceof Given)) throw new TypeError(`a number was expected, not ${kind(argument)}`);
    const { bytes, isCounted } = argument;
    if (!isCounted) return [this.#copyIn(bytes, owned)];
    return bytes.length === 0 ? [0, 0] : [this.#copyIn(bytes, owned), bytes.length];
  }

  #copyIn(bytes: Uint8Array, owned: [number, number][]): number {
    const address = this.#allocate(bytes.length);
    owned.push([address, bytes.length]);
    this.#bytes(address, bytes.length).set(bytes);
    return address;
  }

  #allocate(len: number): number {
    const address = this.raw("stepwell_alloc", len);
    if (address === 0) throw new RangeError(`stepwell.wasm has no memory for ${len} bytes`);
    return address;
  }

  #run(name: string, args: (number | bigint)[]): number | bigint | undefined {
    if (this.#lost !== null) throw this.#lost;
    const exported = this.#exports[name];
    if (typeof exported !== "function") throw new TypeError(`stepwell.wasm has no ${name}: it is of another version`);
    try {
      return (exported as Exported)(...args);
    } catch (cause) {
      this.#lost = new EngineError(`the engine has failed in ${name} and is lost: ${String(cause)}`, "LOST", { cause });
      this.onLost();
      throw this.#lost;
    }
  }

  /** What a failed call is for the caller of the package. */
  #failure(status: number, handle: number): Error {
    const errno = this.raw("stepwell_error_errno", handle);
    const address = this.raw("stepwell_error_message", handle);
    const message = this.#decoder.decode(this.#bytes(address, this.#textLength(address)).slice());
    this.raw("stepwell_error_free", handle);
    const code = STATUS[status] || `STATUS_${status}`;
    if (code === "ERRNO") {
      const name = ERRNO[errno] ?? `E${errno}`;
      return new FileSystemError(`${name}: ${message}`, name, errno);
    }
    if (COMPILE_STATUSES.has(code)) return new CompileError(message, code);
    return MISUSE.has(code) ? new TypeError(message) : new EngineError(message, code);
  }

  #textLength(address: number): number {
    return new Uint8Array(this.#memory.buffer, address).indexOf(0);
  }

  #bytes(address: number, len: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer as ArrayBuffer, address, len);
  }

  #view(): DataView {
    return new DataView(this.#memory.buffer);
  }
}
