"""What every test may use: a whole instance."""

import pytest

from tests import deployment


@pytest.fixture(scope="session")
def instance(tmp_path_factory) -> deployment.Instance:
    """A whole demonstration of its own: started once for all journeys and browser tests."""
    one, server = deployment.start(tmp_path_factory.mktemp("instance") / "var")
    yield one
    one.command("down", timeout=60)
    server.wait(timeout=60)
    server.stdout.close()
