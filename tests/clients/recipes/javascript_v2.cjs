// What tests/suite/clients.rs appends to the recipe for the SDK for JavaScript, version 2, in docs/guide/clients.md.

const assert = require("node:assert/strict");

const roundTrip = async (glacier) => {
  const vaultName = "photos";
  await glacier.createVault({ vaultName }).promise();
  const body = Buffer.alloc(3 << 20, "a cat. ");
  const { archiveId } = await glacier.uploadArchive({ vaultName, body }).promise();
  const jobParameters = { Type: "archive-retrieval", ArchiveId: archiveId };
  const { jobId } = await glacier.initiateJob({ vaultName, jobParameters }).promise();
  const output = await glacier.getJobOutput({ vaultName, jobId }).promise();
  assert.deepEqual(output.body, body);
  await glacier.deleteArchive({ vaultName, archiveId }).promise();
  await glacier.deleteVault({ vaultName }).promise();
};

roundTrip(glacier).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
