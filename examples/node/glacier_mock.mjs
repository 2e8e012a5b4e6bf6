// Starts glacier-mock and controls it over HTTP. Copy this file into your tests; it needs only Node.js.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline/promises";

/** A glacier-mock program on a free port, from GLACIER_MOCK_BIN or the PATH. */
export class GlacierMock {
  static async start(...options) {
    const mock = new GlacierMock();
    const command = process.env.GLACIER_MOCK_BIN ?? "glacier-mock";
    const stdio = ["ignore", "pipe", "inherit"];
    mock.process = spawn(command, ["--port", "0", "--log", "off", ...options], { stdio });
    mock.ended = new Promise((resolve, reject) => mock.process.once("error", reject).once("exit", resolve));
    // "glacier-mock listening on http://127.0.0.1:41234", as soon as it accepts connections.
    const line = (await createInterface(mock.process.stdout)[Symbol.asyncIterator]().next()).value;
    if (!line) throw new Error(`${command} ended with status ${await mock.ended}`);
    mock.endpoint = line.split(" ").at(-1);
    return mock;
  }

  /**
   * Sends a request to the control API. Returns JSON as an object, and other answers as text. Throws if the request is
   * refused, for example if a verification fails.
   */
  async control(method, path, body = {}) {
    const response = await fetch(`${this.endpoint}/_glacier-mock/v1${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      body: method === "GET" ? undefined : JSON.stringify(body),
    });
    const isJson = response.headers.get("content-type") === "application/json";
    const answer = isJson ? await response.json() : await response.text();
    if (!response.ok) throw new Error(answer.error.message);
    return answer;
  }

  async stop() {
    this.process.kill();
    await this.ended;
  }
}
