// Follows the record of the mock: what is on it, and each request that ends from now on.

import { get, url } from "./api.js";
import { Refresh } from "./refresh.js";

const REQUESTS_OF_ANSWER = 1000;

/**
 * Keeps a record equal to that of the mock. `arrived` is called with a request that has ended just now, `changed` after
 * any other change. Returns the function that looks for changes that the stream does not report: requests in progress,
 * and requests that were removed.
 */
export function follow(record, arrived, changed) {
  const check = new Refresh(async () => {
    await dropRemoved(record);
    await catchUp(record);
    changed();
  });
  const stream = new EventSource(url(["requests", "stream"]));
  stream.addEventListener("open", () => {
    // Another program may listen on the port now, with another record.
    record.clear();
    check.now().catch(() => {});
  });
  stream.addEventListener("message", ({ data }) => {
    const request = JSON.parse(data);
    record.put(request);
    arrived(request);
  });
  return () => check.now();
}

async function dropRemoved(record) {
  const last = record.complete;
  const { requests } = await get(["requests"], { limit: 1 });
  record.dropBefore(requests.length > 0 ? requests[0].number : last + 1);
}

async function catchUp(record) {
  for (;;) {
    const { requests } = await get(["requests"], { after: record.complete, limit: REQUESTS_OF_ANSWER });
    if (requests.length > 0) record.isCompleteBefore(requests[0].number);
    for (const request of requests) record.put(request);
    if (requests.length < REQUESTS_OF_ANSWER) return;
  }
}
