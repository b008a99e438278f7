"""From the alert to the feedback: what each step needs, what is refused, what becomes a label."""

from datetime import timedelta
from random import Random

import pytest
from django.core.management import CommandError, call_command

from gongheng.crypto import canonical
from gongheng.followers.analytics import actions, queries, rules
from gongheng.followers.analytics.actions.deciding import explanations
from gongheng.followers.analytics.lifecycle import LeadState
from gongheng.followers.analytics.models import BidRecord, Lead, TenderRecord
from gongheng.followers.analytics.sentences import SENTENCES
from gongheng.followers.analytics.tests.building import RING, SOURCE, imported, rigged, screened
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.screening.priors import Outcome
from gongheng.trading.projects.tests.building import actor, organisation
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db
REASON = "经核对计价软件原始文件，三家报价文件由同一人编制。"


@pytest.fixture
def province():
    return actor(Role.SUPERVISOR, organisation(Role.SUPERVISOR, 63000001, "某省住房和城乡建设厅", "370000"))


@pytest.fixture
def tender(clock):
    (record,) = imported([rigged(1, Random(1))], clock)
    screened(record, clock, 66.0, RING)
    return record


def facts(verb: str) -> dict:
    return canonical.decode(bytes(Entry.objects.filter(verb=verb).latest("id").body))["facts"]


def refused(act, *arguments, **named) -> Refusal:
    tables = (Entry, Document, Lead, TenderRecord, BidRecord)
    before = [table.objects.count() for table in tables], list(Lead.objects.values())
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    assert ([table.objects.count() for table in tables], list(Lead.objects.values())) == before
    return caught.value


def test_a_lead_goes_from_study_to_feedback_and_becomes_a_label(tender, province, clock):
    by = {"actor": province, "clock": clock}
    lead = actions.study_tender(tender, **by)
    assert (lead.state, lead.due_at) == (LeadState.STUDYING, rules.due("decide", clock.now()))
    assert facts("lead.study") == {}
    actions.tick_explanations(lead, ["P9-0"], **by)
    lead.refresh_from_db()
    assert list(lead.ticks) == ["P9-0"]
    actions.transfer_lead(lead, authority="某市公安局经侦支队", reason=REASON, **by)
    with store.open(lead.letter.digest) as letter:
        assert letter.read(5) == b"%PDF-"
    assert facts("lead.transfer") == {"document": lead.letter.digest}
    actions.accept_lead(lead, case_number="某公（经）受案字〔2026〕12号", **by)
    assert lead.due_at == rules.due("feed_back", clock.now())
    actions.feed_back_lead(lead, outcome="proven", reason=REASON, penalty="罚款，取消投标资格一年", **by)
    lead.refresh_from_db()
    assert (lead.state, lead.outcome, lead.due_at) == (LeadState.FED_BACK, "proven", None)
    assert queries.labels() == [(tender, 66.0, True)]
    assert queries.outcomes() == [Outcome("A08", 0.66, 0.01, True)]
    written = {one.verb for one in Entry.objects.filter(subject__startswith="lead:")}
    assert written <= SENTENCES.keys()


def test_the_log_tells_neither_which_tender_nor_whom(tender, province, clock):
    lead = actions.study_tender(tender, actor=province, clock=clock)
    actions.transfer_lead(lead, authority="某市公安局", reason=REASON, actor=province, clock=clock)
    told = b"".join(bytes(one.body) for one in Entry.objects.exclude(verb="history.import")).decode()
    for secret in (tender.code, str(tender.pk), str(lead.screening_id), *RING, REASON, "公安局"):
        assert secret not in told


@pytest.mark.parametrize(("act", "state"), [
    (actions.dismiss_lead, LeadState.DISMISSED), (actions.shelve_lead, LeadState.INSUFFICIENT),
])
def test_a_closed_lead_may_be_studied_again(tender, province, clock, act, state):
    lead = actions.study_tender(tender, actor=province, clock=clock)
    act(lead, reason=REASON, actor=province, clock=clock)
    assert (lead.state, lead.due_at) == (state, None)
    assert queries.labels() == ([(tender, 66.0, False)] if state == LeadState.DISMISSED else [])
    actions.reopen_lead(lead, reason="另一标段出现相同组合，重新研判。", actor=province, clock=clock)
    assert (lead.state, lead.closed_at) == (LeadState.STUDYING, None)
    assert queries.labels() == []


def test_what_is_refused_writes_nothing(tender, province, clock):
    by = {"actor": province, "clock": clock}
    other = actor(Role.SUPERVISOR, organisation(Role.SUPERVISOR, 63000002, "某市住房和城乡建设局", "371400"))
    lead = actions.study_tender(tender, **by)
    assert refused(actions.study_tender, tender, **by).rule == "STATE"
    assert refused(actions.dismiss_lead, lead, reason="无", **by).rule == "REASON"
    assert refused(actions.transfer_lead, lead, authority=" ", reason=REASON, **by).rule == "AUTHORITY"
    assert refused(actions.tick_explanations, lead, ["P9-7"], **by).rule == "TICKS"
    assert refused(actions.accept_lead, lead, case_number="1", **by).rule == "STATE"
    assert refused(
        actions.feed_back_lead, lead, outcome="proven", reason=REASON, penalty="", **by
    ).rule == "STATE"
    assert refused(
        actions.feed_back_lead, lead, outcome="guilty", reason=REASON, penalty="", **by
    ).rule == "OUTCOME"
    for act in (actions.dismiss_lead, actions.shelve_lead, actions.reopen_lead):
        assert refused(act, lead, reason=REASON, actor=other, clock=clock).rule == "PARTY"
    agency = Actor("x", Role.AGENCY, province.organisation)
    assert refused(actions.dismiss_lead, lead, reason=REASON, actor=agency, clock=clock).rule == "ROLE"


def test_without_a_screening_there_is_nothing_to_study(province, clock):
    (record,) = imported([rigged(1, Random(1))], clock)
    assert refused(actions.study_tender, record, actor=province, clock=clock).rule == "SCREENING"


def test_every_explanation_has_a_key(tender, province, clock):
    lead = actions.study_tender(tender, actor=province, clock=clock)
    assert explanations(lead) == ["P9-0", "P9-1"]


def test_import_takes_all_or_nothing(clock):
    rows, by = [rigged(1, Random(1)), rigged(2, Random(2))], {"actor": Actor("x", Role.CLOCK), "clock": clock}
    twice = [*rows, rows[0]]
    assert refused(actions.import_history, twice, source=SOURCE, **by).rule == "IMPORT"
    assert refused(actions.import_history, rows, source=TenderRecord.OWN, **by).rule == "SOURCE"
    assert actions.import_history(rows, source=SOURCE, **by) == 2
    assert refused(actions.import_history, rows[:1], source=SOURCE, **by).rule == "IMPORT"


def test_a_file_of_another_system_is_imported_by_a_command(tmp_path, clock, settings, capsys):
    settings.CLOCK = clock
    file = tmp_path / "bids.csv"
    lines = [f"X1,2025-05-06,371400,A08,某局,{firm},{9_000_000 + 1000 * place},{int(place == 0)}"
             for place, firm in enumerate(RING)]
    file.write_text("tender,opened,region,trade,buyer,firm,value,won\n" + "\n".join(lines) + "\n")
    call_command("import_history", str(file), source="某市原系统")
    record = TenderRecord.objects.get(source="某市原系统")
    assert (record.code, record.region, record.bids.count()) == ("X1", "371400", 3)
    assert record.bids.get(won=True).uscc == RING[0]
    assert "已导入 1 个项目" in capsys.readouterr().out
    with pytest.raises(CommandError, match="重复"):
        call_command("import_history", str(file), source="某市原系统")
    file.write_text(file.read_text().replace("371400", "999999").replace("X1", "X2"))
    with pytest.raises(CommandError):
        call_command("import_history", str(file), source="某市原系统")
    assert TenderRecord.objects.count() == 1


def test_a_city_sees_its_own_and_the_province_all(tender, province, clock):
    own, elsewhere = (
        actor(Role.SUPERVISOR, organisation(Role.SUPERVISOR, 63000010 + number, f"某{region}局", region))
        for number, region in enumerate(("371400", "370200"))
    )
    assert queries.visible_to(province).count() == queries.visible_to(own).count() == 1
    assert queries.visible_to(elsewhere).count() == 0
    for role in Role:
        if role != Role.SUPERVISOR:
            assert not queries.visible_to(Actor("x", role, province.organisation)).exists()


def test_what_waits_is_told_with_its_clock(tender, province, clock):
    (todo,) = queries.todos(province, clock.now())
    assert (todo.subject, todo.due_at) == ("1 个项目待研判", rules.due("study", tender.screening.run.as_of))
    lead = actions.study_tender(tender, actor=province, clock=clock)
    (todo,) = queries.todos(province, clock.now())
    assert (todo.title, todo.due_at) == ("作出线索处理决定", lead.due_at)
    clock.advance_to(clock.now() + timedelta(days=1))
    actions.shelve_lead(lead, reason=REASON, actor=province, clock=clock)
    assert queries.todos(province, clock.now()) == []
