// The list of requests as the record grows. At most one page of calls is in the document.

import { remove } from "./api.js";
import { byId } from "./dom.js";
import { follow } from "./follow.js";
import { count } from "./format.js";
import { showList } from "./list.js";
import { attempt } from "./notice.js";
import { Record } from "./record.js";
import { soon } from "./refresh.js";
import { callRow } from "./request-row.js";

const CALLS_OF_PAGE = 100;
const ANNOUNCE_MS = 1000;
const DRAW_MS = 100;

const record = new Record();

/** The number of the first call of each older page on the way to the current one. On the newest page it is empty. */
let pages = [];
let unannounced = [];

/**
 * Connects the list to the record. `changed` is called after a request has ended. Returns the function that looks for
 * changes that the stream of requests does not report.
 */
export function startRequests(changed) {
  byId("requests-text").addEventListener("input", toNewest);
  byId("requests-failed").addEventListener("change", toNewest);
  byId("requests-filter").addEventListener("submit", (event) => event.preventDefault());
  byId("requests-newer").addEventListener("click", () => turn(() => pages.pop()));
  byId("requests-older").addEventListener("click", () => turn(() => pages.push(older)));
  setInterval(announce, ANNOUNCE_MS);
  const check = follow(
    record,
    (request) => {
      unannounced.push(request);
      drawSoon();
      changed();
    },
    drawSoon,
  );
  byId("requests-clear").addEventListener("click", () => attempt(() => remove(["requests"]).then(check)));
  return check;
}

function toNewest() {
  pages = [];
  draw();
}

function turn(move) {
  move();
  draw();
  byId("requests-title").focus();
  byId("requests-list").scrollTop = 0;
}

const drawSoon = soon(draw, DRAW_MS);

/** The number of the first call of the next older page. */
let older = null;

function draw() {
  const found = record.find(byId("requests-text").value, byId("requests-failed").checked);
  const top = pages.at(-1);
  const from =
    top === undefined
      ? 0
      : Math.max(
          found.findIndex(({ number }) => number <= top),
          0,
        );
  const calls = found.slice(from, from + CALLS_OF_PAGE);
  older = found[from + CALLS_OF_PAGE]?.number ?? null;
  showList(byId("requests-list"), calls, ({ number }) => number, callRow);
  byId("requests-count").textContent = record.size === 0 ? "" : count(record.size, "request");
  byId("requests-clear").hidden = record.size === 0;
  byId("requests-empty").textContent = record.size === 0 ? "No requests yet." : "No request matches the filter.";
  byId("requests-empty").hidden = calls.length > 0;
  byId("requests-pages").hidden = found.length <= CALLS_OF_PAGE;
  byId("requests-newer").disabled = pages.length === 0;
  byId("requests-older").disabled = older === null;
  byId("requests-page").textContent =
    `${from + 1} to ${from + calls.length} of ${count(found.length, "call")}, newest first`;
}

/** Tells a screen reader about new requests, at most once a second. */
function announce() {
  if (unannounced.length === 0) return;
  const { operation, method, vault, status, error } = unannounced.at(-1);
  const last = [operation ?? method, vault, error ?? status ?? "no response"].filter(Boolean).join(", ");
  const news = unannounced.length === 1 ? "New request" : `${unannounced.length} new requests, the last`;
  byId("announcer").textContent = `${news}: ${last}`;
  unannounced = [];
}
