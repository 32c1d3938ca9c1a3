// Calls a function of the submission's, and leaves what it returns in a file. What the submission prints does not matter.
//
// The submission shares this process. All that it can do here is to leave another value, which the host compares like any:
// what is expected never enters the process.

import * as std from "std";

const { parse, stringify } = JSON;
const { isFinite } = Number;
const { values } = Object;
const { loadFile, loadScript, open, exit, err } = std;
// `std.evalScript` reads memory here that it should not, and now and then traps.
const evaluate = globalThis.eval;

function fail(error) {
    err.puts(`${error}\n${(error && error.stack) || ""}`);
    exit(1);
}

/** Levels of what is returned. At some more, making JSON of it ends in a trap; an answer in JSON has 128 at most. */
const LEVELS_MAX = 256;

/** What JSON would leave out or change without a word, if a value is that. */
function unfitAlone(value) {
    if (typeof value === "number" && !isFinite(value)) return String(value);
    if (["undefined", "function", "symbol", "bigint"].includes(typeof value)) return typeof value;
    if (value instanceof Map || value instanceof Set) return value.constructor.name;
    return "";
}

/** What in a value JSON does not have. It has a stack of its own: that of calls would end in a trap. */
function unfit(whole) {
    const around = new Set();
    const levels = [{ value: undefined, parts: [whole], at: 0 }];
    while (levels.length > 0) {
        const level = levels[levels.length - 1];
        if (level.at === level.parts.length) {
            around.delete(level.value);
            levels.pop();
            continue;
        }
        const value = level.parts[level.at++];
        const found = unfitAlone(value);
        if (found) return found;
        if (value === null || typeof value !== "object") continue;
        if (around.has(value)) return "a value that is inside of itself";
        if (levels.length > LEVELS_MAX) return `more than ${LEVELS_MAX} levels`;
        around.add(value);
        levels.push({ value, parts: values(value), at: 0 });
    }
    return "";
}

function finish(value) {
    let result;
    try {
        const found = unfit(value);
        result = found ? { unfit: found } : { returned: value };
        result = stringify(result);
    } catch (error) {
        result = stringify({ unfit: String(error) });
    }
    write("/.stepwell-result.json", result);
}

/** What to say where a module has no function of the name. */
const EXPORTED = ": it is a module, which must export it by that name";

function write(path, text) {
    const file = open(path, "w");
    file.puts(text);
    file.close();
}

function call(holder, job, hint) {
    if (typeof holder !== "function") throw new Error(`${job.file} has no function ${job.function}${hint}`);
    const value = holder(...job.arguments);
    if (value instanceof Promise) value.then(finish, fail);
    else finish(value);
}

/** What a script has declared by this name: constants too, which are no properties of the global object. */
function declared(name) {
    try {
        return evaluate(name);
    } catch (error) {
        if (error instanceof ReferenceError) return undefined;
        throw error;
    }
}

const job = parse(loadFile("/.stepwell-call.json"));
try {
    let isModule = job.file.endsWith(".mjs");
    if (!isModule) {
        try {
            loadScript(job.file);
        } catch (error) {
            // A script cannot have `export` or `import`: then it is a module.
            if (!(error instanceof SyntaxError)) throw error;
            isModule = true;
        }
    }
    if (isModule) {
        let path = job.file;
        if (!path.endsWith(".js")) {
            // The runtime finds modules by this extension only.
            path = "/.stepwell-module.js";
            write(path, loadFile(job.file));
        }
        import(path).then((module) => call(module[job.function], job, EXPORTED)).catch(fail);
    } else {
        // The name is one of the problem's, checked by the host.
        call(declared(job.function), job, "");
    }
} catch (error) {
    fail(error);
}
