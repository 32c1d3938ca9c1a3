/// <reference lib="esnext.disposable" preserve="true" />
/** Runs WebAssembly programs of WASI preview1, in the browser and in Node. */

export { Engine, type EngineOptions, type ThawOptions, type Usage } from "./engine.js";
export { CompileError, EngineError, FileSystemError, TrapError, type Frame, type Trap, type TrapDetails } from "./errors.js";
export {
  FileSystem,
  type Change,
  type DirectoryEntry,
  type FileSystemLimits,
  type FileType,
  type Stats,
} from "./file-system.js";
export type { FileTree } from "./file-tree.js";
export { Image } from "./image.js";
export { Module } from "./module.js";
export type { LimitName, Limits, SpawnOptions, StdinSource, StreamKind } from "./options.js";
export { Process, type Exit, type FreezePoint, type RunResult } from "./process.js";
export type { FilesFrom, Progress } from "./runtimes/fetching.js";
export type { RuntimeOptions } from "./runtimes/load.js";
export type { Program, ProgramOptions, ProgramResult, RunOptions } from "./runtimes/program.js";
export type { Runtime } from "./runtimes/runtime.js";
export { directoryStore, indexedDbStore, memoryStore, type Store } from "./runtimes/store.js";
export type { Bytes, BytesSource } from "./source.js";
