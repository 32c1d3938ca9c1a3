/** Web components that run programs in a page. Importing this file makes them known to the browser. */

import { FileElement } from "./file-element.js";
import { RunElement } from "./run-element.js";
import { WasiElement } from "./wasi-element.js";

export { FileElement, RunElement, WasiElement };
export type { Diagnostic } from "./diagnostics.js";
export type { Outcome } from "./outcome.js";
export { configure, sharedEngine, type Settings } from "./settings.js";

const ELEMENTS = { "stepwell-file": FileElement, "stepwell-run": RunElement, "stepwell-wasi": WasiElement };

for (const [name, element] of Object.entries(ELEMENTS)) {
  if (customElements.get(name) === undefined) customElements.define(name, element);
}

declare global {
  interface HTMLElementTagNameMap {
    "stepwell-file": FileElement;
    "stepwell-run": RunElement;
    "stepwell-wasi": WasiElement;
  }
}
