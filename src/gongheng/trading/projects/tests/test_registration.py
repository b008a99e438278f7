"""From project to filed lot: codes, places, who may do what, and that a refusal writes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gongheng.kernel import numbers
from gongheng.kernel.calendar import prolonged
from gongheng.kernel.procedures import rulebook
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import LotRegions
from gongheng.kernel.roles import THE_CLOCK, Role
from gongheng.trading.projects import actions, queries
from gongheng.trading.projects.lifecycle import LOT as TABLE
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot, Project, TenderProject
from gongheng.trading.projects.sentences import SENTENCES
from gongheng.trading.projects.tests.building import LOT, PROJECT, cast, draft_lot, filed_lot, of, tender_project
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return cast()


def nothing_new(before: int) -> bool:
    return Entry.objects.count() == before


def test_every_code_is_well_formed_and_each_is_longer_than_the_one_above(who, clock):
    lot = draft_lot(who, clock)
    tender = lot.tender_project
    assert numbers.check_project_code(tender.project.code) == tender.project.code
    assert numbers.check_tender_code(tender.code).startswith(tender.project.code)
    assert numbers.check_lot_code(lot.code) == f"{tender.code}001"
    assert numbers.check_udc(lot.deal_code).startswith("A01-")
    assert "-20260302-" in lot.deal_code


def test_lots_and_rounds_are_numbered_without_gaps_and_deal_codes_never_repeat(who, clock):
    first = draft_lot(who, clock)
    second = actions.add_lot(first.tender_project, **LOT, actor=who.agency, clock=clock)
    assert second.code[-3:] == "002"
    assert second.deal_code != first.deal_code
    again = actions.register_tender_project(
        first.tender_project.project, name="重新招标", content="同前", is_by_law=True, form=TenderProject.Form.AGENCY,
        tenderer=of(who.tenderer), agency=of(who.agency), supervisor=of(who.supervisor), actor=who.agency, clock=clock,
    )
    assert again.code[-3:] == "002"


def test_the_tender_project_keeps_the_rulebook_of_its_day(who, clock):
    tender = tender_project(who, clock)
    tender.refresh_from_db()
    assert tender.rulebook == rulebook(clock.now().date()).to_json()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"region_code": "371299"}, "REGION"), ({"invest_project_code": "2026-370112-04-01-12345"}, "CODE")],
)
def test_a_wrong_code_is_refused_by_its_rule_and_nothing_is_written(who, clock, changes, rule):
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        actions.register_project(**PROJECT | changes, owner=of(who.tenderer), actor=who.agency, clock=clock)
    assert refused.value.rule == rule
    assert Project.objects.count() == 0
    assert nothing_new(before)


@pytest.mark.parametrize("field", ["region_code", "place_region"])
@pytest.mark.parametrize("code", ["379999", "370000"])
def test_a_lot_lies_and_is_traded_in_a_known_city_or_county(who, clock, field, code):
    tender = tender_project(who, clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        actions.add_lot(tender, **LOT | {field: code}, actor=who.agency, clock=clock)
    assert refused.value.rule == "REGION"
    assert Lot.objects.count() == 0
    assert nothing_new(before)


def test_the_four_places_of_a_lot_tell_off_site_trade(who, clock):
    lot = draft_lot(who, clock, place_region="370200")
    assert (lot.region, lot.tenderer_region, lot.agency_region, lot.place_region) == (
        "370112", "370112", "370102", "370200",
    )
    assert LotRegions(lot.region, lot.tenderer_region, lot.agency_region, lot.place_region).is_off_site


def test_an_agency_registers_only_tenders_in_which_it_acts(who, clock):
    project = actions.register_project(**PROJECT, owner=of(who.tenderer), actor=who.agency, clock=clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="PARTY"):
        actions.register_tender_project(
            project, name="冒名", content="冒名", is_by_law=True, form=TenderProject.Form.AGENCY,
            tenderer=of(who.tenderer), agency=of(who.agency), supervisor=of(who.supervisor), actor=who.outsider,
            clock=clock,
        )
    assert TenderProject.objects.count() == 0
    assert nothing_new(before)


def test_an_organisation_without_the_role_cannot_be_put_into_it(who, clock):
    project = actions.register_project(**PROJECT, owner=of(who.tenderer), actor=who.agency, clock=clock)
    with pytest.raises(Refusal) as refused:
        actions.register_tender_project(
            project, name="错位", content="错位", is_by_law=True, form=TenderProject.Form.AGENCY,
            tenderer=of(who.bidder), agency=of(who.agency), supervisor=of(who.supervisor), actor=who.agency,
            clock=clock,
        )
    assert (refused.value.rule, refused.value.field) == ("PARTY", "tenderer")


def test_filing_goes_forth_back_and_forth_again(who, clock):
    lot = draft_lot(who, clock)
    actions.submit_lot(lot, actor=who.agency, clock=clock)
    actions.return_lot(lot, reason="估算价有误", actor=who.supervisor, clock=clock)
    assert queries.last_reason(lot) == "估算价有误"
    actions.revise_lot(lot, **LOT | {"estimate": Decimal("9000000")}, actor=who.agency, clock=clock)
    actions.submit_lot(lot, actor=who.agency, clock=clock)
    actions.file_lot(lot, filing_number="", actor=who.supervisor, clock=clock)
    lot.refresh_from_db()
    assert (lot.state, lot.estimate, lot.filing_number) == (State.FILED, Decimal("9000000.00"), f"BA{lot.code[1:]}")
    verbs = list(Entry.objects.filter(lot=lot.pk).order_by("id").values_list("verb", flat=True))
    assert verbs == ["lot.add", "lot.submit", "lot.return", "lot.revise", "lot.submit", "lot.file"]


def test_a_lot_under_review_cannot_be_revised(who, clock):
    lot = draft_lot(who, clock)
    actions.submit_lot(lot, actor=who.agency, clock=clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="STATE"):
        actions.revise_lot(lot, **LOT | {"name": "改名"}, actor=who.agency, clock=clock)
    assert Lot.objects.get().name == LOT["name"]
    assert nothing_new(before)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda lot, who, clock: actions.file_lot(lot, filing_number="", actor=who.agency, clock=clock),
        lambda lot, who, clock: actions.submit_lot(lot, actor=who.outsider, clock=clock),
        lambda lot, who, clock: actions.cancel_lot(lot, reason="无", actor=who.outsider, clock=clock),
        lambda lot, who, clock: actions.return_lot(lot, reason="无", actor=who.centre, clock=clock),
    ],
)
def test_nobody_moves_a_lot_that_is_not_his(who, clock, attempt):
    lot = draft_lot(who, clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="PARTY"):
        attempt(lot, who, clock)
    assert Lot.objects.get().state == State.DRAFT
    assert nothing_new(before)


def test_the_table_of_the_lot_is_refused_wherever_it_is_silent(who, clock):
    lot = draft_lot(who, clock)
    lot.bids_due_at = lot.publicity_ends_at = clock.now() - timedelta(days=1)
    for state in State:
        lot.state = state
        for move in TABLE.moves:
            for role in Role:
                is_allowed = TABLE.refusal(lot, move.name, role, clock.now()) is None
                assert is_allowed == (role in move.by and state in move.source), (state, move.name, role)


def test_a_lot_never_closes_before_its_deadline(who, clock):
    lot = filed_lot(who, clock)
    due = clock.now() + timedelta(days=21)
    actions.advance_lot(lot, "announce", actor=who.agency, clock=clock, bids_due_at=due)
    assert lot.next_due_at == due
    clock.advance_to(due - timedelta(milliseconds=1))
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="T8"):
        actions.advance_lot(lot, "close", actor=THE_CLOCK, clock=clock, closed_at=clock.now())
    assert nothing_new(before)
    clock.advance_to(due)
    actions.advance_lot(lot, "close", actor=THE_CLOCK, clock=clock, closed_at=lambda now: now)
    assert lot.closed_at == due


def test_a_hold_stops_the_main_path_until_the_last_one_is_released(who, clock):
    lot = filed_lot(who, clock)
    holds = [
        actions.place_hold(lot, kind=Hold.Kind.SUPERVISION, reason="核查", clocks=[], actor=who.supervisor, clock=clock)
        for _ in range(2)
    ]
    for hold in holds:
        with pytest.raises(Refusal, match="HOLD"):
            actions.advance_lot(lot, "announce", actor=who.agency, clock=clock, bids_due_at=clock.now())
        actions.release_hold(hold, release_note="核查完毕", actor=who.supervisor, clock=clock)
    actions.advance_lot(lot, "announce", actor=who.agency, clock=clock, bids_due_at=clock.now() + timedelta(days=21))
    assert lot.state == State.ANNOUNCED


def test_a_hold_is_released_once_and_shifts_the_publicity_by_its_length(who, clock):
    lot = filed_lot(who, clock)
    ends = clock.now() + timedelta(days=3)
    Lot.objects.filter(pk=lot.pk).update(publicity_ends_at=ends)
    hold = actions.place_hold(
        lot, kind=Hold.Kind.COMPLAINT, reason="投诉", clocks=["T10"], actor=who.supervisor, clock=clock
    )
    clock.advance_to(clock.now() + timedelta(hours=30))
    actions.release_hold(hold, release_note="驳回", actor=who.supervisor, clock=clock)
    assert Lot.objects.get().publicity_ends_at == prolonged(ends, timedelta(hours=30))
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="STATE"):
        actions.release_hold(hold, release_note="再次", actor=who.supervisor, clock=clock)
    assert nothing_new(before)


def test_an_unannounced_lot_exists_only_for_its_parties_and_those_who_file_it(who, clock):
    lot = draft_lot(who, clock)

    def sees(one) -> bool:
        return queries.visible_to(one).filter(pk=lot.pk).exists()

    assert [sees(one) for one in (who.tenderer, who.agency)] == [True, True]
    assert not any(sees(one) for one in (who.supervisor, who.centre, who.bidder, who.outsider))
    actions.submit_lot(lot, actor=who.agency, clock=clock)
    assert sees(who.supervisor)
    assert sees(who.centre)
    assert not any(sees(one) for one in (who.bidder, who.outsider))


def test_todos_follow_the_lot(who, clock):
    lot = draft_lot(who, clock)
    assert [todo.title for todo in queries.todos(who.agency, clock.now())] == ["提交备案"]
    actions.submit_lot(lot, actor=who.agency, clock=clock)
    assert [todo.title for todo in queries.todos(who.supervisor, clock.now())] == ["审核备案"]
    assert queries.todos(who.agency, clock.now()) == queries.todos(who.bidder, clock.now()) == []


def test_every_move_has_its_sentence():
    assert {TABLE.verb(move.name) for move in TABLE.moves} <= SENTENCES.keys()
