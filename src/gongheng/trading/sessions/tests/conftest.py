"""Fixtures that the tests below share."""

from gongheng.trading.evaluation.tests.conftest import authority, platform, world

__all__ = ["authority", "platform", "world"]
