"""Fixtures that the tests below share."""

from gongheng.places.meetings.tests.room import room
from gongheng.trust.certificates.tests.issuing import authority, platform

__all__ = ["authority", "platform", "room"]
