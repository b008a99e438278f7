"""Fixtures that the tests below share."""

import pytest

from gongheng.trading.evaluation.tests.world import opened_world
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform", "world"]


@pytest.fixture
def world(db, platform, authority):
    platform.FILES = platform.VAR / "files"
    return opened_world(platform.CLOCK, authority)
