"""What every test may use: a whole instance."""

import os

import pytest

from config.processes import media
from tests import deployment


@pytest.fixture(scope="session")
def instance(tmp_path_factory) -> deployment.Instance:
    """A whole demonstration of its own: started once for all journeys and browser tests."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Fails where the workers were not told to keep these tests together (--dist loadgroup): their modules
        # would fall apart, half of each before another lot.
        (tmp_path_factory.getbasetemp().parent / "the-instance-of-this-run").mkdir()
    # Meetings of the tests choose their way themselves; a media server that nobody uses costs nothing.
    carried = {"GONGHENG_MEDIA": "janus"} if media.program() else {}
    one, server = deployment.start(tmp_path_factory.mktemp("instance") / "var", **carried)
    yield one
    one.command("down", timeout=60)
    server.wait(timeout=60)
    server.stdout.close()
