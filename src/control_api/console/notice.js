// Tells the user what happened: a message at the top of the page, and text for screen readers.

import { byId, el, fill } from "./dom.js";

/** Shows a message until the user dismisses it or the next one comes. */
export function notify(message, kind = "done") {
  const close = el("button", { type: "button", class: "quiet", onclick: dismiss }, "Dismiss");
  const notice = byId("notice");
  notice.dataset.kind = kind;
  fill(notice, el("p", {}, message), close);
  notice.hidden = false;
}

/** Hides the message. */
export function dismiss() {
  const notice = byId("notice");
  const hadFocus = notice.contains(document.activeElement);
  notice.hidden = true;
  fill(notice);
  if (hadFocus) byId("title").focus();
}

/** Runs an action of a control. Its error is shown as a message. Returns whether the action succeeded. */
export async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    notify(error.message, "failed");
    return false;
  }
}

/** Shows the error of a form inside it. Without an error it shows nothing. */
export function showError(form, message = "") {
  const place = form.querySelector(".form-error");
  place.textContent = message;
  place.hidden = message === "";
}
