"""From the report to the award notice: what is lawful, what stops it, what is written when it is refused."""

from datetime import timedelta

import pytest

from gongheng.crypto import canonical
from gongheng.kernel.calendar import prolonged
from gongheng.kernel.refusal import Refusal
from gongheng.trading.award import actions, queries
from gongheng.trading.award.models import Award, Candidate, Publicity, ResultObjection
from gongheng.trading.award.periods import chart, periods
from gongheng.trading.award.sentences import SENTENCES
from gongheng.trading.award.tests.building import BIDS, MEMBERS, REPORTED_AT, reported_lot
from gongheng.trading.notices.models import Notice
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def stage(clock):
    return reported_lot(clock)


def facts(verb: str) -> dict:
    return canonical.decode(bytes(Entry.objects.filter(verb=verb).latest("id").body))["facts"]


def refused(act, *arguments, **named) -> Refusal:
    before = Entry.objects.count(), Document.objects.count(), Award.objects.count(), Publicity.objects.count()
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    assert before == (Entry.objects.count(), Document.objects.count(), Award.objects.count(), Publicity.objects.count())
    return caught.value


def publicised(stage, clock) -> Lot:
    ends_at = actions.earliest_publicity_end(stage.lot, clock.now())
    actions.publicise_candidates(stage.lot, ends_at=ends_at, actor=stage.who.agency, clock=clock)
    stage.lot.refresh_from_db()
    return stage.lot


def decided(stage, clock) -> Award:
    lot = publicised(stage, clock)
    clock.advance_to(lot.publicity_ends_at)
    first = queries.candidates_of(lot).first()
    return actions.decide_winner(
        lot, candidate=first, ground="first", reason="", actor=stage.who.tenderer, clock=clock
    )


def test_candidates_come_from_the_report_and_are_public(stage, clock):
    lot = publicised(stage, clock)
    assert lot.state == State.PUBLICITY
    assert [(one.rank, one.bid.bidder_name, str(one.total)) for one in queries.candidates_of(lot)] == [
        (rank, row[0], row[4]) for rank, row in enumerate(BIDS[:3], 1)
    ]
    notice = Notice.objects.get(kind="candidates")
    assert BIDS[0][0] in notice.body
    assert "安全生产许可证" in notice.body
    assert BIDS[4][0] in notice.body
    assert notice.document.is_public
    with store.open(notice.document.digest) as file:
        assert file.read(5) == b"%PDF-"


def test_the_publicity_ends_on_a_working_day(stage, clock):
    """It begins on Friday 27 March; its third day is Monday 30 March, so it is over at that day's 24:00."""
    ends_at = actions.earliest_publicity_end(stage.lot, clock.now())
    assert ends_at.isoformat() == "2026-03-30T16:00:00+00:00"


@pytest.mark.parametrize("who", ["outsider", "supervisor", "bidder"])
def test_only_the_host_makes_candidates_public(stage, clock, who):
    ends_at = actions.earliest_publicity_end(stage.lot, clock.now())
    refusal = refused(
        actions.publicise_candidates, stage.lot, ends_at=ends_at, actor=getattr(stage.who, who), clock=clock
    )
    assert refusal.rule == "PARTY"


def test_a_publicity_shorter_than_three_days_is_refused(stage, clock):
    earliest = actions.earliest_publicity_end(stage.lot, clock.now())
    act = {"actor": stage.who.agency, "clock": clock}
    short = refused(actions.publicise_candidates, stage.lot, ends_at=earliest - timedelta(seconds=1), **act)
    assert (short.rule, short.field) == ("T10", "publicity_ends_at")
    assert Candidate.objects.count() == 0


def test_a_publicity_may_begin_late_and_its_entry_shows_it(stage, clock):
    clock.advance_to(REPORTED_AT + 4 * DAY)
    ends_at = actions.earliest_publicity_end(stage.lot, clock.now())
    actions.publicise_candidates(stage.lot, ends_at=ends_at, actor=stage.who.agency, clock=clock)
    assert facts("lot.publicise")["start_due"] < canonical.timestamp(clock.now())


def test_an_objection_holds_the_lot_until_the_answer_and_lengthens_the_publicity(stage, clock):
    lot = publicised(stage, clock)
    ends_at = lot.publicity_ends_at
    clock.advance_to(clock.now() + DAY)
    objection = actions.object_to_result(lot, text="得分有误", actor=stage.bidders[1], clock=clock)
    clock.advance_to(ends_at)
    first = queries.candidates_of(lot).first()
    act = {"candidate": first, "ground": "first", "reason": "", "actor": stage.who.tenderer, "clock": clock}
    assert refused(actions.decide_winner, lot, **act).rule == "HOLD"
    assert refused(
        actions.answer_objection, objection, answer="不成立", actor=stage.who.outsider, clock=clock
    ).rule == "PARTY"
    actions.answer_objection(objection, answer="不成立", actor=stage.who.agency, clock=clock)
    assert facts("award.answer")["in_time"] is True
    assert Hold.objects.filter(released_at=None).count() == 0
    lot.refresh_from_db()
    assert lot.publicity_ends_at == prolonged(ends_at, ends_at - objection.raised_at)
    assert lot.publicity_ends_at > ends_at
    assert refused(actions.decide_winner, lot, **act).rule == "T10"
    clock.advance_to(lot.publicity_ends_at)
    assert actions.decide_winner(lot, **act).candidate == first
    assert refused(
        actions.answer_objection, objection, answer="再答", actor=stage.who.agency, clock=clock
    ).rule == "STATE"


def test_a_late_answer_is_recorded_as_late(stage, clock):
    lot = publicised(stage, clock)
    objection = actions.object_to_result(lot, text="得分有误", actor=stage.bidders[1], clock=clock)
    clock.advance_to(clock.now() + 5 * DAY)
    actions.answer_objection(objection, answer="不成立", actor=stage.who.agency, clock=clock)
    assert facts("award.answer")["in_time"] is False


def test_only_bidders_object_and_only_during_the_publicity(stage, clock):
    act = {"text": "得分有误", "clock": clock}
    assert refused(actions.object_to_result, stage.lot, actor=stage.bidders[0], **act).rule == "T10"
    lot = publicised(stage, clock)
    assert refused(actions.object_to_result, lot, actor=stage.who.outsider, **act).rule == "PARTY"
    clock.advance_to(lot.publicity_ends_at)
    assert refused(actions.object_to_result, lot, actor=stage.bidders[0], **act).rule == "T10"
    assert ResultObjection.objects.count() == Hold.objects.count() == 0


def test_the_winner_is_determined_only_after_the_publicity_by_the_tenderer(stage, clock):
    lot = publicised(stage, clock)
    first = queries.candidates_of(lot).first()
    act = {"candidate": first, "ground": "first", "reason": "", "clock": clock}
    clock.advance_to(lot.publicity_ends_at - timedelta(milliseconds=1))
    assert refused(actions.decide_winner, lot, actor=stage.who.tenderer, **act).rule == "T10"
    clock.advance_to(lot.publicity_ends_at)
    assert refused(actions.decide_winner, lot, actor=stage.who.agency, **act).rule == "PARTY"
    award = actions.decide_winner(lot, actor=stage.who.tenderer, **act)
    assert award.decided_at == lot.publicity_ends_at
    assert facts("lot.award") == {"bid": canonical.b64(bytes(first.bid.digest)), "rank": 1, "ground": "first"}


@pytest.mark.parametrize(
    ("rank", "ground", "reason", "rule", "field"),
    [
        (2, "first", "", "条例55", "ground"), (1, "gave_up", "放弃", "条例55", "ground"),
        (2, "gave_up", "  ", "条例55", "reason"),
    ],
)
def test_number_one_wins_unless_a_ground_is_stated(stage, clock, rank, ground, reason, rule, field):
    lot = publicised(stage, clock)
    clock.advance_to(lot.publicity_ends_at)
    chosen = queries.candidates_of(lot).get(rank=rank)
    act = {"ground": ground, "reason": reason, "actor": stage.who.tenderer, "clock": clock}
    refusal = refused(actions.decide_winner, lot, candidate=chosen, **act)
    assert (refusal.rule, refusal.field) == (rule, field)


def test_the_next_candidate_wins_on_a_ground_and_the_result_says_why(stage, clock):
    lot = publicised(stage, clock)
    clock.advance_to(lot.publicity_ends_at)
    actions.decide_winner(
        lot, candidate=queries.candidates_of(lot).get(rank=2), ground="gave_up", reason="书面声明放弃中标",
        actor=stage.who.tenderer, clock=clock,
    )
    actions.send_award_notice(lot, actor=stage.who.agency, clock=clock)
    body = Notice.objects.get(kind="result").body
    assert BIDS[1][0] in body
    assert "书面声明放弃中标" in body


def test_the_committee_is_named_only_with_the_result(stage, clock):
    award = decided(stage, clock)
    assert not any(name in one.body for one in Notice.objects.all() for name in MEMBERS)
    actions.send_award_notice(award.lot, actor=stage.who.agency, clock=clock)
    assert all(name in Notice.objects.get(kind="result").body for name in MEMBERS)
    award.refresh_from_db()
    assert award.noticed_at == clock.now()
    assert not award.award_notice.is_public
    assert facts("award.notice") == {"document": award.award_notice.digest}
    award.lot.refresh_from_db()
    assert (award.lot.state, award.lot.award_noticed_at) == (State.NOTIFIED, clock.now())


def test_the_notice_is_not_sent_before_the_decision(stage, clock):
    lot = publicised(stage, clock)
    assert refused(actions.send_award_notice, lot, actor=stage.who.agency, clock=clock).rule == "STATE"


def test_periods_say_what_runs_and_what_was_late(stage, clock):
    publicised(stage, clock)
    begun, shown, validity = periods(Lot.objects.get())
    assert (begun.rule, begun.status(clock.now())) == ("T10", ("按期完成", "success"))
    assert shown.status(clock.now()) == ("进行中", "accent")
    assert shown.status(shown.due_at) == ("已届满", "success")
    assert validity.rule == "T16"
    assert validity.status(validity.due_at + DAY) == ("已逾期", "danger")
    assert len(chart([begun, shown, validity])["series"][1]["data"]) == 2


def test_each_party_is_told_what_waits_for_it(stage, clock):
    who, now = stage.who, clock.now()
    assert [one.title for one in queries.todos(who.agency, now)] == ["公示中标候选人"]
    assert queries.card(stage.lot, who.bidder, now) is None
    lot = publicised(stage, clock)
    assert queries.todos(who.tenderer, now) == []
    objection = actions.object_to_result(lot, text="得分有误", actor=stage.bidders[1], clock=clock)
    assert [one.title for one in queries.todos(who.agency, now)] == ["答复对评标结果的异议"]
    actions.answer_objection(objection, answer="不成立", actor=who.agency, clock=clock)
    lot.refresh_from_db()
    clock.advance_to(lot.publicity_ends_at)
    assert [one.title for one in queries.todos(who.tenderer, clock.now())] == ["确定中标人"]
    assert queries.todos(who.agency, clock.now()) == []
    assert "提出异议" not in [link.label for link in queries.card(lot, who.bidder, clock.now()).links]


def test_every_verb_of_this_app_has_its_sentence(stage, clock):
    award = decided(stage, clock)
    actions.send_award_notice(award.lot, actor=stage.who.agency, clock=clock)
    own = set(Entry.objects.filter(verb__startswith="award.").values_list("verb", flat=True))
    assert own <= SENTENCES.keys()
    assert own == {"award.determined", "award.notice"}
