"""Fixtures that the tests below share."""

from gongheng.trust.certificates.tests.theatre import authority, platform, theatre

__all__ = ["authority", "platform", "theatre"]
