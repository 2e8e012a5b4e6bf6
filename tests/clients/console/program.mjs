// Starts the program, and calls it with the AWS CLI and through the control API.

import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const executable = process.env.GLACIER_MOCK_PROGRAM;
if (!executable) throw new Error("set GLACIER_MOCK_PROGRAM to the path of the program");

const run = promisify(execFile);

/** A running program, with a folder for the files of the AWS CLI. */
export class Program {
  static async start(...flags) {
    const program = new Program();
    program.folder = await mkdtemp(join(tmpdir(), "glacier-mock-console-"));
    await writeFile(join(program.folder, "cat.jpg"), "meow");
    await program.launch("--port", "0", ...flags);
    return program;
  }

  /** Starts the process and waits until it prints its endpoint. */
  async launch(...flags) {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("GLACIER_MOCK_"));
    const env = Object.fromEntries(inherited);
    const child = spawn(executable, ["--log", "off", ...flags], { env, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    this.errors = "";
    child.stderr.on("data", (text) => (this.errors += text));
    this.ended = new Promise((resolve) => child.once("exit", resolve));
    const line = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("error", reject);
      child.once("exit", (status) => reject(new Error(`the program ended with status ${status}: ${this.errors}`)));
    });
    this.endpoint = line.split(" ").at(-1);
  }

  /** Ends the process. */
  async stop() {
    this.child.kill();
    await this.ended;
  }

  async close() {
    await this.stop();
    await rm(this.folder, { recursive: true });
  }

  get port() {
    return new URL(this.endpoint).port;
  }

  /** Calls an operation with the AWS CLI and returns its output. The promise is rejected if the operation fails. */
  async aws(...flags) {
    const env = {
      PATH: process.env.PATH,
      HOME: this.folder,
      AWS_ACCESS_KEY_ID: "any",
      AWS_SECRET_ACCESS_KEY: "any",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const all = ["--endpoint-url", this.endpoint, "glacier", ...flags, "--account-id", "-"];
    const { stdout } = await run("aws", all, { cwd: this.folder, env });
    return stdout.trim() === "" ? null : JSON.parse(stdout);
  }

  /** Calls an endpoint of the control API and returns its JSON. */
  async api(method, path, body) {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${this.endpoint}/_glacier-mock/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === "" ? null : JSON.parse(text);
  }

  /** Sends a request to Glacier without an SDK. */
  async glacier(method, path) {
    const headers = { "x-amz-glacier-version": "2012-06-01" };
    const response = await fetch(this.endpoint + path, { method, headers });
    await response.arrayBuffer();
    return response.status;
  }
}
