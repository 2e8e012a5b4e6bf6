// The dialog that saves the state of the mock to a file, and loads one.

import { download, upload } from "./api.js";
import { dialog } from "./dialog.js";
import { byId, el } from "./dom.js";
import { notify, showError } from "./notice.js";

const NAME = "state.glacier";

/** How long the bytes stay available to the browser, which may begin to read them late on a busy machine. */
const KEPT_MS = 60_000;

/** Connects the buttons. `changed` is called after another state was loaded. */
export function startState(changed) {
  const form = byId("state-form");
  const file = byId("state-file");
  const open = dialog(
    "state-dialog",
    () => form.reset(),
    async () => {
      const [chosen] = file.files;
      if (!chosen) throw new Error("Choose a file.");
      await upload(["state"], chosen);
      notify(`The state of ${chosen.name} was loaded.`);
      changed();
    },
  );
  byId("state").addEventListener("click", () => open());
  const save = byId("state-save");
  save.addEventListener("click", async () => {
    showError(form);
    save.disabled = true;
    try {
      offer(await download(["state"]));
      byId("state-dialog").close();
      notify(`The state was saved as ${NAME}.`);
    } catch (error) {
      showError(form, error.message);
    } finally {
      save.disabled = false;
    }
  });
}

/** Makes the browser save a file. */
function offer(file) {
  const address = URL.createObjectURL(file);
  el("a", { href: address, download: NAME }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
