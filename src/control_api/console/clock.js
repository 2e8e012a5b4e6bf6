// The clock: its time, the buttons that move it, and what happened on the way.

import { get, send } from "./api.js";
import { byId, el, fill } from "./dom.js";
import { count, dateTime, timeOfDay, words } from "./format.js";
import { attempt } from "./notice.js";

/** Connects the controls. `changed` is called after the clock was moved. */
export function startClock(changed) {
  byId("advance").addEventListener("submit", (event) => {
    event.preventDefault();
    move(["clock", "advance"], { by: byId("advance-by").value.trim() }, changed);
  });
  byId("next-event").addEventListener("click", () => move(["clock", "next_event"], {}, changed));
  byId("happened-close").addEventListener("click", () => {
    byId("happened").hidden = true;
    byId("advance-by").focus();
  });
}

/** Shows the time, and whether the program answers. */
export async function refreshClock() {
  const state = byId("connection");
  try {
    const { now, version } = await get(["health"]);
    byId("version").textContent = version;
    showNow(now);
    setState(state, "Connected", "good");
  } catch {
    setState(state, "Disconnected", "bad");
  }
}

/** Changes the text only if it differs, because a screen reader announces each change. */
function setState(state, text, kind) {
  if (state.textContent !== text) state.textContent = text;
  state.dataset.kind = kind;
}

function showNow(now) {
  const time = byId("now");
  time.dateTime = now;
  time.textContent = dateTime(`${now.slice(0, 19)}Z`);
}

function move(path, body, changed) {
  return attempt(async () => {
    const { now, events } = await send("POST", path, body);
    showNow(now);
    showEvents(now, events);
    changed();
  });
}

/** An advance by a month can cause thousands of events. */
const MAX_EVENTS = 100;

function showEvents(now, events) {
  const happened = events.length === 0 ? "nothing happened" : count(events.length, "event");
  byId("happened-title").textContent = `The clock is at ${dateTime(now)}: ${happened}`;
  const more = events.length - MAX_EVENTS;
  fill(
    byId("happened-list"),
    events.slice(0, MAX_EVENTS).map(line),
    more > 0 && el("li", {}, `and ${count(more, "event")} more`),
  );
  byId("happened").hidden = false;
}

function line({ type, at, vault, job, status, lock, upload, capacity }) {
  const id = job ?? lock ?? upload ?? capacity;
  return el(
    "li",
    {},
    el("time", { datetime: at, title: dateTime(at) }, `${at.slice(5, 10)} ${timeOfDay(at)}`),
    el("strong", {}, words(type)),
    status && el("span", { class: "chip", "data-kind": status === "Succeeded" ? "good" : "bad" }, status),
    vault && el("span", {}, vault),
    id && el("span", { class: "id" }, id),
  );
}
