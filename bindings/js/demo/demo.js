// What the pages of the demo share: where the files are, and the list of pages.

import { configure } from "../dist/elements.js";

configure({ runtimes: new URL("../site/", import.meta.url) });

const PAGES = [
  ["index.html", "Start"], ["python.html", "Python"], ["ruby.html", "Ruby"], ["javascript.html", "JavaScript"],
  ["php.html", "PHP"], ["sql.html", "SQL"], ["c.html", "C"], ["cpp.html", "C++"], ["input.html", "Input"],
  ["limits.html", "Limits and receipts"],
];

const here = location.pathname.split("/").pop() || "index.html";
const list = document.createElement("ul");
for (const [href, title] of PAGES) {
  const link = Object.assign(document.createElement("a"), { href, textContent: title });
  if (href === here) link.setAttribute("aria-current", "page");
  list.append(document.createElement("li"));
  list.lastElementChild.append(link);
}
document.querySelector("nav").append(list);
