"""Fixtures that the tests below share."""

from gongheng.trading.coordination.tests.scene import scene
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform", "scene"]
