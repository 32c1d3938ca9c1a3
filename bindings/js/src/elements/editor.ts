/** The editor: CodeMirror 6 in a component. Loaded when a component with the attribute `editor` is shown. */

import { defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory } from "@codemirror/commands";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers, type ViewUpdate } from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { Diagnostic } from "./diagnostics.js";
import { syntaxOf } from "./syntax.js";

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: "var(--keyword)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.character], color: "var(--string)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--number)" },
  { tag: tags.comment, color: "var(--comment)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.function(tags.definition(tags.variableName)), tags.typeName], color: "var(--name)" },
]);

const LOOK = EditorView.theme({
  "&": { color: "var(--text)", backgroundColor: "var(--surface)", fontSize: "14px", height: "100%" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    background: "var(--selection)",
  },
  ".cm-gutters": { backgroundColor: "var(--raised)", color: "var(--quiet)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--accent) 8%, transparent)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)" },
  ".cm-matchingBracket": { outline: "1px solid var(--quiet)", backgroundColor: "transparent !important" },
});

/** Marks a change that the page has made. */
const BY_PAGE = Annotation.define<boolean>();

/** Says to a screen reader how to get out, since Tab indents. */
const HINT = "Tab indents. Press Escape, then Tab, to leave the editor.";

/** An editor in a component. */
export class Editor {
  readonly #view: EditorView;
  readonly #syntax = new Compartment();

  constructor(host: HTMLElement, text: string, actions: { readonly change: () => void; readonly run: () => void }) {
    const run = () => {
      actions.run();
      return true;
    };
    this.#view = new EditorView({
      parent: host,
      root: host.getRootNode() as ShadowRoot,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(), lintGutter(),
          syntaxHighlighting(COLOURS), LOOK, EditorView.lineWrapping, this.#syntax.of([]),
          EditorView.contentAttributes.of({ "aria-label": "Program", "aria-description": HINT }),
          keymap.of([{ key: "Mod-Enter", run }, ...defaultKeymap, ...historyKeymap, indentWithTab]),
          EditorView.updateListener.of((update) => isEdit(update) && actions.change()),
        ],
      }),
    });
  }

  get text(): string {
    return this.#view.state.doc.toString();
  }

  set text(text: string) {
    if (text === this.text) return;
    // What the reader takes back is theirs, and not this along with it.
    const annotations = [BY_PAGE.of(true), isolateHistory.of("full")];
    this.#view.dispatch({ changes: { from: 0, to: this.#view.state.doc.length, insert: text }, annotations });
  }

  /** Colours the text as a language's. */
  async setSyntax(name: string): Promise<void> {
    // A text without colours is a text still.
    const extension = await syntaxOf(name).catch(() => []);
    this.#view.dispatch({ effects: this.#syntax.reconfigure(extension) });
  }

  /** Marks what a compiler has said of this text where it has said it. */
  setDiagnostics(diagnostics: readonly Diagnostic[]): void {
    const { doc } = this.#view.state;
    const marks = diagnostics.map(({ line, column, severity, message }) => {
      const { from, to } = doc.line(Math.min(Math.max(line, 1), doc.lines));
      const at = Math.min(from + Math.max(column - 1, 0), to);
      return { from: at, to: this.#view.state.wordAt(at)?.to ?? Math.min(at + 1, to), severity, message };
    });
    this.#view.dispatch(setDiagnostics(this.#view.state, marks));
  }

  focus(): void {
    this.#view.focus();
  }

  dispose(): void {
    this.#view.destroy();
  }
}

/** Whether the reader has changed the text. */
function isEdit({ docChanged, transactions }: ViewUpdate): boolean {
  return docChanged && !transactions.every((one) => one.annotation(BY_PAGE) === true);
}
