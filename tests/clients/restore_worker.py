"""A worker that restores an archive as the high-level clients of AWS do (the ArchiveTransferManager of the SDK for Java):
it makes a topic and a queue, starts the retrieval, waits on the queue until SNS delivers the notification of its job,
and then downloads. It never polls the job.

usage: restore_worker.py GLACIER_ENDPOINT AWS_ENDPOINT. The second one has SNS and SQS. The exit status is 0 if every
check passed.
"""

import json
import sys
import uuid

import boto3
from botocore.config import Config

REGION = "eu-west-1"
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=60, read_timeout=60)


def client(service, endpoint):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=CONFIG,
    )


def subscribed_queue(sns, sqs):
    """Makes a topic, and a queue that is subscribed to it."""
    name = f"restore-{uuid.uuid4()}"
    topic = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return topic, queue


def wait_for(sqs, queue, job):
    """Receives messages until the one of this job arrives, and returns its notification and the description of the job.

    Each call waits up to 20 seconds at the server. The caller of this script has no other limit than this many calls."""
    for _ in range(6):
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20).get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            envelope = json.loads(message["Body"])
            description = json.loads(envelope["Message"])
            if description["JobId"] == job:
                return envelope, description
    raise AssertionError(f"no notification of job {job} arrived in the queue")


def same(actual, expected, what):
    if actual != expected:
        raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")


def main(glacier_endpoint, aws_endpoint):
    glacier, sns, sqs = client("glacier", glacier_endpoint), client("sns", aws_endpoint), client("sqs", aws_endpoint)
    topic, queue = subscribed_queue(sns, sqs)
    glacier.create_vault(vaultName="photos")
    archive = glacier.upload_archive(vaultName="photos", body=b"a cat")["archiveId"]

    # The topic of the vault.
    events = ["ArchiveRetrievalCompleted"]
    glacier.set_vault_notifications(
        vaultName="photos", vaultNotificationConfig={"SNSTopic": topic, "Events": events}
    )
    retrieval = {"Type": "archive-retrieval", "ArchiveId": archive, "Description": 'a &amp; "quoted" 100% + <b>'}
    job = glacier.initiate_job(vaultName="photos", jobParameters=retrieval)["jobId"]
    envelope, description = wait_for(sqs, queue, job)
    same((envelope["Type"], envelope["TopicArn"]), ("Notification", topic), "the envelope")
    same((description["StatusCode"], description["ArchiveId"]), ("Succeeded", archive), "the notification")
    described = glacier.describe_job(vaultName="photos", jobId=job)
    described.pop("ResponseMetadata")
    # boto3 leaves out members that are null.
    same({key: value for key, value in description.items() if value is not None}, described, "the notification")
    same(glacier.get_job_output(vaultName="photos", jobId=job)["body"].read(), b"a cat", "the output")
    print("ok  a retrieval that is announced to the topic of the vault")

    # The topic of the job, as the ArchiveTransferManager does.
    inventory = {"Type": "inventory-retrieval", "SNSTopic": topic}
    job = glacier.initiate_job(vaultName="photos", jobParameters=inventory)["jobId"]
    _, description = wait_for(sqs, queue, job)
    same((description["Action"], description["StatusCode"]), ("InventoryRetrieval", "Succeeded"), "the notification")
    listed = json.load(glacier.get_job_output(vaultName="photos", jobId=job)["body"])["ArchiveList"]
    same([entry["ArchiveId"] for entry in listed], [archive], "the inventory")
    print("ok  an inventory that is announced to its own topic")


if __name__ == "__main__":
    main(*sys.argv[1:])
