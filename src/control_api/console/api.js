// Calls the control API, from which the console gets everything that it shows.

const BASE = new URL("v1/", document.baseURI);

/** A request that the control API refused. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Returns the URL of an endpoint. Each segment of the path is encoded, and members without a value are left out. */
export function url(path, query = {}) {
  const target = new URL(path.map(encodeURIComponent).join("/"), BASE);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") target.searchParams.set(name, value);
  }
  return target;
}

/** Returns the JSON of an endpoint. */
export const get = async (path, query) => json(await checked(fetch(url(path, query), { cache: "no-store" })));

/** Sends a JSON body and returns the JSON of the response, or `null` if it is empty. */
export async function send(method, path, body = {}, query = {}) {
  const headers = { "Content-Type": "application/json" };
  return json(await checked(fetch(url(path, query), { method, headers, body: JSON.stringify(body) })));
}

/** Removes something. */
export async function remove(path, query = {}) {
  const headers = { "Content-Type": "application/json" };
  await checked(fetch(url(path, query), { method: "DELETE", headers }));
}

/** Returns the bytes of an endpoint. */
export async function bytes(path) {
  const response = await checked(fetch(url(path), { cache: "no-store" }));
  return new Uint8Array(await response.arrayBuffer());
}

/** Returns a file of an endpoint. The browser keeps a large one on disk. */
export const download = async (path) => (await checked(fetch(url(path), { cache: "no-store" }))).blob();

/** Replaces the file of an endpoint. */
export async function upload(path, file) {
  const headers = { "Content-Type": "application/octet-stream" };
  await checked(fetch(url(path), { method: "PUT", headers, body: file }));
}

async function json(response) {
  const text = await response.text();
  return text === "" ? null : JSON.parse(text);
}

async function checked(sent) {
  let response;
  try {
    response = await sent;
  } catch {
    throw new ApiError(0, "The program does not answer.");
  }
  if (response.ok) return response;
  const text = await response.text();
  throw new ApiError(response.status, messageOf(text) ?? `The program answered with status ${response.status}.`);
}

function messageOf(text) {
  try {
    return JSON.parse(text).error.message;
  } catch {
    return undefined;
  }
}
