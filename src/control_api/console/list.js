// Shows a list of items, and changes only the elements of those that have changed.

/** What each list shows: the text of each item and its element, by key. */
const shown = new WeakMap();

/**
 * Shows one element for each item, in their order. An element is drawn again only if its item has changed. It keeps the
 * focus and the open parts (`details` with `data-part`) of the element that it replaces. The focus of an element that
 * goes away moves to the next one.
 */
export function showList(list, items, key, draw) {
  const before = shown.get(list) ?? new Map();
  const after = new Map();
  const keys = new Set(items.map(key));
  for (const [id, { element }] of before) if (!keys.has(id)) remove(element, list);
  let next = list.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const text = JSON.stringify(item);
    const old = before.get(id);
    let element = old?.element;
    if (!element) {
      element = draw(item);
    } else if (old.text !== text) {
      element = draw(item);
      if (next === old.element) next = element;
      replace(old.element, element);
    }
    after.set(id, { text, element });
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
  shown.set(list, after);
}

/** Replaces an element by a newer one of the same item. */
function replace(old, element) {
  for (const part of old.querySelectorAll("details[open][data-part]")) {
    const same = element.querySelector(`details[data-part="${CSS.escape(part.dataset.part)}"]`);
    if (same) same.open = true;
  }
  const isOpen = old.tagName === "DETAILS" && old.open;
  if (isOpen) element.open = true;
  const focused = old.contains(document.activeElement) ? document.activeElement : undefined;
  const name = focused?.dataset.focus;
  old.replaceWith(element);
  if (focused) focusIn(element, name);
}

function remove(element, list) {
  const hadFocus = element.contains(document.activeElement);
  const near = element.nextElementSibling ?? element.previousElementSibling;
  element.remove();
  if (hadFocus && !(near && focusIn(near))) list.closest("section")?.querySelector("h2")?.focus();
}

/** Moves the focus to the control with this name, or else to the first one, and returns whether there is one. */
function focusIn(element, name = "") {
  const same = element.querySelector(`[data-focus="${CSS.escape(name)}"]:not(:disabled)`);
  const control = same ?? element.querySelector("summary, button:not(:disabled), a[href], input");
  control?.focus();
  return Boolean(control);
}
