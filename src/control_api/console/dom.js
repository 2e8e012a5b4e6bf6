// Builds elements. Every text becomes a text node, so a name may contain any characters.

/**
 * Returns a new element. A property whose name begins with "on" is a listener, `class`, `hidden`, `disabled` and so on
 * are attributes; `true` sets an attribute without a value, and `null`, `undefined` or `false` leaves it out.
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...present(children));
  return element;
}

/** Returns the element of the page with this ID. */
export const byId = (id) => document.getElementById(id);

/** Replaces the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...present(children));
}

const present = (children) =>
  children.flat().filter((child) => child !== null && child !== undefined && child !== false);
