/** What the attributes of a component ask for. */

import { choice, count } from "../checks.js";
import type { LimitName, Limits, StreamKind } from "../options.js";
import { current, type Thread } from "./settings.js";

/** The attributes that are limits, and which limit each is. */
const LIMITS = {
  steps: "steps",
  "memory-bytes": "memoryBytes",
  "output-bytes": "outputBytes",
  "file-bytes": "fileBytes",
} as const satisfies Readonly<Record<string, keyof Limits>>;

/** The limits that the attributes of a component set. */
export function limitsOf(element: Element): Limits {
  const given = Object.entries(LIMITS).filter(([name]) => element.hasAttribute(name));
  return Object.fromEntries(given.map(([name, limit]) => [limit, wholeNumber(element, name)]));
}

/** The attribute that sets a limit, if there is one. */
export function attributeOf(limit: LimitName): string | undefined {
  return Object.entries(LIMITS).find(([, name]) => name === limit)?.[0];
}

/** The most milliseconds that a run takes; `null` if there is no such limit. */
export function timeoutMs(element: Element): number | null {
  return element.hasAttribute("timeout-ms") ? Number(wholeNumber(element, "timeout-ms")) : null;
}

/** Where a component's guest runs. */
export function threadOf(element: Element): Thread {
  return choice(element.getAttribute("thread") ?? current().thread, "thread", ["worker", "inline"]);
}

/** What a component's guest is told that its streams are. */
export function streamKind(element: Element): StreamKind {
  return element.hasAttribute("disable-tty") ? "pipe" : "terminal";
}

/** The words of an attribute. Quotation marks hold words together that have spaces. */
export function wordsOf(element: Element, name: string): string[] {
  const words = (element.getAttribute(name) ?? "").matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g);
  return Array.from(words, ([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

/** The seed that a component asks for. */
export function seedOf(element: Element): bigint | undefined {
  return element.hasAttribute("seed") ? wholeNumber(element, "seed") : undefined;
}

function wholeNumber(element: Element, name: string): bigint {
  const text = (element.getAttribute(name) ?? "").replaceAll("_", "");
  if (!/^\d+$/.test(text)) throw new TypeError(`${name} must be a whole number, not ${JSON.stringify(text)}`);
  return count(BigInt(text), name);
}
