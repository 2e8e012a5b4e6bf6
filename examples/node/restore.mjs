// The code under test.

import { setTimeout } from "node:timers/promises";

/** Retrieves an archive, and returns its bytes. Asks once an hour whether the retrieval has ended. */
export async function restore(glacier, vaultName, archive, sleep = setTimeout) {
  const accountId = "-";
  const jobParameters = { Type: "archive-retrieval", ArchiveId: archive };
  const { jobId } = await glacier.initiateJob({ accountId, vaultName, jobParameters });
  let job;
  while (!(job = await glacier.describeJob({ accountId, vaultName, jobId })).Completed) await sleep(60 * 60 * 1000);
  if (job.StatusCode === "Failed") throw new Error(job.StatusMessage);
  const output = await glacier.getJobOutput({ accountId, vaultName, jobId });
  return Buffer.from(await output.body.transformToByteArray());
}
