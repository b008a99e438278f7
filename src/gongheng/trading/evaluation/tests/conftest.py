"""Fixtures that the tests below share."""

import pytest

from gongheng.trading.evaluation.tests.world import World, opened_world
from gongheng.trust.certificates.tests.theatre import authority, platform, theatre

__all__ = ["authority", "opened", "platform", "theatre", "world"]


@pytest.fixture(scope="module")
def opened(theatre) -> World:
    return opened_world(theatre.clock, theatre.authority)


@pytest.fixture
def world(theatre, opened, platform) -> World:
    return theatre.anew(opened)
