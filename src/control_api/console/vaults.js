// The vaults, and what is in each one that is open.

import { get } from "./api.js";
import { byId, el } from "./dom.js";
import { count, size } from "./format.js";
import { showList } from "./list.js";
import { insideOf } from "./vault-inside.js";

const ARCHIVES_OF_PAGE = 50;

/** How many archives of each open vault are shown. */
const open = new Map();

const keyOf = ({ account, region, name }) => `${account} ${region} ${name}`;

/** Connects the view. `changed` is called when it needs more. Returns the function that refreshes the list. */
export function startVaults(changed) {
  return async function refresh() {
    const { vaults } = await get(["vaults"]);
    const places = new Set(vaults.map(({ account, region }) => `${account} ${region}`));
    const items = await Promise.all(vaults.map((vault) => withContents(vault, places.size > 1)));
    showList(
      byId("vaults-list"),
      items,
      ({ vault }) => keyOf(vault),
      (item) => card(item, changed),
    );
    byId("vaults-count").textContent = vaults.length === 0 ? "" : count(vaults.length, "vault");
    byId("vaults-empty").hidden = vaults.length > 0;
  };
}

/** Returns a vault, with its contents if it is open. */
async function withContents(vault, showsPlace) {
  const limit = open.get(keyOf(vault));
  if (limit === undefined) return { vault, showsPlace };
  const { account, region, name } = vault;
  // The vault may have been deleted since it was listed.
  const contents = await get(["vaults", name], { account, region, limit }).catch(() => undefined);
  return { vault, showsPlace, contents };
}

function card({ vault, showsPlace, contents }, changed) {
  const { name, account, region, archive_count, size: bytes, upload_count } = vault;
  const key = keyOf(vault);
  const more = () => {
    open.set(key, open.get(key) + ARCHIVES_OF_PAGE);
    changed();
  };
  const box = el(
    "details",
    { class: "card vault", "data-vault": name },
    el(
      "summary",
      { "data-focus": "vault" },
      el("h3", {}, name),
      showsPlace && el("span", { class: "muted" }, `${account} in ${region}`),
      el("span", { class: "push muted" }, sizes(archive_count, bytes, upload_count)),
    ),
    contents && el("div", { class: "inside" }, insideOf(contents, more)),
  );
  box.addEventListener("toggle", () => {
    if (box.open === open.has(key)) return;
    if (box.open) open.set(key, ARCHIVES_OF_PAGE);
    else open.delete(key);
    changed();
  });
  return box;
}

function sizes(archives, bytes, uploads) {
  const parts = [archives === 0 ? "empty" : `${count(archives, "archive")}, ${size(bytes)}`];
  if (uploads > 0) parts.push(count(uploads, "upload"));
  return parts.join(", ");
}
