// The body of a request: as text, or as the hexadecimal bytes of one that is not text.

import { bytes, url } from "./api.js";
import { el } from "./dom.js";
import { pretty, size } from "./format.js";

/** The most bytes that are shown. A link downloads all of them. */
const MAX_TEXT = 64 * 1024;
const MAX_HEX = 512;

/** Returns the elements that show the body of a request. */
export async function bodyOf(number) {
  const path = ["requests", String(number), "body"];
  const body = await bytes(path);
  const text = textOf(body);
  const limit = text === null ? MAX_HEX : MAX_TEXT;
  const part = body.length > limit ? ` The first ${size(limit)} are shown.` : "";
  const link = el("a", { href: url(path), download: `request-${number}` }, "Download");
  return [
    el("p", { class: "muted" }, link, part),
    el("pre", { tabindex: "0" }, text === null ? hexOf(body.subarray(0, MAX_HEX)) : whole(text, body.length)),
  ];
}

const whole = (text, length) => (length <= MAX_TEXT ? pretty(text) : text);

/** Returns the beginning of the body as text, or `null` if it is not UTF-8 or has control characters. */
function textOf(body) {
  // A cut can split a character: decoding as a stream leaves its bytes out.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const text = decoder.decode(body.subarray(0, MAX_TEXT), { stream: body.length > MAX_TEXT });
    return /[\u0000-\u0008\u000e-\u001f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

function hexOf(body) {
  const lines = [];
  for (let at = 0; at < body.length; at += 16) {
    const line = [...body.subarray(at, at + 16)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = line.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join("\n");
}
