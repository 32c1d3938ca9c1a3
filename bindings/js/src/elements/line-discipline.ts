/**
 * What stands between a keyboard and a program in line mode: keys are shown, can be taken back, and go to the program with the
 * end of the line.
 */

/** Where keys lead. */
export interface Line {
  /** Shows something in the terminal. */
  echo(text: string): void;
  /** Gives the program input. */
  send(text: string): void;
  /** Ends the program's input. */
  end(): void;
  /** Asks for the end of the program. */
  interrupt(): void;
}

const CONTROL_C = "\x03";
const CONTROL_D = "\x04";
const CONTROL_U = "\x15";
const BACKSPACES = new Set(["\b", "\x7f"]);
const LINE_ENDS = new Set(["\r", "\n", "\r\n"]);
/** What a terminal sends for keys that have no text: arrows and the like. */
const ESCAPE_SEQUENCE = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O.|.)?/gu;
/** What takes two columns. */
const WIDE = /[\p{Emoji_Presentation}\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\uff01-\uff60]/u;

/** The keys of one program. */
export class LineDiscipline {
  readonly #line: Line;
  readonly #shows: boolean;
  /** What was typed since the last line went off, by what a reader takes for a letter. */
  #typed: string[] = [];
  readonly #segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

  constructor(line: Line, shows: boolean) {
    this.#line = line;
    this.#shows = shows;
  }

  /** Takes what was typed or pasted. */
  type(data: string): void {
    for (const { segment } of this.#segmenter.segment(data.replace(ESCAPE_SEQUENCE, ""))) this.#key(segment);
  }

  #key(key: string): void {
    if (LINE_ENDS.has(key)) this.#flush("\n", "\r\n");
    else if (BACKSPACES.has(key)) this.#erase(1);
    else if (key === CONTROL_U) this.#erase(this.#typed.length);
    else if (key === CONTROL_C) this.#interrupt();
    else if (key === CONTROL_D) this.#endOfFile();
    else if (key >= " " || key === "\t") {
      this.#typed.push(key);
      this.#echo(key);
    }
  }

  /** As terminals do: in the middle of a line it sends what there is; at its start it ends the input. */
  #endOfFile(): void {
    if (this.#typed.length > 0) this.#flush("", "");
    else this.#line.end();
  }

  #interrupt(): void {
    this.#typed = [];
    this.#echo("^C\r\n");
    this.#line.interrupt();
  }

  #flush(end: string, shown: string): void {
    const text = this.#typed.join("") + end;
    this.#typed = [];
    this.#echo(shown);
    this.#line.send(text);
  }

  #erase(count: number): void {
    for (const letter of this.#typed.splice(this.#typed.length - Math.min(count, this.#typed.length))) {
      this.#echo("\b \b".repeat(WIDE.test(letter) ? 2 : 1));
    }
  }

  #echo(text: string): void {
    if (this.#shows && text !== "") this.#line.echo(text);
  }
}
