"""Fixtures of the desks' tests: the same platform, clock and authority as the trade's."""

from gongheng.trading.conftest import authority, clock, platform

__all__ = ["authority", "clock", "platform"]
