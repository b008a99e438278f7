"""The contract says what the bid said, both sign the same text, and the supervisor gets the report."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gongheng.crypto import canonical
from gongheng.kernel.calendar import prolonged
from gongheng.kernel.refusal import Refusal
from gongheng.trading.award import actions as awarding
from gongheng.trading.award.queries import candidates_of
from gongheng.trading.award.tests.building import reported_lot, visitor
from gongheng.trading.contracts import actions, queries
from gongheng.trading.contracts.lifecycle import State
from gongheng.trading.contracts.models import Contract, SupervisionReport
from gongheng.trading.contracts.sentences import SENTENCES
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.urls("gongheng.trading.award.tests.routes")]
DAY = timedelta(days=1)
TERMS = {
    "price": Decimal("9800000.00"), "duration_days": 365, "quality": "合格", "manager": "周海涛",
    "performance_bond": Decimal("980000.00"),
}


@pytest.fixture
def stage(clock):
    """A lot whose winner is determined and has got the award notice."""
    found = reported_lot(clock)
    lot, who = found.lot, found.who
    awarding.publicise_candidates(
        lot, ends_at=awarding.earliest_publicity_end(lot, clock.now()), actor=who.agency, clock=clock
    )
    clock.advance_to(lot.publicity_ends_at)
    first = candidates_of(lot).first()
    awarding.decide_winner(lot, candidate=first, ground="first", reason="", actor=who.tenderer, clock=clock)
    awarding.send_award_notice(lot, actor=who.agency, clock=clock)
    lot.refresh_from_db()
    return found


def facts(verb: str) -> dict:
    return canonical.decode(bytes(Entry.objects.filter(verb=verb).latest("id").body))["facts"]


def refused(act, *arguments, **named) -> Refusal:
    before = Entry.objects.count(), Document.objects.count(), Contract.objects.count()
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    assert before == (Entry.objects.count(), Document.objects.count(), Contract.objects.count())
    return caught.value


def drafted(stage, clock) -> Contract:
    return actions.draft_contract(stage.lot, **TERMS, actor=stage.who.agency, clock=clock)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("price", Decimal("9800000.01"), "法46"), ("duration_days", 366, "法46"), ("quality", "优良", "法46"),
        ("manager", "别人", "法46"), ("performance_bond", Decimal("980000.01"), "PERFORMANCE"),
    ],
)
def test_terms_that_differ_from_the_bid_are_refused(stage, clock, field, value, rule):
    refusal = refused(
        actions.draft_contract, stage.lot, **TERMS | {field: value}, actor=stage.who.agency, clock=clock
    )
    assert (refusal.rule, refusal.field) == (rule, field)


def test_only_the_host_drafts_and_only_once(stage, clock):
    assert refused(
        actions.draft_contract, stage.lot, **TERMS, actor=stage.bidders[0], clock=clock
    ).rule == "PARTY"
    contract = drafted(stage, clock)
    assert facts("contract.draft") == {"number": contract.number, "document": contract.document.digest}
    assert refused(actions.draft_contract, stage.lot, **TERMS, actor=stage.who.agency, clock=clock).rule == "STATE"


def test_both_sign_the_same_text_in_turn_and_the_lot_is_contracted(stage, clock):
    contract, lot = drafted(stage, clock), stage.lot
    text = {"document": contract.document.digest, "clock": clock}
    winner, loser, tenderer = stage.bidders[0], stage.bidders[1], stage.who.tenderer
    assert refused(actions.sign_contract, contract, actor=winner, **text).rule == "STATE"
    assert refused(actions.sign_contract, contract, actor=loser, **text).rule == "PARTY"
    assert refused(actions.sign_contract, contract, actor=stage.who.agency, **text).rule == "PARTY"
    assert refused(
        actions.sign_contract, contract, actor=tenderer, document="another text", clock=clock
    ).rule == "DOCUMENT"
    actions.sign_contract(contract, actor=tenderer, **text)
    assert (contract.state, contract.signed_document) == (State.OFFERED, None)
    actions.sign_contract(contract, actor=winner, **text)
    contract.refresh_from_db()
    lot.refresh_from_db()
    assert (contract.state, lot.state) == (State.CONCLUDED, LotState.CONTRACTED)
    assert facts("contract.sign_winner") == {
        "text": contract.document.digest, "document": contract.signed_document.digest, "in_time": True,
    }
    assert not contract.signed_document.is_public
    assert contract.document.digest != contract.signed_document.digest


def test_a_contract_signed_after_thirty_days_is_recorded_as_late(stage, clock):
    contract = drafted(stage, clock)
    due_at = queries.contract_due(stage.lot, clock.now())
    assert due_at - stage.lot.award_noticed_at >= 30 * DAY
    clock.advance_to(due_at + timedelta(milliseconds=1))
    actions.sign_contract(contract, document=contract.document.digest, actor=stage.who.tenderer, clock=clock)
    assert facts("contract.sign_tenderer")["in_time"] is False


def test_a_hold_stops_the_clocks_that_it_names(stage, clock):
    lot, due_at, report_at = stage.lot, *(due(stage.lot, clock.now()) for due in (
        queries.contract_due, queries.report_due))
    hold = projects.place_hold(
        lot, kind="complaint", reason="核查", clocks=["T11"], actor=stage.who.supervisor, clock=clock
    )
    clock.advance_to(clock.now() + 7 * DAY)
    projects.release_hold(hold, release_note="查毕", actor=stage.who.supervisor, clock=clock)
    assert queries.contract_due(lot, clock.now()) == prolonged(due_at, 7 * DAY)
    assert queries.report_due(lot, clock.now()) == report_at


def test_the_report_goes_to_the_supervisor_once(stage, clock):
    lot, act = stage.lot, {"summary": "无异常情况。", "clock": clock}
    assert refused(actions.submit_report, lot, actor=stage.who.supervisor, **act).rule == "PARTY"
    report = actions.submit_report(lot, actor=stage.who.agency, **act)
    assert facts("supervision_report.submit") == {"in_time": True, "document": report.document.digest}
    assert refused(actions.submit_report, lot, actor=stage.who.agency, **act).rule == "STATE"
    assert SupervisionReport.objects.count() == 1


def test_each_party_is_told_whose_turn_it_is(stage, clock):
    who, winner, now = stage.who, stage.bidders[0], clock.now()

    def titles(actor):
        return [one.title for one in queries.todos(actor, now)]

    assert titles(who.agency) == ["拟定合同", "提交招标投标情况书面报告"]
    assert not queries.lots_visible(who.centre).exists()  # it was not the main venue
    contract = drafted(stage, clock)
    actions.submit_report(stage.lot, summary="", actor=who.agency, clock=clock)
    assert (titles(who.agency), titles(who.tenderer), titles(winner)) == ([], ["签署合同"], [])
    actions.sign_contract(contract, document=contract.document.digest, actor=who.tenderer, clock=clock)
    assert (titles(who.tenderer), titles(winner), titles(stage.bidders[1])) == ([], ["签署合同"], [])
    assert queries.todos(winner, now)[0].due_at == queries.contract_due(stage.lot, now)
    assert queries.card(stage.lot, winner, now).status == "待中标人签署"
    assert set(Entry.objects.filter(verb__startswith="contract.").values_list("verb", flat=True)) <= SENTENCES.keys()


def test_the_pages_lead_from_the_draft_to_both_signatures(stage, clock, authority):
    page = f"/contracts/lots/{stage.lot.pk}/"
    agency, tenderer = visitor(authority, stage.who.agency, clock), visitor(authority, stage.who.tenderer, clock)
    winner, loser = visitor(authority, stage.bidders[0], clock), visitor(authority, stage.bidders[1], clock)
    supervisor = visitor(authority, stage.who.supervisor, clock)
    assert loser.status(page) == 404
    terms = {
        "price": "9,800,000.01", "duration_days": "365", "quality": "合格", "manager": "周海涛",
        "performance_bond": "98 万元",
    }
    assert "不得背离合同实质性内容" in agency.client.post(f"{page}draft/", terms).content.decode()
    assert 'value="9,800,000.00"' in agency.text(f"{page}draft/")
    assert agency.client.post(f"{page}draft/", terms | {"price": "980 万元"}).status_code == 302
    contract = Contract.objects.get()
    sign, text = f"/contracts/{contract.pk}/sign/", contract.document.digest
    assert text in tenderer.text(page)
    assert 'verb="contracts.sign"' in tenderer.text(page)
    assert 'verb="contracts.sign"' not in winner.text(page)
    tenderer.sign(sign, "contracts.sign", document=text)
    winner.sign(sign, "contracts.sign", document=text)
    contract.refresh_from_db()
    assert contract.state == State.CONCLUDED
    assert contract.tenderer_serial
    assert contract.tenderer_serial != contract.winner_serial
    pdf = f"/contracts/{contract.pk}/contract.pdf"
    assert b"".join(winner.client.get(pdf).streaming_content)[:5] == b"%PDF-"
    assert loser.status(pdf) == 404
    assert contract.number in winner.text("/contracts/")
    assert contract.number not in loser.text("/contracts/")

    assert "公示与异议" in agency.text(f"{page}report/")
    assert agency.sign(f"{page}report/", "contracts.report", summary="无").status_code == 302
    assert b"".join(supervisor.client.get(f"{page}report.pdf").streaming_content)[:5] == b"%PDF-"
    assert winner.status(f"{page}report.pdf") == 404
    assert "T12" in agency.text(page)
