/** What `<stepwell-run>` and `<stepwell-wasi>` have in common: buttons, a terminal, and the life of a run. */

import type { Engine } from "../engine.js";
import type { Progress } from "../runtimes/fetching.js";
import { withSignal } from "../source.js";
import { Announcer } from "./announcer.js";
import { threadOf, timeoutMs } from "./attributes.js";
import { LineDiscipline } from "./line-discipline.js";
import { Stopped, type Outcome } from "./outcome.js";
import { Panel } from "./panel.js";
import type { Screen } from "./screen.js";
import { Session, type Started, type StreamName } from "./session.js";
import { noteLoss, sharedEngine } from "./settings.js";
import { Shown } from "./shown.js";
import { onShadeChange, shadeOf, type Shade } from "./theme.js";

/** What starting a program needs besides the program. */
export interface Starting {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** Says how it stands. */
  say(message: string): void;
  /** Shows how far a download is. */
  onProgress(progress: Progress): void;
  /** Shows what is written before the program runs. */
  note(stream: StreamName, bytes: Uint8Array): Promise<void>;
}

interface Running {
  readonly abort: AbortController;
  readonly keys: LineDiscipline;
  readonly session: Session;
  readonly outcome: Promise<Outcome>;
}

export abstract class ProgramElement extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ["theme", "controls", "label"];

  protected readonly panel: Panel;
  readonly #announcer: Announcer;
  readonly #screen = new Shown<Screen>(async () => {
    const { Screen } = await import("./screen.js");
    return () => new Screen(this.panel.terminal, shadeOf(this), (data) => this.#running?.keys.type(data));
  });
  #running: Running | null = null;
  #endShadeWatch: (() => void) | null = null;
  #hasAutorun = false;

  constructor() {
    super();
    this.panel = new Panel(this, { run: () => void this.run(), stop: () => this.stop() });
    this.#announcer = new Announcer(this.panel.log);
  }

  /** Starts the program. */
  protected abstract start(starting: Starting): Promise<Started>;

  /** Is told that the colours have changed. */
  protected onShade(_shade: Shade): void {}

  /** Whether a program runs, or is about to. */
  get running(): boolean {
    return this.#running !== null;
  }

  /** Whether there are buttons. */
  get controls(): boolean {
    return this.hasAttribute("controls");
  }

  set controls(has: boolean) {
    this.toggleAttribute("controls", has);
  }

  /** What the terminal shows, as text. */
  async screenText(): Promise<string> {
    return (await this.#terminal())?.text ?? "";
  }

  /** Runs the program; one that runs is stopped before. Resolves with how it has ended, whatever that is. */
  async run(): Promise<Outcome> {
    while (this.#running !== null) {
      this.stop();
      await this.#running.outcome;
    }
    const abort = new AbortController();
    const session = new Session((stream, bytes) => this.#show(stream, bytes));
    const keys = this.#keysFor(session, abort);
    const outcome = this.#runToEnd(session, abort);
    this.#running = { abort, keys, session, outcome };
    return await outcome;
  }

  /** Stops the program. The outcome of its run is then `"stopped"`. */
  stop(): void {
    this.#running?.abort.abort(new Stopped());
  }

  /** Gives the program input as if it was typed, with its line end. */
  type(text: string): void {
    this.#running?.keys.type(text);
  }

  /** Empties the terminal. */
  clear(): void {
    this.#announcer.clear();
    this.#screen.current?.clear();
  }

  /** Puts the focus into the terminal. */
  override focus(): void {
    void this.#terminal().then((screen) => screen?.focus());
  }

  connectedCallback(): void {
    this.panel.hasControls = this.controls;
    this.#endShadeWatch = onShadeChange(() => this.#recolour());
    void this.#terminal();
    void whenParsed().then(() => this.isConnected && this.onParsed());
  }

  disconnectedCallback(): void {
    this.stop();
    this.#endShadeWatch?.();
    this.#screen.hide();
  }

  attributeChangedCallback(name: string): void {
    if (name === "controls") this.panel.hasControls = this.controls;
    if (name === "theme") this.#recolour();
    if (name === "label") this.setAttribute("aria-label", this.getAttribute("label") ?? "");
  }

  /** Is told that what is inside of the element is there. */
  protected onParsed(): void {
    this.setAttribute("role", this.getAttribute("role") ?? "group");
    if (!this.hasAttribute("autorun") || this.#hasAutorun) return;
    this.#hasAutorun = true;
    void this.run();
  }

  /** Sends an event to the host page. */
  protected tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(`stepwell-${name}`, { detail, bubbles: true, composed: true }));
  }

  async #runToEnd(session: Session, abort: AbortController): Promise<Outcome> {
    this.panel.isRunning = true;
    this.clear();
    this.tell("start", {});
    const starting = this.#start(session, abort);
    const outcome = await session.attend(starting);
    this.#announcer.flush();
    this.#running = null;
    this.panel.isRunning = false;
    this.panel.say(outcome.message, outcome.exit?.growthRefused == null ? outcome.kind : "limit");
    if (this.#screen.current !== null) this.#screen.current.accepts = false;
    this.tell("end", outcome);
    starting.then(({ afterwards }) => afterwards?.()).catch(() => undefined);
    return outcome;
  }

  async #start(session: Session, abort: AbortController): Promise<Started> {
    const say = (message: string) => this.panel.say(message);
    say("Starting…");
    const thread = threadOf(this);
    const engine = sharedEngine(thread);
    try {
      const started = await this.start({
        engine: await withSignal(engine, abort.signal),
        signal: this.#signal(abort),
        say,
        onProgress: (progress) => this.#showProgress(progress),
        note: (stream, bytes) => session.note(stream, bytes),
      });
      this.panel.showProgress(null);
      say("Running.");
      const screen = await this.#terminal();
      if (screen !== null) screen.accepts = started.takesInput;
      // It fails with its engine, which the end of the run tells.
      this.#watchInput(session, started).catch(() => undefined);
      started.process.exit.catch((error: unknown) => noteLoss(thread, engine, error));
      return started;
    } catch (error) {
      noteLoss(thread, engine, error);
      throw error;
    }
  }

  /** Says when the program waits for its reader, and takes the reader there. */
  async #watchInput(session: Session, { process, takesInput }: Started): Promise<void> {
    while (takesInput && (await session.isWanted(process))) {
      this.panel.say("Waiting for input.", "input");
      if (this.matches(":focus-within")) this.focus();
      await session.given();
      this.panel.say("Running.");
    }
  }

  #signal(abort: AbortController): AbortSignal {
    const ms = timeoutMs(this);
    return ms === null ? abort.signal : AbortSignal.any([abort.signal, AbortSignal.timeout(ms)]);
  }

  #keysFor(session: Session, abort: AbortController): LineDiscipline {
    const line = {
      echo: (text: string) => void this.#terminal().then((screen) => screen?.write(text)),
      send: (text: string) => session.send(text),
      end: () => session.end(),
      interrupt: () => abort.abort(new Stopped("Stopped by Ctrl+C.")),
    };
    return new LineDiscipline(line, !this.hasAttribute("disable-echo"));
  }

  async #show(stream: StreamName, bytes: Uint8Array): Promise<void> {
    this.#announcer.write(stream, bytes);
    this.tell("output", { stream, bytes });
    await (await this.#terminal())?.write(bytes);
  }

  #showProgress(progress: Progress): void {
    const { file, loadedBytes, totalBytes } = progress;
    this.panel.showProgress(totalBytes > 0 ? loadedBytes / totalBytes : 0);
    // Said once: a screen reader reads each change aloud.
    this.panel.say(`Loading ${file}, ${(totalBytes / 1e6).toFixed(1)} MB…`);
    this.tell("progress", progress);
  }

  /** The terminal, which there is while the component is in a page. */
  async #terminal(): Promise<Screen | null> {
    return this.isConnected ? await this.#screen.show() : null;
  }

  #recolour(): void {
    const shade = shadeOf(this);
    if (this.#screen.current !== null) this.#screen.current.shade = shade;
    this.onShade(shade);
  }
}

/** Resolves when the page is parsed, and with it what is inside of its elements. */
function whenParsed(): Promise<void> {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", () => resolve(), { once: true }));
}
