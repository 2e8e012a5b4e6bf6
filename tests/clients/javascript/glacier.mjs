// All 33 operations of the vault-based Glacier API through the AWS SDK for JavaScript v3, against a fresh glacier-mock.
//
// The endpoint comes from AWS_ENDPOINT_URL, credentials and region from the usual variables. Every scenario makes its
// own vaults, so a few can be picked by name: `node glacier.mjs multipartUpload tags`. The exit status is 0 if all
// checks passed.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import * as sdk from "@aws-sdk/client-glacier";

const MIB = 1024 * 1024;
const THIS_FILE = fileURLToPath(import.meta.url);
const MILLISECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const WHOLE_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const CSV_HEADER = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash";
// Not RFC 4180: the description is always quoted and a quote in it is written `\"`; the other columns are bare.
const CSV_ROW = /^([\w-]{138}),"((?:\\"|[^"])*)",([^",]+),(\d+),([0-9a-f]{64})$/;

const accountId = "-";
const client = new sdk.GlacierClient();
const glacier = new sdk.Glacier();

// Checks that apply to each response ------------------------------------------------------------------------------

const requestIds = [];
const operationsCalled = new Set();

function watch({ middlewareStack }) {
  middlewareStack.add(
    (next, context) => async (args) => {
      const check = ({ attempts, requestId }) => {
        // A retry would hide an error of the mock.
        assert.equal(attempts, 1, `attempts of ${context.commandName}`);
        assert.ok(requestId, `request ID of ${context.commandName}`);
        requestIds.push(requestId);
        operationsCalled.add(context.commandName);
      };
      try {
        const result = await next(args);
        check(result.output.$metadata);
        return result;
      } catch (error) {
        if (error.$metadata) check(error.$metadata);
        throw error;
      }
    },
    { step: "initialize", name: "everyResponse" },
  );
}

// Helpers ---------------------------------------------------------------------------------------------------------

const done = (line) => console.log(`ok  ${line}`);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

function treeHash(bytes) {
  let level = [];
  for (let start = 0; start < bytes.length; start += MIB) level.push(sha256(bytes.subarray(start, start + MIB)));
  if (level.length === 0) return sha256(bytes).toString("hex");
  while (level.length > 1) {
    const above = [];
    for (let n = 0; n < level.length; n += 2) {
      above.push(n + 1 < level.length ? sha256(Buffer.concat([level[n], level[n + 1]])) : level[n]);
    }
    level = above;
  }
  return level[0].toString("hex");
}

/** Bytes that look random, the same in every run, no MiB like another. */
function someBytes(size, seed) {
  const blocks = [];
  for (let n = 0; n * 32 < size; n++) blocks.push(sha256(`${seed} ${n}`));
  return Buffer.concat(blocks).subarray(0, size);
}

const sameBytes = (actual, expected, what) => assert.ok(Buffer.from(actual).equals(expected), `${what} differ`);

/** `kind` is an exception class of the SDK, or a code for an error that the service model does not list. */
async function refused(kind, message, promise) {
  const code = typeof kind === "string" ? kind : kind.name;
  const error = await promise.then(
    () => assert.fail(`expected ${code}, but the call succeeded`),
    (error) => error,
  );
  assert.equal(error.name, code);
  assert.ok(error instanceof (typeof kind === "string" ? sdk.GlacierServiceException : kind), `class of ${code}`);
  assert.equal(error.$fault, "client");
  if (message) assert.equal(error.message, message);
}

async function newVault(vaultName) {
  const { location } = await glacier.createVault({ accountId, vaultName });
  const { VaultARN } = await glacier.describeVault({ accountId, vaultName });
  assert.equal(location, `/${VaultARN.split(":")[4]}/vaults/${vaultName}`);
  return VaultARN;
}

async function upload(vaultName, body, archiveDescription) {
  const stored = await glacier.uploadArchive({ accountId, vaultName, archiveDescription, body });
  assert.equal(stored.checksum, treeHash(body));
  assert.equal(stored.archiveId.length, 138);
  return stored.archiveId;
}

async function startJob(vaultName, jobParameters) {
  const { jobId } = await glacier.initiateJob({ accountId, vaultName, jobParameters });
  assert.equal(jobId.length, 92);
  return jobId;
}

const retrieveArchive = (vaultName, ArchiveId, more) =>
  startJob(vaultName, { Type: "archive-retrieval", ArchiveId, ...more });

const retrieveInventory = (vaultName, more) => startJob(vaultName, { Type: "inventory-retrieval", ...more });

async function jobOutput(vaultName, jobId, range) {
  const output = await glacier.getJobOutput({ accountId, vaultName, jobId, range });
  return { ...output, bytes: await output.body.transformToByteArray() };
}

async function deleteVault(vaultName, ...archives) {
  for (const archiveId of archives) await glacier.deleteArchive({ accountId, vaultName, archiveId });
  await glacier.deleteVault({ accountId, vaultName });
}

async function pages(paginate, key, input, pageSize) {
  const found = [];
  for await (const page of paginate({ client, pageSize }, { accountId, ...input })) found.push(page[key]);
  return found;
}

const sizes = (listed) => listed.map((page) => page.length);

const policy = (Effect, Action, Resource, Condition) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "test", Effect, Principal: { AWS: "*" }, Action, Resource, Condition }],
  });

// The scenarios ---------------------------------------------------------------------------------------------------

async function freshStart() {
  assert.deepEqual((await client.send(new sdk.ListVaultsCommand({ accountId }))).VaultList, []);
  assert.deepEqual(await pages(sdk.paginateListVaults, "VaultList"), [[]]);
  done("a fresh mock has no vaults");
}

async function vaults() {
  const names = Array.from({ length: 12 }, (_, n) => `many-${String(n).padStart(2, "0")}`);
  await Promise.all(names.map(newVault));
  const before = await glacier.describeVault({ accountId, vaultName: names[0] });
  assert.deepEqual([before.NumberOfArchives, before.SizeInBytes, before.VaultName], [0, 0, names[0]]);
  assert.match(before.CreationDate, MILLISECONDS);
  await newVault(names[0]);
  const after = await glacier.describeVault({ accountId, vaultName: names[0] });
  assert.deepEqual({ ...after, $metadata: null }, { ...before, $metadata: null });
  done("create and describe vaults; a second create changes nothing");

  const namesByPage = async (pageSize) => {
    const listed = await pages(sdk.paginateListVaults, "VaultList", {}, pageSize);
    return listed.map((page) => page.map((vault) => vault.VaultName));
  };
  assert.deepEqual(await namesByPage(), [names.slice(0, 10), names.slice(10)]);
  assert.deepEqual(await namesByPage(5), [names.slice(0, 5), names.slice(5, 10), names.slice(10)]);
  assert.match((await glacier.listVaults({ accountId })).Marker, /:vaults\/many-10$/);
  await Promise.all(names.map((vaultName) => glacier.deleteVault({ accountId, vaultName })));
  await glacier.deleteVault({ accountId, vaultName: names[0] });
  done("paginateListVaults; delete vaults, also one that is gone");
}

async function accountIds() {
  const arn = await newVault("accounts");
  for (const absent of [{}, { accountId: undefined }, { accountId: "" }, { accountId: arn.split(":")[4] }]) {
    assert.equal((await glacier.describeVault({ ...absent, vaultName: "accounts" })).VaultARN, arn);
  }
  await refused(
    "AccessDeniedException",
    "Access denied for account ID: 999988887777",
    glacier.listVaults({ accountId: "999988887777" }),
  );
  await refused(
    "UnrecognizedClientException",
    "No account found for the given parameters",
    glacier.listVaults({ accountId: "abcmnoxyz" }),
  );
  await deleteVault("accounts");
  done("accountId `-`, empty, undefined, the caller's number, another account's, and an invalid one");
}

async function waiters() {
  const input = { accountId, vaultName: "awaited" };
  const config = { client, maxWaitTime: 20, minDelay: 0.01, maxDelay: 0.02 };
  assert.equal((await sdk.waitUntilVaultNotExists(config, input)).state, "SUCCESS");
  const [waited] = await Promise.all([sdk.waitUntilVaultExists(config, input), glacier.createVault(input)]);
  assert.equal(waited.state, "SUCCESS");
  const [gone] = await Promise.all([sdk.waitUntilVaultNotExists(config, input), glacier.deleteVault(input)]);
  assert.equal(gone.state, "SUCCESS");
  done("waitUntilVaultExists and waitUntilVaultNotExists");
}

async function typedExceptions() {
  const missing = (await newVault("present")).replace("present", "absent");
  const absent = { accountId, vaultName: "absent" };
  const present = { accountId, vaultName: "present" };
  const calls = [
    () => glacier.describeVault(absent),
    () => glacier.uploadArchive({ ...absent, body: Buffer.from("x") }),
    () => glacier.listJobs(absent),
    () => glacier.listTagsForVault(absent),
    () => glacier.initiateMultipartUpload({ ...absent, partSize: String(MIB) }),
  ];
  for (const call of calls) {
    await refused(sdk.ResourceNotFoundException, `Vault not found for ARN: ${missing}`, call());
  }
  const jobId = "j".repeat(92);
  await refused(
    sdk.ResourceNotFoundException,
    `The job ID was not found: ${jobId}`,
    glacier.describeJob({ ...present, jobId }),
  );
  await refused(
    sdk.MissingParameterValueException,
    "Required parameter missing: type",
    glacier.initiateJob({ ...present, jobParameters: { Format: "JSON" } }),
  );
  await refused(
    sdk.InvalidParameterValueException,
    "The job status code is not valid: finished",
    glacier.listJobs({ ...present, statuscode: "finished" }),
  );
  await deleteVault("present");
  done("typed exceptions and their messages");
}

async function singleUpload() {
  const arn = await newVault("single");
  // The test vectors of the SDK's end-to-end tests.
  const quarter = Buffer.alloc(MIB / 4, "0");
  const twoAndAHalf = Buffer.alloc(2.5 * MIB, "0");
  assert.equal(treeHash(quarter), "6faefade5a638cd3545d638dd5754763658e32209e69420cb559b7650d4bf93a");
  assert.equal(treeHash(twoAndAHalf), "86118ad0c187fd240db59a37360e0e7f8a3a0c608eed740b4cd7b4271ab45171");
  const archives = [
    await upload("single", quarter, "a quarter of a MiB"),
    await upload("single", twoAndAHalf),
    await upload("single", twoAndAHalf),
  ];
  assert.equal(new Set(archives).size, 3);
  const file = await glacier.uploadArchive({ accountId, vaultName: "single", body: createReadStream(THIS_FILE) });
  archives.push(file.archiveId);
  const { bytes } = await jobOutput("single", await retrieveArchive("single", file.archiveId));
  sameBytes(bytes, readFileSync(THIS_FILE), "bytes of a file that was streamed");
  done("uploadArchive from buffers and from a stream of a file");

  const put = (body, checksum) => glacier.uploadArchive({ accountId, vaultName: "single", body, checksum });
  const invalid = sdk.InvalidParameterValueException;
  await refused(invalid, "Invalid x-amz-sha256-tree-hash: 000", put(quarter, "000"));
  const [zeros, right] = ["0".repeat(64), treeHash(quarter)];
  await refused(invalid, `Checksum mismatch: expected ${zeros}, computed ${right}`, put(quarter, zeros));
  // The service pads a short hash with zeros.
  await refused(invalid, `Checksum mismatch: expected ${zeros}, computed ${right}`, put(quarter, zeros.slice(32)));
  await refused(invalid, `Vault not empty or recently written to: ${arn}`, deleteVault("single"));
  assert.equal((await glacier.describeVault({ accountId, vaultName: "single" })).NumberOfArchives, 4);
  await deleteVault("single", ...archives);
  done("the checksum `000`, other wrong hashes and the deletion of a vault in use are refused");
}

async function multipartUpload() {
  await newVault("multipart");
  const data = someBytes(3.5 * MIB, "multipart");
  const archiveDescription = "four parts, out of order";
  const vault = { accountId, vaultName: "multipart" };
  const started = await glacier.initiateMultipartUpload({ ...vault, archiveDescription, partSize: String(MIB) });
  assert.equal(started.uploadId.length, 92);
  const upload = { ...vault, uploadId: started.uploadId };

  await putPart(upload, someBytes(3 * MIB, "other"), 2 * MIB);
  await refuseToComplete(upload, data);
  await Promise.all([3 * MIB, MIB, 0, 2 * MIB].map((start) => putPart(upload, data, start)));
  await listParts(upload, data, archiveDescription);

  const whole = { ...upload, archiveSize: String(data.length), checksum: treeHash(data) };
  const stored = await glacier.completeMultipartUpload(whole);
  assert.equal((await glacier.completeMultipartUpload(whole)).archiveId, stored.archiveId);
  assert.equal(stored.checksum, treeHash(data));
  assert.deepEqual((await glacier.listMultipartUploads(vault)).UploadsList, []);
  await assert.rejects(glacier.listParts(upload), sdk.GlacierServiceException);

  const output = await jobOutput("multipart", await retrieveArchive("multipart", stored.archiveId));
  sameBytes(output.bytes, data, "bytes of the assembled archive");
  assert.deepEqual([output.checksum, output.archiveDescription], [treeHash(data), archiveDescription]);
  await deleteVault("multipart", stored.archiveId);
  done("multipart upload: parts in parallel and out of order, one overwritten; list, complete, retrieve");
}

async function putPart(upload, data, start) {
  const body = data.subarray(start, start + MIB);
  const range = `bytes ${start}-${start + body.length - 1}/*`;
  const { checksum } = await glacier.uploadMultipartPart({ ...upload, range, body });
  assert.equal(checksum, treeHash(body));
}

async function refuseToComplete(upload, data) {
  const [archiveSize, checksum] = [String(data.length), treeHash(data)];
  const invalid = sdk.InvalidParameterValueException;
  await refused(invalid, null, glacier.completeMultipartUpload({ ...upload, archiveSize, checksum }));
  await refused(
    sdk.MissingParameterValueException,
    "Required parameter missing: x-amz-sha256-tree-hash",
    glacier.completeMultipartUpload({ ...upload, archiveSize }),
  );
  await refused(
    invalid,
    "Content-Range: bytes 0-1048575/* is incompatible with Content-Length: 3",
    glacier.uploadMultipartPart({ ...upload, range: "bytes 0-1048575/*", body: Buffer.from("abc") }),
  );
}

async function listParts(upload, data, archiveDescription) {
  const expected = [0, 1, 2, 3].map((n) => ({
    RangeInBytes: `${n * MIB}-${Math.min((n + 1) * MIB, data.length) - 1}`,
    SHA256TreeHash: treeHash(data.subarray(n * MIB, (n + 1) * MIB)),
  }));
  const listed = await pages(sdk.paginateListParts, "Parts", upload, 3);
  assert.deepEqual(listed, [expected.slice(0, 3), expected.slice(3)]);
  const answer = await glacier.listParts(upload);
  assert.deepEqual(answer.Parts, expected);
  assert.deepEqual([answer.ArchiveDescription, answer.PartSizeInBytes], [archiveDescription, MIB]);
}

async function pagesOfUploads() {
  const vault = { accountId, vaultName: "uploads" };
  const arn = await newVault("uploads");
  const start = async () => (await glacier.initiateMultipartUpload({ ...vault, partSize: String(2 * MIB) })).uploadId;
  const started = await Promise.all(Array.from({ length: 52 }, start));
  for (const [pageSize, expected] of [[undefined, [50, 2]], [20, [20, 20, 12]]]) {
    const listed = await pages(sdk.paginateListMultipartUploads, "UploadsList", vault, pageSize);
    assert.deepEqual(sizes(listed), expected);
    assert.deepEqual(new Set(listed.flat().map((upload) => upload.MultipartUploadId)), new Set(started));
    assert.ok(listed.flat().every((upload) => upload.VaultARN === arn && upload.PartSizeInBytes === 2 * MIB));
  }
  await Promise.all(started.map((uploadId) => glacier.abortMultipartUpload({ ...vault, uploadId })));
  assert.deepEqual((await glacier.listMultipartUploads(vault)).UploadsList, []);
  await deleteVault("uploads");
  done("paginateListMultipartUploads: 52 uploads, started and aborted in parallel");
}

async function pagesOfJobs() {
  const vault = { accountId, vaultName: "jobs" };
  await newVault("jobs");
  const started = await Promise.all(Array.from({ length: 52 }, () => retrieveInventory("jobs", { Format: "JSON" })));
  for (const [pageSize, expected] of [[undefined, [50, 2]], [25, [25, 25, 2]]]) {
    const listed = await pages(sdk.paginateListJobs, "JobList", vault, pageSize);
    assert.deepEqual(sizes(listed), expected);
    assert.deepEqual(new Set(listed.flat().map((job) => job.JobId)), new Set(started));
  }
  const count = async (filter) => (await pages(sdk.paginateListJobs, "JobList", { ...vault, ...filter })).flat().length;
  assert.equal(await count({ statuscode: "Succeeded", completed: "true" }), 52);
  assert.equal(await count({ statuscode: "InProgress" }), 0);
  await deleteVault("jobs");
  done("paginateListJobs: 52 jobs, started in parallel; filters");
}

async function retrievals() {
  const arn = await newVault("retrieved");
  const data = someBytes(3.5 * MIB, "retrieved");
  const last = data.length - 1;
  const archive = await upload("retrieved", data, 'a "quoted" word');
  const whole = await retrieveArchive("retrieved", archive, { Description: "restore", Tier: "Bulk" });
  const job = await glacier.describeJob({ accountId, vaultName: "retrieved", jobId: whole });
  assert.deepEqual([job.Action, job.ArchiveId, job.VaultARN], ["ArchiveRetrieval", archive, arn]);
  assert.deepEqual([job.JobDescription, job.Tier], ["restore", "Bulk"]);
  assert.deepEqual([job.Completed, job.StatusCode, job.StatusMessage], [true, "Succeeded", "Succeeded"]);
  assert.deepEqual([job.ArchiveSizeInBytes, job.RetrievalByteRange], [data.length, `0-${last}`]);
  assert.match(job.CompletionDate, MILLISECONDS);
  const output = await jobOutput("retrieved", whole);
  sameBytes(output.bytes, data, "bytes of the whole archive");
  assert.deepEqual(
    [output.status, output.checksum, output.archiveDescription, output.contentType, output.acceptRanges],
    [200, treeHash(data), 'a "quoted" word', "application/octet-stream", "bytes"],
  );
  done("whole retrieval: describeJob, bytes, tree hash, description");

  for (const [first, end, aligned] of [
    [MIB, 2 * MIB - 1, true],
    [2 * MIB, last, true],
    [MIB, 3 * MIB - 1, false],
  ]) {
    await retrieveRange(archive, data, first, end, aligned);
  }
  await downloadRange(whole, data, 0, 2 * MIB - 1, true);
  await downloadRange(whole, data, 100, 299, false);
  // A download's range counts from the start of the job's own range.
  const half = await retrieveArchive("retrieved", archive, { RetrievalByteRange: `${2 * MIB}-${last}` });
  await downloadRange(half, data.subarray(2 * MIB), MIB, 1.5 * MIB - 1, true);
  await downloadRange(half, data.subarray(2 * MIB), 1, 9, false);
  await refused(
    sdk.InvalidParameterValueException,
    null,
    retrieveArchive("retrieved", archive, { RetrievalByteRange: "1-1048575" }),
  );
  await deleteVault("retrieved", archive);
  done("ranged retrievals and ranged downloads, tree-hash aligned and not");
}

async function retrieveRange(archive, data, first, end, aligned) {
  const expected = data.subarray(first, end + 1);
  const jobId = await retrieveArchive("retrieved", archive, { RetrievalByteRange: `${first}-${end}` });
  const output = await jobOutput("retrieved", jobId);
  sameBytes(output.bytes, expected, `bytes ${first}-${end} of the archive`);
  assert.deepEqual([output.status, output.checksum], [200, aligned ? treeHash(expected) : undefined]);
}

async function downloadRange(jobId, data, first, end, aligned) {
  const expected = data.subarray(first, end + 1);
  const output = await jobOutput("retrieved", jobId, `bytes=${first}-${end}`);
  sameBytes(output.bytes, expected, `bytes ${first}-${end} of the output`);
  assert.deepEqual(
    [output.status, output.contentRange, output.checksum],
    [206, `bytes ${first}-${end}/${data.length}`, aligned ? treeHash(expected) : undefined],
  );
}

async function inventories() {
  const arn = await newVault("inventory");
  const expected = new Map();
  for (const description of ["", "plain", 'a comma, a "quote", a brace }']) {
    const data = someBytes(MIB + description.length, "inventory");
    const archive = await upload("inventory", data, description);
    expected.set(archive, [description, data.length, treeHash(data)]);
  }
  const asJson = await jobOutput("inventory", await retrieveInventory("inventory"));
  assert.deepEqual([asJson.status, asJson.contentType, asJson.checksum], [200, "application/json", undefined]);
  const inventory = JSON.parse(Buffer.from(asJson.bytes));
  assert.deepEqual(Object.keys(inventory), ["VaultARN", "InventoryDate", "ArchiveList"]);
  assert.equal(inventory.VaultARN, arn);
  assert.match(inventory.InventoryDate, WHOLE_SECONDS);
  assert.deepEqual(
    new Map(inventory.ArchiveList.map((a) => [a.ArchiveId, [a.ArchiveDescription, a.Size, a.SHA256TreeHash]])),
    expected,
  );
  const asCsv = await jobOutput("inventory", await retrieveInventory("inventory", { Format: "CSV" }));
  assert.equal(asCsv.contentType, "text/csv");
  assert.deepEqual(csvRows(Buffer.from(asCsv.bytes).toString()), expected);
  await deleteVault("inventory", ...expected.keys());
  done("inventories in JSON and CSV");
}

function csvRows(text) {
  const [header, ...lines] = text.trimEnd().split(/\r?\n/);
  assert.equal(header, CSV_HEADER);
  return new Map(
    lines.map((line) => {
      const row = CSV_ROW.exec(line);
      assert.ok(row, `not a line of the service's CSV: ${line}`);
      const [, archive, description, created, size, digest] = row;
      assert.match(created, WHOLE_SECONDS);
      return [archive, [description.replaceAll('\\"', '"'), Number(size), digest]];
    }),
  );
}

async function tags() {
  const vault = { accountId, vaultName: "tagged" };
  await newVault("tagged");
  const current = async () => (await glacier.listTagsForVault(vault)).Tags;
  assert.deepEqual(await current(), {});
  await glacier.addTagsToVault({ ...vault, Tags: { team: "archive", "cost centre": "a+b=c@d/e", empty: "" } });
  await glacier.addTagsToVault({ ...vault, Tags: { team: "storage" } });
  assert.deepEqual(await current(), { team: "storage", "cost centre": "a+b=c@d/e", empty: "" });
  await glacier.removeTagsFromVault({ ...vault, TagKeys: ["empty", "cost centre", "never there"] });
  assert.deepEqual(await current(), { team: "storage" });
  await deleteVault("tagged");
  done("tags: add, overwrite, list, remove");
}

async function notifications() {
  const vault = { accountId, vaultName: "notified" };
  const arn = await newVault("notified");
  const nothing = `No notification configuration is set for vault: ${arn}`;
  await refused(sdk.ResourceNotFoundException, nothing, glacier.getVaultNotifications(vault));
  const vaultNotificationConfig = {
    SNSTopic: arn.replace(":glacier:", ":sns:").replace("vaults/notified", "topic"),
    Events: ["InventoryRetrievalCompleted"],
  };
  await glacier.setVaultNotifications({ ...vault, vaultNotificationConfig });
  const got = await glacier.getVaultNotifications(vault);
  assert.deepEqual(got.vaultNotificationConfig, vaultNotificationConfig);
  await glacier.deleteVaultNotifications(vault);
  await refused(sdk.ResourceNotFoundException, nothing, glacier.getVaultNotifications(vault));
  await deleteVault("notified");
  done("notifications: set, get, delete");
}

async function accessPolicy() {
  const vault = { accountId, vaultName: "shared" };
  const arn = await newVault("shared");
  const nothing = "No vault access policy is set for: shared";
  await refused(sdk.ResourceNotFoundException, nothing, glacier.getVaultAccessPolicy(vault));
  // The service returns a list of one action as the action.
  const Policy = policy("Allow", "glacier:Describe*", arn);
  await glacier.setVaultAccessPolicy({ ...vault, policy: { Policy: policy("Allow", ["glacier:Describe*"], arn) } });
  assert.deepEqual((await glacier.getVaultAccessPolicy(vault)).policy, { Policy });
  await glacier.deleteVaultAccessPolicy(vault);
  await refused(sdk.ResourceNotFoundException, nothing, glacier.getVaultAccessPolicy(vault));
  await deleteVault("shared");
  done("access policy: set, get, delete");
}

async function vaultLock() {
  const vault = { accountId, vaultName: "locked" };
  const arn = await newVault("locked");
  const Policy = policy("Deny", "glacier:DeleteArchive", arn, {
    NumericLessThan: { "glacier:ArchiveAgeInDays": "365" },
  });
  const first = await glacier.initiateVaultLock({ ...vault, policy: { Policy } });
  assert.equal(first.lockId.length, 24);
  const inProgress = await glacier.getVaultLock(vault);
  assert.deepEqual([inProgress.State, inProgress.Policy], ["InProgress", Policy]);
  assert.equal(new Date(inProgress.ExpirationDate) - new Date(inProgress.CreationDate), 24 * 3600 * 1000);
  await glacier.abortVaultLock(vault);
  await refused(sdk.ResourceNotFoundException, null, glacier.getVaultLock(vault));

  const { lockId } = await glacier.initiateVaultLock({ ...vault, policy: { Policy } });
  await refused(
    sdk.InvalidParameterValueException,
    null,
    glacier.completeVaultLock({ ...vault, lockId: "x".repeat(24) }),
  );
  await glacier.completeVaultLock({ ...vault, lockId });
  const locked = await glacier.getVaultLock(vault);
  assert.deepEqual([locked.State, locked.Policy, locked.ExpirationDate ?? null], ["Locked", Policy, null]);
  await refused("AccessDeniedException", null, glacier.abortVaultLock(vault));
  await deleteVault("locked");
  done("vault lock: initiate, get, abort, complete");
}

async function retrievalLimits() {
  const current = async () => (await glacier.getDataRetrievalPolicy({ accountId })).Policy.Rules;
  assert.deepEqual((await current()).map((rule) => rule.Strategy), ["None"]);
  await glacier.setDataRetrievalPolicy({
    accountId,
    Policy: { Rules: [{ Strategy: "BytesPerHour", BytesPerHour: 10737418240 }] },
  });
  assert.deepEqual(await current(), [{ Strategy: "BytesPerHour", BytesPerHour: 10737418240 }]);
  await glacier.setDataRetrievalPolicy({ accountId, Policy: { Rules: [{ Strategy: "None" }] } });
  assert.deepEqual((await current()).map((rule) => rule.Strategy), ["None"]);

  const { capacityId } = await glacier.purchaseProvisionedCapacity({ accountId });
  const { ProvisionedCapacityList } = await glacier.listProvisionedCapacity({ accountId });
  assert.deepEqual(ProvisionedCapacityList.map((unit) => unit.CapacityId), [capacityId]);
  assert.match(ProvisionedCapacityList[0].ExpirationDate, /Z$/);
  done("data retrieval policy, provisioned capacity");
}

async function everyOperation() {
  const known = Object.keys(sdk).filter((name) => /^[A-Z].*Command$/.test(name));
  assert.deepEqual([...operationsCalled].sort(), known.sort());
  done(`all ${known.length} operations were called`);
}

const SCENARIOS = {
  freshStart,
  vaults,
  accountIds,
  waiters,
  typedExceptions,
  singleUpload,
  multipartUpload,
  pagesOfUploads,
  pagesOfJobs,
  retrievals,
  inventories,
  tags,
  notifications,
  accessPolicy,
  vaultLock,
  retrievalLimits,
  everyOperation,
};

watch(client);
watch(glacier);
const chosen = process.argv.slice(2);
for (const name of chosen.length ? chosen : Object.keys(SCENARIOS)) await SCENARIOS[name]();
assert.equal(new Set(requestIds).size, requestIds.length, "distinct request IDs");
done(`${requestIds.length} responses, each with its own request ID, none retried`);
client.destroy();
glacier.destroy();
