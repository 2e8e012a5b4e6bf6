import pytest
from restore import restore


@pytest.fixture
def archive(mock):
    """The ID of an archive in the vault "photos". Neither is created by a request, so the record stays empty."""
    mock.control("PUT", "/vaults/photos")
    content = {"text": "a cat"}
    return mock.control("POST", "/vaults/photos/archives", content)["archive_id"]


@pytest.fixture
def sleep(mock):
    """Advances the clock of the mock, and returns at once."""
    return lambda seconds: mock.control("POST", "/clock/advance", {"by": f"{seconds}s"})


def test_a_restore_of_four_hours(mock, glacier, archive, sleep):
    assert restore(glacier, "photos", archive, sleep) == b"a cat"

    assert mock.control("GET", "/clock")["now"] == "2026-01-31T04:00:00.000Z"
    polls = {"operation": "DescribeJob", "times": 5}
    mock.control("POST", "/verify", {"sequence": ["InitiateJob", polls, "GetJobOutput"]})


def test_a_restore_that_fails(mock, glacier, archive, sleep):
    rule = {"vault": "photos", "outcome": {"fails": "The archive is not available", "after": "2h"}}
    mock.control("POST", "/jobs/rules", rule)

    with pytest.raises(RuntimeError, match="The archive is not available"):
        restore(glacier, "photos", archive, sleep)


def test_a_throttled_download_is_repeated(mock, glacier, archive, sleep):
    mock.control("POST", "/faults", {"operation": "GetJobOutput", "effect": {"error": "ThrottlingException"}})

    assert restore(glacier, "photos", archive, sleep) == b"a cat"

    download = mock.control("GET", "/calls?operation=GetJobOutput")["calls"][0]
    assert [attempt["status"] for attempt in download["attempts"]] == [400, 200]


def test_a_failed_verification_reports_all_requests(mock, glacier, archive, sleep):
    restore(glacier, "photos", archive, sleep)

    with pytest.raises(AssertionError, match="expected call 7 to be DeleteArchive") as failure:
        polls = {"operation": "DescribeJob", "times": 5}
        mock.control("POST", "/verify", {"sequence": ["InitiateJob", polls, "DeleteArchive"]})

    assert "GetJobOutput" in str(failure.value)
