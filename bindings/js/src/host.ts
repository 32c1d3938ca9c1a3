/** What differs between a browser and Node. */

interface NodeProcess {
  getBuiltinModule?(name: string): unknown;
}

/** A module of Node's own; `undefined` in a browser. An import of it would be in the way of bundlers. */
export function nodeBuiltin<T>(name: string): T | undefined {
  const process = (globalThis as { process?: NodeProcess }).process;
  return process?.getBuiltinModule?.(name) as T | undefined;
}

/** Whether this is Node. */
export function isNode(): boolean {
  return nodeBuiltin("node:worker_threads") !== undefined;
}
