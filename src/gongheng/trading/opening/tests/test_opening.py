"""The opening over HTTP: the host's acts are signed, bidders open their own, trustees open in their stead."""

import io

import pytest
from django.db import connection

from gongheng.crypto import canonical, drawing, labels
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trading.bids import opened
from gongheng.trading.bids.models import Bid
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.opening import actions, queries
from gongheng.trading.opening.models import Opening, ReleasedShare, Secret
from gongheng.trading.opening.sentences import SENTENCES
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import store
from gongheng.trust.evidence.models import Entry
from tools.bid import client
from tools.trustee import releases
from tools.visitor import Refused

pytestmark = pytest.mark.django_db


def host(world):
    player = world.players["代理"]
    player.visitor.sign_in()
    return player.visitor


def bidder(world, number: int):
    player = world.bidder(number)
    return player.visitor, player.key


def act(visitor, world, name: str, **fields):
    """Press one button of the hall."""
    page = visitor.act(f"/opening/{world.lot.pk}/", form=f"opening.{name}", **fields)
    complaints = page.tree.xpath("//*[contains(@class,'is-error')]")
    assert not complaints, complaints[0].text_content()
    return page


@pytest.fixture
def hall(closed):
    """An opening that has begun."""
    act(host(closed), closed, "start")
    return closed


@pytest.fixture
def priced(hall):
    """All three bids opened by their makers, decryption ended."""
    for number in (1, 2, 3):
        client.open_own(bidder(hall, number)[0], hall.kept[number], bidder(hall, number)[1])
    act(host(hall), hall, "end_decryption")
    return hall


def opening_of(world) -> Opening:
    return Opening.objects.get(lot=world.lot)


def test_only_the_tenders_own_host_opens(closed):
    stranger = closed.player("别家代理", closed.players["代理"].actor.role)
    with pytest.raises(Refusal) as refusal:
        actions.start_opening(closed.lot, actor=stranger.actor, clock=closed.clock)
    assert refusal.value.rule == "PARTY"
    assert not Opening.objects.exists()


def test_before_the_end_of_decryption_no_price_is_shown(hall):
    visitor, key = bidder(hall, 1)
    client.open_own(visitor, hall.kept[1], key)
    page = visitor.get(f"/opening/{hall.lot.pk}/").text()
    assert "投标人1建设有限公司" in page
    assert "投标人2建设" not in page
    assert "10,100,000.00" not in page


def test_own_opening_gives_exactly_what_was_sealed(priced):
    bids = list(queries.opening_of(priced.lot).lot.bids.order_by("position"))
    assert [(bid.state, bid.way, bid.total) for bid in bids] == [
        ("opened", "own", 10_100_000), ("opened", "own", 10_200_000), ("opened", "own", 10_300_000),
    ]
    assert [bid.organisation.name for bid in bids] == [f"投标人{n}建设有限公司" for n in (1, 2, 3)]
    file = bids[0].files.get(envelope="E1")
    assert file.name == "营业执照.pdf"
    assert store.is_intact(file.digest)
    assert Secret.objects.filter(bid=bids[0]).count() == 4
    # What the client said of its machine is kept apart, unreadable in a dump, and no file of the bid.
    assert bids[0].device == '[["mac", "D8-9E-F3-00-00-01"]]'
    assert [one.name for one in bids[0].files.all()] == ["营业执照.pdf", "施工组织设计.pdf"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT device FROM bids_bid WHERE id = %s", [bids[0].pk])
        assert b"D8-9E" not in bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("said", [b"[", b'{"mac": 1}', b'[["name", "x"]]', b'[["mac", ""]]', b"[" * 3000])
def test_nonsense_about_a_machine_fails_no_bid(said, tmp_path, settings):
    settings.FILES = tmp_path
    kept = store.put(io.BytesIO(said))
    content = opened.Content(files=[("E1", opened.DEVICE_FILE, kept.size, kept.digest)])
    assert opened._device(content) is None


def test_a_false_secret_opens_nothing(hall):
    visitor, _key = bidder(hall, 1)
    before = Entry.objects.count()
    with pytest.raises(Refused) as refused:
        visitor.post_json(f"/opening/{hall.lot.pk}/open-own/", {
            "D": hall.kept[1].D, "secrets": {envelope: canonical.b64(b"\1" * 32) for envelope in client.ENVELOPES},
        })
    assert refused.value.rule == "SECRET"
    assert Entry.objects.count() == before
    assert not Secret.objects.exists()


def test_the_coefficient_is_what_the_sealed_nonces_and_the_committed_one_give(priced):
    opening = opening_of(priced)
    close = canonical.decode(bytes(Entry.objects.get(verb="lot.close").body))["facts"]
    assert close["hall_commitment"] == canonical.b64(labels.digest(labels.COEFFICIENT, bytes(opening.platform_nonce)))
    nonces = [bytes(opening.platform_nonce), *(bytes(bid.hall_nonce) for bid in priced.lot.bids.all())]
    choices = TenderDocument.objects.get(lot=priced.lot).method["price"]["k_choices"]
    assert opening.coefficient == drawing.pick_coefficient(str(priced.lot.pk), close["closing_root"], nonces, choices)


def test_the_reveal_explains_every_opaque_entry_of_the_lot(priced):
    with store.open(opening_of(priced).reveal.digest) as file:
        reveal = canonical.decode(file.read())
    opaque = Entry.objects.exclude(salt_sealed=None)
    assert len(reveal["entries"]) == opaque.count() == 3
    for row in reveal["entries"]:
        body = canonical.decode(bytes(Entry.objects.get(leaf__index=row["index"]).body))
        committed = labels.digest(labels.EVIDENCE_BLIND, canonical.unb64(row["salt"]) + canonical.encode(row["hidden"]))
        assert body == {"t": "c", "h": canonical.b64(committed)}


def test_decryption_does_not_end_early_while_a_bid_is_sealed(hall):
    with pytest.raises(Refusal) as refusal:
        actions.end_decryption(opening_of(hall), actor=hall.players["代理"].actor, clock=hall.clock)
    assert refusal.value.rule == "DECRYPTING"
    assert opening_of(hall).state == "decrypting"


def test_what_is_not_opened_in_time_lapses_and_below_three_the_lot_fails(hall):
    for number in (1, 2):
        client.open_own(bidder(hall, number)[0], hall.kept[number], bidder(hall, number)[1])
    opening = opening_of(hall)
    hall.clock.advance_to(opening.decrypt_until)
    actions.end_decryption(opening, actor=THE_CLOCK, clock=hall.clock)
    assert opening_of(hall).state == "failed"
    assert Lot.objects.get(pk=hall.lot.pk).state == "failed"
    assert [bid.state for bid in hall.lot.bids.order_by("position")] == ["opened", "opened", "lapsed"]


def test_two_trustees_open_the_same_bytes_in_the_bidders_stead(hall):
    for number in (1, 2):
        client.open_own(bidder(hall, number)[0], hall.kept[number], bidder(hall, number)[1])
    client.request_fallback(bidder(hall, 3)[0], hall.kept[3])
    hall.cosign()
    hall.trustee("centre").release_shares()
    assert Bid.objects.get(digest=canonical.unb64(hall.kept[3].D)).state == "sealed"
    hall.trustee("notary").release_shares()
    bid = Bid.objects.get(digest=canonical.unb64(hall.kept[3].D))
    assert (bid.state, bid.way, bid.total, bid.bidder_name) == ("opened", "fallback", 10_300_000, "投标人3建设有限公司")


def test_a_rival_cannot_have_a_bid_forced_open(hall):
    rival, _ = bidder(hall, 1)
    stolen = client.KeptBid(**hall.kept[3].__dict__ | {"otk_private": hall.kept[1].otk_private})
    with pytest.raises(Refused) as refused:
        client.request_fallback(rival, stolen)
    assert refused.value.rule == "HOLDER"


def test_where_the_document_says_never_nobody_falls_back(hall):
    TenderDocument.objects.update(fallback=TenderDocument.Fallback.NEVER)
    with pytest.raises(Refused) as refused:
        client.request_fallback(bidder(hall, 1)[0], hall.kept[1])
    assert refused.value.rule == "FALLBACK"


@pytest.fixture
def case(hall):
    """What the platform hands to a trustee, and what the trustee knows by itself."""
    client.request_fallback(bidder(hall, 3)[0], hall.kept[3])
    hall.cosign()
    trustee = hall.trustee("notary")
    found = trustee.platform.get("/api/releases/notary/work")["releases"][0]
    lot = str(hall.lot.pk)
    pinned = releases.Pinned.of(trustee.store.policy(), canonical.parse_timestamp(trustee.store.deadline(lot)))
    known = {"index": 3, "lot_public": trustee.store.lot_key(lot)[1], "now": hall.clock.now()}
    releases.judge(found, pinned, **known)
    return found, pinned, known, hall


def judged(case, **changes) -> str:
    found, pinned, known, _ = case
    with pytest.raises(releases.NotReleased) as kept:
        releases.judge(found | changes, pinned, **known)
    return str(kept.value)


def test_a_trustee_keeps_its_share_before_its_own_clock_says_so(case):
    found, pinned, known, world = case
    early = {**known, "now": world.lot.bids_due_at.replace(year=2025)}
    with pytest.raises(releases.NotReleased, match="时钟"):
        releases.judge(found, pinned, **early)


def test_a_trustee_keeps_its_share_for_a_deadline_later_than_the_witnessed_close(case):
    """A platform that closes early and tells the trustee a false deadline gains nothing: the latest one counts."""
    found, pinned, known, world = case
    later = releases.Pinned(
        pinned.log, pinned.witnesses, pinned.quorum, pinned.origin, world.clock.now().replace(microsecond=999_000)
    )
    with pytest.raises(releases.NotReleased, match="联署时间"):
        releases.judge(found, later, **known | {"now": later.deadline})


def test_a_trustee_checks_every_reason_itself(case):
    found, _, _, world = case
    other = canonical.unb64(world.kept[1].manifest)
    assert "清单" in judged(case, manifest=canonical.b64(other))
    assert "根" in judged(case, live=found["live"][:2])
    assert "lot.close" in judged(case, close=found["open_start"])
    assert "request_fallback" in judged(case, request=found["start"])
    assert "不是同一份" in judged(case, document=canonical.b64(canonical.encode({"fallback": "on_platform_fault"})))
    forged = found["close"] | {"entry": canonical.b64(canonical.encode({"verb": "lot.close"}))}
    assert "日志头" in judged(case, close=forged)
    unsigned = found["close"] | {"checkpoint": found["close"]["checkpoint"].rsplit("\u2014", 1)[0]}
    assert "ProofRefused" in judged(case, close=unsigned)


def test_a_false_share_is_refused_and_leaves_the_way_open(case):
    found, _, _, world = case
    liar, lot = world.trustee("notary"), str(world.lot.pk)
    core = canonical.decode(canonical.unb64(found["manifest"]))["core"]
    session = bytes(opening_of(world).session_public)
    shares = releases.encrypt_shares(core, index=3, private=liar.store.lot_key(lot)[0], session_public=session)
    shares |= {"E0": shares["E1"]}
    with pytest.raises(Refusal) as refusal:
        actions.release_share(
            opening_of(world), digest=canonical.unb64(found["D"]), trustee="notary", given=shares, signature=b"",
            actor=world.players["代理"].actor, clock=world.clock,
        )
    assert refusal.value.rule == "SHARE"
    assert not ReleasedShare.objects.exists()
    for name in ("centre", "supervisor"):
        world.trustee(name).release_shares()
    assert Bid.objects.get(digest=canonical.unb64(found["D"])).state == "opened"


def test_objection_record_signatures_and_end(priced):
    visitor, _ = bidder(priced, 2)
    act(visitor, priced, "object", text="第三家的工期表述不清。")
    with pytest.raises(Refusal) as refusal:
        actions.make_record(opening_of(priced), actor=priced.players["代理"].actor, clock=priced.clock)
    assert refusal.value.rule == "T7"
    leader = host(priced)
    act(leader, priced, "answer", answer="以投标函为准。")
    act(leader, priced, "record")
    with pytest.raises(Refusal) as refusal:
        actions.finish_opening(opening_of(priced), actor=priced.players["代理"].actor, clock=priced.clock)
    assert refusal.value.rule == "SIGN"
    act(visitor, priced, "sign_record")
    act(leader, priced, "sign_record")
    page = act(leader, priced, "finish")
    opening = opening_of(priced)
    assert opening.state == "done"
    assert Lot.objects.get(pk=priced.lot.pk).state == "opened"
    assert opening.signatures.count() == 2
    assert store.exists(opening.signed_record.digest)
    assert "以投标函为准" in page.text()
    assert "10,300,000.00" in page.text()
    entry = Entry.objects.get(verb="opening.sign_record", actor=priced.players["投标人2建设"].actor.id)
    assert canonical.decode(bytes(entry.body))["facts"]["document"] == opening.record.digest


def test_files_are_inspected_after_the_opening(priced):
    bid = priced.lot.bids.order_by("position").first()
    opened.inspect_files(Entry.objects.get(verb="bid.open", subject=f"bid:{bid.pk}"))
    assert {file.kind for file in bid.files.all()} == {"pdf"}


def test_every_act_has_its_sentence(priced):
    verbs = set(Entry.objects.filter(verb__regex="^(opening|share)[.]|^bid[.]open$").values_list("verb", flat=True))
    assert verbs
    assert verbs <= set(SENTENCES)
