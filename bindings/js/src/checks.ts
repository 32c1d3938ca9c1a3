/** Checks of what comes in from the caller. What is of a wrong type is a `TypeError` that names it and says what it is. */

import type { Bytes } from "./source.js";

/** What a value is, as a message says it: `a number`, `null`, `a Blob`. */
export function kind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return `a ${typeof value}`;
  const { name } = (value.constructor ?? {}) as { name?: unknown };
  const known = typeof name === "string" && name !== "" ? name : "Object";
  return `${/^[AEIO]/.test(known) ? "an" : "a"} ${known}`;
}

/** The error of a value that is not what it must be. */
export function mistaken(name: string, wanted: string, value: unknown): TypeError {
  return new TypeError(`${name} must be ${wanted}, not ${kind(value)}`);
}

export function text(value: unknown, name: string): string {
  if (typeof value !== "string") throw mistaken(name, "a string", value);
  return value;
}

export function texts(value: unknown, name: string): string[] {
  return list(value, name).map((one, at) => text(one, `${name}[${at}]`));
}

export function list(value: unknown, name: string): unknown[] {
  // Holes too are elements that are not there.
  if (!Array.isArray(value)) throw mistaken(name, "an array", value);
  return Array.from(value as unknown[]);
}

/** An object whose properties are asked for, and no collection of another kind. */
export function object<T extends object>(value: T, name: string): T {
  const isObject = typeof value === "object" && value !== null && Object.prototype.toString.call(value) === "[object Object]";
  if (!isObject) throw mistaken(name, "an object", value);
  return value;
}

export function flag(value: unknown, name: string): boolean {
  if (typeof value !== "boolean") throw mistaken(name, "a boolean", value);
  return value;
}

export function callable(value: unknown, name: string): void {
  if (typeof value !== "function") throw mistaken(name, "a function", value);
}

/** Whether a value is a literal: an object of no class. */
export function isLiteral(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // That of another window's literals is another object.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** One of several texts. */
export function choice<T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  if (choices.includes(value as T)) return value as T;
  const all = choices.map((one) => JSON.stringify(one));
  const wanted = `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
  if (typeof value === "string") throw new TypeError(`${name} must be ${wanted}, not ${JSON.stringify(value)}`);
  throw mistaken(name, wanted, value);
}

export const U64_MAX = (1n << 64n) - 1n;

/** A whole number that is not negative. */
export function count(value: unknown, name: string, max = U64_MAX): bigint {
  if (typeof value !== "number" && typeof value !== "bigint") throw mistaken(name, "a number or a bigint", value);
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new TypeError(`${name} must be a whole number, not ${value}; beyond 2^53 a bigint`);
  }
  const whole = BigInt(value);
  if (whole < 0n || whole > max) throw new TypeError(`${name} must be between 0 and ${power(max)}, not ${value}`);
  return whole;
}

/** A whole number of 32 bits. */
export function count32(value: unknown, name: string): number {
  return Number(count(value, name, 0xffff_ffffn));
}

/** One less than a power of two, as one reads it. */
function power(max: bigint): string {
  return `2^${max.toString(2).length}`;
}

/** Classes of the platform by what `toString` calls their instances. */
interface Classes {
  readonly ArrayBuffer: ArrayBuffer;
  readonly Date: Date;
  readonly ReadableStream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly Response: Response;
  readonly URL: URL;
  readonly "WebAssembly.Module": WebAssembly.Module;
}

/** Whether a value is of a class of the platform. That of another window, say, has the same name but is another class. */
export function isA<Name extends keyof Classes>(value: unknown, name: Name): value is Classes[Name] {
  return Object.prototype.toString.call(value) === `[object ${name}]`;
}

/** The bytes of a buffer or of a view of one, whatever numbers that has; `null` if it is neither. */
export function bytesIn(value: unknown): Uint8Array<ArrayBuffer> | null {
  if (value instanceof Uint8Array) return value as Uint8Array<ArrayBuffer>;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  return isA(value, "ArrayBuffer") ? new Uint8Array(value) : null;
}

export function bytes(value: unknown, name: string): Uint8Array<ArrayBuffer> {
  const found = bytesIn(value);
  if (found === null) throw mistaken(name, "bytes", value);
  return found;
}

/** What is text or bytes, as bytes. */
export function encoded(value: string | Bytes, name: string): Uint8Array<ArrayBuffer> {
  const found = typeof value === "string" ? new TextEncoder().encode(value) : bytesIn(value);
  if (found === null) throw mistaken(name, "a string or bytes", value);
  return found;
}

/** The signal of options, if there is one: its controller, for example, would never say anything. */
export function signalOf(options: { readonly signal?: AbortSignal | undefined }): AbortSignal | undefined {
  const { signal } = object(options, "options");
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  const isSignal = typeof aborted === "boolean" && typeof addEventListener === "function";
  if (signal !== undefined && !isSignal) throw mistaken("signal", "an AbortSignal", signal);
  return signal;
}
