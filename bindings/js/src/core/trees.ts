/** Trees of files: the calls that `FileSystem` makes, by its names. */

import { asBytes, asText, type Abi } from "./abi.js";
import { CHANGE, FILE_TYPE } from "./numbers.js";
import type { Id, LimitNumbers, TreeData } from "./protocol.js";

/** What is known of a path. */
export interface StatData {
  readonly type: (typeof FILE_TYPE)[number];
  readonly size: bigint;
  readonly links: bigint;
  readonly mode: number;
  readonly accessed: bigint;
  readonly modified: bigint;
}

/** An entry of a directory. */
export interface EntryData {
  readonly name: string;
  readonly type: (typeof FILE_TYPE)[number];
}

/** One difference between two trees. */
export interface ChangeData {
  readonly change: (typeof CHANGE)[number];
  readonly path: string;
  /** What was renamed. */
  readonly from: string | null;
}

const encoder = new TextEncoder();

/** The trees of one engine. */
export class Trees {
  readonly #abi: Abi;
  readonly #handles = new Map<Id, number>();

  constructor(abi: Abi) {
    this.#abi = abi;
  }

  /** How many there are. */
  get count(): number {
    return this.#handles.size;
  }

  /** The handle of a tree. */
  handle(id: Id): number {
    const handle = this.#handles.get(id);
    if (handle === undefined) throw new TypeError("the file system was disposed");
    return handle;
  }

  /** Makes a tree from a literal. */
  create(id: Id, files: TreeData, quotas: LimitNumbers): void {
    this.#handles.set(id, this.make(files, quotas));
  }

  /** Makes a tree that nobody has a name for. */
  make(files: TreeData, quotas: LimitNumbers): number {
    const tree = this.#abi.u32("tree_new");
    try {
      this.limit(tree, quotas);
      this.#write(tree, "", files);
    } catch (error) {
      this.#abi.raw("stepwell_tree_free", tree);
      throw error;
    }
    return tree;
  }

  /** Takes in a tree. */
  adopt(id: Id, handle: number): void {
    this.#handles.set(id, handle);
  }

  limit(tree: number, quotas: LimitNumbers): void {
    for (const [quota, max] of quotas) this.#abi.call("tree_set_quota", tree, quota, max);
  }

  setQuotas(id: Id, quotas: LimitNumbers): void {
    this.limit(this.handle(id), quotas);
  }

  fork(id: Id, fork: Id): void {
    this.#handles.set(fork, this.#abi.u32("tree_fork", this.handle(id)));
  }

  release(id: Id): void {
    this.#abi.raw("stepwell_tree_free", this.#handles.get(id) ?? 0);
    this.#handles.delete(id);
  }

  writeTree(id: Id, path: string, files: TreeData): void {
    this.#write(this.handle(id), path, files);
  }

  /** Writes files into a tree that nobody has a name for. */
  write(tree: number, files: TreeData): void {
    this.#write(tree, "", files);
  }

  readFile(id: Id, path: string): Uint8Array {
    return this.#abi.bytes("tree_read", this.handle(id), asText(path));
  }

  writeFile(id: Id, path: string, data: Uint8Array): void {
    this.#abi.call("tree_write", this.handle(id), asText(path), asBytes(data));
  }

  mkdir(id: Id, path: string): void {
    this.#abi.call("tree_mkdir", this.handle(id), asText(path));
  }

  readdir(id: Id, path: string): EntryData[] {
    const abi = this.#abi;
    const listing = abi.u32("tree_list", this.handle(id), asText(path));
    const entries = Array.from({ length: abi.raw("stepwell_listing_count", listing) }, (_, at) => ({
      name: abi.part("stepwell_listing_name", "stepwell_listing_name_len", listing, at) ?? "",
      type: FILE_TYPE[abi.raw("stepwell_listing_type", listing, at)] ?? "unknown",
    }));
    abi.raw("stepwell_listing_free", listing);
    return entries;
  }

  stat(id: Id, path: string): StatData {
    const abi = this.#abi;
    const stat = abi.u32("tree_stat", this.handle(id), asText(path));
    const data: StatData = {
      type: FILE_TYPE[abi.raw("stepwell_stat_type", stat)] ?? "unknown",
      size: abi.raw64("stepwell_stat_size", stat),
      links: abi.raw64("stepwell_stat_links", stat),
      mode: abi.raw("stepwell_stat_mode", stat),
      accessed: abi.raw64("stepwell_stat_accessed", stat),
      modified: abi.raw64("stepwell_stat_modified", stat),
    };
    abi.raw("stepwell_stat_free", stat);
    return data;
  }

  rename(id: Id, from: string, to: string): void {
    this.#abi.call("tree_rename", this.handle(id), asText(from), asText(to));
  }

  remove(id: Id, path: string, recursive: boolean): void {
    this.#abi.call(recursive ? "tree_remove_all" : "tree_remove", this.handle(id), asText(path));
  }

  symlink(id: Id, target: string, path: string): void {
    this.#abi.call("tree_symlink", this.handle(id), asText(target), asText(path));
  }

  readlink(id: Id, path: string): string {
    return this.#abi.text("tree_readlink", this.handle(id), asText(path));
  }

  link(id: Id, from: string, path: string): void {
    this.#abi.call("tree_link", this.handle(id), asText(from), asText(path));
  }

  chmod(id: Id, path: string, mode: number): void {
    this.#abi.call("tree_set_mode", this.handle(id), asText(path), mode);
  }

  utimes(id: Id, path: string, accessed: bigint, modified: bigint): void {
    this.#abi.call("tree_set_times", this.handle(id), asText(path), accessed, modified);
  }

  importTar(id: Id, archive: Uint8Array): void {
    this.#abi.call("tree_import_tar", this.handle(id), asBytes(archive));
  }

  exportTar(id: Id): Uint8Array {
    return this.#abi.bytes("tree_export_tar", this.handle(id));
  }

  diff(id: Id, base: Id): ChangeData[] {
    const abi = this.#abi;
    const diff = abi.u32("tree_diff", this.handle(id), this.handle(base));
    const changes = Array.from({ length: abi.raw("stepwell_diff_count", diff) }, (_, at) => ({
      change: CHANGE[abi.raw("stepwell_diff_change", diff, at)] ?? "modified",
      path: abi.part("stepwell_diff_path", "stepwell_diff_path_len", diff, at) ?? "",
      from: abi.part("stepwell_diff_from", "stepwell_diff_from_len", diff, at),
    }));
    abi.raw("stepwell_diff_free", diff);
    return changes;
  }

  digest(id: Id): string {
    return this.#abi.hash("tree_digest", this.handle(id));
  }

  usage(id: Id): { bytes: bigint; inodes: bigint } {
    const tree = this.handle(id);
    return { bytes: this.#abi.u64("tree_bytes_used", tree), inodes: this.#abi.u64("tree_inodes_used", tree) };
  }

  #write(tree: number, folder: string, files: TreeData): void {
    for (const [name, content] of Object.entries(files)) {
      if (name === "" || name === "." || name === ".." || name.includes("/")) {
        throw new TypeError(`${JSON.stringify(name)} is no name of a file: a directory is an object of its own`);
      }
      const path = `${folder}/${name}`;
      const bytes = typeof content === "string" ? encoder.encode(content) : content;
      if (bytes instanceof Uint8Array) this.#abi.call("tree_write", tree, asText(path), asBytes(bytes));
      else {
        this.#abi.call("tree_mkdir", tree, asText(path));
        this.#write(tree, path, bytes);
      }
    }
  }
}
