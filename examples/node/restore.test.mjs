import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";

import { Glacier } from "@aws-sdk/client-glacier";

import { GlacierMock } from "./glacier_mock.mjs";
import { restore } from "./restore.mjs";

let mock, glacier, archive;

before(async () => {
  // One program for all tests. Its clock stands still until a test advances it.
  mock = await GlacierMock.start("--clock", "2026-01-31T00:00:00Z", "--jobs", "4h");
  glacier = new Glacier({
    endpoint: mock.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
  });
});

after(() => mock?.stop());

beforeEach(async () => {
  await mock.control("POST", "/reset");
  // A vault with an archive, without a request on the record.
  await mock.control("PUT", "/vaults/photos");
  const content = { text: "a cat" };
  archive = (await mock.control("POST", "/vaults/photos/archives", content)).archive_id;
});

/** Advances the clock of the mock, and returns at once. */
const sleep = (ms) => mock.control("POST", "/clock/advance", { by: `${ms}ms` });

test("a restore of four hours", async () => {
  assert.equal(String(await restore(glacier, "photos", archive, sleep)), "a cat");

  assert.equal((await mock.control("GET", "/clock")).now, "2026-01-31T04:00:00.000Z");
  const polls = { operation: "DescribeJob", times: 5 };
  await mock.control("POST", "/verify", { sequence: ["InitiateJob", polls, "GetJobOutput"] });
});

test("a restore that fails", async () => {
  const outcome = { fails: "The archive is not available", after: "2h" };
  await mock.control("POST", "/jobs/rules", { vault: "photos", outcome });

  await assert.rejects(restore(glacier, "photos", archive, sleep), { message: "The archive is not available" });
});

test("a throttled download is repeated", async () => {
  await mock.control("POST", "/faults", { operation: "GetJobOutput", effect: { error: "ThrottlingException" } });

  assert.equal(String(await restore(glacier, "photos", archive, sleep)), "a cat");

  const { calls } = await mock.control("GET", "/calls?operation=GetJobOutput");
  assert.deepEqual(calls[0].attempts.map((attempt) => attempt.status), [400, 200]);
});

test("a failed verification reports all requests", async () => {
  await restore(glacier, "photos", archive, sleep);

  const polls = { operation: "DescribeJob", times: 5 };
  const sequence = ["InitiateJob", polls, "DeleteArchive"];
  await assert.rejects(
    mock.control("POST", "/verify", { sequence }),
    /expected call 7 to be DeleteArchive[^]*GetJobOutput/,
  );
});
