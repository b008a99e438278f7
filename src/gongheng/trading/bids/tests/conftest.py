"""Fixtures that the tests below share."""

import pytest

from gongheng.trading.bids.tests.world import World, make_world
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform", "world"]


@pytest.fixture
def world(authority, platform) -> World:
    """A platform with its trustees and nobody else yet."""
    return make_world(authority, platform)
