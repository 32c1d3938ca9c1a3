/** What components look like: an editor, a bar with buttons and a line that says how it stands, and a terminal. */

import type { Outcome } from "./outcome.js";
import { STYLES } from "./theme.js";

/**
 * How it stands: before the first run, in one, or after one. Without buttons, the bar is there for what a reader would not
 * know from the terminal: that something is being loaded, and each end but a good one.
 */
export type Standing = "new" | "loading" | "running" | "input" | "finished" | Outcome["kind"];

const MARKUP = `
  <div class="editor" part="editor" hidden></div>
  <div class="bar bare" part="bar" data-standing="new">
    <div class="controls" part="controls" role="group" aria-label="Program" hidden>
      <button class="run" part="run" type="button">Run</button>
      <button class="stop" part="stop" type="button" aria-disabled="true">Stop</button>
    </div>
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
  readonly #bar: HTMLElement;
  readonly #controls: HTMLElement;
  readonly #run: HTMLButtonElement;
  readonly #stop: HTMLButtonElement;
  readonly #status: HTMLElement;
  readonly #progress: HTMLProgressElement;
  /** Whether the reader has started the program here, and has done nothing else here since. */
  #isFollowed = false;

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
    this.#bar = part(".bar");
    this.#controls = part(".controls");
    this.#run = part(".run");
    this.#stop = part(".stop");
    this.#status = part(".status");
    this.#progress = part("progress");
    this.#run.addEventListener("click", () => isEnabled(this.#run) && actions.run());
    this.#stop.addEventListener("click", () => isEnabled(this.#stop) && actions.stop());
    for (const act of ["keydown", "pointerdown", "focusin"]) {
      // Before whoever starts the program by it.
      this.root.addEventListener(act, () => (this.#isFollowed = false), { capture: true });
    }
  }

  set hasControls(has: boolean) {
    this.#controls.hidden = !has;
    this.#bar.classList.toggle("bare", !has);
  }

  /** Marks which button does something. Both stay where they are and can be reached, so that no focus is lost. */
  set isRunning(isRunning: boolean) {
    this.#run.setAttribute("aria-disabled", String(isRunning));
    this.#stop.setAttribute("aria-disabled", String(!isRunning));
    if (!isRunning) this.#progress.hidden = true;
  }

  /** Says how it stands. */
  say(message: string, standing: Standing): void {
    if (this.#status.textContent !== message) this.#status.textContent = message;
    this.#bar.dataset["standing"] = standing;
  }

  /** Says how a run has ended. */
  sayEnd({ kind, message, code, exit }: Outcome): void {
    if (exit !== null && exit.growthRefused !== null) this.say(message, "limit");
    else this.say(message, kind === "exited" && code === 0 ? "finished" : kind);
  }

  /** Notes that the reader has started the program here. */
  follow(): void {
    this.#isFollowed = true;
  }

  /** Whether the focus may go along into the terminal: it is on Run, or where the reader has been since the start. */
  get mayMoveFocus(): boolean {
    const { activeElement } = this.root;
    return activeElement !== null && (activeElement === this.#run || this.#isFollowed);
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
