// Forms in dialogs.

import { byId } from "./dom.js";
import { showError } from "./notice.js";

/**
 * Connects a dialog. `submit` sends what the form says. If that fails, the form shows the error and the dialog stays
 * open. Returns the function that opens the dialog; its argument is passed to `prepare` and `submit`.
 */
export function dialog(id, prepare, submit) {
  const box = byId(id);
  const form = box.querySelector("form");
  let subject;
  for (const close of form.querySelectorAll("[data-close]")) close.addEventListener("click", () => box.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    try {
      await submit(subject);
      box.close();
    } catch (error) {
      showError(form, error.message);
    } finally {
      button.disabled = false;
    }
  });
  return (given) => {
    subject = given;
    showError(form);
    prepare(given);
    box.showModal();
  };
}
