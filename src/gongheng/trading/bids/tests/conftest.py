"""Fixtures that the tests below share."""

import pytest

from gongheng.trading.bids.tests.world import make_world
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform", "world"]


@pytest.fixture
def world(authority, platform, tmp_path):
    """A platform with its trustees and nobody else yet."""
    return make_world(authority, platform, tmp_path)
