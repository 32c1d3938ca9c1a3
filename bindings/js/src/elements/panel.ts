/** What components look like: an editor, buttons, a line that says how it stands, and a terminal. */

import { STYLES } from "./theme.js";

const MARKUP = `
  <div class="editor" part="editor" hidden></div>
  <div class="controls" part="controls" role="group" aria-label="Program" hidden>
    <button class="run" part="run" type="button">Run</button>
    <button class="stop" part="stop" type="button" aria-disabled="true">Stop</button>
    <span class="status" part="status" role="status"></span>
    <progress hidden aria-label="Download"></progress>
  </div>
  <div class="display" part="terminal" role="group" aria-label="Terminal"></div>
  <div class="aside log" role="log" aria-live="polite" aria-label="Output of the program"></div>`;

/** The parts of a component. */
export class Panel {
  readonly root: ShadowRoot;
  readonly editor: HTMLElement;
  readonly terminal: HTMLElement;
  readonly log: HTMLElement;
  readonly #controls: HTMLElement;
  readonly #run: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #status: HTMLElement;
  readonly #progress: HTMLProgressElement;

  constructor(host: HTMLElement, actions: { readonly run: () => void; readonly stop: () => void }) {
    this.root = host.attachShadow({ mode: "open", delegatesFocus: true });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
    this.root.adoptedStyleSheets.push(sheet);
    this.root.innerHTML = MARKUP;
    const part = <T extends HTMLElement>(selector: string) => this.root.querySelector<T>(selector) as T;
    this.editor = part(".editor");
    this.terminal = part(".display");
    this.log = part(".log");
    this.#controls = part(".controls");
    this.#run = part(".run");
    this.#stop = part(".stop");
    this.#status = part(".status");
    this.#progress = part("progress");
    this.#run.addEventListener("click", () => isEnabled(this.#run) && actions.run());
    this.#stop.addEventListener("click", () => isEnabled(this.#stop) && actions.stop());
  }

  set hasControls(has: boolean) {
    this.#controls.hidden = !has;
  }

  /** Marks which button does something. Both stay where they are and can be reached, so that no focus is lost. */
  set isRunning(isRunning: boolean) {
    this.#run.setAttribute("aria-disabled", String(isRunning));
    this.#stop.setAttribute("aria-disabled", String(!isRunning));
    if (!isRunning) this.#progress.hidden = true;
  }

  /** Says how it stands. */
  say(message: string, kind = ""): void {
    if (this.#status.textContent !== message) this.#status.textContent = message;
    this.#status.dataset["kind"] = kind;
  }

  /** Shows how much of something is there; `null` if nothing is being fetched. */
  showProgress(part: number | null): void {
    this.#progress.hidden = part === null;
    if (part !== null) this.#progress.value = part;
  }
}

function isEnabled(button: HTMLButtonElement): boolean {
  return button.getAttribute("aria-disabled") !== "true";
}
