// The dialog that sets a fault.

import { send } from "./api.js";
import { dialog } from "./dialog.js";
import { byId, el, fill } from "./dom.js";
import { EFFECTS } from "./effects.js";
import { OPERATIONS } from "./names.js";

/** The conditions of a fault: the label, the place of its value in the request, and how the value is read. */
const CONDITIONS = [
  { label: "Vault", path: ["match", "vault"] },
  { label: "Archive ID", path: ["match", "archive"] },
  { label: "Job ID", path: ["match", "job"] },
  { label: "Upload ID", path: ["match", "upload"] },
  { label: "Account", path: ["match", "account"], hint: "12 digits" },
  { label: "Region", path: ["match", "region"] },
  { label: "Principal", path: ["match", "principal"], hint: "an ARN" },
  { label: "Header", path: ["match", "header"], hint: "name: value", read: header },
  { label: "Range", path: ["match", "range"], hint: "first-last, in bytes", read: range },
  { label: "Only call number", path: ["nth_call"], type: "number", read: Number },
  { label: "Only attempt number", path: ["nth_attempt"], type: "number", read: Number },
  { label: "After operation", path: ["after"], options: OPERATIONS },
  { label: "Not before", path: ["since"], hint: "2026-01-31T00:00:00Z" },
  { label: "Until", path: ["before"], hint: "2026-01-31T00:00:00Z" },
  { label: "Wait first", path: ["delay"], hint: "such as 2s" },
];

function header(text) {
  const at = text.indexOf(":");
  if (at < 1) throw new Error("Write the header as its name, a colon and its value.");
  return { [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
}

function range(text) {
  const found = /^(\d+)-(\d*)$/.exec(text);
  if (!found) throw new Error("Write the range as its first byte, a hyphen and its last byte, if it has one.");
  return [Number(found[1]), found[2] === "" ? null : Number(found[2])];
}

/** Connects the dialog. `changed` is called after a fault was set. Returns the function that opens it. */
export function faultDialog(changed) {
  fill(
    byId("fault-effect"),
    EFFECTS.map(({ name, label }) => el("option", { value: name }, label)),
  );
  byId("fault-operation").append(...OPERATIONS.map((name) => el("option", {}, name)));
  fill(
    byId("fault-matches"),
    CONDITIONS.flatMap((condition, at) => field(`fault-match-${at}`, condition)),
  );
  byId("fault-effect").addEventListener("change", showValues);
  byId("fault-always").addEventListener("change", showTimes);
  return dialog("fault-dialog", prepare, async () => {
    await send("POST", ["faults"], read());
    changed();
  });
}

function prepare() {
  byId("fault-form").reset();
  byId("fault-conditions").open = false;
  showValues();
}

const effect = () => EFFECTS.find(({ name }) => name === byId("fault-effect").value);

function showValues() {
  const { name, values } = effect();
  fill(
    byId("fault-values"),
    values.flatMap((value, at) => field(`fault-value-${at}`, value)),
  );
  // A rate applies to all requests.
  byId("fault-always").checked = name === "throttled_beyond";
  showTimes();
}

function showTimes() {
  byId("fault-times").disabled = byId("fault-always").checked;
}

/** Returns a label and its control. */
function field(id, { label, type = "text", min, initial = "", hint, options }) {
  const control = options
    ? el(
        "select",
        { id },
        (initial === "" ? ["", ...options] : options).map((name) => el("option", {}, name)),
      )
    : el("input", { id, type, min, placeholder: hint, autocomplete: "off", spellcheck: "false" });
  control.value = initial;
  return [el("label", { for: id }, label), control];
}

/** Returns the JSON of the fault. */
function read() {
  const { values, effect: make } = effect();
  const given = values.map((value, at) => valueOf(byId(`fault-value-${at}`), value));
  const fault = { effect: make(...given) };
  if (byId("fault-operation").value) fault.operation = byId("fault-operation").value;
  const times = { label: "Times", type: "number" };
  fault.times = byId("fault-always").checked ? "always" : valueOf(byId("fault-times"), times);
  CONDITIONS.forEach(({ path, read = String }, at) => {
    const text = byId(`fault-match-${at}`).value.trim();
    if (text !== "") put(fault, path, read(text));
  });
  return fault;
}

function valueOf(control, { label, type, optional }) {
  const text = control.value.trim();
  if (text === "" && !optional) throw new Error(`${label} is missing.`);
  return type === "number" ? Number(text) : text;
}

function put(object, path, value) {
  const [name, ...rest] = path;
  if (rest.length === 0) object[name] = value;
  else put((object[name] ??= {}), rest, value);
}
