"""After the session: files go over in five working days, fees are the sum of their parts and paid once."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pypdfium2
import pytest

from gongheng.kernel.calendar import Unit, period_end
from gongheng.kernel.money import capitals, formatted
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues.models import Centre, FeeRule
from gongheng.trading.evaluation.actions import reporting
from gongheng.trading.evaluation.queries import compute_result, evaluation_of, result_digest
from gongheng.trading.evaluation.tests.world import visitor
from gongheng.trading.sessions import queries
from gongheng.trading.sessions.actions import handing, paying, running
from gongheng.trading.sessions.actions.paying import Outcome
from gongheng.trading.sessions.lifecycle import FeeState, HandOverState, SessionState
from gongheng.trading.sessions.models import Fee
from gongheng.trust.evidence.models import Entry
from tools.bank.__main__ import serve
from tools.bank.ledger import Ledger


def refused(call) -> str:
    before = Entry.objects.count()
    with pytest.raises(Refusal) as caught:
        call()
    assert Entry.objects.count() == before
    return caught.value.rule


@pytest.fixture(scope="module")
def played(opened):
    """The world after a whole session: two hours and ten minutes from check-in to signature."""
    world = opened
    for centre, per_hour in (("济南", "150.00"), ("青岛", "200.00")):
        FeeRule.objects.create(
            centre=Centre.objects.get(short_name=centre), valid_from=date(2026, 1, 1), per_hour=Decimal(per_hour),
            remote_allowance=Decimal("100.00"), overtime_per_hour=Decimal("300.00"), overtime_after=2,
        )
    session = running.start_session(world.lot, actor=world.who.centre, clock=world.clock)
    world.opened = lambda: session.evaluation
    members = world.scored()
    leader, evaluation = members[0], members[0].evaluation
    evaluation.result = compute_result(evaluation)
    world.clock.moment += timedelta(minutes=130)
    reporting.make_report(
        leader, opinion="", result=result_digest(evaluation), actor=world.of(leader), clock=world.clock
    )
    document = evaluation_of(world.lot).report.digest
    for member in world.fresh(members):
        reporting.sign_report(
            member, agrees=True, dissent="", document=document, actor=world.of(member), clock=world.clock
        )
    session.refresh_from_db()
    running.end_session(session, actor=world.who.centre, clock=world.clock)
    assert session.state == SessionState.ENDED
    return world, session


@pytest.fixture
def after(theatre, played, platform):
    return theatre.anew(played)


@pytest.fixture
def world(after):
    return after[0]


@pytest.fixture
def ended(after):
    return after[1]


@pytest.fixture
def bank(platform):
    """The bank simulator as it serves, without a process of its own."""
    ledger = Ledger(platform.VAR / "bank")
    server = serve(ledger, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    platform.BANK_URL = f"http://127.0.0.1:{server.server_port}"
    yield ledger
    server.shutdown()
    server.server_close()


def by(world, actor) -> dict:
    return {"actor": actor, "clock": world.clock}


def test_the_sub_venue_hands_over_and_the_main_venue_receives(ended, world):
    things = list(ended.hand_overs.all())
    assert {one.centre.short_name for one in things} == {"青岛"}
    assert len(things) == 4
    assert {one.due_at for one in things} == {period_end(ended.ended_at, 5, Unit.WORKING)}
    main, sub = by(world, world.who.centre), by(world, world.qingdao)
    one = things[0]
    assert refused(lambda: handing.hand_over(one, contents="录像", **main)) == "VENUE"
    assert refused(lambda: handing.hand_over(one, contents=" ", **sub)) == "CONTENTS"
    assert refused(lambda: handing.receive_files(one, **main)) == "STATE"
    handing.hand_over(one, contents="电子文件12份", **sub)
    assert refused(lambda: handing.receive_files(one, **sub)) == "MAIN-VENUE"
    assert refused(lambda: handing.return_files(one, remark="", **main)) == "REASON"
    handing.return_files(one, remark="缺少签到表", **main)
    handing.hand_over(one, contents="电子文件13份", **sub)
    handing.receive_files(one, **main)
    assert (one.state, one.remark) == (HandOverState.RECEIVED, "")
    titles = {todo.title for todo in queries.todos(world.qingdao, world.clock.now())}
    assert {"移交评标资料", "确认评审时间和劳务费"} <= titles
    assert "移交评标资料" not in {todo.title for todo in queries.todos(world.who.centre, world.clock.now())}


def test_fees_follow_the_rules_and_the_higher_terms(ended):
    fees = {fee.label: fee for fee in ended.fees.select_related("centre", "terms_of")}
    assert len(fees) == 5
    # 130 minutes are two and a half hours; half an hour of them is overtime.
    assert {fee.hours for fee in fees.values()} == {Decimal("2.5")}
    main, sub = fees["评委1"], fees["评委4"]
    assert (main.base, main.overtime, main.remote, main.total) == (
        Decimal("300.00"), Decimal("150.00"), Decimal("0.00"), Decimal("450.00")
    )
    assert (sub.centre.short_name, sub.terms_of.short_name, sub.total) == ("青岛", "青岛", Decimal("650.00"))
    told = b"".join(bytes(body) for body in Entry.objects.values_list("body", flat=True) if b"fee." in bytes(body))
    assert b"650" not in told
    assert not any(str(fee.expert_id).encode() in told for fee in fees.values())


def test_both_venues_confirm_before_anything_is_paid(ended, world, bank):
    main, sub = by(world, world.who.centre), by(world, world.qingdao)
    fee = ended.fees.get(label="评委4")
    assert refused(lambda: paying.pay_fees(ended, **main)) == "FEES"
    assert refused(lambda: paying.confirm_fee(fee, **main)) == "STATE"
    assert refused(lambda: paying.attest_fee(fee, **main)) == "VENUE"
    paying.attest_fee(fee, **sub)
    assert refused(lambda: paying.confirm_fee(fee, **sub)) == "MAIN-VENUE"
    paying.confirm_fee(fee, **main)
    assert paying.pay_fees(ended, **main) == Outcome(1, 0, 0)
    fee.refresh_from_db()
    assert (fee.state, bool(fee.receipt), bank.total()) == (FeeState.PAID, True, 65000)


def confirmed(ended, world) -> list[Fee]:
    fees = list(ended.fees.select_related("centre", "session__lot"))
    for fee in fees:
        paying.attest_fee(fee, **by(world, world.who.centre if fee.centre.short_name == "济南" else world.qingdao))
        paying.confirm_fee(fee, **by(world, world.who.centre))
    return fees


def test_a_refused_account_is_paid_later_and_nobody_twice(ended, world, bank):
    fees, main = confirmed(ended, world), by(world, world.who.centre)
    bank.refuse(paying.payee_of(fees[0]))
    assert paying.pay_fees(ended, **main) == Outcome(4, 1, 0)
    fees[0].refresh_from_db()
    assert (fees[0].state, fees[0].problem) == (FeeState.FAILED, "收款账户状态异常")
    bank.accept(paying.payee_of(fees[0]))
    assert paying.pay_fees(ended, **main) == Outcome(1, 0, 0)
    assert bank.total() == sum(int(fee.total * 100) for fee in fees)


def test_a_lost_answer_of_the_bank_pays_nobody_twice(ended, world, bank, platform):
    fees, main = confirmed(ended, world), by(world, world.who.centre)
    address, platform.BANK_URL = platform.BANK_URL, "http://127.0.0.1:9"
    assert paying.pay_fees(ended, **main) == Outcome(0, 0, 5)
    assert set(ended.fees.values_list("state", flat=True)) == {FeeState.SENT}
    # The first batch did reach the bank; only its answer was lost.
    for fee in fees:
        bank.pay(str(fee.pk), paying.payee_of(fee), int(fee.total * 100))
    platform.BANK_URL = address
    assert paying.pay_fees(ended, **main) == Outcome(5, 0, 0)
    assert bank.total() == sum(int(fee.total * 100) for fee in fees)


def test_without_a_bank_nothing_changes_hands(ended, world, platform):
    confirmed(ended, world)
    platform.BANK_URL = ""
    assert refused(lambda: paying.pay_fees(ended, **by(world, world.who.centre))) == "BANK"


def test_an_expert_sees_his_own_fee_and_nobody_elses(ended, world):
    own = world.as_expert(world.experts[0])
    assert [fee.label for fee in queries.fees_visible_to(own)] == ["评委1"]
    assert not queries.fees_visible_to(world.as_expert(world.spare)).exists()
    assert {fee.centre.short_name for fee in queries.fees_visible_to(world.qingdao)} == {"青岛"}
    assert queries.fees_visible_to(world.who.centre).count() == 5
    assert not queries.fees_visible_to(world.who.agency).exists()
    assert not queries.fees_visible_to(Actor("x", Role.CENTRE, world.who.outsider.organisation)).exists()
    # The same as a paper to take home.
    fees = list(queries.fees_visible_to(world.as_expert(world.experts[3])))
    assert len(fees) == 1
    shown = visitor(world.held[str(world.experts[3].pk)], world.clock).client.get("/sessions/fees/statement/")
    document = pypdfium2.PdfDocument(shown.content)
    said = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    for part in ("劳务报酬与出席情况说明", "青岛", formatted(fees[0].total), capitals(fees[0].total)):
        assert part in said
    # The committee is still secret: neither the project nor anybody else stands in it.
    assert world.lot.tender_project.name not in said
    stranger = visitor(world.held[str(world.spare.pk)], world.clock)
    assert stranger.status("/sessions/fees/statement/") == 404
