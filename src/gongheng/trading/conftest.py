"""Fixtures of all tests of the trade: a platform of its own, its clock, a trusted authority."""

import pytest

from gongheng.kernel.clock import SettableClock
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform"]


@pytest.fixture
def clock(platform) -> SettableClock:
    """A Monday morning, the same clock for actions and pages."""
    return platform.CLOCK
