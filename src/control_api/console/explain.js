// Whether the policies of a vault would allow a request, and why.

import { get, send } from "./api.js";
import { byId, el, fill } from "./dom.js";
import { OPERATIONS } from "./names.js";
import { showError } from "./notice.js";

/** Connects the form. Returns the function that refreshes its suggestions. */
export function startExplain() {
  fill(
    byId("explain-operation"),
    OPERATIONS.map((name) => el("option", {}, name)),
  );
  byId("explain-operation").value = "UploadArchive";
  const form = byId("explain");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    byId("explained").hidden = true;
    try {
      const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim() !== ""));
      show(await send("POST", ["explain"], given));
      showError(form);
    } catch (error) {
      showError(form, error.message);
    }
  });
  return suggest;
}

function show({ allowed, because }) {
  const answer = byId("explained");
  answer.dataset.kind = allowed ? "good" : "bad";
  fill(answer, el("strong", {}, allowed ? "Yes, it is allowed." : "No, it is denied."), el("p", {}, because));
  answer.hidden = false;
}

async function suggest() {
  const [{ vaults }, { principals }] = await Promise.all([get(["vaults"]), get(["principals"])]);
  suggestions(
    byId("vault-names"),
    vaults.map(({ name }) => name),
  );
  suggestions(
    byId("principal-arns"),
    principals.map(({ arn }) => arn),
  );
}

/** A list that is open would close if it were filled again. */
function suggestions(list, values) {
  const known = [...list.options].map(({ value }) => value);
  if (known.join("\n") !== values.join("\n"))
    fill(
      list,
      values.map((value) => el("option", { value })),
    );
}
