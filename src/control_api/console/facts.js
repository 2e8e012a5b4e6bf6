// Names with their values, such as "Created: 2026-01-31".

import { el } from "./dom.js";

/** Returns the list of those lines that have a value. A line is a name, a value, and the class of the value. */
export function facts(lines) {
  const shown = lines.filter(([, value]) => value);
  return el("dl", { class: "facts" }, shown.flatMap(line));
}

const line = ([name, value, kind]) => [
  el("dt", {}, name),
  el("dd", {}, el("span", { class: kind, title: kind === "id" ? value : null }, value)),
];
