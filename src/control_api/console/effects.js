// The effects that a fault can have, under the names of the control API, and the values that each one needs.

import { ERRORS } from "./names.js";

const number = (label, initial, min = 0) => ({ label, type: "number", min, initial });
const duration = (label, initial) => ({ label, type: "text", initial, hint: "such as 500ms, 2s or 4h" });
const text = (label, initial, optional = false) => ({ label, type: "text", initial, optional });

const word = (name, label) => ({ name, label, values: [], effect: () => name });
const one = (name, label, value) => ({ name, label, values: [value], effect: (given) => ({ [name]: given }) });

/** Each effect: its name, what it does, its values, and the function that makes the JSON of the effect from them. */
export const EFFECTS = [
  one("error", "answer with an error", { label: "Error", options: ERRORS, initial: "ThrottlingException" }),
  {
    name: "answer",
    label: "answer with another response",
    values: [number("Status", 502, 100), text("Content type", "text/html"), text("Body", "<h1>Bad Gateway</h1>", true)],
    effect: (status, content_type, body) => ({ answer: { status, content_type, body } }),
  },
  word("never_answers", "never answer"),
  word("resets", "reset the connection before the request is applied"),
  one("resets_after", "reset the connection after some bytes of the body", number("Bytes", 1024)),
  one("delayed", "delay the request", duration("Delay", "2s")),
  {
    name: "throttled_beyond",
    label: "throttle requests beyond a rate",
    values: [number("Burst", 5, 1), duration("One more request each", "1s")],
    effect: (burst, refill) => ({ throttled_beyond: { burst, refill } }),
  },
  word("loses_answer", "apply the request and send no response"),
  word("reset_after_commit", "apply the request, then reset the connection"),
  one("answer_delayed", "apply the request and delay the response", duration("Delay", "2s")),
  one("cut_body_after", "close the connection after some bytes of the response body", number("Bytes", 100)),
  one("stalls_after", "stall after some bytes of the response body", number("Bytes", 100)),
  one("dribbles", "send the response body slowly", number("Bytes per second", 1024, 1)),
  one("flips_byte", "change one byte of the response body", number("Position of the byte", 0)),
  word("wrong_checksum", "send a wrong checksum"),
  {
    name: "sets_header",
    label: "set a header of the response",
    values: [text("Name", "x-example"), text("Value", "1")],
    effect: (name, value) => ({ sets_header: { [name]: value } }),
  },
  one("drops_header", "leave out a header of the response", text("Name", "x-amz-sha256-tree-hash")),
  word("malformed_json", "send malformed JSON"),
  one("truncated_json_after", "cut the JSON of the response", number("After bytes", 10)),
  one("wrong_content_length", "send a wrong Content-Length", number("Content-Length", 10)),
];

/** Returns an effect as a sentence without its subject, such as "answer with an error: ThrottlingException". */
export function describe(effect) {
  const [name, value] = typeof effect === "string" ? [effect] : Object.entries(effect)[0];
  const label = EFFECTS.find((known) => known.name === name)?.label ?? name;
  if (value === undefined) return label;
  if (typeof value !== "object") return `${label}: ${value}`;
  const members = Object.entries(value).filter(([, member]) => member !== "");
  return `${label}: ${members.map(([key, member]) => `${key.replaceAll("_", " ")} ${member}`).join(", ")}`;
}
