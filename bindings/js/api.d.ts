// The public interface, written by npm run api.

// index

/** Runs WebAssembly programs of WASI preview1, in the browser and in Node. */
/// <reference lib="esnext.disposable" preserve="true" />
export { Engine, type EngineOptions, type ThawOptions, type Usage } from "./engine.js";
export { CompileError, EngineError, FileSystemError, TrapError, type Frame, type Trap, type TrapDetails } from "./errors.js";
export { FileSystem, type Change, type DirectoryEntry, type FileSystemLimits, type FileType, type Stats, } from "./file-system.js";
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

// engine

/** An engine: one copy of the library, in a worker or in the caller's own thread. */
/** How an engine is loaded. */
export interface EngineOptions {
    /** Where `stepwell.wasm` comes from. Default: beside this file. */
    readonly wasm?: BytesSource | WebAssembly.Module | PromiseLike<BytesSource | WebAssembly.Module>;
    /** Where guests run. Default: a worker in a browser, inline in Node. Everything else is the same. */
    readonly thread?: "worker" | "inline";
    /** How long a guest runs before others have their turn. Default: 5 ms. */
    readonly sliceMs?: number;
}
/** What goes on where an image stands. */
export interface ThawOptions {
    /** Take the place of the image's. Memory of the frozen part counts, its steps do not. */
    readonly limits?: Limits;
    /** Files that are written into what is mounted at a path before it goes on. */
    readonly files?: Readonly<Record<string, FileTree>>;
    /** What comes after the input that the image has. Default: its end. */
    readonly stdin?: StdinSource;
    readonly signal?: AbortSignal;
}
/** What an engine holds. */
export interface Usage {
    /** Processes that run. */
    readonly processes: number;
    readonly modules: number;
    readonly images: number;
    readonly fileSystems: number;
    /** Bytes of the engine's memory that all of these take. */
    readonly bytes: number;
    /** Bytes of the engine's own memory, which never shrinks. */
    readonly memoryBytes: number;
}
export declare class Engine implements AsyncDisposable {
    #private;
    /** Where guests run. */
    readonly thread: "worker" | "inline";
    private constructor();
    /** Loads an engine. Several are independent of each other. */
    static load(options?: EngineOptions): Promise<Engine>;
    /** Checks a module and makes it ready to run. */
    compile(source: BytesSource | PromiseLike<BytesSource>, options?: {
        readonly signal?: AbortSignal;
    }): Promise<Module>;
    /** Starts a process. Throws for options that cannot be right; what else is wrong is said by its `exit`. */
    spawn(module: Module, options?: SpawnOptions): Process;
    /** Runs a process to its end, and returns what it has written as text. */
    run(module: Module, options?: SpawnOptions & {
        readonly stdin?: Exclude<StdinSource, "piped">;
    }): Promise<RunResult>;
    /** Makes a file system. */
    fileSystem(files?: FileTree, limits?: FileSystemLimits): Promise<FileSystem>;
    /** Reads an image of a module, as `Image.save` has written it. What the bytes hold is checked. */
    loadImage(module: Module, image: Bytes): Promise<Image>;
    /** Starts a process that stands where the frozen one stood. */
    thaw(image: Image, options?: ThawOptions): Process;
    /**
     * Gets the runtime of a language, `"python"`, `"c++"` or `"python@3.11"` for example, from files that the site has: see
     * `stepwell runtimes export`. What was fetched once is kept for the next visit. Who asks for the same again, by any of its
     * names, shares what is there.
     */
    runtime(name: string, options: RuntimeOptions): Promise<Runtime>;
    /** Each field in which a run that was made again differs from the recorded one; none if the runs are equal. */
    compareReceipts(recorded: string, found: string): Promise<string[]>;
    /** The version of the library. */
    version(): Promise<string>;
    /** What it holds at the moment. */
    usage(): Promise<Usage>;
    /** Ends everything that runs, and lets go of it. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// module

/** A module that was checked and can be run any number of times. */
export declare class Module implements AsyncDisposable {
    /** The SHA-256 of the module as it was given, in hexadecimal. */
    readonly sha256: string;
    /** The names of the functions that it exports, sorted. */
    readonly functions: readonly string[];
    /** Lets go of it; what runs goes on. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// process

/** A guest that runs. */
/** How a run has ended that nobody has stopped and that has not trapped. */
export interface Exit {
    /** Whether the guest has ended by itself, a limit has ended it, or it was frozen. */
    readonly reason: "exited" | "limit" | "frozen";
    /** The guest's code; `null` if it has not ended by itself. */
    readonly code: number | null;
    /** The limit that has ended it. */
    readonly limit: LimitName | null;
    /** Steps that it has taken. */
    readonly steps: bigint;
    /** Calls of WASI that have finished. */
    readonly syscalls: bigint;
    /** The most bytes that all linear memories had together. */
    readonly memoryPeakBytes: number;
    /** The limit for which the last growth of memory or of a table was refused to the guest, which may have gone on. */
    readonly growthRefused: LimitName | null;
    /** What the called export has returned: numbers as text. */
    readonly results: readonly string[];
    /** The run as canonical JSON, if a receipt was asked for. Equal receipts mean equal runs. */
    readonly receipt: string | null;
    /** A line for each call of WASI, if a trace was asked for. */
    readonly trace: string | null;
    /** Where the steps went, if a profile was asked for: a line for each stack of functions. */
    readonly profile: string | null;
}
/** How a run has ended, with what it has written as text. */
export interface RunResult extends Exit {
    readonly stdout: string;
    readonly stderr: string;
}
/** Where a process is frozen: always before a call of WASI, which is not made. */
export type FreezePoint = 
/** The next call. */
"next-call"
/** The first read of standard input. */
 | "stdin"
/** The first opening of an absolute path. */
 | {
    readonly open: string;
}
/** The first call before which at least so many have finished. */
 | {
    readonly afterCalls: number | bigint;
}
/** From here on, call number `number` of an import, `"fd_write"` for example; 1 is the first. */
 | {
    readonly call: string;
    readonly number: number | bigint;
};
/** A guest that runs: its streams, and how it ends. */
export declare class Process implements AsyncDisposable {
    #private;
    /** What the guest has written. It waits when nobody reads. */
    readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
    /** What the guest has written to standard error. It waits when nobody reads. */
    readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
    /**
     * How it ends. A code that is not 0 is no error, nor is a limit. Rejects with a `TrapError`, or with the reason for which
     * the process was stopped.
     */
    readonly exit: Promise<Exit>;
    /** Where what is written is fed to the guest. Only with `stdin: "piped"`. What is no bytes kills the process. */
    get stdin(): WritableStream<Bytes>;
    /**
     * Ends the run. `exit` rejects with the reason and its streams end at once, with what was read until then; the guest stops
     * within a slice, and its files are there then.
     */
    kill(reason?: unknown): void;
    /** Resolves with `true` when it waits for input that it was not given, and with `false` when it is over. */
    inputWanted(): Promise<boolean>;
    /** Steps taken so far, while it runs. */
    steps(): Promise<bigint>;
    /** Bytes of the memory that the module exports as `memory`, while it runs. */
    readMemory(address: number | bigint, length: number): Promise<Uint8Array<ArrayBuffer>>;
    /** The paths at which something is mounted. Of a guest that sees no files that is `/`, which stays empty. */
    mounts(): Promise<string[]>;
    /** The files that are mounted at exactly this path, as they are now: a fork, which the process does not see. */
    files(path?: string): Promise<FileSystem>;
    /**
     * Freezes it where it first comes to a point. A process that was spawned `freezable` is over then; any other goes on, but its
     * run so far is repeated for the image. One that goes on from a started interpreter cannot be frozen.
     */
    freeze(point?: FreezePoint): Promise<Image>;
    /** Ends it if it runs, and lets go of its files. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}
/** What the caller's side of a process needs to know of how it was started. */
export interface ProcessOptions {
    readonly stdin?: StdinSource | undefined;
    readonly signal?: AbortSignal | undefined;
}
/** Waits for a process, with what it writes as text, and lets go of it. */
export declare function collect(process: Process): Promise<RunResult>;
/** Waits for a process, with what it writes as text, which the error has if it traps. */
export declare function written(process: Process): Promise<RunResult>;

// options

/** What a process starts with, as the caller says it, and as the core takes it. */
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
    readonly stdio?: StreamKind | {
        readonly stdin?: StreamKind;
        readonly stdout?: StreamKind;
        readonly stderr?: StreamKind;
    };
    readonly limits?: Limits;
    /** The seed of the random numbers. Default: 0. Runs with equal seeds are equal. */
    readonly seed?: number | bigint;
    /** Where the calendar starts, which moves with the steps: a date, or nanoseconds since 1970. Default: 2026-01-01. */
    readonly epoch?: Date | bigint;
    /** Calls this export instead of `_start`; its results are in the exit. */
    readonly invoke?: {
        readonly name: string;
        readonly args?: readonly (number | bigint | string)[];
    };
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
export declare function request(client: Client, options: SpawnOptions, backtrace: boolean): ProcessRequest;
/** Refuses input that is written while the process runs: who waits for its end has nothing to write to. */
export declare function notPiped(options: {
    readonly stdin?: StdinSource;
}): void;
/** What standard input is from the start; `null` if it is fed. */
export declare function stdinBytes(stdin: StdinSource | undefined): Uint8Array | null;
/** Refuses arguments and variables as the library does, for a guest that gets them in another way. */
export declare function checkArguments({ argv0, args, env, limits }: SpawnOptions): void;
/** The limits whose names are in a table, with their numbers there. */
export declare function numbers(names: readonly string[], limits: Limits): LimitNumbers;
/** The limits of a file system, which has no others. */
export declare function quotas(limits: FileSystemLimits): LimitNumbers;
/** A kind of streams. */
export declare function streamKind(kind: unknown, name: string): StreamKind;

// file-system

/** Files in memory, by the names of `node:fs/promises`. */
/** What something in a file system is. */
export type FileType = "unknown" | "block-device" | "character-device" | "directory" | "file" | "socket" | "symlink";
/** The most that a file system holds. */
export interface FileSystemLimits {
    /** Bytes in files and in the targets of symbolic links. Default: 1 GiB. */
    readonly fileBytes?: number | bigint;
    /** Files, directories and links. Default: 1 million. */
    readonly inodes?: number | bigint;
    /** The largest size of one file, holes included. Default: 16 TiB. */
    readonly singleFileBytes?: number | bigint;
}
/** An entry of a directory. */
export interface DirectoryEntry {
    readonly name: string;
    readonly type: FileType;
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
}
/** What is known of a path. */
export interface Stats {
    readonly type: FileType;
    /** Bytes of a file, or of a symbolic link's target. */
    readonly size: number;
    /** How many names it has. */
    readonly nlink: number;
    /** Its permission bits. */
    readonly mode: number;
    /** Times in nanoseconds since 1970. */
    readonly atimeNs: bigint;
    readonly mtimeNs: bigint;
    isFile(): boolean;
    isDirectory(): boolean;
    isSymbolicLink(): boolean;
}
/** A difference between two file systems. */
export interface Change {
    readonly change: "added" | "modified" | "removed" | "renamed";
    /** Without a slash at either end. */
    readonly path: string;
    /** Where something was that was renamed. */
    readonly from: string | null;
}
/**
 * A copy-on-write tree of files. A fork costs nothing and is independent. A process that it is mounted in works on a fork.
 *
 * Symbolic links in paths are not followed, whatever they lead to: reading one is `EINVAL`, writing to one is `ELOOP`, and what
 * would be in one, also its listing, is `ENOTDIR`. There is no `..`, which is `EINVAL`.
 */
export declare class FileSystem implements AsyncDisposable {
    #private;
    /** The content of a file: bytes, or text if an encoding is given. */
    readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
    readFile(path: string, encoding: "utf8" | "utf-8"): Promise<string>;
    /** Writes a file, and makes the directories above it. */
    writeFile(path: string, data: string | Bytes): Promise<void>;
    /** Writes files from a literal below a directory. */
    writeTree(path: string, files: FileTree): Promise<void>;
    /** Makes a directory and those above it, as far as they are missing. */
    mkdir(path: string): Promise<void>;
    /** The entries of a directory, sorted by name. */
    readdir(path: string): AsyncGenerator<DirectoryEntry, void, undefined>;
    /** What is at a path; a symbolic link is not followed. */
    stat(path: string): Promise<Stats>;
    /** Moves what is at a path, and replaces what is at the other. */
    rename(from: string, to: string): Promise<void>;
    /** Removes a file, a link or an empty directory; with `recursive`, a directory with everything in it. */
    rm(path: string, options?: {
        readonly recursive?: boolean;
        readonly force?: boolean;
    }): Promise<void>;
    /** Makes a symbolic link. */
    symlink(target: string, path: string): Promise<void>;
    /** What a symbolic link leads to. */
    readlink(path: string): Promise<string>;
    /** Gives a file one more name. */
    link(from: string, path: string): Promise<void>;
    /** Sets permission bits, which are kept for archives and never checked. */
    chmod(path: string, mode: number): Promise<void>;
    /** Sets the times of access and modification, in nanoseconds since 1970. */
    utimes(path: string, atimeNs: bigint, mtimeNs: bigint): Promise<void>;
    /** An independent copy, in constant time. */
    fork(): Promise<FileSystem>;
    /** What has changed since `base`, an earlier fork of this that was left alone. Times do not count. */
    diff(base: FileSystem): Promise<Change[]>;
    /** Adds the files of a tar archive, not compressed. */
    importTar(archive: Bytes): Promise<void>;
    /** Everything as a tar archive. Equal trees make equal archives. */
    exportTar(): Promise<Uint8Array<ArrayBuffer>>;
    /** The SHA-256 of everything, in hexadecimal: equal for equal trees on every host. */
    digest(): Promise<string>;
    /** How much counts against its limits. */
    usage(): Promise<{
        fileBytes: number;
        inodes: number;
    }>;
    /** Lets go of it. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// file-tree

/** Files as a literal. */
/** Files as a literal: a name is followed by the content of a file, or by what is in a directory. */
export interface FileTree {
    readonly [name: string]: string | Bytes | FileTree;
}

// image

/** A process that stands still: its stack, memory, files, streams, clock and random numbers. */
export declare class Image implements AsyncDisposable {
    #private;
    /** The module whose process it is. */
    get module(): Module;
    /** The image as bytes, which `Engine.loadImage` takes on any host that has the same module. */
    save(): Promise<Uint8Array<ArrayBuffer>>;
    /** Steps that were taken until it was frozen. */
    steps(): Promise<bigint>;
    /** Makes it ready to go on, which the first process otherwise waits for. */
    prepare(): Promise<void>;
    /** Lets go of it; what was thawed goes on. */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// errors

/** What can go wrong, apart from misuse, which is a `TypeError`. */
/** A module that is not valid, or a program that its compiler refuses. */
export declare class CompileError extends Error {
    readonly name = "CompileError";
    /** What it was: `"INVALID_MODULE"` for example, or `"DIAGNOSTICS"` if a compiler has said why. */
    readonly code: string;
    /** What the compiler has written; empty if there was none. */
    readonly diagnostics: string;
    constructor(message: string, code: string, diagnostics?: string, options?: ErrorOptions);
}
/** A function that was active when a guest trapped. */
export interface Frame {
    /** Its index in the module, imports first. */
    readonly function: number;
    /** The name that the module gives to it; `null` if it gives none. */
    readonly name: string | null;
}
/** How a guest can fail. */
export type Trap = "unreachable" | "memory_out_of_bounds" | "table_out_of_bounds" | "indirect_call_to_null" | "indirect_call_type_mismatch" | "integer_divide_by_zero" | "integer_overflow" | "invalid_conversion_to_integer" | "stack_overflow" | "fault" | "invalid_function" | "host_panic";
/** A guest that has failed: it aborted, or did what no WebAssembly program may. */
export declare class TrapError extends Error {
    readonly name = "TrapError";
    /** What kind of failure. */
    readonly trap: Trap;
    /** The functions that were active, the innermost first; empty if `noBacktrace` says why there is none. */
    readonly backtrace: readonly Frame[];
    /** Why there is no backtrace; `null` if there is one. */
    readonly noBacktrace: string | null;
    /** Steps that the guest has taken. */
    readonly steps: bigint;
    /** The run as a receipt, if one was asked for. */
    readonly receipt: string | null;
    /** What the guest has written, as text, if `run` has read it; else `null`: it is in the streams of the process. */
    readonly stdout: string | null;
    readonly stderr: string | null;
    constructor(message: string, details: TrapDetails, options?: ErrorOptions);
}
/** What is known of a trap. */
export interface TrapDetails {
    readonly trap: Trap;
    readonly backtrace: readonly Frame[];
    readonly noBacktrace: string | null;
    readonly steps: bigint;
    readonly receipt: string | null;
    readonly stdout?: string | null;
    readonly stderr?: string | null;
}
/** A file operation that failed, named as `node:fs` names it. */
export declare class FileSystemError extends Error {
    readonly name = "FileSystemError";
    /** `"ENOENT"` for example. */
    readonly code: string;
    /** The number that WASI preview1 gives to it. */
    readonly errno: number;
    constructor(message: string, code: string, errno: number, options?: ErrorOptions);
}
/** An image, a receipt or an archive that cannot be used, or an engine that is lost. */
export declare class EngineError extends Error {
    readonly name = "EngineError";
    /** What it was: `"IMAGE"`, `"NOT_FREEZABLE"`, `"RECEIPT"`, `"ARCHIVE"`, `"LOST"` for example. */
    readonly code: string;
    constructor(message: string, code: string, options?: ErrorOptions);
}

// source

/** Where bytes come from: an address, a response, or bytes themselves. */
/** Bytes: a buffer, or a view of one, whose numbers may be larger. */
export type Bytes = ArrayBuffer | ArrayBufferView;
/** Something that is or will be bytes. */
export type BytesSource = Bytes | Response | URL | string;
/** The bytes of a source. An address is fetched; in Node, one of a file is read. */
export declare function bytesOf(source: BytesSource | PromiseLike<BytesSource>, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
/** The answer at an address, which must be one of success; for a file in Node, its bytes. */
export declare function responseOf(source: Response | URL | string, signal?: AbortSignal): Promise<Response | Uint8Array<ArrayBuffer>>;
/** The error of bytes that do not come: the signal's reason if that was it, else `what`, and why. */
export declare function failure(what: string, cause: unknown, signal: AbortSignal | undefined): unknown;
/** What a promise comes to, unless the signal comes first: what comes later is handed to `tooLate`. */
export declare function withSignal<T>(promise: T | PromiseLike<T>, signal?: AbortSignal, tooLate?: (value: T) => void): Promise<T>;
/** Ends the download of what is not wanted any more. */
export declare function letGo(source: unknown): void;
/** A body that is read no further when the signal comes, also if it was fetched without it. */
export declare function endingWith<T>(body: ReadableStream<T>, signal: AbortSignal | undefined): ReadableStream<T>;
/** Whether something can be an address. */
export declare function isAddress(source: unknown): source is URL | string;

// runtimes/load

/** Getting a runtime by its name. */
/** Where a runtime comes from. */
export interface RuntimeOptions {
    /** The folder's address that `stepwell runtimes export` has written, or a function that is told a file's name. */
    readonly from: FilesFrom;
    /** Where what was fetched, and what was made of it, is kept. Default: the browser's database; in Node, nowhere. */
    readonly store?: Store | null;
    /** Ends the fetching, and the wait for it. Others who need the same files get them. */
    readonly signal?: AbortSignal;
    /** Hears how far the fetching is, while a program of this runtime waits for it. */
    readonly onProgress?: (progress: Progress) => void;
}
/** A runtime by its name. Its files are fetched when a program first needs them. */
export declare function loadRuntime(engine: Engine, client: Client, name: string, options: RuntimeOptions): Promise<Runtime>;

// runtimes/runtime

/** A language's runtime in an engine: source goes in, a process comes out. */
export declare class Runtime implements AsyncDisposable {
    #private;
    /** The runtime's name and version, `"python"` and `"3.12.0"` for example. */
    readonly name: string;
    readonly version: string;
    /** The language that it runs. */
    readonly language: string;
    /** The licence of its files, as an SPDX expression. */
    readonly licence: string;
    /** Whether its programs are compiled first. */
    readonly isCompiled: boolean;
    /** Whether `warmUp` makes a difference. */
    get canBeWarm(): boolean;
    /** Compiles a program. Rejects with a `CompileError` that has the diagnostics if its compiler refuses it. */
    compile(source: string | Bytes, options?: ProgramOptions): Promise<Program>;
    /** Compiles a program and starts it. */
    spawn(source: string | Bytes, options?: ProgramOptions): Promise<Process>;
    /** Runs a program to its end, and returns what it has written as text. */
    run(source: string | Bytes, options?: ProgramOptions & {
        readonly stdin?: Exclude<StdinSource, "piped">;
    }): Promise<ProgramResult>;
    /**
     * Starts the interpreter once, unless that was done on an earlier visit, for programs to go on from there: they start at
     * once then. Streams of other kinds need another start.
     */
    warmUp(options?: {
        readonly stdio?: StreamKind;
        readonly signal?: AbortSignal;
    }): Promise<void>;
    /**
     * Lets go of its modules and files, unless the engine has the same runtime for others; what runs goes on. Fetching is ended:
     * what waits for it rejects with an `AbortError`.
     */
    dispose(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
}

// runtimes/program

/** Programs of a language: what they are run with, and what comes of them. */
/** What a program is run with. What `SpawnOptions` has besides is the runtime's. */
export interface ProgramOptions extends Omit<SpawnOptions, "argv0" | "mounts" | "readOnly" | "invoke" | "freezable"> {
    /** The name of the source file. Default: `main` with the language's extension. */
    readonly name?: string;
    /** Files beside the program, in `/`. */
    readonly files?: FileTree;
    /** More that is mounted, below `/`. */
    readonly mounts?: Readonly<Record<string, FileSystem | FileTree>>;
    /** Whether an interpreter that was started before may be used, if there is one. Default: true. */
    readonly warm?: boolean;
}
/** What can differ from one run of a program to the next. */
export type RunOptions = Omit<ProgramOptions, "name" | "files" | "warm">;
/** How a program has ended, what it has written, and what its compiler has. */
export interface ProgramResult extends RunResult {
    /** What the compiler has written; empty for a language that is interpreted. */
    readonly diagnostics: string;
}
/** A program that has been compiled, or whose language is interpreted. */
export interface Program extends AsyncDisposable {
    /** What the compiler has written. */
    readonly diagnostics: string;
    /** What the compiler has made; `null` for a language that is interpreted. */
    readonly module: Module | null;
    /** Starts it, any number of times. Options take the place of those that it was compiled with. */
    spawn(options?: RunOptions): Promise<Process>;
    /** Lets go of it; what runs goes on. */
    dispose(): Promise<void>;
}
/** A program of these parts. */
export declare function disposable(parts: Omit<Program, typeof Symbol.asyncDispose>): Program;
/** Refuses what is the runtime's own to say. */
export declare function refuseReserved(options: RunOptions): void;
/** A compiler's refusal. */
export declare function refusal(diagnostics: string): CompileError;

// runtimes/fetching

/** Fetching the files of a runtime: checked against the catalogue, kept, with word on how far it is. */
/** How far the fetching of a file is. */
export interface Progress {
    /** The name of the file. */
    readonly file: string;
    /** Bytes of it that are there, unpacked. */
    readonly loadedBytes: number;
    readonly totalBytes: number;
}
/** Where files are fetched from: a folder's address, or a function that is told the name of a file. */
export type FilesFrom = URL | string | ((name: string) => BytesSource | PromiseLike<BytesSource>);
/** Where files come from, and where they are kept. */
export interface Place {
    readonly from: FilesFrom;
    readonly store: Store | null;
}
export interface Fetching extends Place {
    readonly signal?: AbortSignal | undefined;
    readonly onProgress?: ((progress: Progress) => void) | undefined;
}
/** A file: the kept one, or fetched, checked and kept. */
export declare function file(wanted: RuntimeFile, { from, store, signal, onProgress }: Fetching): Promise<Uint8Array<ArrayBuffer>>;
/** A folder's whole address. */
export declare function addressOf(folder: URL | string): string;

// runtimes/store

/** Where what was fetched and what was made of it is kept, by name. */
/** A place that keeps bytes by name from one visit to the next. */
export interface Store {
    /** What is kept under a name. */
    get(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
    /** Keeps bytes. What cannot be kept is fetched or made again, so a failure is for the caller to pass over. */
    set(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
    /** Lets go of what is kept under a name. */
    delete(name: string): Promise<void>;
    /** The names under which something is kept: what another version of the package has kept is removed. */
    names(): Promise<readonly string[]>;
}
/** A store in the browser's database, which every page of the site shares. */
export declare function indexedDbStore(database?: string): Store;
/** A store that is gone with the page. */
export declare function memoryStore(): Store;
/** A store in a folder, for Node. */
export declare function directoryStore(folder: string): Store;
/** The store of a browser, one for all engines; in Node, none. */
export declare function defaultStore(): Store | null;

// elements/index

/** Web components that run programs in a page. Importing this file makes them known to the browser. */
export { FileElement, RunElement, WasiElement };
export type { Diagnostic } from "./diagnostics.js";
export type { Outcome } from "./outcome.js";
export { configure, sharedEngine, type Settings } from "./settings.js";
declare global {
    interface HTMLElementTagNameMap {
        "stepwell-file": FileElement;
        "stepwell-run": RunElement;
        "stepwell-wasi": WasiElement;
    }
}

// elements/run-element

/** `<stepwell-run runtime="python" editor controls>`: a program in a language, with an editor and a terminal. */
export declare class RunElement extends ProgramElement {
    #private;
    static readonly observedAttributes: string[];
    /** The name of a runtime or language, which may have a version. */
    get runtime(): string;
    set runtime(runtime: string);
    /** Whether the program can be edited. */
    get editor(): boolean;
    set editor(has: boolean);
    /** The program as it is. */
    get program(): string;
    set program(program: string);
    attributeChangedCallback(name: string): void;
    disconnectedCallback(): void;
    protected onParsed(): void;
    protected start(starting: Starting): Promise<Started>;
}

// elements/wasi-element

/** `<stepwell-wasi src="program.wasm" args="one two" autorun>`: a WASI program with a terminal. */
export declare class WasiElement extends ProgramElement {
    #private;
    /** The environment of the program. */
    env: Readonly<Record<string, string>>;
    /** The address of the program. */
    get src(): string;
    set src(src: string);
    protected start({ engine, signal, say }: Starting): Promise<Started>;
}

// elements/program-element

/** What `<stepwell-run>` and `<stepwell-wasi>` have in common: buttons, a terminal, and the life of a run. */
/** What starting a program needs besides the program. */
export interface Starting {
    readonly engine: Engine;
    readonly signal: AbortSignal;
    /** Says what is being done before the program runs. */
    say(message: string): void;
    /** Shows how far a download is. */
    onProgress(progress: Progress, all: Downloads): void;
    /** Shows what is written before the program runs. */
    note(stream: StreamName, bytes: Uint8Array): Promise<void>;
}
export declare abstract class ProgramElement extends HTMLElement {
    #private;
    static readonly observedAttributes: readonly string[];
    protected readonly panel: Panel;
    constructor();
    /** Starts the program. */
    protected abstract start(starting: Starting): Promise<Started>;
    /** Whether a program runs, or is about to. */
    get running(): boolean;
    /** Whether there are buttons. */
    get controls(): boolean;
    set controls(has: boolean);
    /** What the terminal shows, as text. */
    screenText(): Promise<string>;
    /** Runs the program; one that runs is stopped before. Resolves with how it has ended, whatever that is. */
    run(): Promise<Outcome>;
    /** Runs the program because its reader has asked for it in the component. */
    protected runForReader(): void;
    /** Stops the program. The outcome of its run is then `"stopped"`. */
    stop(): void;
    /** Gives the program input as if it was typed, with its line end. */
    type(data: string): void;
    /** Empties the terminal. */
    clear(): void;
    /** Puts the focus into the terminal. */
    focus(): void;
    connectedCallback(): void;
    disconnectedCallback(): void;
    attributeChangedCallback(name: string): void;
    /** Is told that what is inside of the element is there. */
    protected onParsed(): void;
    /** Sends an event to the host page. */
    protected tell(name: string, detail: unknown): void;
}

// elements/file-element

/** `<stepwell-file path="/data.txt">text</stepwell-file>`: a file of the program that its parent runs. */
export declare class FileElement extends HTMLElement {
    /** Where the file is, from the root of the program's files. */
    get path(): string;
    set path(path: string);
    /** Where its content is fetched from; empty if it is the text of the element. */
    get url(): string;
    set url(url: string);
    /** The text of the element. */
    get content(): string;
    set content(content: string);
    /** What is in the file. */
    bytes(signal?: AbortSignal): Promise<string | Uint8Array>;
    connectedCallback(): void;
}
/** The files that the children of a component are. */
export declare function filesOf(element: Element, signal?: AbortSignal): Promise<FileTree>;

// elements/outcome

/** How a run has ended, as a host page and a reader are told. */
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
export declare class Stopped extends DOMException {
    constructor(message?: string);
}
/** The reason for which a run ends that has had its time. */
export declare class TimeUp extends DOMException {
    constructor();
}
/** What an exit means. */
export declare function ended(exit: Exit): Ended;
/** What an error means that a run has ended with. */
export declare function failed(error: unknown): Ended;

// elements/settings

/** What all components of a page share: where things come from, and the engines. */
/** Where guests run. */
export type Thread = "worker" | "inline";
/** Settings of a page. */
export interface Settings {
    /** The address of the folder with the files of the runtimes. Default: `runtimes/` beside the page. */
    runtimes: string | URL;
    /** Where guests run if a component does not say so itself. */
    thread: Thread;
    /** Where `stepwell.wasm` comes from. Default: beside the package's files. */
    wasm: EngineOptions["wasm"];
    /** How long a guest runs before others have their turn. */
    sliceMs: number | undefined;
}
/** Changes settings of the page. Those of an engine count for the next one, so they come before the first run. */
export declare function configure(changes: Partial<Settings>): void;
/** The settings as they are. */
export declare function current(): Readonly<Settings>;
/** The engine that all components of the page share which run in the same kind of thread. */
export declare function sharedEngine(thread?: Thread): Promise<Engine>;

// elements/diagnostics

/** What compilers have to say, read from what they write. */
/** One message of a compiler about a place in a file. */
export interface Diagnostic {
    readonly file: string;
    /** From 1. */
    readonly line: number;
    /** From 1. */
    readonly column: number;
    readonly severity: "error" | "warning" | "info";
    readonly message: string;
}
/** The messages about one file in what a compiler has written. */
export declare function diagnosticsOf(written: string, name: string): Diagnostic[];

// runno/index

/** `WASI.start` and `WASIWorkerHost` with the signatures of `@runno/wasi`, for programs that move from there. */
export type { WASIFile, WASIFS, WASIPath, WASITimestamps } from "./files.js";
/** What a program is started with. */
export interface WASIContextOptions {
    readonly fs: WASIFS;
    /** The arguments, with the program's name first. */
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    /** Is called when the program waits for input; `null`, `""` or nothing ends it. What it returns may be of any length. */
    readonly stdin: (maxByteLength: number) => string | null | Promise<string | null>;
    readonly stdout: (out: string) => void;
    readonly stderr: (err: string) => void;
    /** Whether the program is told that its streams are a terminal. */
    readonly isTTY: boolean;
}
/** How a program has ended. */
export interface WASIExecutionResult {
    readonly exitCode: number;
    /** All files, as the program has left them. */
    readonly fs: WASIFS;
}
/** What Stepwell adds: the engine to run in. Default: one that all share that say nothing. */
export interface EngineChoice {
    readonly engine?: Engine;
}
export declare class WASI {
    /** Runs a program to its end. Rejects with a `TrapError` if it fails, and with a `LimitError` if a limit ends it. */
    static start(wasm: BytesSource | PromiseLike<BytesSource>, context?: Partial<WASIContextOptions>, choice?: EngineChoice): Promise<WASIExecutionResult>;
}
/** The reason for which `WASIWorkerHost.start` rejects after `kill`. */
export declare class WASIWorkerHostKilledError extends Error {
    readonly name = "WASIWorkerHostKilledError";
}
/** A program that is fed while it runs. */
export declare class WASIWorkerHost {
    #private;
    /** How it ends, once it was started. */
    result: Promise<WASIExecutionResult> | undefined;
    constructor(binaryURL: BytesSource, context: Partial<Omit<WASIContextOptions, "stdin">>, choice?: EngineChoice);
    start(): Promise<WASIExecutionResult>;
    kill(): void;
    /** Gives the program input. */
    pushStdin(data: string): Promise<void>;
    /** Ends the program's input. */
    pushEOF(): Promise<void>;
}
/** A program that was ended by a limit, for which `WASIExecutionResult` has no place. */
export declare class LimitError extends Error {
    readonly name = "LimitError";
    /** The name of the limit. */
    readonly limit: string;
    constructor(limit: string);
}

// runno/files

/** Files as `@runno/wasi` describes them: each by its whole path, with its times. */
export type WASIPath = string;
export interface WASITimestamps {
    readonly access: Date;
    readonly modification: Date;
    readonly change: Date;
}
export type WASIFile = {
    readonly path: WASIPath;
    readonly timestamps: WASITimestamps;
} & ({
    readonly mode: "string";
    readonly content: string;
} | {
    readonly mode: "binary";
    readonly content: Uint8Array;
});
export interface WASIFS {
    readonly [path: WASIPath]: WASIFile;
}
/** Writes files into a file system. */
export declare function write(files: FileSystem, fs: WASIFS): Promise<FileSystem>;
/** All files of a file system. What was given as text is text, unless it has become something else. */
export declare function read(files: FileSystem, given: WASIFS): Promise<WASIFS>;
