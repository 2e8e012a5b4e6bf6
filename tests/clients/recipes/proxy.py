# What tests/suite/clients.rs appends to the recipe for a proxy in docs/guide/clients.md.

assert glacier.meta.endpoint_url == "http://glacier.us-east-1.amazonaws.com"
vault = {"vaultName": "photos"}
glacier.create_vault(**vault)
archive = glacier.upload_archive(**vault, body=b"a cat")["archiveId"]
retrieval = {"Type": "archive-retrieval", "ArchiveId": archive}
job = glacier.initiate_job(**vault, jobParameters=retrieval)["jobId"]
assert glacier.get_job_output(**vault, jobId=job)["body"].read() == b"a cat"
