"""What every test may use: a settable clock and the actors of the cast."""

from datetime import UTC, datetime

import pytest

from gongheng.kernel.clock import SettableClock
from tests import deployment


@pytest.fixture
def clock() -> SettableClock:
    """A Monday morning in the middle of a quarter without holidays."""
    return SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def instance(tmp_path_factory) -> deployment.Instance:
    """A whole demonstration of its own: started once for all journeys and browser tests."""
    one, server = deployment.start(tmp_path_factory.mktemp("instance") / "var")
    yield one
    one.command("down", timeout=60)
    server.wait(timeout=60)
