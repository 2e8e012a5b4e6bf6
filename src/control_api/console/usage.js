// What AWS would charge for so far, and what was left open.

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { facts } from "./facts.js";
import { dateTime, size, words } from "./format.js";
import { showList } from "./list.js";

/** Returns the function that refreshes the view. */
export function startUsage() {
  return async function refresh() {
    const [usage, { leftovers }] = await Promise.all([get(["usage"]), get(["leftovers"])]);
    showList(byId("usage-table"), linesOf(usage), ([name]) => name, line);
    showList(byId("leftovers-list"), leftovers, (leftover) => JSON.stringify(leftover), leftoverOf);
    byId("leftovers-empty").hidden = leftovers.length > 0;
  };
}

function linesOf(usage) {
  const tiers = Object.keys(usage.retrieval_requests);
  const number = (value) => value.toLocaleString("en");
  return [
    ["Upload requests", number(usage.upload_requests)],
    ["Free requests", number(usage.free_requests)],
    ...tiers.map((tier) => [
      `${tier} retrievals`,
      `${number(usage.retrieval_requests[tier])}, ${size(usage.retrieved_bytes[tier])}`,
    ]),
    ["Downloaded", size(usage.downloaded_bytes)],
    ["Stored", `${number(usage.stored_byte_hours)} byte-hours`],
    ["Deleted early", `${number(usage.early_deletions.length)}, ${size(usage.early_deleted_bytes)}`],
    ["Provisioned capacity", `${number(usage.capacity_units)} units`],
  ];
}

const line = ([name, value]) => el("tr", {}, el("th", { scope: "row" }, name), el("td", { class: "amount" }, value));

function leftoverOf({ kind, vault, since, upload, job, lock, archive, original, expired, arrived, total }) {
  return el(
    "li",
    {},
    el("strong", {}, words(kind)),
    expired && [" ", el("span", { class: "chip", "data-kind": "warn" }, "expired")],
    facts([
      ["Vault", vault],
      ["ID", upload ?? job ?? lock ?? archive, "id"],
      ["Same bytes as", original, "id"],
      ["Downloaded", total !== undefined && `${size(arrived)} of ${size(total)}`],
      ["Since", dateTime(since)],
    ]),
  );
}
