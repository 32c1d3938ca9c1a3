/** `<stepwell-run runtime="python" editor controls>`: a program in a language, with an editor and a terminal. */

import { text } from "../checks.js";
import { messageOf } from "../errors.js";
import { limitsOf, seedOf, streamKind, wordsOf } from "./attributes.js";
import { diagnosticsOf } from "./diagnostics.js";
import type { Editor } from "./editor.js";
import { filesOf } from "./file-element.js";
import { ProgramElement, type Starting } from "./program-element.js";
import type { Started } from "./session.js";
import { startProgram, takesInput } from "./programs.js";
import { current } from "./settings.js";
import { Shown } from "./shown.js";
import { programText, trimmed } from "./text.js";

export class RunElement extends ProgramElement {
  static override readonly observedAttributes = [...ProgramElement.observedAttributes, "runtime", "syntax", "code", "editor"];

  readonly #editor = new Shown<Editor>(async () => {
    const { Editor } = await import("./editor.js");
    return () => this.#makeEditor(Editor);
  });
  /** The program while there is no editor; `null` if it is what the markup says. */
  #text: string | null = null;

  /** The name of a runtime or language, which may have a version. */
  get runtime(): string {
    return this.getAttribute("runtime") ?? "";
  }

  set runtime(runtime: string) {
    this.setAttribute("runtime", runtime);
  }

  /** @internal */
  protected override get mayTakeInput(): boolean {
    return takesInput(this.runtime);
  }

  /** Whether the program can be edited. */
  get editor(): boolean {
    return this.hasAttribute("editor");
  }

  set editor(has: boolean) {
    this.toggleAttribute("editor", has);
  }

  /** The program as it is. */
  get program(): string {
    return this.#editor.current?.text ?? this.#text ?? this.#given();
  }

  set program(program: string) {
    this.#text = text(program, "program");
    if (this.#editor.current !== null) this.#editor.current.text = this.#text;
  }

  override attributeChangedCallback(name: string): void {
    super.attributeChangedCallback(name);
    if (name === "code") this.#followMarkup();
    if (name === "editor") this.#showEditor();
    if (name === "runtime" || name === "syntax") void this.#editor.current?.setSyntax(this.#syntax());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#text = this.#editor.current?.text ?? this.#text;
    this.#editor.hide();
  }

  protected override onParsed(): void {
    this.#showEditor();
    super.onParsed();
  }

  protected override async start(starting: Starting): Promise<Started> {
    const { engine, signal, say, onProgress, note } = starting;
    // Again, if it could not be loaded before.
    this.#showEditor();
    this.#editor.current?.setDiagnostics([]);
    const onMessages = async (text: string, file: string) => {
      this.#editor.current?.setDiagnostics(diagnosticsOf(text, file));
      await note("stderr", new TextEncoder().encode(text));
    };
    const seed = seedOf(this);
    return await startProgram(engine, {
      from: this.getAttribute("runtimes") ?? current().runtimes,
      runtime: this.runtime,
      text: this.program,
      files: await filesOf(this, signal),
      args: wordsOf(this, "args"),
      stdio: streamKind(this),
      limits: limitsOf(this),
      receipt: this.hasAttribute("receipt"),
      cold: this.hasAttribute("cold"),
      ...(seed === undefined ? {} : { seed }),
      signal,
      say,
      onProgress,
      onMessages,
    });
  }

  #followMarkup(): void {
    this.#text = null;
    if (this.#editor.current !== null) this.#editor.current.text = this.#given();
  }

  #given(): string {
    return this.hasAttribute("code") ? trimmed(this.getAttribute("code") ?? "") : programText(this);
  }

  #syntax(): string {
    return this.getAttribute("syntax") ?? this.runtime;
  }

  #showEditor(): void {
    this.panel.editor.hidden = !this.editor;
    if (!this.editor || !this.isConnected) return;
    this.#editor.show().catch((error: unknown) => {
      if (this.editor) this.panel.say(`The editor cannot be shown: ${messageOf(error)}`, "failed");
    });
  }

  #makeEditor(kind: typeof Editor): Editor {
    const editor: Editor = new kind(this.panel.editor, this.program, {
      change: () => this.tell("change", { program: editor.text }),
      run: () => this.runForReader(),
    });
    void editor.setSyntax(this.#syntax());
    return editor;
  }
}
