"""What opened files tell reaches the engine: identities, machines, pictures and item prices, each with its source."""

import copy
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest

from gongheng.followers.analytics import actions, examining, extracting, library, papers
from gongheng.followers.analytics.models import FileTraces, PictureTrace
from gongheng.kernel.refusal import Refusal
from gongheng.screening import texts
from gongheng.screening.texts.documents import Document
from gongheng.trading.bids.models import Bid, BidFile
from gongheng.trading.evaluation.tests.world import opened_world
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import sandbox
from gongheng.trust.documents.sandbox import Picture, Traces

pytestmark = pytest.mark.django_db
MAC = "D8-9E-F3-11-22-33"


def file_of(place: int, shift: float, *, own: str) -> Traces:
    """What a file tells: its own identity, a machine, a drawing, and forty prices at a constant ratio."""
    tiles = np.random.default_rng(place).integers(0, 255, 32 * 32, dtype=np.uint8).tobytes()
    return Traces(
        (("pdf_id", own), ("mac", MAC if own == "a7" * 16 else ""), ("producer", "某软件")),
        (Picture(2, f"{own[:1] * 43}", 400, 300, tiles),),
        tuple(
            (f"0101010{number:02d}", f"{(100 + number * number * (place % 3 + 1)) * shift:.2f}", "2", "m3", "")
            for number in range(40)
        ),
        False,
    )


@pytest.fixture
def world(clock, authority, settings, monkeypatch):
    """An opened lot whose first two bids came from one hand."""
    settings.CLOCK = clock
    found = opened_world(clock, authority)
    told = {}
    for place, bid in enumerate(found.bids):
        first, second = bid.files.order_by("number")
        is_copied = place < 2
        own = "a" if is_copied else "bcd"[place - 1]
        told[first.digest] = file_of(0 if is_copied else place, 1 + place / 50, own=f"{own}7" * 16)
        told[second.digest] = None

    def traces(path):
        if told[path.name] is None:
            raise Refusal("FILE", "文件过于复杂。")
        return told[path.name]

    monkeypatch.setattr(sandbox, "traces", traces)
    for bid in found.bids[2:]:
        bid.device = '[["session","one browser"]]'
        bid.save()
    actions.record_opening(found.lot)
    actions.take_traces(found.lot)
    return found


def test_traces_are_taken_once_and_machines_are_unreadable(world):
    assert FileTraces.objects.count() == BidFile.objects.count() == 2 * len(world.bids)
    assert PictureTrace.objects.count() == len(world.bids)
    assert FileTraces.objects.filter(problem="文件过于复杂。").count() == len(world.bids)
    origin = dict(FileTraces.objects.get(file=world.bids[0].files.get(number=1)).origin)
    assert origin["mac"].startswith("h:")
    assert origin["pdf_id"] == "a7" * 16
    actions.take_traces(world.lot)
    assert FileTraces.objects.count() == 2 * len(world.bids)


def test_one_hand_is_seen_in_identity_machine_picture_and_prices(world, clock):
    record = actions.record_opening(world.lot)
    (one,) = examining.examine([record], clock.now())
    pair = sorted(bid.uscc for bid in world.bids[:2])
    found = {
        row["indicator"]: row for said in one.result["said"].values() for row in said["findings"]
        if row["parties"] == pair
    }
    assert {"F3", "F5", "P31", "T5"} <= found.keys()
    assert MAC not in str(one.result)
    assert "的文件属性" in str(found["F5"]["facts"])
    assert any(row["indicator"] == "F6" for row in one.result["said"]["F"]["findings"])
    assert "one browser" not in str(one.result)
    # A file that was not read is named; its silence is no sign of innocence.
    assert "不能读取" in str(one.result["index"]["completeness"]["unknown"]["T"])


def test_machines_of_another_year_cannot_be_told_apart_by_a_reader(clock):
    now = clock.now()
    this, same, next_year = (
        extracting.shielded([("mac", MAC), ("author", "张")], at) for at in (now, now, now + timedelta(days=366))
    )
    assert this == same != next_year
    assert this[1] == ["author", "张"]
    assert extracting.shielded([("mac", "00:0C:29:11:22:33")], now) == []  # a virtual card belongs to no machine


def test_a_picture_of_the_trade_is_known_from_earlier_tenders(world):
    shared = PictureTrace.objects.get(traces__file__bid=world.bids[2])
    for number, days in enumerate((-9, -8, 9)):
        assert papers.common_pictures(world.lot) == ({shared.digest} if number == 2 else set())
        _held_elsewhere(world, shared, number, days)
    assert papers.common_pictures(world.lot) == {shared.digest}


def _held_elsewhere(world, picture: PictureTrace, number: int, days: int) -> None:
    """Let a bid of another lot, opened so many days before or after, hold the same picture."""
    opened_at = world.lot.bids_due_at + timedelta(days=days)
    lot = copy.copy(world.lot)
    lot.pk, lot.code, lot.bids_due_at = uuid4(), f"other-{number}", opened_at
    lot.deal_code, lot.closed_at = lot.code, opened_at
    Lot.objects.bulk_create([lot])
    bid = copy.copy(world.bids[2])
    bid.pk, bid.lot, bid.digest, bid._state = uuid4(), lot, uuid4().bytes * 2, copy.copy(bid._state)
    Bid.objects.bulk_create([bid])
    file = BidFile.objects.create(bid=bid, envelope="E1", number=1, name="证书.pdf", size=1, digest="x", kind="pdf")
    PictureTrace.objects.create(
        traces=FileTraces.objects.create(file=file), page=1, digest=picture.digest, width=300, height=300
    )


def test_the_library_learns_a_text_once_and_grows(world, settings, tmp_path, monkeypatch):
    settings.VAR = tmp_path
    monkeypatch.setattr(library, "BITS", 12)
    read = []

    def bids(lot):
        read.append(lot)
        return [texts.Bid("A", (Document("技术标.pdf", "施工组织设计应当说明进度安排与质量保证措施。"),))]

    assert library.of_lots([], bids) is None
    first = library.of_lots([world.lot], bids)
    again = library.of_lots([world.lot], bids)
    grown = library.of_lots([world.lot, world.lot], bids)
    assert (first.tenders, again.tenders, grown.tenders, len(read)) == (1, 1, 2, 2)
    assert library.chain([world.lot]) != library.chain([world.lot, world.lot])
