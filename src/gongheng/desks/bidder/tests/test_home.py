"""The bidder's desk shows the same lots to every bidder, and own bids only after their opening."""

import pytest

from gongheng.crypto import canonical
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.tests.world import sequence

pytestmark = pytest.mark.django_db


def test_every_bidder_sees_the_same_open_lots(world):
    world.announce()
    world.bid(1)
    first, second = (world.bidder(n).visitor.get("/desk/bidding/") for n in (1, 2))
    link = f"/bids/{world.lot.pk}/"
    assert first.links(link) == second.links(link) != []
    assert "还没有已开启的投标" in world.bidder(1).visitor.get("/bids/").text()


def test_the_sealing_page_holds_the_island_with_its_doors(world):
    world.announce()
    page = world.bidder(1).visitor.get(f"/bids/{world.lot.pk}/")
    island = page.tree.find(".//bid-sealer")
    for name in ("lot-url", "upload-url", "seal-url", "receipt-url", "withdraw-url"):
        assert island.get(name).startswith(f"/bids/{world.lot.pk}/")


def test_own_bids_appear_once_they_are_open(world):
    world.announce()
    kept = world.bid(1)
    sequence()
    player = world.bidder(1)
    Bid.objects.create(
        lot=world.lot, digest=canonical.unb64(kept.D), position=1, sealed_at=world.clock.now(), state="opened",
        organisation=player.organisation, bidder_name=player.organisation.name, total=10_000_000,
    )
    assert "10,000,000.00" in player.visitor.get("/bids/").text()
    assert "10,000,000.00" not in world.bidder(2).visitor.get("/bids/").text()
