/** The text of a program in a page. */

/** The text inside of an element, without its child elements: what a `<script>`, `<pre>` or `<template>` holds counts. */
export function programText(element: Element): string {
  const parts = Array.from(element.childNodes, (node) => {
    if (node instanceof HTMLTemplateElement) return node.content.textContent ?? "";
    if (node instanceof HTMLScriptElement || node instanceof HTMLPreElement) return node.textContent ?? "";
    return node.nodeType === Node.TEXT_NODE ? (node.textContent ?? "") : "";
  });
  return trimmed(parts.join(""));
}

/** A text without the blank lines around it and the indentation that all of its lines have, as markup is often indented. */
export function trimmed(text: string): string {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const isBlank = (line: string | undefined) => line !== undefined && line.trim() === "";
  while (isBlank(lines[0])) lines.shift();
  while (isBlank(lines.at(-1))) lines.pop();
  const indents = lines.filter((line) => !isBlank(line)).map((line) => /^[ \t]*/.exec(line)?.[0] ?? "");
  const common = indents.reduce((a, b) => a.slice(0, sharedLength(a, b)), indents[0] ?? "");
  return lines.map((line) => (isBlank(line) ? "" : line.slice(common.length))).join("\n") + (lines.length > 0 ? "\n" : "");
}

function sharedLength(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

/** Escape sequences, by which programs colour what they write. */
const SEQUENCES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;

/** A text as somebody hears it who does not see the terminal. */
export function plain(text: string): string {
  return text.replace(SEQUENCES, "").replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "");
}
