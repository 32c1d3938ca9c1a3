/** `<stepwell-wasi src="program.wasm" args="one two" autorun>`: a WASI program with a terminal. */

import type { Engine } from "../engine.js";
import type { Module } from "../module.js";
import { Shared } from "../shared.js";
import { limitsOf, seedOf, streamKind, wordsOf } from "./attributes.js";
import { filesOf } from "./file-element.js";
import { ProgramElement, type Starting } from "./program-element.js";
import type { Started } from "./session.js";

export class WasiElement extends ProgramElement {
  /** The environment of the program. */
  env: Readonly<Record<string, string>> = {};
  #compiled: { readonly src: string; readonly engine: Engine; readonly module: Shared<Module> } | null = null;

  /** The address of the program. */
  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(src: string) {
    this.setAttribute("src", src);
  }

  protected override async start({ engine, signal, say }: Starting): Promise<Started> {
    if (this.src === "") throw new TypeError("a <stepwell-wasi> needs the attribute src");
    say(`Loading ${shortName(this.src)}…`);
    const [module, files] = await Promise.all([this.#module(engine, signal), filesOf(this, signal)]);
    const seed = seedOf(this);
    const process = engine.spawn(module, {
      argv0: this.getAttribute("name") ?? "program",
      args: wordsOf(this, "args"),
      env: this.env,
      mounts: { "/": files },
      stdin: "piped",
      stdio: streamKind(this),
      limits: limitsOf(this),
      receipt: this.hasAttribute("receipt"),
      ...(seed === undefined ? {} : { seed }),
      signal,
    });
    return { process, takesInput: true };
  }

  /** The program, which is fetched once. */
  async #module(engine: Engine, signal: AbortSignal): Promise<Module> {
    const src = new URL(this.src, document.baseURI).href;
    if (this.#compiled?.src !== src || this.#compiled.engine !== engine) {
      void this.#compiled?.module.dispose();
      this.#compiled = { src, engine, module: new Shared((all) => engine.compile(src, { signal: all })) };
    }
    return await this.#compiled.module.get(signal);
  }
}

/** What a reader is told that is being loaded: an address may be as long as the program. */
function shortName(src: string): string {
  const { protocol, pathname } = new URL(src, document.baseURI);
  const name = /^(?:https?|file):$/.test(protocol) ? pathname.split("/").pop() : "";
  return name || "the program";
}
