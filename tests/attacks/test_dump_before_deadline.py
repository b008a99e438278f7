"""A thief before the deadline (T16, A1, A2): the whole database, all files, every application key, one trustee's store.

He opens whatever these keys open, and then looks for who bids, at what price, and how many.
"""

import io
import json
import random
from types import SimpleNamespace

import pytest
from django.db import connection

from gongheng.crypto import canonical, labels, sealing, shares, signing
from gongheng.crypto.sealing import ContainerRefused
from gongheng.kernel.keyring import Keyring
from gongheng.trading.bids.models import Cover, Seal
from gongheng.trading.bids.tests.world import PDF
from tests.attacks.thief import Loot, marks, spellings
from tools.bid import client

BIDDERS, BYSTANDERS = (1, 2, 3), (4, 5, 6)
PRICE = 987_654_300
#: Words that stand in the bidders' files and nowhere else.
MARKS = (b"-licence-of-this-bidder-", b"-method-of-this-bidder-")

#: What every client says of the machine it ran on.
MACHINE = "D8-9E-F3-7A-51-C4"


@pytest.fixture
def loot(world, caplog) -> Loot:
    """Three of six companies bid; each trustee has sent one cover; nobody else knows."""
    world.announce()
    for number in (*BIDDERS, *BYSTANDERS):
        world.bidder(number).visitor.get(f"/bids/{world.lot.pk}/")
    for number in BIDDERS:
        player = world.bidder(number)
        client.seal_and_submit(
            player.visitor, world.rules(player), player.key, world.offer(PRICE + number),
            [("本单位执照.pdf", io.BytesIO(PDF + MARKS[0]))], [("本单位施组.pdf", io.BytesIO(PDF + MARKS[1]))],
            machine=[("mac", MACHINE)],
        )
    for name in ("centre", "supervisor", "notary"):
        trustee = world.trustee(name)
        rules = trustee.platform.get(f"/api/trustees/{name}/work")["lots"][0]
        trustee.store.keep_plan(rules["lot"], {"due": [world.clock.now().timestamp()], "made": []})
        trustee.round()
    for name in ("centre", "supervisor", "notary"):
        world.trustee(name).round()
    stolen = world.folder / "trustees" / "notary"
    taken = Loot(
        rows=dump(),
        files=[
            *(path.read_bytes() for path in world.settings.FILES.rglob("*") if path.is_file()), caplog.text.encode(),
        ],
        keys=Keyring(world.folder / "keys"),
        trustee={path.name: path.read_bytes() for path in stolen.iterdir() if path.is_file()},
        lots=[world.lot.pk.hex],
    )
    taken.pry()
    taken.world = world
    return taken


def dump() -> dict[str, list[tuple]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = {}
        for table in tables:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows[table] = cursor.fetchall()
        return rows


pytestmark = pytest.mark.django_db


def test_the_thief_does_open_what_the_application_may_open(loot):
    """The attack is a real one: with the keys the manifests of all six containers lie open."""
    assert len(loot.manifests) == 6
    assert all(manifest["core"]["lot"] == str(loot.world.lot.pk) for manifest in loot.manifests)


def test_nothing_names_a_bidder(loot):
    haystack = loot.haystack()
    assert not any(one in haystack for one in spellings(MACHINE.encode()))
    for number in (*BIDDERS, *BYSTANDERS):
        player = loot.world.bidder(number)
        kid = signing.kid(signing.public_of(player.key.private_sign))
        for secret in (
            player.key.uscc, player.organisation.name, player.key.name, str(player.organisation.pk),
            player.actor.id, kid,
        ):
            assert not any(one in haystack for one in spellings(secret.encode())), (number, secret)
        for private in (player.key.private_sign, player.key.private_enc):
            assert not any(one in haystack for one in spellings(signing.public_of(private))), number


def test_bidders_and_bystanders_look_alike_in_the_register(loot):
    """No row appears, and no column is filled, because somebody bids."""
    shapes = {}
    for number in (*BIDDERS, *BYSTANDERS):
        player = loot.world.bidder(number)
        known = {str(player.organisation.pk), player.actor.id, player.key.uscc}
        shapes[number] = sorted(
            (table, tuple(cell is None for cell in row))
            for table, rows in loot.rows.items() for row in rows if known & {str(cell) for cell in row}
        )
    assert len({json.dumps(shape) for shape in shapes.values()}) == 1


def test_no_price_and_no_file_can_be_read(loot):
    haystack = loot.haystack()
    for number in BIDDERS:
        fen = PRICE + number
        for text in (str(fen), f"{fen // 100}.{fen % 100:02d}", f"{fen // 100:,}"):
            assert text.encode() not in haystack
    for text in (*MARKS, "本单位执照".encode(), "本单位施组".encode()):
        assert not any(one in haystack for one in spellings(text))


def test_one_trustees_share_opens_no_envelope(loot):
    world = loot.world
    private = loot.trustee[f"lot-{world.lot.pk}.key"]
    for manifest in loot.manifests:
        for envelope in client.ENVELOPES:
            share = sealing.check_fallback_share(manifest["core"], envelope, 3, private)
            for guess in (share, shares.combine({3: share}), (share * 2) % shares.N):
                with pytest.raises(ContainerRefused) as refused:
                    sealing.check_secret(manifest["core"], envelope, guess)
                assert refused.value.code == "SECRET"


def test_bids_cannot_be_counted(loot):
    """Less the cover of the trustee he robbed, the thief sees five containers, and no mark tells three from two."""
    own = {one["D"] for one in json.loads(loot.trustee[f"covers-{loot.world.lot.pk}.json"])["made"]}
    digests = {canonical.b64(labels.digest(labels.BID_MANIFEST, canonical.encode(one))): one for one in loot.manifests}
    left = [manifest for digest, manifest in digests.items() if digest not in own]
    assert len(left) == 5
    assert len({marks(manifest) for manifest in left}) == 1
    frames = {len(bytes(row[1])) for row in loot.rows["bids_upload"]}
    assert len(frames) == 1
    blank = {tuple(cell is None for cell in row) for row in loot.rows["bids_seal"]}
    assert len(blank) == 1
    entries = [row for row in loot.rows["evidence_entry"] if b'{"h":' in bytes(row[1])[:5]]
    assert len({tuple(cell is None for cell in row) for row in entries}) == 1
    assert len({len(bytes(row[1])) for row in entries}) == 1


def test_covers_are_replaced_and_withdrawn_as_bids_are(world, monkeypatch):
    """Else whatever was replaced would be a bid. At the close exactly the standing covers are struck."""
    dice = random.Random(3)
    chance = SimpleNamespace(randbelow=dice.randrange, choice=dice.choice)
    for module in ("tools.trustee.covers", "tools.trustee.__main__"):
        monkeypatch.setattr(f"{module}.secrets", chance)
    world.announce()
    trustee = world.trustee("centre")
    lot = str(world.lot.pk)
    trustee.store.keep_plan(lot, {"due": [world.clock.now().timestamp()] * 8, "made": []})
    trustee.round()
    assert Seal.objects.exclude(superseded_by=None).exists()
    assert Seal.objects.exclude(withdrawn_at=None).exists()
    standing = {bytes(row.digest) for row in Seal.objects.filter(superseded_by=None, withdrawn_at=None)}
    assert standing
    world.close()
    assert {bytes(row.digest) for row in Cover.objects.filter(lot=world.lot)} == standing
