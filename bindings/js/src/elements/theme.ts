/** Colours and the style sheet that components share. A host page changes them by custom properties. */

/** Light or dark. */
export type Shade = "light" | "dark";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

/** The shade that a component has: that of its attribute `theme`, else that of the reader's system. */
export function shadeOf(element: Element): Shade {
  const asked = element.getAttribute("theme");
  if (asked === "light" || asked === "dark") return asked;
  return DARK.matches ? "dark" : "light";
}

/** Calls when the reader's system changes: what ends that. */
export function onShadeChange(call: () => void): () => void {
  DARK.addEventListener("change", call);
  return () => DARK.removeEventListener("change", call);
}

/** The colours of a terminal. Each has a contrast of at least 4.5 to its background. */
export function terminalTheme(shade: Shade): Record<string, string> {
  return shade === "dark" ? DARK_TERMINAL : LIGHT_TERMINAL;
}

const DARK_TERMINAL = {
  background: "#15171c", foreground: "#e4e6eb", cursor: "#e4e6eb", cursorAccent: "#15171c", selectionBackground: "#3b4a66",
  black: "#7d8590", red: "#ff7b72", green: "#56d364", yellow: "#e3b341", blue: "#79c0ff", magenta: "#d2a8ff", cyan: "#56d4dd",
  white: "#e4e6eb", brightBlack: "#8b949e", brightRed: "#ffa198", brightGreen: "#7ee787", brightYellow: "#f2cc60",
  brightBlue: "#a5d6ff", brightMagenta: "#e2c5ff", brightCyan: "#b3f0ff", brightWhite: "#ffffff",
};

const LIGHT_TERMINAL = {
  background: "#f6f7f9", foreground: "#1c1f26", cursor: "#1c1f26", cursorAccent: "#f6f7f9", selectionBackground: "#b6d0f7",
  black: "#1c1f26", red: "#b3261e", green: "#116329", yellow: "#7d4e00", blue: "#0550ae", magenta: "#7a3bbf", cyan: "#0b6170",
  white: "#5a6069", brightBlack: "#5a6069", brightRed: "#a40e26", brightGreen: "#0f6b2e", brightYellow: "#633c01",
  brightBlue: "#0a4fa8", brightMagenta: "#6639ba", brightCyan: "#0f6673", brightWhite: "#1c1f26",
};

const LIGHT = `
  --surface: #ffffff; --raised: #eef0f4; --screen: ${LIGHT_TERMINAL.background}; --line: #c6cad2; --text: #1c1f26;
  --quiet: #565d68; --accent: #0b5cad; --on-accent: #ffffff; --stop: #b3261e; --on-stop: #ffffff; --focus: #0b5cad;
  --keyword: #8f2f9e; --string: #116329; --number: #0550ae; --comment: #5a6069; --name: #0550ae; --selection: #cfe0fb;
  --error: #b3261e; --warning: #7d4e00;`;

const NIGHT = `
  --surface: #1b1e24; --raised: #262a32; --screen: ${DARK_TERMINAL.background}; --line: #434954; --text: #e4e6eb;
  --quiet: #a3abb8; --accent: #79b8ff; --on-accent: #10151c; --stop: #ff8b82; --on-stop: #23100e; --focus: #79b8ff;
  --keyword: #d2a8ff; --string: #7ee787; --number: #79c0ff; --comment: #9aa3b0; --name: #79c0ff; --selection: #2f4668;
  --error: #ff8b82; --warning: #e3b341;`;

/** The style sheet of a component. What is only heard is clipped, not hidden. What is loaded at once is not worth a bar. */
export const STYLES = `
  :host { display: flex; flex-direction: column; box-sizing: border-box; color-scheme: light; ${LIGHT}
    --mono: var(--stepwell-font, ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace);
    border: 1px solid var(--line); border-radius: var(--stepwell-radius, 6px); overflow: hidden; color: var(--text);
    background: var(--surface); font: 14px/1.5 system-ui, sans-serif; min-width: 0; }
  :host([hidden]), [hidden] { display: none !important; }
  @media (prefers-color-scheme: dark) { :host { color-scheme: dark; ${NIGHT} } }
  :host([theme="light"]) { color-scheme: light; ${LIGHT} }
  :host([theme="dark"]) { color-scheme: dark; ${NIGHT} }
  *, ::before, ::after { box-sizing: border-box; }
  :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
  .editor { height: var(--stepwell-editor-height, auto); max-height: var(--stepwell-editor-max-height, none);
    overflow: auto; border-bottom: 1px solid var(--line); }
  .bar { display: flex; align-items: center; flex-wrap: wrap; gap: 8px; padding: 6px 8px; background: var(--raised);
    border-bottom: 1px solid var(--line); flex-shrink: 0; }
  .controls { display: flex; gap: 8px; }
  button { font: 600 14px/1 system-ui, sans-serif; min-height: 32px; min-width: 72px; padding: 0 14px; border-radius: 4px;
    cursor: pointer; border: 1px solid transparent; }
  .run { background: var(--accent); color: var(--on-accent); }
  .stop { background: var(--stop); color: var(--on-stop); }
  button[aria-disabled="true"] { background: transparent; color: var(--quiet); border-color: var(--line); cursor: default; }
  .status { flex: 1; min-width: 0; color: var(--quiet); overflow-wrap: anywhere; }
  :is([data-standing="trap"], [data-standing="limit"], [data-standing="failed"], [data-standing="refused"]) > .status {
    color: var(--error); }
  .bare { overflow: hidden; }
  .bare[data-standing="loading"] { animation: late 300ms step-end; }
  @keyframes late { from { height: 0; padding-block: 0; border-width: 0; } }
  progress { flex: 0 0 120px; height: 8px; accent-color: var(--accent); }
  .display { flex: 1 1 auto; height: var(--stepwell-terminal-height, 180px); min-height: var(--stepwell-terminal-min-height, 4rem);
    background: var(--screen); padding: 8px; font-family: var(--mono); overflow: hidden; position: relative; }
  .display:focus-within::after { content: ""; position: absolute; inset: 0; z-index: 20; pointer-events: none;
    border: 2px solid var(--focus); }
  .display .xterm { height: 100%; }
  .aside, .bare:is([data-standing="new"], [data-standing="running"], [data-standing="input"], [data-standing="finished"]) {
    position: absolute; width: 1px; height: 1px; padding: 0; border: 0; overflow: hidden; clip-path: inset(50%);
    white-space: pre-wrap; }
`;
