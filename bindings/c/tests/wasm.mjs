// Runs a guest through stepwell.wasm, as a host without the C library would:  wasm.mjs stepwell.wasm GUEST.wasm
import { readFileSync } from "node:fs";

const [library, guest] = process.argv.slice(2).map((path) => readFileSync(path));
const { instance } = await WebAssembly.instantiate(library, {});
const stepwell = instance.exports;
const bytes = (address, len) => new Uint8Array(stepwell.memory.buffer, address, len);
const word = (address) => new DataView(stepwell.memory.buffer).getUint32(address, true);

/** Bytes in the library's memory. */
function put(data) {
  const address = stepwell.stepwell_alloc(data.length);
  bytes(address, data.length).set(data);
  return address;
}

const text = (string) => put(new TextEncoder().encode(`${string}\0`));
const error = stepwell.stepwell_alloc(4);
const out = stepwell.stepwell_alloc(8);

/** Makes a call, whose answer is a number of 32 bits. */
function call(name, ...given) {
  const status = stepwell[`stepwell_${name}`](...given, error);
  if (status !== 0) {
    const message = stepwell.stepwell_error_message(word(error));
    const end = bytes(message, stepwell.memory.buffer.byteLength - message).indexOf(0);
    throw new Error(`${name}: ${status}: ${new TextDecoder().decode(bytes(message, end))}`);
  }
  return word(out);
}

const wasm = put(guest);
const engine = call("engine_new", out);
const module = call("module_new", engine, wasm, guest.length, out);
stepwell.stepwell_free(wasm, guest.length);
const builder = call("process_builder_new", module, out);
call("process_builder_arg", builder, text("hello"));
const mounts = call("mounts_new", out);
const STEPWELL_UNSUPPORTED = 8;
for (const [name, ...given] of [
  ["process_builder_host_clock", builder],
  ["process_builder_host_entropy", builder],
  ["process_builder_mount_host", builder, text("/"), text("/"), 0],
  ["mounts_add_host", mounts, text("/"), text("/"), 0],
  ["tree_above", text("/"), out],
]) {
  const status = stepwell[`stepwell_${name}`](...given, 0);
  if (status !== STEPWELL_UNSUPPORTED) throw new Error(`${name} is there: ${status}`);
}
const guestProcess = call("process_builder_spawn", builder, out);
let state = 0;
while (state < 2) state = call("process_run", guestProcess, 1_000_000n, out);
const output = call("process_drain_stdout", guestProcess, out);
const [data, len] = [stepwell.stepwell_bytes_data(output), stepwell.stepwell_bytes_len(output)];
process.stdout.write(bytes(data, len));
if (state !== 3) throw new Error(`it ended in state ${state}`);
