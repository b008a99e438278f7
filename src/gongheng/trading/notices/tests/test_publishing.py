"""Tender documents, notices, clarifications and questions: what is lawful, what binds, what stays unsaid."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gongheng.crypto import canonical, labels
from gongheng.kernel.refusal import Refusal
from gongheng.trading.notices import actions, printing, queries
from gongheng.trading.notices.models import Notice, Question, TenderDocument
from gongheng.trading.notices.sentences import SENTENCES
from gongheng.trading.notices.tests.building import DOCUMENT, DUE, announced_lot, drafted_lot
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trading.projects.tests.building import cast, filed_lot
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def who():
    return cast()


def facts(verb: str) -> dict:
    return canonical.decode(bytes(Entry.objects.filter(verb=verb).latest("id").body))["facts"]


@pytest.mark.parametrize(
    ("changes", "rule", "field"),
    [
        ({"sale_ends_at": DOCUMENT["sale_starts_at"] + 4 * DAY}, "T1", "sale_ends_at"),
        ({"bids_due_at": DOCUMENT["sale_starts_at"] + 19 * DAY}, "T3", "bids_due_at"),
        ({"deposit": Decimal("240000.01")}, "DEPOSIT", "deposit"),
        ({"ceiling": Decimal(0)}, "CEILING", "ceiling"),
        ({"sale_ends_at": DUE + DAY}, "T1", "sale_ends_at"),
    ],
)
def test_a_draft_against_the_rulebook_is_refused_and_nothing_is_kept(who, clock, changes, rule, field):
    lot = filed_lot(who, clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        actions.save_tender_document(lot, **DOCUMENT | changes, actor=who.agency, clock=clock)
    assert (refused.value.rule, refused.value.field) == (rule, field)
    assert TenderDocument.objects.count() == 0
    assert Entry.objects.count() == before


def test_only_the_host_writes_and_publishes(who, clock):
    lot = drafted_lot(who, clock)
    for attempt in (
        lambda: actions.save_tender_document(lot, **DOCUMENT, actor=who.outsider, clock=clock),
        lambda: actions.publish_notice(lot, actor=who.outsider, clock=clock),
    ):
        with pytest.raises(Refusal, match="PARTY"):
            attempt()
    assert Notice.objects.count() == 0


def test_publishing_announces_the_lot_and_fixes_the_tender_document(who, clock):
    lot = announced_lot(who, clock)
    document = queries.current_document(lot)
    assert (lot.state, lot.bids_due_at, document.version) == (State.ANNOUNCED, DUE, 1)
    assert bytes(document.digest) == labels.digest(
        labels.DOCUMENT, canonical.encode(printing.canonical_data(document))
    )
    assert facts("lot.announce")["tender_document"] == canonical.b64(bytes(document.digest))
    notice = Notice.objects.get()
    assert facts("notice.publish")["document"] == notice.document.digest
    for stored in (notice.document, document.document):
        assert stored.is_public
        assert store.is_intact(stored.digest)
    with store.open(document.document.digest) as pdf:
        assert pdf.read(5) == b"%PDF-"


def test_a_lot_without_document_or_filing_is_not_announced(who, clock):
    lot = filed_lot(who, clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="DOCUMENT"):
        actions.publish_notice(lot, actor=who.agency, clock=clock)
    assert Lot.objects.get().state == State.FILED
    assert Entry.objects.count() == before


def test_periods_run_from_the_real_publication_not_from_the_draft(who, clock):
    lot = drafted_lot(who, clock)
    clock.advance_to(DUE - 19 * DAY)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match=r"T1|T3"):
        actions.publish_notice(lot, actor=who.agency, clock=clock)
    assert Lot.objects.get().state == State.FILED
    assert (Entry.objects.count(), Document.objects.count(), Notice.objects.count()) == (before, 0, 0)


def test_after_the_notice_the_document_changes_only_by_clarification(who, clock):
    lot = announced_lot(who, clock)
    with pytest.raises(Refusal, match="STATE"):
        actions.save_tender_document(lot, **DOCUMENT | {"quality": "优良"}, actor=who.agency, clock=clock)
    assert queries.current_document(lot).quality == "合格"


def test_an_early_clarification_keeps_the_deadline_and_makes_a_new_version(who, clock):
    lot = announced_lot(who, clock)
    first = queries.current_document(lot)
    made = actions.publish_clarification(
        lot, content="第3条改为……", affects_bids=True, new_due_at=None, actor=who.agency, clock=clock
    )
    second = queries.current_document(lot)
    assert (made.number, second.version, made.due_after) == (1, 2, DUE)
    assert bytes(second.digest) != bytes(first.digest)
    assert printing.canonical_data(second)["previous"] == canonical.b64(bytes(first.digest))
    assert printing.canonical_data(second)["corrigendum"] == "第3条改为……"
    assert facts("lot.amend")["corrigendum"] == 1


def test_a_late_clarification_that_affects_bids_moves_the_deadline(who, clock):
    lot = announced_lot(who, clock)
    clock.advance_to(DUE - 10 * DAY)
    before = Entry.objects.count()
    with pytest.raises(Refusal) as refused:
        actions.publish_clarification(
            lot, content="工程量清单更换", affects_bids=True, new_due_at=None, actor=who.agency, clock=clock
        )
    assert (refused.value.rule, refused.value.field) == ("T4", "new_due_at")
    assert Entry.objects.count() == before
    earliest = queries.earliest_due(lot, clock.now())
    assert earliest - clock.now() >= 15 * DAY
    actions.publish_clarification(
        lot, content="工程量清单更换", affects_bids=True, new_due_at=earliest, actor=who.agency, clock=clock
    )
    lot.refresh_from_db()
    assert lot.bids_due_at == lot.next_due_at == queries.current_document(lot).bids_due_at == earliest


def test_a_late_clarification_without_effect_on_bids_keeps_the_deadline(who, clock):
    lot = announced_lot(who, clock)
    clock.advance_to(DUE - 2 * DAY)
    actions.publish_clarification(
        lot, content="联系电话更正", affects_bids=False, new_due_at=None, actor=who.agency, clock=clock
    )
    assert Lot.objects.get().bids_due_at == DUE


def test_the_deadline_never_moves_forward_and_never_after_it_passed(who, clock):
    lot = announced_lot(who, clock)
    with pytest.raises(Refusal, match="T4"):
        actions.publish_clarification(
            lot, content="提前", affects_bids=False, new_due_at=DUE - DAY, actor=who.agency, clock=clock
        )
    clock.advance_to(DUE)
    with pytest.raises(Refusal, match="T4"):
        actions.publish_clarification(
            lot, content="过期", affects_bids=False, new_due_at=None, actor=who.agency, clock=clock
        )
    assert lot.tender_documents.count() == 1


def test_the_tenderer_ends_a_tender_before_its_opening_and_says_why(who, clock):
    lot = announced_lot(who, clock)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="ROLE"):
        actions.terminate_lot(lot, reason="规划调整", actor=who.agency, clock=clock)
    assert (Entry.objects.count(), Lot.objects.get().state) == (before, State.ANNOUNCED)
    notice = actions.terminate_lot(lot, reason="规划调整，项目缓建", actor=who.tenderer, clock=clock)
    assert (notice.kind, notice.document.is_public) == (Notice.Kind.TERMINATION, True)
    lot = Lot.objects.get()
    assert (lot.state, lot.next_due_at) == (State.TERMINATED, None)


def test_a_question_is_kept_without_its_asker(who, clock):
    lot = announced_lot(who, clock)
    actions.ask_question(lot, kind=Question.Kind.QUESTION, text="真石漆厚度？", clock=clock)
    entry = canonical.decode(bytes(Entry.objects.get(verb="question.ask").body))
    assert entry["actor"] == {"id": "anyone", "role": "public"}
    assert entry["facts"] == {"kind": "question"}
    assert not Hold.objects.exists()


def test_an_objection_holds_the_lot_until_it_is_answered(who, clock):
    lot = announced_lot(who, clock)
    question = actions.ask_question(lot, kind=Question.Kind.OBJECTION, text="资格条件排斥潜在投标人", clock=clock)
    assert lot.is_held()
    todo = next(todo for todo in queries.todos(who.agency, clock.now()))
    assert todo.due_at is not None
    assert timedelta(days=3) <= todo.due_at - clock.now() <= timedelta(days=6)
    actions.answer_question(question, answer="已删除该条件", actor=who.agency, clock=clock)
    assert not lot.is_held()
    assert queries.todos(who.agency, clock.now()) == []
    with pytest.raises(Refusal, match="STATE"):
        actions.answer_question(question, answer="再答", actor=who.agency, clock=clock)


def test_questions_end_ten_days_before_the_deadline(who, clock):
    lot = announced_lot(who, clock)
    clock.advance_to(DUE - 9 * DAY)
    before = Entry.objects.count()
    with pytest.raises(Refusal, match="T5"):
        actions.ask_question(lot, kind=Question.Kind.OBJECTION, text="太迟", clock=clock)
    assert (Question.objects.count(), Entry.objects.count()) == (0, before)
    assert queries.may_still_ask(lot, clock.now()).rule == "T5"


def test_search_narrows_by_city_kind_and_words(who, clock):
    lot = announced_lot(who, clock)

    def found(**asked) -> int:
        return queries.search(who.bidder, queries.Search(**asked)).count()

    assert found() == found(region="370100") == found(region="370000") == found(kind="announcement") == 1
    assert found(text="凤鸣路 一标段") == found(text=lot.code[-6:]) == found(text="教育和体育局") == 1
    assert found(industry="A01", state=State.ANNOUNCED) == 1
    assert found(region="370200") == found(region="371000") == found(text="不存在") == found(kind="result") == 0


def test_every_verb_of_this_app_has_its_sentence(who, clock):
    lot = announced_lot(who, clock)
    question = actions.ask_question(lot, kind=Question.Kind.QUESTION, text="问", clock=clock)
    actions.answer_question(question, answer="答", actor=who.agency, clock=clock)
    written = Entry.objects.values_list("verb", flat=True)
    own = {verb for verb in written if verb.split(".")[0] in ("tender_document", "notice", "question")}
    assert own
    assert own <= SENTENCES.keys()
