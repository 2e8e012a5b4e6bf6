// One call in the list of requests: a line, and the details of its attempts when it is opened.

import { get } from "./api.js";
import { bodyOf } from "./body.js";
import { el, fill } from "./dom.js";
import { facts } from "./facts.js";
import { dateTime, size, timeOfDay } from "./format.js";

/** Returns the element of a call. */
export function callRow({ number, attempts }) {
  const last = attempts.at(-1);
  const inside = el("div", {});
  const row = el(
    "details",
    { class: "call", "data-call": number },
    el(
      "summary",
      {},
      el("span", { class: "number" }, String(number)),
      el("time", { class: "time", datetime: last.time, title: dateTime(last.time) }, timeOfDay(last.time)),
      el("span", { class: "operation" }, last.operation ?? `${last.method} ${last.path}`),
      el("span", { class: "vault" }, last.vault),
      el(
        "span",
        { class: "end" },
        attempts.length > 1 && el("span", { class: "chip", "data-kind": "warn" }, `${attempts.length} attempts`),
        statusChip(last),
      ),
      why(last),
    ),
    inside,
  );
  row.addEventListener("toggle", () => fill(inside, row.open ? attempts.map(attemptOf) : []));
  return row;
}

/** How the end of a request without a response is called. */
const ENDS = { not_answered: "no response", client_went_away: "client went away" };

function statusChip({ status, state }) {
  if (state === "in_flight") return el("span", { class: "chip", "data-kind": "info" }, "in flight");
  if (ENDS[state]) return el("span", { class: "chip", "data-kind": "bad" }, ENDS[state]);
  return el("span", { class: "chip", "data-kind": status >= 400 ? "bad" : "good" }, String(status));
}

/** Returns the line that says why a request failed, or which fault applied. An explanation says more than a message. */
function why({ error, message, explanation, fault }) {
  if (!error && !fault) return null;
  return el(
    "span",
    { class: "why" },
    error && el("strong", {}, error),
    (explanation ?? message) && ` ${explanation ?? message}`,
    fault && el("span", { class: "because" }, `${error ? " " : ""}Fault: ${fault}`),
  );
}

const muted = (tag, text) => el(tag, { class: "muted" }, text);

/** Returns the details of an attempt, which are asked for at once. */
function attemptOf(request, at, { length }) {
  const place = el("div", {}, muted("p", "Loading…"));
  load(request.number, place);
  return el(
    "section",
    { class: "attempt" },
    length > 1 && el("h3", {}, `Attempt ${at + 1}`, statusChip(request), muted("span", `request ${request.number}`)),
    place,
  );
}

async function load(number, place) {
  try {
    fill(place, details(await get(["requests", String(number)])));
  } catch (error) {
    fill(place, muted("p", error.status === 404 ? "The record has dropped this request." : error.message));
  }
}

function details(request) {
  const { number, error, message, explanation, fault, interruption, method, path, query, headers } = request;
  const { body, unfinished_body } = request;
  return [
    (message || explanation) &&
      el(
        "p",
        { class: "explanation" },
        el("strong", {}, error ?? "Refused"),
        message && ` ${message}`,
        explanation && `\n${explanation}`,
      ),
    facts([
      ["Request", `${method} ${path}${query ? `?${query}` : ""}`, "mono"],
      ["Fault", fault],
      ["Interrupted", interruption],
      ["Principal", request.principal, "mono"],
      ["Access key", request.access_key, "mono"],
      ["Account", `${request.path_account} in ${request.region}`],
      ["Archive", request.archive, "id"],
      ["Job", request.job, "id"],
      ["Upload", request.upload, "id"],
      ["Lock", request.lock, "id"],
      ["Arrived", `${dateTime(request.time)} UTC on the mock's clock`],
      ["Wall clock", `${dateTime(request.wall_time)} UTC`],
      ["Duration", request.duration],
      ["Request ID", request.request_id, "id"],
    ]),
    part("headers", "Headers", () => headerTable(Object.entries(headers))),
    body?.length > 0 && body.dropped === 0 && part("body", `Body, ${size(body.length)}`, () => bodyOf(number)),
    body?.dropped > 0 && muted("p", `The record did not keep the body, which had ${size(body.length)}.`),
    unfinished_body && muted("p", `The body is not complete: ${unfinished_body}.`),
  ];
}

/** A part of the details that is made when it is opened. */
function part(name, title, make) {
  const inside = el("div", {});
  const box = el("details", { class: "part", "data-part": name }, el("summary", {}, title), inside);
  box.addEventListener("toggle", async () => {
    if (!box.open || inside.hasChildNodes()) return;
    try {
      fill(inside, await make());
    } catch (error) {
      fill(inside, muted("p", error.message));
    }
  });
  return box;
}

function headerTable(headers) {
  const line = ([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "mono" }, value));
  return el("table", {}, el("tbody", {}, headers.map(line)));
}
