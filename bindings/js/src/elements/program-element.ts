/** What `<stepwell-run>` and `<stepwell-wasi>` have in common: buttons, a terminal, and the life of a run. */

import { text } from "../checks.js";
import { TIMER_MS_MAX } from "../core/turns.js";
import type { Engine } from "../engine.js";
import type { Progress } from "../runtimes/fetching.js";
import { withSignal } from "../source.js";
import { Announcer } from "./announcer.js";
import { threadOf, timeoutMs } from "./attributes.js";
import type { Downloads } from "./downloads.js";
import { LineDiscipline } from "./line-discipline.js";
import { Stopped, TimeUp, type Outcome } from "./outcome.js";
import { Panel } from "./panel.js";
import type { Screen } from "./screen.js";
import { Session, type Started, type StreamName } from "./session.js";
import { sharedEngine } from "./settings.js";
import { Shown } from "./shown.js";
import { onShadeChange, shadeOf } from "./theme.js";

/** What starting a program needs besides the program. */
export interface Starting {
  readonly engine: Engine;
  readonly signal: AbortSignal;
  /** Says what is being done before the program runs. */
  say(message: string): void;
  /** Shows how far a download is. */
  onProgress(progress: Progress, all: Downloads): void;
  /** Shows what is written before the program runs. */
  note(stream: StreamName, bytes: Uint8Array): Promise<void>;
}

interface Running {
  readonly abort: AbortController;
  readonly keys: LineDiscipline;
  readonly session: Session;
  readonly outcome: Promise<Outcome>;
  /** Whether keys are for it, as they are while it is not known. */
  takesInput: boolean;
}

export abstract class ProgramElement extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ["theme", "controls", "label"];

  protected readonly panel: Panel;
  readonly #announcer: Announcer;
  readonly #screen = new Shown<Screen>(async () => {
    const { Screen } = await import("./screen.js");
    return () => this.#makeScreen(Screen);
  });
  #running: Running | null = null;
  #endShadeWatch: (() => void) | null = null;
  #hasAutorun = false;

  constructor() {
    super();
    this.panel = new Panel(this, { run: () => this.runForReader(), stop: () => this.stop() });
    this.#announcer = new Announcer(this.panel.log);
  }

  /** Starts the program. */
  protected abstract start(starting: Starting): Promise<Started>;

  /** @internal Whether the program may take input, as far as it is known before it is started. */
  protected get mayTakeInput(): boolean {
    return true;
  }

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
    let settle: (outcome: Promise<Outcome>) => void = () => undefined;
    const outcome = new Promise<Outcome>((resolve) => (settle = resolve));
    // Before it is told: whoever hears of the start may stop the program, or type for it.
    this.#running = { abort, keys, session, outcome, takesInput: this.mayTakeInput };
    settle(this.#runToEnd(session, abort));
    return await outcome;
  }

  /** Runs the program because its reader has asked for it in the component. */
  protected runForReader(): void {
    void this.run();
    this.panel.follow();
  }

  /** Stops the program. The outcome of its run is then `"stopped"`. */
  stop(): void {
    this.#running?.abort.abort(new Stopped());
  }

  /** Gives the program input as if it was typed, with its line end. */
  type(data: string): void {
    const keys = text(data, "text");
    this.#running?.keys.type(keys);
  }

  /** Empties the terminal. */
  clear(): void {
    this.#announcer.clear();
    this.#screen.current?.clear();
  }

  /** Puts the focus into the terminal. */
  override focus(): void {
    // At once if it is there.
    if (this.#screen.current !== null) this.#screen.current.focus();
    else this.#onTerminal((screen) => screen.focus());
  }

  connectedCallback(): void {
    this.panel.hasControls = this.controls;
    this.#endShadeWatch = onShadeChange(() => this.#recolour());
    this.#onTerminal(() => undefined);
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
    this.#announcer.restart();
    this.#screen.current?.clear();
    this.#showKeys();
    this.tell("start", {});
    const starting = this.#start(session, abort);
    const outcome = await session.attend(starting);
    // Whatever is still on its way for this run comes too late.
    abort.abort();
    this.#announcer.flush();
    this.#running = null;
    this.panel.isRunning = false;
    this.panel.sayEnd(outcome);
    this.#showKeys();
    this.tell("end", outcome);
    starting.then(({ afterwards }) => afterwards?.()).catch(() => undefined);
    return outcome;
  }

  async #start(session: Session, abort: AbortController): Promise<Started> {
    const say = (message: string) => this.panel.say(message, "loading");
    say("Starting…");
    const thread = threadOf(this);
    const ms = timeoutMs(this);
    const { signal } = abort;
    // The terminal too: a program that was started without it would have nowhere to write to.
    const [engine] = await withSignal(Promise.all([sharedEngine(thread), this.#terminal()]), signal);
    const started = await this.start({
      engine,
      signal,
      say,
      onProgress: (progress, all) => this.#showProgress(progress, all),
      note: (stream, bytes) => session.note(stream, bytes),
    });
    limitTime(ms, abort, started);
    this.panel.showProgress(null);
    this.panel.say("Running.", "running");
    if (this.#running !== null) this.#running.takesInput = started.takesInput;
    this.#showKeys();
    // It fails with its engine, which the end of the run tells.
    this.#watchInput(session, started, signal).catch(() => undefined);
    return started;
  }

  /** Says when the program waits for its reader, and takes the reader there. */
  async #watchInput(session: Session, { process, takesInput }: Started, signal: AbortSignal): Promise<void> {
    while (takesInput && (await session.isWanted(process))) {
      if (signal.aborted) return;
      this.panel.say("Waiting for input.", "input");
      if (this.panel.mayMoveFocus) this.focus();
      await session.given();
      if (signal.aborted) return;
      this.panel.say("Running.", "running");
    }
  }

  #makeScreen(kind: typeof Screen): Screen {
    const screen = new kind(this.panel.terminal, shadeOf(this), (data) => this.#running?.keys.type(data));
    screen.accepts = this.#takesKeys;
    return screen;
  }

  get #takesKeys(): boolean {
    return this.#running?.takesInput === true;
  }

  #showKeys(): void {
    if (this.#screen.current !== null) this.#screen.current.accepts = this.#takesKeys;
  }

  #keysFor(session: Session, abort: AbortController): LineDiscipline {
    const line = {
      echo: (text: string) => this.#onTerminal((screen) => void screen.write(text)),
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

  #showProgress(progress: Progress, all: Downloads): void {
    this.panel.showProgress(all.part);
    this.panel.say(all.message, "loading");
    this.tell("progress", progress);
  }

  /** The terminal, which there is while the component is in a page. */
  async #terminal(): Promise<Screen | null> {
    return this.isConnected ? await this.#screen.show() : null;
  }

  /** Does something with the terminal if it can be had. If it cannot, the next run says why. */
  #onTerminal(use: (screen: Screen) => void): void {
    this.#terminal().then((screen) => screen !== null && use(screen)).catch(() => undefined);
  }

  #recolour(): void {
    if (this.#screen.current !== null) this.#screen.current.shade = shadeOf(this);
  }
}

/** Ends a program when its time is used up, which counts from here on: what was fetched or made before is not its doing. */
function limitTime(ms: number | null, abort: AbortController, { process }: Started): void {
  // A timer takes no more, which no page waits for.
  if (ms === null || ms > TIMER_MS_MAX) return;
  const timer = setTimeout(() => abort.abort(new TimeUp()), ms);
  process.exit.catch(() => undefined).finally(() => clearTimeout(timer));
}

/** Resolves when the page is parsed, and with it what is inside of its elements. */
function whenParsed(): Promise<void> {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("DOMContentLoaded", () => resolve(), { once: true }));
}
