// The dialog that restores the state at the start, or parts of it.

import { send } from "./api.js";
import { dialog } from "./dialog.js";
import { byId, el, fill } from "./dom.js";
import { notify } from "./notice.js";

const PARTS = ["requests", "faults", "jobs", "vaults", "clock"];

/** Connects the button. `changed` is called after a reset. */
export function startReset(changed) {
  const parts = byId("reset-parts");
  const check = (name) => el("label", { class: "check" }, el("input", { type: "checkbox", value: name }), ` ${name}`);
  fill(parts, PARTS.map(check));
  const form = byId("reset-form");
  const boxes = [...parts.querySelectorAll("input")];
  const open = dialog(
    "reset-dialog",
    () => form.reset(),
    async () => {
      await send("POST", ["reset"], bodyOf(form, boxes));
      notify("The mock was reset.");
      changed();
    },
  );
  // A part that is chosen means that only parts are to be reset.
  parts.addEventListener("change", () => {
    form.elements.what.value = boxes.some(({ checked }) => checked) ? "parts" : "all";
  });
  byId("reset").addEventListener("click", () => open());
}

function bodyOf(form, boxes) {
  if (form.elements.what.value === "all") return {};
  const only = boxes.filter(({ checked }) => checked).map(({ value }) => value);
  if (only.length === 0) throw new Error("Choose at least one part.");
  return { only };
}
