"""What every test may use: a whole instance."""

import os

import pytest

from tests import deployment


@pytest.fixture(scope="session")
def instance(tmp_path_factory) -> deployment.Instance:
    """A whole demonstration of its own: started once for all journeys and browser tests."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Fails where the workers were not told to keep these tests together (--dist loadgroup): their modules
        # would fall apart, half of each before another lot.
        (tmp_path_factory.getbasetemp().parent / "the-instance-of-this-run").mkdir()
    one, server = deployment.start(tmp_path_factory.mktemp("instance") / "var")
    yield one
    one.command("down", timeout=60)
    server.wait(timeout=60)
    server.stdout.close()
