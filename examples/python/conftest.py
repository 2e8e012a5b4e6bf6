import boto3
import pytest
from glacier_mock import GlacierMock


@pytest.fixture(scope="session")
def program():
    """One program for all tests. Its clock stands still until a test advances it."""
    mock = GlacierMock("--clock", "2026-01-31T00:00:00Z", "--jobs", "4h")
    yield mock
    mock.stop()


@pytest.fixture
def mock(program):
    """The program in its initial state: no vaults, no faults, an empty record, and the clock at its start."""
    program.control("POST", "/reset")
    return program


@pytest.fixture
def glacier(mock):
    return boto3.client(
        "glacier",
        endpoint_url=mock.endpoint,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
