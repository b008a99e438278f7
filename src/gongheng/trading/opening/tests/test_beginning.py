"""What must be there before an opening begins, and which bids come to it."""

import pytest

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.trading.bids.models import Bid
from gongheng.trading.notices.models import Notice
from gongheng.trading.opening import actions
from gongheng.trading.opening.models import Opening
from gongheng.trading.projects.models import Lot
from tools.bid import client


def test_the_opening_waits_for_the_witness(house):
    for n in (1, 2, 3):
        house.bid(n)
    house.close()
    with pytest.raises(Refusal) as refusal:
        actions.start_opening(house.lot, actor=house.players["代理"].actor, clock=house.clock)
    assert refusal.value.rule == "WITNESS"
    house.cosign()
    assert actions.start_opening(house.lot, actor=house.players["代理"].actor, clock=house.clock) is not None


def test_with_two_bids_the_lot_fails_and_nothing_is_opened(house):
    house.bid(1)
    house.bid(2)
    house.close()
    house.cosign()
    assert actions.start_opening(house.lot, actor=house.players["代理"].actor, clock=house.clock) is None
    lot = Lot.objects.get(pk=house.lot.pk)
    assert lot.state == "failed"
    assert not Opening.objects.exists()
    assert "少于3个" in Notice.objects.get(kind=Notice.Kind.FAILURE).body


def test_a_receipt_proves_the_holder_too(house):
    kept = {n: house.bid(n) for n in (1, 2, 3)}
    house.cosign()
    salt = client.fetch_receipt(house.bidder(3).visitor, kept[3])["salt"]
    house.close()
    house.cosign()
    house.players["投标人3建设"].visitor.http.cookies.clear()
    actions.start_opening(house.lot, actor=house.players["代理"].actor, clock=house.clock)
    visitor = house.bidder(3).visitor
    visitor.post_json(f"/opening/{house.lot.pk}/fallback/", {"D": kept[3].D, "reason": "device", "salt": salt})
    house.cosign()
    for name in ("supervisor", "notary"):
        house.trustee(name).release_shares()
    assert Bid.objects.get(digest=canonical.unb64(kept[3].D)).way == "fallback"
    assert visitor.http.get(f"/bids/{house.lot.pk}/receipt?d={kept[1].D}").status_code == 404


def test_of_two_bids_of_one_bidder_the_later_stands(house):
    kept = [house.bid(n, 1_000_000_000 + m) for m, n in enumerate((1, 1, 2, 3))]
    house.close()
    house.cosign()
    actions.start_opening(house.lot, actor=house.players["代理"].actor, clock=house.clock)
    for one, number in zip(reversed(kept), (3, 2, 1, 1), strict=True):
        house.players[f"投标人{number}建设"].visitor.http.cookies.clear()
        player = house.bidder(number)
        client.open_own(player.visitor, one, player.key)
    assert [bid.state for bid in house.lot.bids.order_by("position")] == ["superseded", "opened", "opened", "opened"]
