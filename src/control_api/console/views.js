// Which view is shown. Its name is in the fragment of the address, so that a link, Back and Reload keep it.

import { byId } from "./dom.js";

const wide = matchMedia("(min-width: 1100px)");
const links = [...document.querySelectorAll(".views a")];
const names = links.map(({ dataset }) => dataset.view);

/** Returns the name of the view that is shown beside or instead of the requests. */
export function currentView() {
  const asked = location.hash.slice(1);
  if (names.includes(asked) && !(wide.matches && asked === "requests")) return asked;
  return wide.matches ? "vaults" : "requests";
}

/** Shows the view that the address names. `changed` is called when another one is shown. */
export function startViews(changed) {
  const show = () => {
    const current = currentView();
    for (const link of links) {
      if (link.dataset.view === current) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    for (const name of names) byId(name).classList.toggle("current", name === current);
    changed();
  };
  addEventListener("hashchange", () => {
    show();
    const asked = location.hash.slice(1);
    byId(`${names.includes(asked) ? asked : currentView()}-title`).focus();
  });
  wide.addEventListener("change", show);
  show();
}
