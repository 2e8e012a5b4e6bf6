// What the console knows of the record: the requests, folded into calls.

/** The most calls that are kept. The oldest are dropped. */
const MAX_CALLS = 20_000;

/** The members of a request that a row of the list needs. The others are asked for when a row is opened. */
const MEMBERS = [
  "number",
  "operation",
  "method",
  "path",
  "vault",
  "account",
  "region",
  "principal",
  "time",
  "invocation_id",
  "state",
  "status",
  "error",
  "message",
  "explanation",
  "fault",
];

/** The requests of the record. The attempts of one call of an SDK have the same invocation ID. */
export class Record {
  #calls = [];
  #byInvocation = new Map();
  #byNumber = new Map();
  #complete = 0;

  /** Returns the number of requests. */
  get size() {
    return this.#byNumber.size;
  }

  /** Returns the largest number up to which all requests that are on the record are known. */
  get complete() {
    while (this.#byNumber.has(this.#complete + 1)) this.#complete += 1;
    return this.#complete;
  }

  clear() {
    this.#calls = [];
    this.#byInvocation.clear();
    this.#byNumber.clear();
    this.#complete = 0;
  }

  /** Drops the requests before this number, which the mock has dropped. */
  dropBefore(number) {
    const kept = [...this.#byNumber.keys()].filter((known) => known >= number);
    if (kept.length === this.size) return;
    const requests = kept.map((n) => this.#byNumber.get(n).attempts.find(({ number }) => number === n));
    const complete = Math.max(this.complete, number - 1);
    this.clear();
    for (const request of requests) this.put(request);
    this.#complete = complete;
  }

  /** Notes that no request before this number is missing. */
  isCompleteBefore(number) {
    this.#complete = Math.max(this.#complete, number - 1);
  }

  /**
   * Adds a request, or replaces what was known of it. An answer that was sent while the request was in flight may arrive
   * after the stream has reported its end, and is then ignored.
   */
  put(form) {
    const request = Object.fromEntries(MEMBERS.filter((name) => form[name] != null).map((name) => [name, form[name]]));
    const { number, invocation_id: invocation } = request;
    const call = this.#byNumber.get(number) ?? this.#byInvocation.get(invocation) ?? this.#begin(number);
    const at = call.attempts.findIndex((attempt) => attempt.number >= number);
    if (at >= 0 && call.attempts[at].number === number && request.state === "in_flight") return;
    if (at < 0) call.attempts.push(request);
    else call.attempts.splice(at, call.attempts[at].number === number ? 1 : 0, request);
    call.text = textOf(call.attempts);
    this.#byNumber.set(number, call);
    if (invocation) this.#byInvocation.set(invocation, call);
    this.#limit();
  }

  /** Returns the calls that contain all words of a text, the newest first. */
  find(text, failedOnly) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ text, attempts }) =>
      words.every((word) => text.includes(word)) && (!failedOnly || attempts.some(hasFailed));
    return this.#calls.filter(fits).reverse();
  }

  #begin(number) {
    const call = { number, attempts: [], text: "" };
    let at = this.#calls.length;
    while (at > 0 && this.#calls[at - 1].number > number) at -= 1;
    this.#calls.splice(at, 0, call);
    return call;
  }

  #limit() {
    while (this.#calls.length > MAX_CALLS) {
      for (const { number, invocation_id } of this.#calls.shift().attempts) {
        this.#byNumber.delete(number);
        this.#byInvocation.delete(invocation_id);
      }
    }
  }
}

/** Returns whether a request was refused or not answered. One that is in flight has not failed. */
export const hasFailed = ({ status, state }) => status >= 400 || (state !== "in_flight" && status === undefined);

function textOf(attempts) {
  const members = ({ operation, method, path, vault, account, region, principal, status, error, message, fault }) => [
    operation ?? `${method} ${path}`,
    vault,
    account,
    region,
    principal,
    status,
    error,
    message,
    fault,
  ];
  return attempts.flatMap(members).filter(Boolean).join(" ").toLowerCase();
}
