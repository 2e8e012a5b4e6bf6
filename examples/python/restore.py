"""The code under test."""

import time


def restore(glacier, vault, archive, sleep=time.sleep):
    """Retrieves an archive, and returns its bytes. Asks once an hour whether the retrieval has ended."""
    retrieval = {"Type": "archive-retrieval", "ArchiveId": archive}
    job = glacier.initiate_job(vaultName=vault, jobParameters=retrieval)["jobId"]
    while not (status := glacier.describe_job(vaultName=vault, jobId=job))["Completed"]:
        sleep(60 * 60)
    if status["StatusCode"] == "Failed":
        raise RuntimeError(status["StatusMessage"])
    return glacier.get_job_output(vaultName=vault, jobId=job)["body"].read()
