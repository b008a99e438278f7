"""The engine over the platform's records: reproducible, as of the opening, silent where data are missing."""

from datetime import timedelta
from random import Random

import pytest

from gongheng.crypto import canonical
from gongheng.followers.analytics import actions, comparing, examining, following, papers, queries
from gongheng.followers.analytics.actions.running import next_night
from gongheng.followers.analytics.models import Night, Run, Screening, TenderRecord
from gongheng.followers.analytics.rules import CALM
from gongheng.followers.analytics.tests.building import FIRST, RING, honest, imported, rigged
from gongheng.kernel.roles import THE_CLOCK, Role
from gongheng.screening.texts.documents import Bid, Document
from gongheng.trading.evaluation.tests.world import opened_world
from gongheng.trading.projects.tests.building import actor, organisation
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import note

pytestmark = pytest.mark.django_db


def market(clock, *, ring: int = 14, others: int = 60) -> list[TenderRecord]:
    """Import a market in which three firms share every fifth tender among themselves."""
    random = Random(11)
    rows = [
        rigged(number, random) if number % 5 == 4 and number // 5 < ring else honest(number, random)
        for number in range(ring + others)
    ]
    return imported(rows, clock)


def test_the_ring_stands_out_and_the_honest_do_not(clock):
    records = market(clock)
    run = actions.screen(TenderRecord.objects.all(), moment=Run.Moment.NIGHTLY, clock=clock)
    assert (run.tenders, run.made) == (74, 74)
    late = [one for one in records[35:]]
    by_pk = {one.tender_id: one for one in Screening.objects.all()}
    rigged_values = [by_pk[one.pk].value for one in late if one.bids.filter(uscc=RING[0]).exists()]
    honest_values = [by_pk[one.pk].value for one in late if not one.bids.filter(uscc=RING[0]).exists()]
    assert min(rigged_values) > max(honest_values)
    worst = by_pk[next(one.pk for one in reversed(late) if one.bids.filter(uscc=RING[0]).exists())]
    assert worst.coalition == sorted(RING)
    assert {"P", "G"} <= set(worst.families)
    province = actor(Role.SUPERVISOR, organisation(Role.SUPERVISOR, 63000001, "某省住房和城乡建设厅", "370000"))
    found = queries.month_standings(province, queries.months(province))
    alerted = [pk for pk, standing in found.items() if standing.band != CALM]
    assert TenderRecord.objects.filter(pk__in=alerted, bids__uscc=RING[0]).count() >= 8


def test_the_same_rows_give_the_same_bytes_and_nothing_new_is_stored(clock):
    market(clock, ring=4, others=16)
    first = actions.screen(TenderRecord.objects.all(), moment=Run.Moment.NIGHTLY, clock=clock)
    clock.advance_to(clock.now() + timedelta(days=1))
    again = examining.examine(TenderRecord.objects.all(), clock.now())
    kept = {one.tender_id: one for one in Screening.objects.all()}
    assert all(kept[one.tender.pk].inputs_digest == one.inputs_digest for one in again)
    assert all(examining.encoded(kept[one.tender.pk].result) == examining.encoded(one.result) for one in again)
    second = actions.screen(
        TenderRecord.objects.select_related("screening__run"), moment=Run.Moment.NIGHTLY, clock=clock
    )
    assert (first.made, second.made, Screening.objects.count()) == (20, 0, 20)


def test_what_comes_later_changes_nothing(clock):
    records = market(clock, ring=4, others=16)
    (before,) = examining.examine(records[15:16], clock.now())
    later = FIRST + timedelta(days=7 * 100)
    random = Random(3)
    actions.import_history(
        [rigged(200 + place, random, later + timedelta(days=place)) for place in range(6)], source="另一系统",
        actor=THE_CLOCK, clock=clock,
    )
    (after,) = examining.examine(records[15:16], clock.now())
    assert (before.inputs_digest, before.result) == (after.inputs_digest, after.result)


def test_missing_data_are_unknown_with_their_reason(clock):
    records = market(clock, ring=2, others=5)
    (one,) = examining.examine(records[:1], clock.now())
    told = one.result["index"]["completeness"]
    assert {"F", "M", "T"} <= set(told["absent"])
    assert all(row["reason"] for rows in told["unknown"].values() for row in rows)
    assert one.result["index"]["value"] == pytest.approx(1.0, abs=0.7)


def test_the_entry_of_a_run_commits_to_its_results_and_names_none(clock):
    records = market(clock, ring=2, others=5)
    run = actions.screen(records, moment=Run.Moment.NIGHTLY, clock=clock)
    body = bytes(run.entry.body)
    facts = canonical.decode(body)["facts"]
    assert facts == {"moment": "nightly", "tenders": 7, "model": examining.MODEL_VERSION, "digest": run.digest}
    assert not any(str(one.pk).encode() in body for one in records)


def sentences(random: Random, count: int) -> list[str]:
    """Return sentences that nobody else writes."""
    return ["".join(chr(random.randrange(0x4E00, 0x9000)) for _ in range(24)) + "。" for _ in range(count)]


def copied(world) -> tuple[list[Bid], list[str]]:
    """Return the bids' texts, of which the first two share sentences scattered over them, and the tender's own."""
    random = Random(6)
    tender, shared = sentences(random, 12), sentences(random, 60)
    bids = []
    for place, one in enumerate(world.bids):
        taken = shared if place < 2 else sentences(random, 60)
        text = "".join("".join([*sentences(random, 2), two]) for two in taken) + "".join(tender)
        bids.append(Bid(one.uscc, (Document("技术标.pdf", text),), None, f"某公司{place}"))
    return bids, ["".join(tender)]


def test_an_opened_lot_is_screened_once_taken_into_history(clock, authority, settings, monkeypatch):
    settings.CLOCK = clock
    world = opened_world(clock, authority)
    bids, asked = copied(world)
    monkeypatch.setattr(papers, "text_bids", lambda lot: bids)
    monkeypatch.setattr(papers, "tender_texts", lambda lot: asked)
    with note("opening.finish", world.lot.opening, lot=world.lot, actor=THE_CLOCK, clock=clock) as step:
        pass
    following.look_at_opening(step.entry)
    record = TenderRecord.objects.get(lot=world.lot)
    assert (record.screening.run.moment, record.bids.count()) == ("opening", 4)
    # All firms of the scene give one telephone in their bids: that is seen, and said with its source. Half the
    # scene is registered under one telephone too: that is a crowd, and says nothing.
    assert set(record.screening.families) == {"F", "T"}
    passages = record.screening.result["passages"]
    assert len(passages) == comparing.MOST_PASSAGES
    left, right = passages[0]["left"]["parts"], passages[0]["right"]["parts"]
    assert [part["text"] for part in left] == [part["text"] for part in right]
    assert {part["tone"] for part in left} == {"is-shared"}
    assert record.screening.result["richness"].keys() == {one.uscc for one in world.bids}
    assert "投标文件身份信封" in str(record.screening.result["said"]["F"])
    assert record.screening.result["said"]["M"]["findings"] == []
    assert queries.visible_to(world.who.supervisor).get() == record
    # A second look compares no word again, and says the same to the byte.
    monkeypatch.setattr(papers, "text_bids", lambda lot: pytest.fail("compared again"))
    before = record.screening
    following.look_at_opening(step.entry)
    assert TenderRecord.objects.get(lot=world.lot).screening == before
    assert TenderRecord.objects.count() == 1
    # Nothing that a judge or a bidder may read tells of it: the lot's own entries are as they were.
    assert not Entry.objects.filter(lot=world.lot.pk, verb__startswith="screening").exists()


def test_each_night_is_called_by_the_clock_and_plans_the_next(clock, settings):
    settings.CLOCK = clock
    actions.plan_night(clock=clock)
    actions.plan_night(clock=clock)
    night = Night.objects.get()
    assert night.next_due_at == night.runs_at == next_night(clock.now())
    market(clock, ring=2, others=5)
    clock.advance_to(night.runs_at)
    actions.call_night(night, actor=THE_CLOCK, clock=clock)
    following.look_by_night(night.last_entry)
    assert Night.objects.filter(state="planned").get().runs_at == night.runs_at + timedelta(days=1)
    assert Screening.objects.count() == TenderRecord.objects.filter(opened_at__gt=clock.now() - timedelta(365)).count()
