"""Fixtures that the tests below share."""

import pytest

from gongheng.followers.archive.tests.world import Play
from gongheng.trading.opening.actions import start_opening
from gongheng.trading.opening.tests.conftest import announced, authority, closed, platform, sealed, theatre
from tools.bid import client

__all__ = ["announced", "authority", "closed", "contracted", "platform", "sealed", "theatre"]


@pytest.fixture
def contracted(closed) -> Play:
    """A lot from its notice to its contract: two bids opened by their makers, one by the trustees."""
    play = Play(closed)
    play.venues()
    start_opening(play.lot, actor=play.agency, clock=play.clock)
    for number in (1, 2):
        client.open_own(closed.bidder(number).visitor, closed.kept[number], closed.bidder(number).key)
    client.request_fallback(closed.bidder(3).visitor, closed.kept[3])
    closed.cosign()
    for name in ("centre", "notary"):
        closed.trustees[name].release_shares()
    play.open()
    play.draw()
    play.evaluate()
    play.award()
    closed.cosign()
    return play
