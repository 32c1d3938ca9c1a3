/** `<stepwell-wasi src="program.wasm" args="one two" autorun>`: a WASI program with a terminal. */

import type { Engine } from "../engine.js";
import type { Module } from "../module.js";
import { limitsOf, seedOf, streamKind, wordsOf } from "./attributes.js";
import { filesOf } from "./file-element.js";
import { ProgramElement, type Starting } from "./program-element.js";
import type { Started } from "./session.js";

export class WasiElement extends ProgramElement {
  /** The environment of the program. */
  env: Readonly<Record<string, string>> = {};
  #compiled: { readonly src: string; readonly engine: Engine; readonly module: Promise<Module> } | null = null;

  /** The address of the program. */
  get src(): string {
    return this.getAttribute("src") ?? "";
  }

  set src(src: string) {
    this.setAttribute("src", src);
  }

  protected override async start({ engine, signal, say }: Starting): Promise<Started> {
    if (this.src === "") throw new TypeError("a <stepwell-wasi> needs the attribute src");
    say(`Loading ${this.src}…`);
    const [module, files] = await Promise.all([this.#module(engine), filesOf(this, signal)]);
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
  #module(engine: Engine): Promise<Module> {
    const src = new URL(this.src, document.baseURI).href;
    if (this.#compiled?.src !== src || this.#compiled.engine !== engine) {
      const compiled = { src, engine, module: engine.compile(fetch(src)) };
      this.#compiled = compiled;
      compiled.module.catch(() => {
        if (this.#compiled === compiled) this.#compiled = null;
      });
    }
    return this.#compiled.module;
  }
}
