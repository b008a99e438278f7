"""Fixtures that the tests below share."""

from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform"]
