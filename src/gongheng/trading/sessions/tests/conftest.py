"""Fixtures that the tests below share."""

from gongheng.trading.evaluation.tests.conftest import authority, opened, platform, theatre, world

__all__ = ["authority", "opened", "platform", "theatre", "world"]
