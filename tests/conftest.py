"""What every test may use: a settable clock and the actors of the cast."""

from datetime import UTC, datetime

import pytest

from gongheng.kernel.clock import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    """A Monday morning in the middle of a quarter without holidays."""
    return SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
