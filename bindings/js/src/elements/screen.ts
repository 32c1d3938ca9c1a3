/** The terminal: xterm.js in a component. Loaded when a component is shown. */

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import styles from "@xterm/xterm/css/xterm.css";

import { terminalTheme, type Shade } from "./theme.js";

/**
 * Goes on over the start of a line when a character is taken back. Goes to the ordinary screen, where it is already: from then
 * on there is a cursor, also if the terminal has never had the focus.
 */
const SETUP = "\x1b[?45h\x1b[?47l";
const SCROLLBACK_LINES = 5_000;

/** A terminal in a component. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #fit = new FitAddon();
  readonly #observer: ResizeObserver;
  readonly #root: ShadowRoot;
  readonly #sheet = new CSSStyleSheet();
  /** Who waits for output to be shown. */
  readonly #writing = new Set<() => void>();
  #isDisposed = false;

  constructor(host: HTMLElement, shade: Shade, onData: (data: string) => void) {
    this.#root = host.getRootNode() as ShadowRoot;
    this.#sheet.replaceSync(styles);
    this.#root.adoptedStyleSheets.push(this.#sheet);
    this.#terminal = new Terminal({
      convertEol: true,
      altClickMovesCursor: false,
      disableStdin: true,
      fontFamily: getComputedStyle(host).fontFamily,
      fontSize: 14,
      scrollback: SCROLLBACK_LINES,
      theme: terminalTheme(shade),
      cursorInactiveStyle: "none",
    });
    this.#terminal.loadAddon(this.#fit);
    this.#terminal.open(host);
    // Tab leaves the terminal, as everywhere on the page.
    this.#terminal.attachCustomKeyEventHandler((event) => event.key !== "Tab");
    this.#terminal.onData(onData);
    this.#terminal.write(SETUP);
    this.#input?.setAttribute("aria-label", "Input of the program");
    this.#observer = new ResizeObserver(() => this.#resize(host));
    this.#observer.observe(host);
  }

  /** Shows output. Resolves when it is taken, so that a program does not write faster than it can be shown. */
  write(data: Uint8Array | string): Promise<void> {
    if (this.#isDisposed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#writing.add(resolve);
      this.#terminal.write(data, () => {
        this.#writing.delete(resolve);
        resolve();
      });
    });
  }

  /** Says whether keys are for a program, which the cursor shows. */
  set accepts(accepts: boolean) {
    this.#terminal.options.disableStdin = !accepts;
    this.#terminal.options.cursorInactiveStyle = accepts ? "outline" : "none";
    this.#terminal.options.cursorBlink = accepts;
  }

  set shade(shade: Shade) {
    this.#terminal.options.theme = terminalTheme(shade);
  }

  /** What is shown, with what was scrolled away, as text. */
  get text(): string {
    const buffer = this.#terminal.buffer.active;
    const lines: string[] = [];
    for (let at = 0; at < buffer.length; at += 1) {
      const line = buffer.getLine(at);
      const text = line?.translateToString(true) ?? "";
      if (line?.isWrapped === true) lines.push((lines.pop() ?? "") + text);
      else lines.push(text);
    }
    return lines.join("\n").trimEnd();
  }

  clear(): void {
    this.#terminal.reset();
    this.#terminal.write(SETUP);
  }

  focus(): void {
    this.#terminal.focus();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#observer.disconnect();
    this.#terminal.dispose();
    this.#root.adoptedStyleSheets = this.#root.adoptedStyleSheets.filter((sheet) => sheet !== this.#sheet);
    for (const resolve of this.#writing) resolve();
  }

  get #input(): HTMLTextAreaElement | undefined {
    return this.#terminal.textarea;
  }

  #resize(host: HTMLElement): void {
    if (host.clientWidth > 0 && host.clientHeight > 0) this.#fit.fit();
  }
}
