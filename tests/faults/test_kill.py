"""kill -9 of every part while bids come in and while they are opened: nothing acknowledged is lost, nothing doubled."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import psycopg
import pytest

from gongheng.crypto import canonical, labels, merkle
from gongheng.kernel.sealed_field import unseal
from tests import rehearsing
from tests.deployment import Instance
from tests.faults.patience import Patient, persistently
from tools.bid import client
from tools.rehearse.play.scene import Scene
from tools.rehearse.stages import until
from tools.verify.receipt import check_receipt
from tools.verify.report import Report

BIDDERS = 4
#: Who is killed while the bidders seal without pause; "workers" are the web server's own children.
WHILE_SEALING = ("workers", "web", "postgres", "sequencer", "workers", "postgres")
WHILE_CLOSING = ("tick", "witness")
WHILE_OPENING = ("web", "followers", "sequencer")

pytestmark = pytest.mark.instance


@dataclass
class Bidder:
    """One bidder who hands in one version after another and keeps every receipt."""

    visitor: Patient
    offer: client.Offer
    files: dict[str, list[Path]]
    acknowledged: list[client.KeptBid] = field(default_factory=list)

    def seal(self, lot: str) -> None:
        key, last = self.visitor.certificate, self.acknowledged[-1:]
        opened = {name: [(path.name, path.open("rb")) for path in paths] for name, paths in self.files.items()}
        try:
            self.acknowledged.append(client.seal_and_submit(
                self.visitor, client.sealing_rules(self.visitor, lot), key, self.offer, opened["E1"], opened["E2"],
                replaces=last[0] if last else None,
            ))
        finally:
            for _, stream in (row for rows in opened.values() for row in rows):
                stream.close()


@dataclass
class Tender:
    """The lot under attack and those who bid on it."""

    instance: Instance
    scene: Scene
    bidders: list[Bidder]

    @property
    def lot(self) -> str:
        return self.scene.lot

    def rows(self, question: str, *values) -> list[tuple]:
        def asked() -> list[tuple] | None:
            try:
                with psycopg.connect(self.instance.database, connect_timeout=5) as connection:
                    return connection.execute(question, values).fetchall()
            except psycopg.OperationalError:
                return None

        # A list may lawfully be empty: wrapped, so that it counts as an answer.
        return until(lambda: None if (found := asked()) is None else (found,), "数据库恢复", seconds=60)[0]

    def hidden(self, verb: str) -> Counter:
        """Count the digests D in the lot's opaque entries of a verb, opened with the application's own key."""
        secret = (self.instance.var / "keys" / "phase").read_bytes()
        key, found = labels.digest(labels.PHASE_KEY, secret + UUID(self.lot).bytes), Counter()
        for (sealed,) in self.rows("SELECT salt_sealed FROM evidence_entry WHERE salt_sealed IS NOT NULL"):
            try:
                plain = canonical.decode(unseal(bytes(sealed), key)[32:])
            except ValueError:
                continue  # an entry of another lot
            if plain["verb"] == verb:
                found[plain["facts"]["D"]] += 1
        return found

    def covers(self) -> list[dict]:
        files = (self.instance.var / "trustees").glob(f"*/covers-{self.lot}.json")
        return [one for file in files for one in json.loads(file.read_text())["made"]]

    def state(self) -> str:
        return self.rows("SELECT state FROM projects_lot WHERE id = %s", self.lot)[0][0]


@pytest.fixture(scope="module")
def tender(instance, tmp_path_factory) -> Iterator[Tender]:
    """A lot on which four bidders sealed without pause while one part after another was killed."""
    folder = tmp_path_factory.mktemp("storm")
    with rehearsing.announced(instance.origin, folder, bidders=BIDDERS) as scene, ExitStack() as stack:
        bidders = []
        for number, holder in enumerate(scene.cast.find("bidder")[:BIDDERS]):
            visitor = Patient(instance.origin, scene.cast.visitor(holder, "bidder").certificate)
            stack.callback(visitor.http.close)
            visitor.sign_in("bidder")
            qualification, technical = rehearsing.papers(scene, f"{number}")
            offer = client.Offer(100_000_000_00 + number, 540, "合格", f"建造师{number}", holder["name"], "13900000000")
            bidders.append(Bidder(visitor, offer, {"E1": qualification, "E2": technical}))
        storm(instance, scene, bidders)
        yield Tender(instance, scene, bidders)


def storm(instance: Instance, scene: Scene, bidders: list[Bidder]) -> None:
    calm = threading.Event()

    def sealing(bidder: Bidder) -> None:
        while not calm.is_set():
            bidder.seal(scene.lot)

    def sealed() -> int:
        return sum(len(bidder.acknowledged) for bidder in bidders)

    def going_on() -> None:
        before = sealed()
        until(lambda: sealed() > before or any(one.done() for one in workers), "封标继续", seconds=120)

    with ThreadPoolExecutor(BIDDERS) as pool:
        workers = [pool.submit(sealing, bidder) for bidder in bidders]
        try:
            for victim in WHILE_SEALING:
                going_on()
                kill(instance, victim)
            going_on()
        finally:
            calm.set()
        for worker in workers:
            worker.result()


def kill(instance: Instance, victim: str) -> None:
    """Kill as soon as the victim lives again: the supervisor may still be bringing it back."""
    if victim == "workers":
        main = int((instance.var / "run" / "web.pid").read_text())
        children = until(lambda: [pid for pid in instance.processes("web") if pid != main], "网站工作进程", seconds=60)
        instance.kill("web", only=children)
    else:
        until(lambda: victim == "postgres" or instance.processes(victim), f"{victim} 运行", seconds=60)
        instance.kill(victim)


def struck(tender: Tender, victim: str, act: Callable[[], object]) -> None:
    """Kill a part of the platform while an act is under way."""
    with ThreadPoolExecutor(1) as pool:
        acting = pool.submit(act)
        kill(tender.instance, victim)
        acting.result()


def open_own(bidder: Bidder) -> None:
    """Send the secrets until the platform says that the bid is open; sending them again changes nothing."""
    kept, key = bidder.acknowledged[-1], bidder.visitor.certificate
    assert persistently(lambda: client.open_own(bidder.visitor, kept, key))["state"] == "opened"


def test_every_acknowledged_bid_is_in_the_log_exactly_once(tender):
    acknowledged = [kept.D for bidder in tender.bidders for kept in bidder.acknowledged]
    assert len(set(acknowledged)) == len(acknowledged) > len(WHILE_SEALING)
    logged = tender.hidden("bid.seal")
    assert set(logged.values()) == {1}
    assert set(acknowledged) <= set(logged)
    # Whatever was logged was acknowledged in the end, or is a trustee's cover: no ghost of a retried request.
    assert set(logged) - set(acknowledged) <= {cover["D"] for cover in tender.covers()}


def test_receipts_verify(tender):
    policy = tender.instance.policy()
    places = []
    for bidder in tender.bidders:
        for kept in (bidder.acknowledged[0], bidder.acknowledged[-1]):
            receipt = persistently(lambda b=bidder, k=kept: client.fetch_receipt(b.visitor, k, patience=60))
            report = Report()
            report.run("回执", check_receipt, receipt, policy)
            assert report.is_clean, report.text()
            places.append(receipt["position"])
    assert len(set(places)) == len({kept.D for b in tender.bidders for kept in (b.acknowledged[0], b.acknowledged[-1])})


def test_the_closing_root_holds_what_was_acknowledged_and_nothing_else(tender):
    tender.scene.advance_to(tender.scene.facts["due"] + timedelta(milliseconds=1))
    for victim in WHILE_CLOSING:
        kill(tender.instance, victim)
    until(lambda: tender.state() != "announced", "截标", seconds=60)
    ((root,),) = tender.rows("SELECT closing_root FROM projects_lot WHERE id = %s", tender.lot)
    live = {
        canonical.b64(bytes(digest)) for (digest,) in tender.rows(
            "SELECT digest FROM bids_seal WHERE superseded_by IS NULL AND withdrawn_at IS NULL"
        )
    } & set(tender.hidden("bid.seal"))
    leaves = [merkle.leaf_hash("sm3", digest) for digest in sorted(map(canonical.unb64, live))]
    assert bytes(root) == merkle.root("sm3", leaves)
    assert live - {cover["D"] for cover in tender.covers()} == {b.acknowledged[-1].D for b in tender.bidders}


def test_the_opening_survives_kills_and_gives_back_the_very_bytes(tender):
    hall, agency = f"/opening/{tender.lot}/", tender.scene.agency
    host = Patient(agency.origin, agency.certificate)
    host.sign_in("agency")

    def opening(*columns: str) -> tuple | None:
        found = tender.rows(f"SELECT {', '.join(columns)} FROM opening_opening WHERE lot_id = %s", tender.lot)
        return found[0] if found else None

    with closing(host.http):
        struck(tender, "web", lambda: host.act_until(lambda: opening("state"), hall, form="opening.start"))
        for bidder, victim in zip(tender.bidders[:-1], WHILE_OPENING, strict=True):
            struck(tender, victim, lambda one=bidder: open_own(one))
        lost = tender.bidders[-1]
        struck(
            tender, "trustee-notary",
            lambda: persistently(lambda: client.request_fallback(lost.visitor, lost.acknowledged[-1], "device")),
        )
        bids = "SELECT digest, state, total, id FROM bids_bid WHERE lot_id = %s"
        until(lambda: all(row[1] == "opened" for row in tender.rows(bids, tender.lot)), "全部开启", seconds=120)
        host.act_until(lambda: opening("state") != ("decrypting",), hall, form="opening.end_decryption")
    opened = {canonical.b64(bytes(digest)): (total, pk) for digest, _, total, pk in tender.rows(bids, tender.lot)}
    assert len(opened) == BIDDERS
    for bidder in tender.bidders:
        total, pk = opened[bidder.acknowledged[-1].D]
        assert total * 100 == bidder.offer.total_fen
        files = tender.rows("SELECT envelope, name, digest FROM bids_bidfile WHERE bid_id = %s ORDER BY number", pk)
        assert [(envelope, name) for envelope, name, _ in files] == [
            (envelope, path.name) for envelope in ("E1", "E2") for path in bidder.files[envelope]
        ]
        for (_, _, digest), path in zip(files, [*bidder.files["E1"], *bidder.files["E2"]], strict=True):
            stored = tender.instance.var / "files" / "content" / digest[:2] / digest
            assert stored.read_bytes() == path.read_bytes()
    told = tender.rows("SELECT subject FROM evidence_entry WHERE verb = 'bid.open' AND lot = %s", tender.lot)
    assert len(told) == len(set(told)) == BIDDERS


def test_the_log_is_whole_and_everything_runs_again(tender):
    until(
        lambda: "未运行" not in tender.instance.command("status").stdout, "全部进程恢复", seconds=60
    )
    until(lambda: not tender.rows("SELECT entry_id FROM evidence_pending"), "定序", seconds=60)
    checked = tender.instance.command("manage", "log_fsck")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert httpx.get(f"{tender.instance.origin}/", trust_env=False).status_code == 200
