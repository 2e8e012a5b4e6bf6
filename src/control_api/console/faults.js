// The faults that are set, and how often each one fired.

import { get, remove } from "./api.js";
import { byId, el } from "./dom.js";
import { describe } from "./effects.js";
import { faultDialog } from "./fault-form.js";
import { count } from "./format.js";
import { showList } from "./list.js";
import { attempt } from "./notice.js";

/** Connects the controls. `changed` is called after a fault was set or removed. */
export function startFaults(changed) {
  const open = faultDialog(changed);
  byId("fault-new").addEventListener("click", () => open());
  byId("faults-clear").addEventListener("click", () => attempt(() => remove(["faults"]).then(changed)));
  return async function refresh() {
    const { faults } = await get(["faults"]);
    showList(
      byId("faults-list"),
      faults,
      ({ id }) => id,
      (fault) => card(fault, changed),
    );
    byId("faults-count").textContent = faults.length === 0 ? "" : count(faults.length, "fault");
    byId("faults-empty").hidden = faults.length > 0;
    byId("faults-clear").hidden = faults.length === 0;
  };
}

function card(fault, changed) {
  const { id, fired, times, operation, effect } = fault;
  const isUsedUp = typeof times === "number" && fired >= times;
  const drop = () => attempt(() => remove(["faults", String(id)]).then(changed));
  const label = `Remove the fault of ${operation ?? "any operation"}`;
  const conditions = conditionsOf(fault);
  return el(
    "article",
    { class: "card", "data-fault": id },
    el(
      "div",
      { class: "card-head" },
      el("h3", {}, operation ?? "Any operation"),
      el("span", { class: "chip fired", "data-kind": fired > 0 ? "warn" : "" }, firedText(fired, times)),
      isUsedUp && el("span", { class: "muted" }, "used up"),
      el(
        "button",
        { type: "button", class: "small push", "aria-label": label, "data-focus": "remove", onclick: drop },
        "Remove",
      ),
    ),
    el("p", {}, describe(effect)),
    conditions.length > 0 && el("p", { class: "muted" }, conditions.join(" · ")),
  );
}

function firedText(fired, times) {
  const limit = typeof times === "number" ? ` of ${times}` : "";
  return `fired ${fired}${limit}`;
}

/** Returns the conditions of a fault as text. */
function conditionsOf({ match = {}, nth_call, nth_attempt, after, before, since, delay, wall_time, declared }) {
  const texts = Object.entries(match).map(([name, value]) => `${name} ${valueText(name, value)}`);
  if (nth_call !== undefined) texts.push(`call number ${nth_call}`);
  if (nth_attempt !== undefined) texts.push(`attempt number ${nth_attempt}`);
  if (after !== undefined) texts.push(`after ${after.custom ?? after}`);
  if (since !== undefined) texts.push(`not before ${since}`);
  if (before !== undefined) texts.push(`until ${before}`);
  if (delay !== undefined) texts.push(`after waiting ${delay}${wall_time ? " on the wall clock" : ""}`);
  if (declared !== undefined) texts.push(`declared at ${declared}`);
  return texts;
}

function valueText(name, value) {
  if (name === "header")
    return Object.entries(value)
      .map(([key, text]) => `${key}: ${text}`)
      .join(", ");
  if (name === "range") return `${value[0]}-${value[1] ?? ""}`;
  return String(value);
}
