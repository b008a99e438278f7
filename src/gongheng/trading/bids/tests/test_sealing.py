"""Handing in sealed bids over HTTP: what is accepted, what is refused, and that a refusal writes nothing."""

import hashlib
import io
import random
from types import SimpleNamespace

import pytest

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto.sealing import Container
from gongheng.trading.bids.models import Cover, Part, Seal, ShareCheck, Upload
from gongheng.trading.bids.tests.world import World, make_world, sequence
from gongheng.trust.certificates.tests.theatre import authority, platform, theatre
from gongheng.trust.evidence.models import Entry
from tools.bid import client
from tools.visitor import Refused

__all__ = ["authority", "platform", "theatre"]


@pytest.fixture(scope="module")
def open_for_bids(theatre) -> World:
    world = make_world(theatre.authority, theatre.settings)
    world.announce()
    return world


@pytest.fixture
def announced(theatre, open_for_bids, platform) -> World:
    return theatre.anew(open_for_bids)


def refused(rule: str, act, *arguments, **options) -> None:
    """Expect the refusal, and that no row was written."""
    before = written()
    with pytest.raises(Refused) as caught:
        act(*arguments, **options)
    assert caught.value.rule == rule, caught.value
    assert written() == before


def written() -> list:
    seals = list(Seal.objects.order_by("sealed_at").values_list("digest", "superseded_by", "withdrawn_at"))
    return [Entry.objects.count(), [tuple(map(bytes_of, row)) for row in seals]]


def bytes_of(value):
    return bytes(value) if isinstance(value, memoryview) else value


def test_a_sealed_bid_gets_a_signed_promise_then_a_receipt_with_proof(announced):
    kept = announced.bid(1)
    _, public = announced.settings.KEYRING.signing_key("platform")
    promise = canonical.encode(kept.promise)
    assert signing.verify(public, promise, canonical.unb64(kept.promise_signature), labels.RECEIPT)
    visitor = announced.bidder(1).visitor
    assert client.fetch_receipt(visitor, kept) is None
    sequence()
    receipt = client.fetch_receipt(visitor, kept)
    assert receipt["hidden"]["facts"]["D"] == kept.D
    hidden = canonical.unb64(receipt["salt"]) + canonical.encode(receipt["hidden"])
    assert canonical.decode(canonical.unb64(receipt["entry"]))["h"] == canonical.b64(
        labels.digest(labels.EVIDENCE_BLIND, hidden)
    )
    assert receipt["position"] == receipt["proof"]["index"]


def test_trustees_check_their_shares_and_the_receipt_says_so(announced):
    kept = announced.bid(1)
    for name in ("centre", "supervisor", "notary"):
        trustee = announced.trustee(name)
        for check in trustee.platform.get(f"/api/trustees/{name}/work")["share_checks"]:
            trustee.check_share(check)
    sequence()
    receipt = client.fetch_receipt(announced.bidder(1).visitor, kept)
    assert [check["ok"] for check in receipt["share_checks"]] == [True, True, True]
    assert ShareCheck.objects.count() == 3


def test_at_the_deadline_instant_it_is_too_late(announced):
    kept = announced.bid(1)
    bidder = announced.bidder(1)
    announced.clock.advance_to(announced.lot.bids_due_at)
    bidder.visitor.sign_in()
    refused("LATE", announced.bid, 1)
    refused("LATE", client.withdraw, bidder.visitor, kept)
    assert Upload.objects.count() == 1


def test_a_bid_whose_parts_are_missing_is_not_sealed(announced):
    player = announced.bidder(1)
    kept, container = sealed_here(announced, player)
    upload = player.visitor.post_json(
        f"/bids/{announced.lot.pk}/uploads",
        {"manifest": canonical.b64(container.manifest_bytes), "signature": canonical.b64(container.signature)},
    )["upload"]
    refused("PARTS", client.hand_in, player.visitor, str(announced.lot.pk), upload, kept.D, kept.otk_private)


def test_a_changed_part_is_refused(announced):
    player = announced.bidder(1)
    _, container = sealed_here(announced, player)
    upload = client.upload_parts(player.visitor, str(announced.lot.pk), container)
    path = f"/bids/{announced.lot.pk}/uploads/{upload}/E1/0"
    good = container.part("E1", 0)
    bad = bytes([good[0] ^ 1]) + good[1:]
    headers = {"X-Part-Digest": container.envelope("E1")["parts"][0]}
    refused("PART", player.visitor.put_bytes, path, bad, headers)
    parts = Part.objects.count()
    player.visitor.put_bytes(path, good, headers)
    assert Part.objects.count() == parts


def test_only_the_one_time_key_seals(announced):
    player = announced.bidder(1)
    kept, container = sealed_here(announced, player)
    upload = client.upload_parts(player.visitor, str(announced.lot.pk), container)
    stranger, _ = signing.generate()
    refused("SIGNATURE", client.hand_in, player.visitor, str(announced.lot.pk), upload, kept.D, stranger)


def test_a_rivals_ciphertext_under_a_new_key_is_refused(announced):
    """Same envelopes, another one-time key: the thief can sign the outside, but the roots betray the copy (T8)."""
    rules = announced.rules(announced.bidder(1))
    out = io.BytesIO()
    announced.bid(1, copy_to=out)
    original = Container.read(out)
    private, public = signing.generate()
    manifest = canonical.encode(original.manifest | {"otk": canonical.b64(public)})
    digest = labels.digest(labels.BID_MANIFEST, manifest)
    copied = Container(manifest, signing.sign(private, digest, labels.BID_OTK), original.part)
    thief = announced.bidder(2).visitor
    upload = client.upload_parts(thief, rules["lot"], copied)
    refused("COPIED", client.hand_in, thief, rules["lot"], upload, copied.D, private)


def test_a_container_for_an_older_version_of_the_document_is_refused(announced):
    player = announced.bidder(1)
    old = announced.rules(player) | {"corrigendum": 7}
    refused("VERSION", seal_by, announced, player, old)


def test_a_container_that_names_its_maker_is_refused(announced):
    """A real key id in the header would tell a thief of the phase key who bids."""
    player = announced.bidder(1)
    _, container = sealed_here(announced, player)
    core = canonical.decode(canonical.encode(container.core))
    for row in core["env"]:
        row["own"][0]["kid"] = signing.kid(signing.public_of(player.key.private_enc))
    private, public = signing.generate()
    manifest = canonical.encode(container.manifest | {"core": core, "otk": canonical.b64(public)})
    digest = labels.digest(labels.BID_MANIFEST, manifest)
    naming = Container(manifest, signing.sign(private, digest, labels.BID_OTK), container.part)
    refused("KID", client.upload_parts, player.visitor, str(announced.lot.pk), naming)


def test_a_new_version_supersedes_by_the_old_key_only(announced):
    first = announced.bid(1)
    second = announced.bid(1, replaces=first)
    row = Seal.objects.get(digest=canonical.unb64(first.D))
    assert bytes(row.superseded_by) == canonical.unb64(second.D)
    forged = client.KeptBid(**second.__dict__ | {"otk_private": canonical.b64(signing.generate()[0])})
    refused("SUPERSEDES", announced.bid, 2, replaces=forged)


def test_a_withdrawn_bid_is_not_in_the_closing_root(announced):
    from gongheng.trading.bids.actions import closing_root

    kept, other = announced.bid(1), announced.bid(2)
    client.withdraw(announced.bidder(1).visitor, kept)
    refused("STATE", client.withdraw, announced.bidder(1).visitor, kept)
    announced.close()
    assert bytes(announced.lot.closing_root) == closing_root([canonical.unb64(other.D)])


def test_nobody_else_withdraws(announced):
    kept = announced.bid(1)
    stolen = client.KeptBid(**kept.__dict__ | {"otk_private": canonical.b64(signing.generate()[0])})
    refused("SIGNATURE", client.withdraw, announced.bidder(2).visitor, stolen)


def test_covers_look_like_bids_and_are_struck_after_the_close(announced):
    announced.bid(1)
    trustee = announced.trustee("notary")
    rules = trustee.platform.get("/api/trustees/notary/work")["lots"][0]
    due = announced.clock.now().timestamp()
    trustee.store.keep_plan(rules["lot"], {"due": [due], "made": []})
    trustee.send_covers(rules)
    seals = list(Seal.objects.select_related("upload"))
    assert len(seals) == 2
    assert len({len(bytes(seal.upload.manifest_sealed)) for seal in seals}) == 1
    refused_strike = trustee.platform.http.post(f"/api/trustees/notary/{rules['lot']}/strike", json={})
    assert refused_strike.status_code == 422
    announced.close()
    assert Cover.objects.count() == 1
    assert announced.lot.cover_reports.count() == 3


def test_the_seal_table_does_not_name_lot_or_maker(announced):
    kept = announced.bid(1)
    player = announced.bidder(1)
    seal = Seal.objects.get()
    entry = Entry.objects.get(pk=seal.entry_id)
    assert (entry.verb, entry.lot, entry.actor, entry.subject, entry.at) == (None,) * 5
    stored = b"".join(
        bytes(value) if isinstance(value, memoryview | bytes) else str(value).encode()
        for row in (*Seal.objects.values_list(), *Upload.objects.values_list(), *Part.objects.values_list())
        for value in row
    )
    for secret in (player.key.uscc, player.organisation.name, str(player.organisation.pk), str(announced.lot.pk)):
        assert secret.encode() not in stored
    assert hashlib.sha256(canonical.unb64(kept.D)).digest() not in stored


def sealed_here(world, player):
    """Seal without handing in; returns (SealedBid, Container)."""
    file = io.BytesIO()
    bid = client._seal(
        file, world.rules(player), player.key, world.offer(), [("a.pdf", io.BytesIO(b"a"))],
        [("b.pdf", io.BytesIO(b"b"))], signing.generate(),
    )
    return bid, Container.read(file)


def seal_by(world, player, rules):
    return client.seal_and_submit(
        player.visitor, rules, player.key, world.offer(), [("a.pdf", io.BytesIO(b"a"))], [("b.pdf", io.BytesIO(b"b"))]
    )


def test_covers_are_replaced_and_withdrawn_as_bids_are(announced, monkeypatch):
    """Else whatever was replaced would be a bid. At the close exactly the standing covers are struck."""
    dice = random.Random(3)
    chance = SimpleNamespace(randbelow=dice.randrange, choice=dice.choice)
    for module in ("tools.trustee.covers", "tools.trustee.__main__"):
        monkeypatch.setattr(f"{module}.secrets", chance)
    trustee = announced.trustee("centre")
    lot = str(announced.lot.pk)
    trustee.store.keep_plan(lot, {"due": [announced.clock.now().timestamp()] * 8, "made": []})
    trustee.round()
    assert Seal.objects.exclude(superseded_by=None).exists()
    assert Seal.objects.exclude(withdrawn_at=None).exists()
    standing = {bytes(row.digest) for row in Seal.objects.filter(superseded_by=None, withdrawn_at=None)}
    assert standing
    announced.close()
    assert {bytes(row.digest) for row in Cover.objects.filter(lot=announced.lot)} == standing
