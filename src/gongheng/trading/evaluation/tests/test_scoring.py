"""Blind scoring, deviations, the result, the report and its signatures."""

from decimal import Decimal

import pytest
from django.db import connection

from gongheng.crypto import canonical
from gongheng.kernel.roles import THE_CLOCK
from gongheng.places.venues.models import Booking
from gongheng.trading.evaluation import queries
from gongheng.trading.evaluation.actions import reporting, scoring
from gongheng.trading.evaluation.lifecycle import SIGNING_TIME, State
from gongheng.trading.evaluation.models import Alias, Evaluation, ReportSignature
from gongheng.trading.evaluation.tests.world import refused
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trust.documents import store
from gongheng.trust.evidence.models import Entry


def doing(world, member) -> dict:
    return {"actor": world.of(member), "clock": world.clock}


def reported(world, **scores) -> list:
    """Bring the committee to where it signs."""
    members = world.scored(**scores)
    evaluation = members[0].evaluation
    digest = _digest_now(evaluation)
    reporting.make_report(members[0], opinion="按顺序推荐。", result=digest, **doing(world, members[0]))
    return world.fresh(members)


def _digest_now(evaluation) -> str:
    evaluation.result = queries.compute_result(evaluation)
    digest = queries.result_digest(evaluation)
    evaluation.result = None
    return digest


def sign(world, member, *, agrees=True, dissent="", document=None):
    return reporting.sign_report(
        member, agrees=agrees, dissent=dissent, document=document or member.evaluation.report.digest,
        **doing(world, member),
    )


def test_every_member_has_the_bids_under_names_of_his_own_and_the_table_hides_them(world):
    members = world.reviewed()
    for member in members:
        assert [alias.label for alias in member.aliases.order_by("pk")] == ["甲", "乙", "丙", "丁"]
        assert {alias.bid_sealed for alias in member.aliases.all()} == {str(bid.pk) for bid in world.bids}
    with connection.cursor() as cursor:
        cursor.execute("SELECT bid_sealed FROM evaluation_alias")
        kept = b"".join(bytes(row[0]) for row in cursor.fetchall())
    assert not any(str(bid.pk).encode() in kept for bid in world.bids)


def test_points_lie_within_the_factor_and_can_be_taken_back(world):
    member = world.reviewed()[0]

    def save(factor, points, label="甲"):
        return scoring.save_score(member, label=label, factor=factor, points=points, clock=world.clock)

    assert refused(lambda: save("F1", Decimal("30.01"))) == "SCORE"
    assert refused(lambda: save("F1", Decimal("-1"))) == "SCORE"
    assert refused(lambda: save("F1", Decimal("7.005"))) == "SCORE"
    assert refused(lambda: save("F2", Decimal("5"))) == "SCORE"
    assert refused(lambda: save("F9", Decimal("5"))) == "SCORE"
    assert refused(lambda: save("F1", Decimal("5"), "戊")) == "SCORE"
    save("F1", Decimal("27.5"))
    assert queries.sheet_of(member)["甲"] == {"F1": Decimal("27.50")}
    save("F1", None)
    assert queries.sheet_of(member) == {"甲": {}, "乙": {}, "丙": {}, "丁": {}}


def test_a_sheet_is_handed_in_whole_and_then_final_and_its_digest_is_logged(world):
    member = world.reviewed()[0]

    def lock():
        return scoring.lock_sheet(member, **doing(world, member))

    assert refused(lock) == "SCORE"
    world.score_all(member, {})
    digest = scoring.sheet_digest(queries.sheet_of(member))
    assert lock().state == State.TECHNICAL
    entry = Entry.objects.get(verb="sheet.lock")
    assert canonical.decode(bytes(entry.body))["facts"] == {"pid": member.pid, "sheet": digest}
    assert refused(lock) == "STATE"
    assert refused(lambda: world.score_all(member, {})) == "STATE"


def test_the_result_follows_from_sheets_prices_and_the_drawn_coefficient(world):
    reported(world, points={0: "28", 1: "26", 2: "30", 3: "20"})
    evaluation = Evaluation.objects.get(lot=world.lot)
    # Prices 9.80 9.95 10.10 10.50 million: without highest and lowest the mean is 10,025,000; less K = 1 %.
    price = evaluation.result["price"]
    assert (price["mean"], price["base"], evaluation.result["coefficient"]) == ("10025000.00", "9924750.00", "1")
    standings = queries.result(world.lot)
    # 9,950,000 is 0.25 % above the base: 60 - 0.25 × 0.6; 9,800,000 is 1.26 % below: 60 - 1.26 × 0.3.
    assert [(one.bid, one.rank, one.technical, one.price_score, one.total) for one in standings[:2]] == [
        (world.bids[2], 1, Decimal("40.00"), Decimal("59.85"), Decimal("99.85")),
        (world.bids[0], 2, Decimal("38.00"), Decimal("59.62"), Decimal("97.62")),
    ]
    assert canonical.encode(evaluation.result)
    entry = Entry.objects.get(verb="evaluation.report")
    facts = canonical.decode(bytes(entry.body))["facts"]
    assert facts == {"document": evaluation.report.digest, "result": queries.result_digest(evaluation)}


def test_a_full_tie_is_decided_by_lots_that_were_fixed_before_and_come_out_the_same(world):
    world.bids[1].total = world.bids[0].total
    world.bids[1].save()
    members = world.scored()
    evaluation = members[0].evaluation
    first, again = queries.compute_result(evaluation), queries.compute_result(evaluation)
    assert first == again
    [order] = first["ties"]
    assert set(order) == {world.bids[0].uscc, world.bids[1].uscc}
    ranked = [row["bidder"] for row in first["ranking"]]
    assert ranked.index(order[0]) + 1 == ranked.index(order[1])
    assert first["ranking"][ranked.index(order[1])]["decided_by"] == "LOTS"


def test_who_lies_far_from_the_mean_says_why_before_there_is_a_report(world):
    members = world.scored(m3="15")
    leader, odd = members[0], members[2]
    found = queries.deviations(leader.evaluation)
    # 25 against a mean of (4 × 35 + 25) ÷ 5 = 33: 24.24 % below, for each of the four bids.
    assert [(one.member, one.percent, one.direction) for one in found] == [(odd, Decimal("-24.24"), "低于")] * 4
    digest = _digest_now(leader.evaluation)

    def report(member=leader, result=digest):
        return reporting.make_report(member, opinion="", result=result, **doing(world, member))

    def explain(member, bid, reason="方案没有针对性"):
        return scoring.explain_deviation(member, bid=bid, reason=reason, **doing(world, member))

    assert refused(report) == "DEVIATION"
    assert refused(lambda: explain(odd, world.bids[0], " ")) == "REASON"
    assert refused(lambda: explain(leader, world.bids[0])) == "DEVIATION"
    for bid in world.bids:
        explain(odd, bid)
    assert refused(lambda: report(members[1])) == "LEADER"
    assert refused(lambda: report(result="x")) == "RESULT"
    assert report().state == State.SIGNING


def test_the_last_signature_ends_the_evaluation_and_frees_the_seats(world):
    members = reported(world)
    before = members[0].evaluation.report.digest
    assert refused(lambda: sign(world, members[0], document="x")) == "DOCUMENT"
    assert refused(lambda: sign(world, members[0], agrees=False, dissent=" ")) == "DISSENT"
    for member in members[:4]:
        assert sign(world, member).state == State.SIGNING
    assert refused(lambda: sign(world, members[0])) == "STATE"
    assert Booking.objects.filter(released_at=None).count() == 5
    ended = sign(world, members[4], agrees=False, dissent="丙的工期不合理")
    world.lot.refresh_from_db()
    assert (ended.state, world.lot.state) == (State.DONE, LotState.REPORTED)
    assert ended.report.digest != before
    assert not Booking.objects.filter(released_at=None).exists()
    assert store.path(ended.report.digest).read_bytes().startswith(b"%PDF-")


def test_who_keeps_silent_until_the_clock_strikes_counts_as_agreeing(world):
    members = reported(world)
    sign(world, members[0])
    evaluation = world.fresh(members)[0].evaluation
    assert evaluation.next_due_at == world.clock.now() + SIGNING_TIME

    def end():
        return reporting.end_signing(evaluation, actor=THE_CLOCK, clock=world.clock)

    assert refused(end) == "EARLY"
    world.clock.advance_to(evaluation.next_due_at)
    assert end().state == State.DONE
    deemed = ReportSignature.objects.filter(is_deemed=True)
    assert (deemed.count(), set(deemed.values_list("agrees", flat=True))) == (4, {True})


@pytest.mark.parametrize("count", [4, 12])
def test_labels_run_through_the_heavenly_stems(world, count, monkeypatch):
    member = world.reviewed()[0]
    Alias.objects.all().delete()
    monkeypatch.setattr(scoring, "passed_bids", lambda _: (world.bids * 3)[:count])
    scoring.hand_out_aliases(member.evaluation)
    labels = [alias.label for alias in member.aliases.order_by("pk")]
    assert len(set(labels)) == count
    assert labels[0] == ("甲" if count == 4 else "甲1")
