// What is in a vault: archives, uploads, jobs, tags, lock, policies and notifications.

import { el } from "./dom.js";
import { facts } from "./facts.js";
import { count, dateTime, size, words } from "./format.js";

/** Returns the elements of the contents. `more` is called for more archives. */
export function insideOf(vault, more) {
  const { archives, archive_count, uploads, jobs, tags, lock, access_policy, notifications } = vault;
  const hidden = archive_count - archives.length;
  return [
    facts([
      ["ARN", vault.arn],
      ["Created", dateTime(vault.creation_date)],
      ["Inventory", vault.inventory_date ? dateTime(vault.inventory_date) : "none yet"],
    ]),
    archives.length > 0 && [
      el("h4", {}, "Archives"),
      table(["Archive", "Created", "Size"], archives.map(archiveLine)),
      hidden > 0 &&
        el(
          "button",
          { type: "button", class: "small more", "data-focus": "more", onclick: more },
          `Show more, ${count(hidden, "archive")} not shown`,
        ),
    ],
    uploads.length > 0 && [el("h4", {}, "Multipart uploads"), uploads.map(uploadOf)],
    jobs.length > 0 && [
      el("h4", {}, "Jobs"),
      el("p", {}, jobsOf(jobs), " ", el("a", { href: "#jobs" }, "Show the jobs")),
    ],
    Object.keys(tags).length > 0 && [el("h4", {}, "Tags"), el("ul", { class: "tags" }, Object.entries(tags).map(tag))],
    lock && [
      el("h4", {}, "Vault lock"),
      el(
        "p",
        {},
        el("span", { class: "chip", "data-kind": lock.state === "Locked" ? "bad" : "warn" }, words(lock.state)),
        lock.expiration_date && ` expires ${dateTime(lock.expiration_date)}`,
      ),
      documentOf("lock", "Lock policy", lock.policy),
    ],
    access_policy && [el("h4", {}, "Access policy"), documentOf("access", "Policy", access_policy)],
    notifications && [
      el("h4", {}, "Notifications"),
      facts([
        ["Topic", notifications.topic],
        ["Events", notifications.events.join(", ")],
      ]),
    ],
  ].flat(2);
}

const tag = ([key, value]) => el("li", {}, value ? `${key} = ${value}` : key);

function archiveLine({ archive_id, description, size: bytes, tree_hash, creation_date }) {
  return [
    el(
      "td",
      {},
      description && el("div", {}, description),
      el("span", { class: "id", title: `${archive_id}, tree hash ${tree_hash}` }, archive_id),
    ),
    el("td", {}, dateTime(creation_date)),
    el("td", { class: "amount" }, size(bytes)),
  ];
}

function table(titles, lines) {
  const head = titles.map((title, at) => el("th", { scope: "col", class: at === 2 ? "amount" : null }, title));
  return el(
    "table",
    { class: "fixed" },
    el("thead", {}, el("tr", {}, head)),
    el(
      "tbody",
      {},
      lines.map((line) => el("tr", {}, line)),
    ),
  );
}

function uploadOf({ upload_id, description, part_size, creation_date, parts }) {
  const ranges = parts.map(({ range: [first, last] }) => `${first}-${last}`).join(", ");
  return facts([
    ["Upload", upload_id, "id"],
    ["Description", description],
    ["Started", `${dateTime(creation_date)}, parts of ${size(part_size)}`],
    ["Parts", parts.length === 0 ? "none yet" : `${parts.length}: ${ranges}`],
  ]);
}

function jobsOf(jobs) {
  const open = jobs.filter(({ job }) => !job.Completed).length;
  return `${count(jobs.length, "job")}, ${open} in progress.`;
}

/** A policy. One that cannot be read as JSON is a text. */
function documentOf(part, title, policy) {
  const text = typeof policy === "string" ? policy : JSON.stringify(policy, null, 2);
  const inside = el("pre", { tabindex: "0" }, text);
  return el("details", { class: "part", "data-part": part }, el("summary", {}, title), inside);
}
