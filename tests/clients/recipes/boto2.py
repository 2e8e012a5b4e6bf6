# What tests/suite/clients.rs appends to the recipe for boto 2 in docs/guide/clients.md.

data = bytes(range(256)) * 8192  # 2 MiB, in two parts
with open("cat.jpg", "wb") as file:
    file.write(data)
vault = glacier.create_vault("photos")
archive = vault.create_archive_from_file("cat.jpg")
job = vault.retrieve_archive(archive)
assert job.completed, job.status_code
job.download_to_file("copy.jpg", verify_hashes=False)
with open("copy.jpg", "rb") as file:
    assert file.read() == data
