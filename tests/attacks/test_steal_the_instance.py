"""The same theft on a running deployment, a second before the deadline; after the opening the scan finds it all."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gongheng.crypto import signing
from gongheng.crypto.sealing import ContainerRefused, check_fallback_share, check_secret
from gongheng.kernel.keyring import Keyring
from tests import rehearsing
from tests.attacks.thief import Loot, marks, spellings
from tests.deployment import Instance
from tools.bid import client
from tools.rehearse.play import opening
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.trustee import covers
from tools.visitor import Visitor

pytestmark = pytest.mark.instance

ROBBED = "notary"


@dataclass
class Party:
    """One who bids, or one who only looks: what the thief is after."""

    visitor: Visitor
    offer: client.Offer
    file: str
    kept: client.KeptBid | None = None

    def identity(self) -> list[bytes]:
        """Return what names the bidder."""
        key = self.visitor.certificate
        names = [key.uscc, key.organisation, key.person, self.visitor.kid]
        return [
            *(one.encode() for one in names),
            signing.public_of(key.private_sign), signing.public_of(key.private_enc),
        ]

    def content(self) -> list[bytes]:
        """Return what stands in the bid and nowhere else."""
        yuan, fen = divmod(self.offer.total_fen, 100)
        return [
            one.encode() for one in (
                str(self.offer.total_fen), f"{yuan}.{fen:02d}", f"{yuan:,}.{fen:02d}", self.offer.manager,
                self.offer.contact, self.offer.guarantee, self.file,
            )
        ]


@dataclass
class Theft:
    """One lot, robbed before anybody came, one second before the deadline, and after the opening."""

    scene: Scene
    bidders: list[Party]
    before: Loot
    sealed: Loot
    raw: bytes


def steal(instance: Instance, *, before: Callable[[], bool] = lambda: True) -> Loot:
    """Dump the tables as of one instant, as pg_dump does, and copy files and logs at that instant.

    ``before`` is asked once all is in hand, or fixed by the snapshot: an attack that came too late proves nothing.
    """
    rows, var = {}, instance.var
    with psycopg.connect(instance.database) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        places = [path for name in ("log", "run", "sms", "files") for path in (var / name).rglob("*")]
        files = [path.read_bytes() for path in places if path.is_file()]
        trustee = {path.name: path.read_bytes() for path in (var / "trustees" / ROBBED).iterdir()}
        assert before(), "the machine was too slow: this theft came after the deadline"
        for (table,) in tables:
            rows[table] = connection.execute(f'SELECT * FROM "{table}"').fetchall()
        lots = [pk.hex for (pk,) in connection.execute("SELECT id FROM projects_lot").fetchall()]
    loot = Loot(rows, files, Keyring(var / "keys"), trustee, lots)
    loot.pry()
    return loot


def everything(loot: Loot, *, but: str = "") -> bytes:
    """Return all that was stolen and opened, the public register too; ``but`` one table."""
    cells = [
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
        for table, rows in loot.rows.items() if table != but for row in rows for cell in row
    ]
    return b"\n".join([*cells, *loot.files, *loot.trustee.values(), *loot.opened])


def occurrences(haystack: bytes, secret: bytes) -> int:
    return sum(haystack.count(one) for one in spellings(secret))


@pytest.fixture(scope="module")
def theft(instance, tmp_path_factory) -> Iterator[Theft]:
    with rehearsing.announced(instance.origin, tmp_path_factory.mktemp("theft")) as scene:
        yield _rob(instance, scene)


def _rob(instance: Instance, scene: Scene) -> Theft:
    before = steal(instance)
    bidders = []
    # From the end of the cabinet: nobody there took part in a tender of another test.
    for holder in scene.cast.find("bidder")[-3:]:
        token = secrets.token_hex(6)
        offer = client.Offer(
            70_000_000_00 + secrets.randbelow(10**9), 540, "合格", f"经理{token}", f"联系{token}", "13900000000",
            f"保函{token}",
        )
        bidders.append(Party(scene.cast.visitor(holder, "bidder"), offer, f"文件{token}"))
    qualification, technical = rehearsing.papers(scene, "paper")
    for party in bidders:
        for _ in range(2):  # everybody thinks better of the first version
            with qualification[0].open("rb") as e1, technical[0].open("rb") as e2:
                party.kept = client.seal_and_submit(
                    party.visitor, client.sealing_rules(party.visitor, scene.lot), party.visitor.certificate,
                    party.offer, [(f"{party.file}甲.pdf", e1)], [(f"{party.file}乙.pdf", e2)], replaces=party.kept,
                )
    for party in bidders:
        until(lambda one=party: _sound(one) == 3, "三方受托人校验兜底份额", seconds=90)
    due = scene.facts["due"]
    raw = _database_disk(instance)
    scene.advance_to(due - timedelta(seconds=1))
    return Theft(scene, bidders, before, steal(instance, before=lambda: scene.now() < due), raw)


def _sound(party: Party) -> int:
    receipt = client.fetch_receipt(party.visitor, party.kept)
    return sum(check["ok"] for check in receipt["share_checks"]) if receipt else 0


def _database_disk(instance: Instance) -> bytes:
    """Read the server's data files, its write-ahead log and its own log: the disk remembers more than the tables."""
    home, found = Path(json.loads((instance.var / "pg.json").read_text())["home"]), []
    for path in [home / "server.log", *(home / "data").rglob("*")]:
        # The server recycles files while we read.
        with suppress(FileNotFoundError, IsADirectoryError):
            found.append(path.read_bytes())
    return b"".join(found)


def test_nothing_more_names_a_bidder_than_before_anybody_came(theft):
    # Each night's screening tells again who bid for what in the past; of this lot it must know nothing.
    assert not any(theft.scene.lot in map(str, row) for row in theft.sealed.rows["analytics_tenderrecord"])
    before, sealed = (everything(loot, but="analytics_screening") for loot in (theft.before, theft.sealed))
    for party in theft.bidders:
        for secret in party.identity():
            assert occurrences(sealed, secret) == occurrences(before, secret), secret


def test_no_price_no_name_of_a_file_and_no_contact_can_be_read_even_from_the_disk(theft):
    sealed = everything(theft.sealed)
    for party in theft.bidders:
        for secret in party.content():
            assert occurrences(sealed, secret) == 0, secret
            assert occurrences(theft.raw, secret) == 0, secret
    # The scan of the disk is not blind: it finds what the tables hold in clear.
    assert occurrences(theft.raw, theft.scene.agency.certificate.uscc.encode())


def test_the_application_keys_open_the_headers_and_one_share_opens_nothing(theft):
    lot = theft.scene.lot
    mine = [manifest for manifest in theft.sealed.manifests if manifest["core"]["lot"] == lot]
    assert len(mine) >= 2 * len(theft.bidders)
    private = theft.sealed.trustee[f"lot-{lot}.key"]
    for manifest in mine:
        share = check_fallback_share(manifest["core"], "E3", 3, private)
        with pytest.raises(ContainerRefused):
            check_secret(manifest["core"], "E3", share)


def test_nothing_tells_a_bid_from_a_cover(theft):
    lot = theft.scene.lot
    mine = [manifest for manifest in theft.sealed.manifests if manifest["core"]["lot"] == lot]
    assert len({marks(manifest) for manifest in mine}) == 1
    largest = covers.SMALLEST << covers.DOUBLINGS
    sizes = [row["size"] for manifest in mine for row in manifest["envelopes"] if row["id"] in ("E1", "E2")]
    # Every bid weighs what a cover might weigh.
    assert all(covers.SMALLEST <= size <= largest * 1.12 for size in sizes)
    opaque = [row for row in theft.sealed.rows["evidence_entry"] if b'"t":"c"' in bytes(row[1])]
    assert len({tuple(cell is None for cell in row) for row in opaque}) == 1


def test_after_the_opening_the_same_scan_finds_all_of_them(theft, instance):
    scene, hall = theft.scene, f"/opening/{theft.scene.lot}/"
    scene.advance_to(scene.facts["due"] + timedelta(milliseconds=1))
    until(lambda: opening._started(scene, hall), "开始开标", seconds=90)
    for party in theft.bidders:
        client.open_own(party.visitor, party.kept, party.visitor.certificate)
    opened, sealed = everything(steal(instance)), everything(theft.sealed)
    for party in theft.bidders:
        uscc, name = party.identity()[:2]
        assert occurrences(opened, uscc) > occurrences(sealed, uscc)
        assert occurrences(opened, name) > occurrences(sealed, name)
        assert any(occurrences(opened, one) for one in party.content()[:3])
        assert occurrences(opened, party.file.encode())
