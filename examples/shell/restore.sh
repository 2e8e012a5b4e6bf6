#!/usr/bin/env bash
# Restores an archive with the AWS CLI, which takes four hours on the clock of the mock and a few seconds here.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=glacier_mock.sh
source ./glacier_mock.sh

files=$(mktemp -d)
start_glacier_mock --clock 2026-01-31T00:00:00Z --jobs 4h

glacier() { aws glacier "$@" --account-id - --vault-name photos; }

echo "a cat" > "$files/cat.jpg"
glacier create-vault > /dev/null
archive=$(glacier upload-archive --body "$files/cat.jpg" --query archiveId --output text)

# The next download is throttled once. The CLI repeats it.
control POST /faults '{"operation": "GetJobOutput", "effect": {"error": "ThrottlingException"}}' > /dev/null

retrieval='{"Type": "archive-retrieval", "ArchiveId": "'$archive'"}'
job=$(glacier initiate-job --job-parameters "$retrieval" --query jobId --output text)
until [ "$(glacier describe-job --job-id "$job" --query Completed)" = true ]; do
  # In place of `sleep 3600`.
  control POST /clock/advance '{"by": "1h"}' > /dev/null
done
glacier get-job-output --job-id "$job" "$files/copy.jpg" > /dev/null

cmp "$files/cat.jpg" "$files/copy.jpg"
control POST /verify '{"sequence": [
  "CreateVault", "UploadArchive", "InitiateJob", {"operation": "DescribeJob", "times": 5}, "GetJobOutput"
]}' > /dev/null
control GET /clock
curl --silent --noproxy '*' "$AWS_ENDPOINT_URL/_glacier-mock/v1/transcript"
rm -r "$files"
echo "restored"
