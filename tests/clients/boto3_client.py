"""All 33 operations of the vault-based Glacier API through boto3, against a fresh glacier-mock.

The endpoint comes from AWS_ENDPOINT_URL, credentials and region from the usual variables. Every scenario makes its own
vaults, so a few can be picked by name: `boto3_client.py multipart_upload tags`. The exit status is 0 if all checks passed.
"""

import io
import json
import os
import random
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import boto3
from botocore.exceptions import ClientError, WaiterError
from botocore.utils import calculate_tree_hash

MIB = 1024 * 1024
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
WHOLE_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
CSV_HEADER = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash"
# Not RFC 4180: the description is always quoted and a quote in it is written `\"`; the other columns are bare.
CSV_ROW = re.compile(r'([\w-]{138}),"(.*)",([^",]+),(\d+),([0-9a-f]{64})')

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


def done(line):
    print(f"ok  {line}")


# Assertions ------------------------------------------------------------------------------------------------------


def same(actual, expected, what="value"):
    if actual != expected:
        raise AssertionError(f"{what}: expected {expected!r:.500}, got {actual!r:.500}")


def matches(pattern, text, what="text"):
    if not re.fullmatch(pattern, text):
        raise AssertionError(f"{what}: {text!r:.500} is not of the form {pattern}")


@contextmanager
def refused(kind, message=None):
    """`kind` is one of `client.exceptions`, or a code for an error that the service model does not list."""
    try:
        yield
    except ClientError as error:
        code = kind if isinstance(kind, str) else kind.__name__
        same(error.response["Error"]["Code"], code, "error code")
        same(type(error).__name__, "ClientError" if isinstance(kind, str) else code, "exception class")
        if message is not None:
            same(error.response["Error"]["Message"], message, "error message")
    else:
        raise AssertionError(f"expected {kind}, but the call succeeded")


class EveryResponse:
    """Checks that apply to each response, whatever the operation."""

    def __init__(self):
        self.request_ids = []
        self.operations = set()

    def watch(self, client):
        client.meta.events.register("after-call.glacier", self.check)
        return client

    def check(self, http_response, parsed, model, **_):
        status, headers = parsed["ResponseMetadata"]["HTTPStatusCode"], http_response.headers
        # A retry would hide an error of the mock. In standard mode botocore retries after a LimitExceededException.
        if parsed.get("Error", {}).get("Code") != "LimitExceededException":
            same(parsed["ResponseMetadata"]["RetryAttempts"], 0, f"retries of {model.name}")
        same("Date" in headers, True, f"Date in the answer to {model.name}")
        self.request_ids.append(parsed["ResponseMetadata"]["RequestId"])
        self.operations.add(model.name)
        if status >= 300:
            same(headers["Content-Type"], "application/json", f"Content-Type of an error of {model.name}")
            return
        # 201 and 202 have an empty object as their body, and 204 has no body.
        if status in (201, 202):
            got = (headers.get("Content-Type"), headers.get("Content-Length"), http_response.content)
            same(got, ("application/json", "2", b"{}"), f"body of the answer to {model.name}")
        if status == 204:
            got = (headers.get("Content-Type"), headers.get("Content-Length"), http_response.content)
            same(got, (None, None, b""), f"body of the answer to {model.name}")
        if status != 206:
            same(status, model.http.get("responseCode", 200), f"status of {model.name}")

    def check_request_ids(self):
        same(len(set(self.request_ids)), len(self.request_ids), "distinct request IDs")
        done(f"{len(self.request_ids)} responses, each with its own request ID, none retried")


EVERY_RESPONSE = EveryResponse()


# Helpers ---------------------------------------------------------------------------------------------------------


def random_bytes(size, seed=1):
    return random.Random(seed).randbytes(size)


def tree_hash(data):
    return calculate_tree_hash(io.BytesIO(data))


def moment(text):
    return datetime.fromisoformat(text.removesuffix("Z"))


def without_metadata(answer):
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def new_vault(client, name):
    """Creates the vault and returns its ARN."""
    location = client.create_vault(vaultName=name)["location"]
    arn = client.describe_vault(vaultName=name)["VaultARN"]
    account = arn.split(":")[4]
    same(arn, f"arn:{client.meta.partition}:glacier:{client.meta.region_name}:{account}:vaults/{name}", "VaultARN")
    same(location, f"/{account}/vaults/{name}", "Location of the vault")
    return arn


def upload(client, vault, data, description=""):
    stored = client.upload_archive(vaultName=vault, archiveDescription=description, body=data)
    same(stored["checksum"], tree_hash(data), "tree hash of the upload")
    same(stored["location"].split("/", 2)[2], f"vaults/{vault}/archives/{stored['archiveId']}", "Location")
    return stored["archiveId"]


def retrieve_archive(client, vault, archive, **parameters):
    return start_job(client, vault, Type="archive-retrieval", ArchiveId=archive, **parameters)


def retrieve_inventory(client, vault, **parameters):
    return start_job(client, vault, Type="inventory-retrieval", **parameters)


def start_job(client, vault, **parameters):
    started = client.initiate_job(vaultName=vault, jobParameters=parameters)
    same(len(started["jobId"]), 92, "length of a job ID")
    same(started["location"].split("/", 2)[2], f"vaults/{vault}/jobs/{started['jobId']}", "Location")
    return started["jobId"]


def job_output(client, vault, job, **parameters):
    """Returns the response to GetJobOutput and its body."""
    answer = client.get_job_output(vaultName=vault, jobId=job, **parameters)
    return answer, answer["body"].read()


def json_inventory(client, vault, job):
    answer, body = job_output(client, vault, job)
    same((answer["status"], answer["contentType"]), (200, "application/json"), "inventory in JSON")
    return json.loads(body)


def delete_vault_and_archives(client, vault, *archives):
    for archive in archives:
        client.delete_archive(vaultName=vault, archiveId=archive)
    client.delete_vault(vaultName=vault)


def pages(client, operation, key, page_size=None, **parameters):
    config = {"PageSize": page_size} if page_size else {}
    return [page[key] for page in client.get_paginator(operation).paginate(PaginationConfig=config, **parameters)]


def policy(effect, action, resource, principal="*", **condition):
    statement = {"Sid": "test", "Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    # Compact and in this order, as the service returns it.
    return {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))}


def no_young_deletes(arn):
    return policy("Deny", "glacier:DeleteArchive", arn, NumericLessThan={"glacier:ArchiveAgeInDays": "365"})


# The client API --------------------------------------------------------------------------------------------------


@scenario
def fresh_start(client):
    same(client.list_vaults()["VaultList"], [], "vaults of a fresh mock")
    same([len(page) for page in pages(client, "list_vaults", "VaultList")], [0], "pages of an empty list")
    done("a fresh mock has no vaults")


@scenario
def vaults(client):
    names = [f"many-{n:02}" for n in range(12)]
    arns = {name: new_vault(client, name) for name in reversed(names)}
    described = without_metadata(client.describe_vault(vaultName=names[0]))
    matches(MILLISECONDS, described.pop("CreationDate"), "CreationDate")
    same(
        described,
        {"VaultName": names[0], "VaultARN": arns[names[0]], "NumberOfArchives": 0, "SizeInBytes": 0},
        "description of a vault",
    )
    before = without_metadata(client.describe_vault(vaultName=names[0]))
    new_vault(client, names[0])
    same(without_metadata(client.describe_vault(vaultName=names[0])), before, "vault that was created twice")
    done("create_vault, describe_vault; a second create changes nothing")

    page_through_vaults(client, names, arns)
    for name in [*names, names[0]]:
        client.delete_vault(vaultName=name)
    same(client.list_vaults()["VaultList"], [], "vaults after the deletion")
    done("delete_vault, also of a vault that is gone")


def page_through_vaults(client, names, arns):
    def names_by_page(page_size=None):
        listed = pages(client, "list_vaults", "VaultList", page_size)
        return [[vault["VaultName"] for vault in page] for page in listed]

    same(names_by_page(), [names[:10], names[10:]], "pages of vaults")
    same(names_by_page(5), [names[:5], names[5:10], names[10:]], "pages of 5 vaults")
    same(names_by_page(1000), [names[:10], names[10:]], "an older client's pages of 1000")
    same(client.list_vaults()["Marker"], arns[names[10]], "marker of the second page")
    same("Marker" in client.list_vaults(marker=arns[names[10]]), False, "marker of the last page")

    paginator = client.get_paginator("list_vaults")
    first = paginator.paginate(PaginationConfig={"MaxItems": 7, "PageSize": 5}).build_full_result()
    rest = paginator.paginate(PaginationConfig={"StartingToken": first["NextToken"]}).build_full_result()
    same([len(part["VaultList"]) for part in (first, rest)], [7, 5], "list_vaults cut at MaxItems and resumed")
    with refused(client.exceptions.InvalidParameterValueException):
        client.list_vaults(limit="0")
    with refused(client.exceptions.InvalidParameterValueException):
        client.list_vaults(marker="never-given-out")
    done("list_vaults paginator: pages, page sizes, resuming; an invalid limit or marker is refused")


@scenario
def waiters(client):
    exists, gone = client.get_waiter("vault_exists"), client.get_waiter("vault_not_exists")
    impatient = {"Delay": 0, "MaxAttempts": 2}
    try:
        exists.wait(vaultName="awaited", WaiterConfig=impatient)
    except WaiterError as error:
        matches(".*Max attempts exceeded.*", str(error))
    else:
        raise AssertionError("vault_exists did not miss the vault")
    gone.wait(vaultName="awaited")
    client.create_vault(vaultName="awaited")
    exists.wait(vaultName="awaited")
    client.delete_vault(vaultName="awaited")
    gone.wait(vaultName="awaited")
    done("waiters vault_exists and vault_not_exists")


@scenario
def typed_exceptions(client):
    present = new_vault(client, "present")
    missing, errors = present.replace("present", "absent"), client.exceptions
    for call in (
        lambda: client.describe_vault(vaultName="absent"),
        lambda: client.upload_archive(vaultName="absent", body=b"x"),
        lambda: client.list_jobs(vaultName="absent"),
        lambda: client.list_tags_for_vault(vaultName="absent"),
        lambda: client.initiate_multipart_upload(vaultName="absent", partSize=str(MIB)),
    ):
        with refused(errors.ResourceNotFoundException, f"Vault not found for ARN: {missing}"):
            call()
    with refused(errors.ResourceNotFoundException, f"The job ID was not found: {'j' * 92}"):
        client.describe_job(vaultName="present", jobId="j" * 92)
    with refused(errors.ResourceNotFoundException, f"The archive ID was not found: {'a' * 138}"):
        retrieve_archive(client, "present", "a" * 138)
    with refused(errors.MissingParameterValueException, "Required parameter missing: type"):
        client.initiate_job(vaultName="present", jobParameters={"Format": "JSON"})
    with refused(errors.InvalidParameterValueException, "The job status code is not valid: finished"):
        client.list_jobs(vaultName="present", statuscode="finished")
    done("ResourceNotFound, MissingParameterValue and InvalidParameterValue exceptions have their classes and messages")

    stranger = "999988887777"
    with refused("AccessDeniedException", f"Access denied for account ID: {stranger}"):
        client.list_vaults(accountId=stranger)
    with refused("UnrecognizedClientException", "No account found for the given parameters"):
        client.list_vaults(accountId="abcmnoxyz")
    own = present.split(":")[4]
    same(client.describe_vault(accountId=own, vaultName="present")["VaultARN"], present, "vault by account number")
    client.delete_vault(vaultName="present")
    done("the caller's account by its number, another account, and an invalid account")


@scenario
def single_upload(client):
    arn, errors = new_vault(client, "single"), client.exceptions
    data = random_bytes(MIB + 7)
    one = upload(client, "single", data, "the first of two")
    two = upload(client, "single", data, "the second of two")
    same((len(one), len(two), one == two), (138, 138, False), "IDs of two equal archives")
    with open(__file__, "rb") as file:
        this_file = client.upload_archive(vaultName="single", archiveDescription="a file", body=file)["archiveId"]
    job = retrieve_archive(client, "single", this_file)
    with open(__file__, "rb") as file:
        same(job_output(client, "single", job)[1], file.read(), "bytes of a file")
    same(client.describe_vault(vaultName="single")["NumberOfArchives"], 3, "NumberOfArchives")
    done("upload_archive from bytes and from a file, with descriptions")

    wrong, right = "0" * 64, tree_hash(data)
    with refused(errors.InvalidParameterValueException, f"Checksum mismatch: expected {wrong}, computed {right}"):
        client.upload_archive(vaultName="single", body=data, checksum=wrong)
    with refused(errors.InvalidParameterValueException, "Invalid x-amz-sha256-tree-hash: 000"):
        client.upload_archive(vaultName="single", body=data, checksum="000")
    with refused(errors.InvalidParameterValueException, "Invalid Content-Length: 0"):
        client.upload_archive(vaultName="single", body=b"")
    with refused(errors.InvalidParameterValueException, f"Vault not empty or recently written to: {arn}"):
        client.delete_vault(vaultName="single")
    same(client.describe_vault(vaultName="single")["NumberOfArchives"], 3, "NumberOfArchives after refusals")
    delete_vault_and_archives(client, "single", one, two, this_file)
    done("wrong hashes, an empty body and the deletion of a vault in use are refused")


@scenario
def multipart_upload(client):
    new_vault(client, "multipart")
    data, description = random_bytes(3 * MIB + MIB // 2, seed=2), "four parts, out of order"
    started = client.initiate_multipart_upload(
        vaultName="multipart", archiveDescription=description, partSize=str(MIB)
    )
    upload_id = started["uploadId"]
    same(len(upload_id), 92, "length of an upload ID")
    same(started["location"].split("/", 2)[2], f"vaults/multipart/multipart-uploads/{upload_id}", "Location")
    this = {"vaultName": "multipart", "uploadId": upload_id}

    put_part(client, this, random_bytes(3 * MIB, seed=3), 2 * MIB)
    refuse_to_complete(client, this, data)
    with ThreadPoolExecutor(max_workers=4) as threads:
        list(threads.map(lambda start: put_part(client, this, data, start), [3 * MIB, MIB, 0, 2 * MIB]))
    done("four parts from four threads, out of order, one of them over an earlier part")

    list_parts(client, this, data, description)
    archive = complete(client, this, data)
    job = retrieve_archive(client, "multipart", archive)
    answer, body = job_output(client, "multipart", job)
    same(body == data, True, "bytes of the assembled archive")
    same((answer["archiveDescription"], answer["checksum"]), (description, tree_hash(data)), "headers of the output")
    delete_vault_and_archives(client, "multipart", archive)
    done("complete_multipart_upload, repeated; the archive has the bytes and the description")


def put_part(client, this, data, start):
    part = data[start : start + MIB]
    answer = client.upload_multipart_part(
        **this, range=f"bytes {start}-{start + len(part) - 1}/*", body=io.BytesIO(part)
    )
    same(answer["checksum"], tree_hash(part), "tree hash of a part")


def refuse_to_complete(client, this, data):
    errors, whole = client.exceptions, {"archiveSize": str(len(data)), "checksum": tree_hash(data)}
    with refused(errors.InvalidParameterValueException):
        client.complete_multipart_upload(**this, **whole)
    with refused(errors.MissingParameterValueException, "Required parameter missing: x-amz-sha256-tree-hash"):
        client.complete_multipart_upload(**this, archiveSize=whole["archiveSize"])
    with refused(
        errors.InvalidParameterValueException,
        "Content-Range: bytes 0-1048575/* is incompatible with Content-Length: 3",
    ):
        client.upload_multipart_part(**this, range="bytes 0-1048575/*", body=b"abc")
    with refused(errors.InvalidParameterValueException):
        client.upload_multipart_part(**this, range="bytes 1-3/*", body=b"abc")
    with refused(
        errors.InvalidParameterValueException,
        "Invalid part size: 10485760. Part size must not be null, must be a power of two and be between 1048576 and "
        "4294967296 bytes.",
    ):
        client.initiate_multipart_upload(vaultName=this["vaultName"], partSize="10485760")
    done("missing parts, misplaced parts and an invalid part size are refused")


def list_parts(client, this, data, description):
    listed = pages(client, "list_parts", "Parts", page_size=3, **this)
    same([len(page) for page in listed], [3, 1], "pages of parts")
    expected = [
        {
            "RangeInBytes": f"{start}-{min(start + MIB, len(data)) - 1}",
            "SHA256TreeHash": tree_hash(data[start : start + MIB]),
        }
        for start in range(0, len(data), MIB)
    ]
    same([part for page in listed for part in page], expected, "parts")
    answer = client.list_parts(**this)
    same(
        (answer["MultipartUploadId"], answer["PartSizeInBytes"], answer["ArchiveDescription"], answer["Parts"]),
        (this["uploadId"], MIB, description, expected),
        "list_parts on one page",
    )
    done("list_parts paginator: two pages, in order of range, with the last bytes that were put")


def complete(client, this, data):
    invalid = client.exceptions.InvalidParameterValueException
    right = tree_hash(data)
    empty = tree_hash(b"")
    with refused(invalid, f"Invalid x-amz-sha256-tree-hash: {empty}"):
        client.complete_multipart_upload(**this, archiveSize=str(len(data)), checksum=empty)
    with refused(invalid):
        client.complete_multipart_upload(**this, archiveSize=str(len(data) - 1), checksum=right)
    stored = [
        client.complete_multipart_upload(**this, archiveSize=str(len(data)), checksum=right) for _ in range(2)
    ]
    same(stored[0]["archiveId"], stored[1]["archiveId"], "archive ID of a repeated complete")
    same(stored[0]["checksum"], right, "tree hash of the whole")
    same(client.list_multipart_uploads(vaultName=this["vaultName"])["UploadsList"], [], "uploads after the complete")
    try:
        client.list_parts(**this)
    except ClientError:
        return stored[0]["archiveId"]
    raise AssertionError("list_parts of a completed upload succeeded")


@scenario
def page_through_uploads(client):
    arn = new_vault(client, "uploads")
    started = {
        client.initiate_multipart_upload(vaultName="uploads", partSize=str(2 * MIB))["uploadId"] for _ in range(52)
    }
    same(len(started), 52, "distinct upload IDs")
    for page_size, sizes in ((None, [50, 2]), (20, [20, 20, 12])):
        listed = pages(client, "list_multipart_uploads", "UploadsList", page_size, vaultName="uploads")
        same([len(page) for page in listed], sizes, "pages of uploads")
        same({upload["MultipartUploadId"] for page in listed for upload in page}, started, "uploads")
    same({(u["PartSizeInBytes"], u["VaultARN"]) for u in listed[0]}, {(2 * MIB, arn)}, "members of an upload")
    for upload_id in started:
        client.abort_multipart_upload(vaultName="uploads", uploadId=upload_id)
    client.abort_multipart_upload(vaultName="uploads", uploadId=upload_id)
    same(client.list_multipart_uploads(vaultName="uploads")["UploadsList"], [], "uploads after the abort")
    client.delete_vault(vaultName="uploads")
    done("list_multipart_uploads paginator: 52 uploads; abort_multipart_upload, repeated")


@scenario
def page_through_jobs(client):
    new_vault(client, "jobs")
    started = {retrieve_inventory(client, "jobs", Format="JSON") for _ in range(52)}
    same(len(started), 52, "distinct job IDs")
    for page_size, sizes in ((None, [50, 2]), (25, [25, 25, 2])):
        listed = pages(client, "list_jobs", "JobList", page_size, vaultName="jobs")
        same([len(page) for page in listed], sizes, "pages of jobs")
        same({job["JobId"] for page in listed for job in page}, started, "jobs")

    def count(**filters):
        return sum(len(page) for page in pages(client, "list_jobs", "JobList", vaultName="jobs", **filters))

    same(count(statuscode="Succeeded", completed="true"), 52, "completed jobs")
    same([count(statuscode=code) for code in ("Succeeded", "InProgress", "Failed")], [52, 0, 0], "jobs by status")
    same(count(completed="false"), 0, "jobs that are not completed")
    client.delete_vault(vaultName="jobs")
    done("list_jobs paginator: 52 jobs, filters by status and completion")


@scenario
def whole_retrieval(client):
    arn = new_vault(client, "whole")
    data = random_bytes(2 * MIB + 5, seed=4)
    archive = upload(client, "whole", data, 'a "quoted" word')
    topic = arn.replace(":glacier:", ":sns:").replace("vaults/whole", "topic")
    job = retrieve_archive(client, "whole", archive, Description="restore", Tier="Bulk", SNSTopic=topic)
    described = without_metadata(client.describe_job(vaultName="whole", jobId=job))
    for key in ("CreationDate", "CompletionDate"):
        matches(MILLISECONDS, described.pop(key), key)
    expected = {
        "JobId": job,
        "JobDescription": "restore",
        "Action": "ArchiveRetrieval",
        "ArchiveId": archive,
        "VaultARN": arn,
        "Completed": True,
        "StatusCode": "Succeeded",
        "StatusMessage": "Succeeded",
        "ArchiveSizeInBytes": len(data),
        "SNSTopic": topic,
        "SHA256TreeHash": tree_hash(data),
        "ArchiveSHA256TreeHash": tree_hash(data),
        "RetrievalByteRange": f"0-{len(data) - 1}",
        "Tier": "Bulk",
    }
    same(described, expected, "describe_job")
    answer, body = job_output(client, "whole", job)
    same(body == data, True, "bytes of the whole archive")
    keys = ("status", "checksum", "archiveDescription", "contentType", "acceptRanges")
    same(
        [answer[key] for key in keys],
        [200, tree_hash(data), 'a "quoted" word', "application/octet-stream", "bytes"],
        "headers of the output",
    )
    job = retrieve_archive(client, "whole", archive)
    same(client.describe_job(vaultName="whole", jobId=job)["Tier"], "Standard", "Tier of a job that named none")
    delete_vault_and_archives(client, "whole", archive)
    done("whole retrieval: describe_job, bytes, tree hash, description")


@scenario
def ranged_retrieval(client):
    new_vault(client, "ranged")
    data = random_bytes(3 * MIB + MIB // 2, seed=5)
    archive, last = upload(client, "ranged", data), len(data) - 1
    for first, end, aligned in (
        (MIB, 2 * MIB - 1, True),
        (0, 2 * MIB - 1, True),
        (2 * MIB, last, True),
        (3 * MIB, last, True),
        (MIB, 3 * MIB - 1, False),
        (MIB, last, False),
    ):
        retrieve_range(client, archive, data, first, end, aligned)
    done("retrievals of a RetrievalByteRange, tree-hash aligned and not")

    whole = retrieve_archive(client, "ranged", archive)
    for first, end, aligned in (
        (0, MIB - 1, True),
        (2 * MIB, last, True),
        (100, 299, False),
        (MIB, 3 * MIB - 1, False),
    ):
        download_range(client, whole, data, 0, first, end, aligned)
    # A download's range counts from the start of the job's own range.
    half = retrieve_archive(client, "ranged", archive, RetrievalByteRange=f"{2 * MIB}-{last}")
    for first, end, aligned in ((0, MIB - 1, True), (MIB, MIB + MIB // 2 - 1, True), (1, 9, False)):
        download_range(client, half, data[2 * MIB :], 2 * MIB, first, end, aligned)
    done("downloads of a range of the output, tree-hash aligned and not")

    invalid = client.exceptions.InvalidParameterValueException
    for bad in ("1-1048575", f"0-{MIB}", f"0-{4 * MIB - 1}", f"{MIB}-0"):
        with refused(invalid):
            retrieve_archive(client, "ranged", archive, RetrievalByteRange=bad)
    beyond = f"bytes={len(data)}-{len(data) + 9}"
    with refused(invalid, f"The start of the range is larger than size of retrieved data: {beyond}"):
        client.get_job_output(vaultName="ranged", jobId=whole, range=beyond)
    answer, body = job_output(client, "ranged", whole, range="0-100/493")
    same((answer["status"], len(body)), (200, len(data)), "output for a range that cannot be read")
    delete_vault_and_archives(client, "ranged", archive)
    done("invalid ranges are refused, a malformed download range is ignored")


def retrieve_range(client, archive, data, first, end, aligned):
    asked = f"{first}-{end}"
    job = retrieve_archive(client, "ranged", archive, RetrievalByteRange=asked)
    expected_hash = tree_hash(data[first : end + 1]) if aligned else None
    described = client.describe_job(vaultName="ranged", jobId=job)
    same(
        (described["RetrievalByteRange"], described.get("SHA256TreeHash"), described["ArchiveSHA256TreeHash"]),
        (asked, expected_hash, tree_hash(data)),
        f"describe_job for {asked}",
    )
    answer, body = job_output(client, "ranged", job)
    same(body == data[first : end + 1], True, f"bytes {asked}")
    same((answer["status"], answer.get("checksum")), (200, expected_hash), f"headers of {asked}")


def download_range(client, job, output, offset, first, end, aligned):
    what = f"bytes {first}-{end} of an output that begins at {offset}"
    answer, body = job_output(client, "ranged", job, range=f"bytes={first}-{end}")
    same(body == output[first : end + 1], True, what)
    same(
        (answer["status"], answer["contentRange"], answer.get("checksum")),
        (206, f"bytes {first}-{end}/{len(output)}", tree_hash(body) if aligned else None),
        f"headers of {what}",
    )


@scenario
def inventories(client):
    arn = new_vault(client, "inventory")
    descriptions = ("", "plain", 'a comma, a "quote", a brace }')
    contents = {description: random_bytes(MIB + n, seed=n) for n, description in enumerate(descriptions)}
    archives = {description: upload(client, "inventory", data, description) for description, data in contents.items()}
    expected = {
        (archives[description], description, len(data), tree_hash(data)) for description, data in contents.items()
    }
    job = retrieve_inventory(client, "inventory", Description="nightly")
    inventory = json_inventory(client, "inventory", job)
    same(list(inventory), ["VaultARN", "InventoryDate", "ArchiveList"], "keys of an inventory")
    same(inventory["VaultARN"], arn, "VaultARN of an inventory")
    matches(WHOLE_SECONDS, inventory["InventoryDate"], "InventoryDate")
    same({inventory_row(entry) for entry in inventory["ArchiveList"]}, expected, "inventory in JSON")
    describe_inventory_job(client, job)
    done("inventory in JSON")

    job = retrieve_inventory(client, "inventory", Format="CSV")
    answer, body = job_output(client, "inventory", job)
    same((answer["contentType"], "checksum" in answer), ("text/csv", False), "headers of an inventory in CSV")
    same(csv_rows(body.decode()), expected, "inventory in CSV")
    done("inventory in CSV, descriptions quoted in the service's way")

    page_through_inventory(client, expected)
    cut_inventory_by_date(client, inventory)
    delete_vault_and_archives(client, "inventory", *archives.values())


def inventory_row(entry):
    matches(WHOLE_SECONDS, entry["CreationDate"], "CreationDate in an inventory")
    same(list(entry), CSV_HEADER.split(","), "keys of an archive in an inventory")
    return entry["ArchiveId"], entry["ArchiveDescription"], entry["Size"], entry["SHA256TreeHash"]


def csv_rows(text):
    header, *lines = text.splitlines()
    same(header, CSV_HEADER, "first line of the CSV")
    rows = set()
    for line in lines:
        row = CSV_ROW.fullmatch(line)
        if row is None:
            raise AssertionError(f"not a line of the service's CSV: {line!r}")
        archive, description, created, size, digest = row.groups()
        matches(WHOLE_SECONDS, created, "CreationDate in the CSV")
        matches(r'(\\"|[^"])*', description, "description in the CSV")
        rows.add((archive, description.replace('\\"', '"'), int(size), digest))
    same(len(rows), len(lines), "distinct lines of the CSV")
    return rows


def describe_inventory_job(client, job):
    described = client.describe_job(vaultName="inventory", jobId=job)
    _, body = job_output(client, "inventory", job)
    keys = ("Action", "StatusCode", "JobDescription", "InventorySizeInBytes", "Tier", "ArchiveId")
    same(
        [described.get(key) for key in keys],
        ["InventoryRetrieval", "Succeeded", "nightly", len(body), None, None],
        "describe_job of an inventory",
    )
    same(described["InventoryRetrievalParameters"], {"Format": "JSON"}, "InventoryRetrievalParameters")


def page_through_inventory(client, expected):
    found, parameters = [], {"Limit": "2"}
    for size in (2, 1):
        job = retrieve_inventory(client, "inventory", InventoryRetrievalParameters=parameters)
        page = json_inventory(client, "inventory", job)["ArchiveList"]
        same(len(page), size, "archives on a page of the inventory")
        found += page
        described = client.describe_job(vaultName="inventory", jobId=job)["InventoryRetrievalParameters"]
        same(described["Limit"], "2", "Limit in describe_job")
        parameters = {"Limit": "2", "Marker": described.get("Marker")}
    same(parameters["Marker"], None, "marker after the last page")
    same({inventory_row(entry) for entry in found}, expected, "inventory in pages")
    done("inventory in pages of two, by Limit and Marker")


def cut_inventory_by_date(client, inventory):
    now, hour = moment(inventory["InventoryDate"]), timedelta(hours=1)
    hour_ago, in_an_hour = (f"{at.isoformat()}Z" for at in (now - hour, now + hour))
    for parameters, size in (
        ({"StartDate": hour_ago, "EndDate": in_an_hour}, 3),
        ({"StartDate": in_an_hour}, 0),
        ({"EndDate": hour_ago}, 0),
    ):
        job = retrieve_inventory(client, "inventory", InventoryRetrievalParameters=parameters)
        same(len(json_inventory(client, "inventory", job)["ArchiveList"]), size, f"archives within {parameters}")
    done("inventory between two dates")


@scenario
def deleted_archives(client):
    new_vault(client, "deleted")
    archive = upload(client, "deleted", b"soon gone")
    early = retrieve_archive(client, "deleted", archive)
    for _ in range(2):
        client.delete_archive(vaultName="deleted", archiveId=archive)
    same(job_output(client, "deleted", early)[1], b"soon gone", "output of a retrieval that was ready")
    late = client.describe_job(vaultName="deleted", jobId=retrieve_archive(client, "deleted", archive))
    same((late["StatusCode"], late["Completed"]), ("Failed", True), "retrieval of a deleted archive")
    same(json_inventory(client, "deleted", retrieve_inventory(client, "deleted"))["ArchiveList"], [], "inventory")
    client.delete_vault(vaultName="deleted")
    done("delete_archive, repeated; the output of a completed job stays, a later retrieval fails")


@scenario
def tags(client):
    new_vault(client, "tagged")

    def current():
        return client.list_tags_for_vault(vaultName="tagged")["Tags"]

    same(current(), {}, "tags of a new vault")
    client.add_tags_to_vault(vaultName="tagged", Tags={"team": "archive", "cost centre": "a+b=c@d/e", "empty": ""})
    client.add_tags_to_vault(vaultName="tagged", Tags={"team": "storage"})
    same(current(), {"team": "storage", "cost centre": "a+b=c@d/e", "empty": ""}, "tags")
    client.remove_tags_from_vault(vaultName="tagged", TagKeys=["empty", "cost centre", "never there"])
    same(current(), {"team": "storage"}, "tags after a removal")
    done("add_tags_to_vault, overwriting; list_tags_for_vault; remove_tags_from_vault")

    with refused(client.exceptions.InvalidParameterValueException):
        client.add_tags_to_vault(vaultName="tagged", Tags={"aws:mine": "no"})
    numbered = [f"tag-{n}" for n in range(49)]
    for start in range(0, 49, 10):
        client.add_tags_to_vault(vaultName="tagged", Tags={key: "x" for key in numbered[start : start + 10]})
    with refused(client.exceptions.LimitExceededException):
        client.add_tags_to_vault(vaultName="tagged", Tags={"the-51st": "x"})
    same(len(current()), 50, "tags of a vault that is full")
    client.delete_vault(vaultName="tagged")
    done("the 51st tag and a key that begins with `aws:` are refused")


@scenario
def notifications(client):
    arn = new_vault(client, "notified")
    nothing = f"No notification configuration is set for vault: {arn}"
    with refused(client.exceptions.ResourceNotFoundException, nothing):
        client.get_vault_notifications(vaultName="notified")
    configuration = {
        "SNSTopic": arn.replace(":glacier:", ":sns:").replace("vaults/notified", "topic"),
        "Events": ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"],
    }
    client.set_vault_notifications(vaultName="notified", vaultNotificationConfig=configuration)
    got = client.get_vault_notifications(vaultName="notified")["vaultNotificationConfig"]
    same({**got, "Events": sorted(got["Events"])}, configuration, "notification configuration")
    with refused(client.exceptions.InvalidParameterValueException):
        client.set_vault_notifications(
            vaultName="notified", vaultNotificationConfig={**configuration, "Events": ["VaultPainted"]}
        )
    for _ in range(2):
        client.delete_vault_notifications(vaultName="notified")
    with refused(client.exceptions.ResourceNotFoundException, nothing):
        client.get_vault_notifications(vaultName="notified")
    client.delete_vault(vaultName="notified")
    done("set, get and delete vault notifications")


@scenario
def access_policy(client):
    arn = new_vault(client, "shared")
    nothing = "No vault access policy is set for: shared"
    with refused(client.exceptions.ResourceNotFoundException, nothing):
        client.get_vault_access_policy(vaultName="shared")
    grant = policy("Allow", "glacier:Describe*", arn, {"AWS": f"arn:{client.meta.partition}:iam::111122223333:root"})
    client.set_vault_access_policy(vaultName="shared", policy=grant)
    same(client.get_vault_access_policy(vaultName="shared")["policy"], grant, "access policy")
    guest = EVERY_RESPONSE.watch(
        boto3.client(
            "glacier",
            aws_access_key_id="111122223333",
            aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
        )
    )
    there = {"accountId": arn.split(":")[4], "vaultName": "shared"}
    same(guest.describe_vault(**there)["VaultARN"], arn, "a vault that a guest describes")
    with refused("AccessDeniedException"):
        guest.delete_vault(**there)
    without_principal = {"Policy": grant["Policy"].replace('"Principal"', '"Unknown"')}
    for broken in (without_principal, {"Policy": "{"}):
        with refused(client.exceptions.InvalidParameterValueException):
            client.set_vault_access_policy(vaultName="shared", policy=broken)
    for _ in range(2):
        client.delete_vault_access_policy(vaultName="shared")
    with refused(client.exceptions.ResourceNotFoundException, nothing):
        client.get_vault_access_policy(vaultName="shared")
    with refused("AccessDeniedException", f"Access denied for account ID: {there['accountId']}"):
        guest.describe_vault(**there)
    client.delete_vault(vaultName="shared")
    done("set, get and delete the access policy, which can allow another account")


@scenario
def aborted_vault_lock(client):
    arn, errors = new_vault(client, "unlocked"), client.exceptions
    archive = upload(client, "unlocked", b"kept for a moment")
    with refused(errors.ResourceNotFoundException):
        client.get_vault_lock(vaultName="unlocked")
    lock_policy = no_young_deletes(arn)
    lock = client.initiate_vault_lock(vaultName="unlocked", policy=lock_policy)["lockId"]
    same(len(lock), 24, "length of a lock ID")
    got = without_metadata(client.get_vault_lock(vaultName="unlocked"))
    created, expires = (moment(got.pop(key)) for key in ("CreationDate", "ExpirationDate"))
    same(expires - created, timedelta(hours=24), "time to complete a lock")
    same(got, {**lock_policy, "State": "InProgress"}, "lock in progress")
    with refused("AccessDeniedException"):
        client.delete_archive(vaultName="unlocked", archiveId=archive)
    with refused("AccessDeniedException"):
        client.initiate_vault_lock(vaultName="unlocked", policy=lock_policy)
    with refused(errors.InvalidParameterValueException):
        client.complete_vault_lock(vaultName="unlocked", lockId="x" * 24)

    for _ in range(2):
        client.abort_vault_lock(vaultName="unlocked")
    with refused(errors.ResourceNotFoundException):
        client.get_vault_lock(vaultName="unlocked")
    invalid = "The specified vault lock policy is invalid. Provide a valid policy."
    with refused(errors.InvalidParameterValueException, invalid):
        client.initiate_vault_lock(vaultName="unlocked", policy={"Policy": "not a policy"})
    delete_vault_and_archives(client, "unlocked", archive)
    done("initiate, get and abort a vault lock, whose policy applies meanwhile")


@scenario
def data_retrieval_policy(client):
    def current():
        return client.get_data_retrieval_policy()["Policy"]

    def allow(**rule):
        client.set_data_retrieval_policy(Policy={"Rules": [rule]})

    same(current(), {"Rules": [{"Strategy": "None"}]}, "data retrieval policy of a new account")
    allow(Strategy="BytesPerHour", BytesPerHour=1)
    same(current(), {"Rules": [{"Strategy": "BytesPerHour", "BytesPerHour": 1}]}, "BytesPerHour policy")
    new_vault(client, "slow")
    archive = upload(client, "slow", b"more than four bytes")
    with refused(client.exceptions.PolicyEnforcedException):
        retrieve_archive(client, "slow", archive)
    retrieve_archive(client, "slow", archive, Tier="Bulk")
    delete_vault_and_archives(client, "slow", archive)
    with refused(client.exceptions.InvalidParameterValueException):
        allow(Strategy="FreeTier", BytesPerHour=1)
    allow(Strategy="FreeTier")
    same(current(), {"Rules": [{"Strategy": "FreeTier"}]}, "FreeTier policy")
    allow(Strategy="None")
    done("get and set the data retrieval policy, which refuses a Standard retrieval")


@scenario
def provisioned_capacity(client):
    same(client.list_provisioned_capacity()["ProvisionedCapacityList"], [], "capacity of a new account")
    bought = {client.purchase_provisioned_capacity()["capacityId"] for _ in range(2)}
    same({len(unit) for unit in bought}, {24}, "length of a capacity ID")
    with refused(client.exceptions.LimitExceededException):
        client.purchase_provisioned_capacity()
    units = client.list_provisioned_capacity()["ProvisionedCapacityList"]
    same({unit["CapacityId"] for unit in units}, bought, "capacity units")
    same({tuple(sorted(unit)) for unit in units}, {("CapacityId", "ExpirationDate", "StartDate")}, "keys of a unit")
    done("purchase and list provisioned capacity, two units at most")


# The resource API ------------------------------------------------------------------------------------------------


@scenario
def resource_vault(_client):
    glacier = resource()
    vault = glacier.create_vault(vaultName="resource")
    same((vault.account_id, vault.name), ("-", "resource"), "identifiers of a vault")
    glacier.Vault("-", "resource-2").create()
    same([v.name for v in glacier.vaults.all()], ["resource", "resource-2"], "vaults of the resource")
    same([v.name for v in glacier.Account("-").vaults.limit(1)], ["resource"], "vaults of the account")
    same((vault.vault_name, vault.number_of_archives, vault.last_inventory_date), ("resource", 0, None), "attributes")

    notification = vault.Notification()
    topic = vault.vault_arn.replace(":glacier:", ":sns:").replace("vaults/resource", "topic")
    notification.set(vaultNotificationConfig={"SNSTopic": topic, "Events": ["ArchiveRetrievalCompleted"]})
    same((notification.sns_topic, notification.events), (topic, ["ArchiveRetrievalCompleted"]), "notification")
    notification.delete()
    for each in glacier.vaults.all():
        each.delete()
    same(list(glacier.vaults.all()), [], "vaults after Vault.delete")
    done("resource: Vault.create, attributes, collections, Notification, Vault.delete")


@scenario
def resource_archives(_client):
    vault = resource().create_vault(vaultName="resource")
    data = random_bytes(MIB + 3, seed=8)
    archive = vault.upload_archive(archiveDescription="by resource", body=data)
    retrieval = archive.initiate_archive_retrieval()
    same((retrieval.completed, retrieval.archive_id, retrieval.action), (True, archive.id, "ArchiveRetrieval"), "job")
    same(retrieval.get_output()["body"].read() == data, True, "bytes of Job.get_output")

    inventory = vault.initiate_inventory_retrieval()
    listed = json.loads(inventory.get_output()["body"].read())["ArchiveList"]
    same([entry["ArchiveId"] for entry in listed], [archive.id], "inventory by Job.get_output")
    same({job.id for job in vault.jobs.all()}, {retrieval.id, inventory.id}, "Vault.jobs")
    same({job.id for job in vault.succeeded_jobs.all()}, {retrieval.id, inventory.id}, "Vault.succeeded_jobs")
    same(len(list(vault.completed_jobs.all())), 2, "Vault.completed_jobs")
    same([list(jobs.all()) for jobs in (vault.jobs_in_progress, vault.failed_jobs)], [[], []], "other jobs")
    archive.delete()
    vault.delete()
    done("resource: Vault.upload_archive, jobs, Job.get_output, Archive.delete")


@scenario
def resource_multipart(_client):
    vault = resource().create_vault(vaultName="resource")
    data = random_bytes(2 * MIB + 9, seed=9)
    upload = vault.initiate_multipart_upload(archiveDescription="by resource", partSize=str(MIB))
    for start in (2 * MIB, 0, MIB):
        part = data[start : start + MIB]
        upload.upload_part(range=f"bytes {start}-{start + len(part) - 1}/*", body=part)
    same([each.id for each in vault.multipart_uploads.all()], [upload.id], "Vault.multipart_uploads")
    same(len(upload.parts()["Parts"]), 3, "MultipartUpload.parts")
    stored = upload.complete(archiveSize=str(len(data)), checksum=tree_hash(data))
    vault.initiate_multipart_upload(partSize=str(MIB)).abort()
    same(list(vault.multipart_uploads.all()), [], "uploads that are left")

    archive = vault.Archive(stored["archiveId"])
    output = archive.initiate_archive_retrieval().get_output(range=f"bytes={MIB}-{2 * MIB - 1}")
    same((output["status"], output["checksum"]), (206, tree_hash(data[MIB : 2 * MIB])), "range by Job.get_output")
    same(output["body"].read() == data[MIB : 2 * MIB], True, "bytes of a range by Job.get_output")
    archive.delete()
    vault.delete()
    done("resource: MultipartUpload.upload_part, parts, complete, abort")


def resource():
    """The resource API on a separate client, whose responses are checked too."""
    glacier = boto3.resource("glacier")
    EVERY_RESPONSE.watch(glacier.meta.client)
    return glacier


# Permanent changes, and therefore last ---------------------------------------------------------------------------


@scenario
def completed_vault_lock(client):
    arn = new_vault(client, "locked")
    upload(client, "locked", b"kept for a year")
    lock_policy = no_young_deletes(arn)
    lock = client.initiate_vault_lock(vaultName="locked", policy=lock_policy)["lockId"]
    for _ in range(2):
        client.complete_vault_lock(vaultName="locked", lockId=lock)
    got = without_metadata(client.get_vault_lock(vaultName="locked"))
    matches(MILLISECONDS, got.pop("CreationDate"), "CreationDate of a lock")
    same(got, {**lock_policy, "State": "Locked"}, "completed lock")
    for call in (
        lambda: client.complete_vault_lock(vaultName="locked", lockId="x" * 24),
        lambda: client.initiate_vault_lock(vaultName="locked", policy=lock_policy),
        lambda: client.abort_vault_lock(vaultName="locked"),
    ):
        with refused("AccessDeniedException"):
            call()
    with refused(client.exceptions.InvalidParameterValueException, f"Vault not empty or recently written to: {arn}"):
        client.delete_vault(vaultName="locked")
    done("initiate and complete a vault lock; it cannot be removed, nor a vault with an archive in it")


@scenario
def every_operation(client):
    known = client.meta.service_model.operation_names
    same(sorted(set(known) - EVERY_RESPONSE.operations), [], "operations that were not called")
    done(f"all {len(known)} operations were called")


def main():
    by_name = {function.__name__: function for function in SCENARIOS}
    chosen = [by_name[name] for name in sys.argv[1:]] or SCENARIOS
    client = EVERY_RESPONSE.watch(boto3.client("glacier"))
    for function in chosen:
        function(client)
    EVERY_RESPONSE.check_request_ids()


if __name__ == "__main__":
    main()
