"""Whom a draw keeps out: group companies, persons named with a reason, staff; and what is told of it to whom."""

from dataclasses import replace

import pytest

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.people.parties.models import Control, Membership, Organisation
from gongheng.trading.coordination import actions as coordination
from gongheng.trading.coordination.tests.test_changes import ask
from gongheng.trading.draws import avoidance, pseudonyms, queries, replay, snapshot, views
from gongheng.trading.draws.actions import ordering, seating
from gongheng.trading.draws.actions.ordering import Named
from gongheng.trading.draws.forms import OrderForm
from gongheng.trading.draws.models import Draw, NamedPerson
from gongheng.trading.draws.tests.parties import expert_of
from gongheng.trading.draws.tests.test_kinds import bidder
from gongheng.trading.draws.tests.test_pages import shown
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry
from tools.verify.draw import replay as verify_draw
from tools.verify.report import Report

PARENT, EMPLOYER = make_uscc("9", "1", "370102", 71000099), "91370100EMP000003X"


def control(upper: str, lower: str) -> None:
    Control.objects.create(
        upper_uscc=upper, upper_name="上级", lower_uscc=lower, lower_name="下级", kind="holding", declared_at=NOW,
        declared_by=Organisation.objects.first(),
    )


def test_group_companies_of_the_agency_and_of_bidders_are_kept_out_under_their_ground(table):
    agency = table.scene.lot.tender_project.agency
    agency.uscc = make_uscc("9", "1", "370102", 71000002)  # a firm: a public body would join nobody
    agency.save()
    control("91370100EMP000009X", agency.uscc)
    control(PARENT, EMPLOYER)
    control(PARENT, "91370100EMP000004X")
    bidder(table.scene.lot, EMPLOYER, table.scene.tenderer.organisation)
    draw = table.approved()
    named = {
        uscc: draw.avoided.get(pseudonyms.token(pseudonyms.key_of(draw), uscc))
        for uscc in (agency.uscc, "91370100EMP000009X", EMPLOYER, "91370100EMP000004X", "91370100EMP000005X")
    }
    assert list(named.values()) == ["EMPLOYER", "GROUP", "BIDDER", "GROUP", None]
    assert sum(one.get("GROUP", 0) for one in draw.kept_out.values()) >= 5
    assert EMPLOYER not in str(draw.order)
    report = Report()
    verify_draw(replay.replay_bundle(draw, with_key=True), "抽取", report)
    assert report.faults == []
    told = replay.replay_bundle(draw)
    next(iter(told["pool"]["eligible"].values()))["kept_out"]["GROUP"] = 99
    verify_draw(told, "抽取", report)
    assert any("各项回避人数" in fault for fault in report.faults)


def test_a_group_company_of_a_bidder_is_found_after_the_opening(table):
    draw = table.complete()
    related = expert_of(draw, draw.picks.filter(state="accepted").first())
    control(related.employer_uscc, PARENT)
    bidder(table.scene.lot, PARENT, table.scene.tenderer.organisation)
    (gone,) = seating.avoid_conflicted(draw, actor=THE_CLOCK, clock=table.scene.clock)
    assert expert_of(draw, gone) == related


def test_named_persons_and_staff_are_kept_out_and_nobody_learns_whether_they_are_experts(table, pool):
    colleague, own = pool[0], pool[1]
    colleague.employer_uscc = PARENT
    colleague.save()
    Membership.objects.create(
        person=own.person, organisation=table.scene.lot.tender_project.agency, role="agency", since=NOW
    )
    named = [
        Named(PARENT, colleague.person.name, "2", "编制过本项目可行性研究报告"),
        Named(PARENT, "无此人", "1", "本项目现场代表"),
    ]
    draw = table.order(named=named)
    assert colleague.person.name not in str(draw.order)
    assert len(draw.order["avoid_persons"]) == 2
    bodies = b"".join(map(bytes, Entry.objects.values_list("body", flat=True))).decode()
    assert colleague.person.name not in bodies
    ordering.approve_draw(draw, actor=table.parties[1].actor, clock=table.scene.clock)
    pids = {one: pseudonyms.pid_of(draw, one) for one in (colleague, own)}
    assert [draw.avoided[pid] for pid in pids.values()] == ["NAMED", "STAFF"]
    eligible = {pid for rows in snapshot.read_eligible(draw).values() for pid, _, _ in rows}
    assert eligible.isdisjoint(pids.values())
    assert {code: count for one in draw.kept_out.values() for code, count in one.items()} == {"NAMED": 1, "STAFF": 1}
    assert {one["count"] for one in queries.kept_out(draw)} == {"少于5"}
    assert {one["code"] for one in queries.kept_out(draw)} == {"NAMED", "STAFF"}
    shown_before = queries.kept_out(draw)
    draw.kept_out = {name: {} for name in draw.kept_out}
    assert queries.kept_out(draw) == shown_before  # nobody of them is an expert: the page says the same
    page = shown(views.detail, table.parties[1].actor, pk=draw.pk)
    assert "编制过本项目可行性研究报告" in page
    assert "招标人说明理由提出回避" in page
    assert colleague.person.name not in shown(views.detail, table.scene.qingdao, pk=draw.pk)


def test_a_person_named_without_code_name_reason_or_measure_is_refused(table):
    person, entries = Named(PARENT, "张三", "1", "现场代表"), Entry.objects.count()
    for named in (
        [replace(person, uscc="123")], [replace(person, name="")], [replace(person, reason="9")],
        [replace(person, explanation="因为")], [person, person],
        [replace(person, name=f"张{number}") for number in range(11)],
    ):
        with pytest.raises(Refusal, match=r"NAMED|USCC"):
            table.order(named=named)
    assert (Draw.objects.count(), NamedPerson.objects.count(), Entry.objects.count()) == (0, 0, entries)


def test_the_form_reads_one_person_a_line(table):
    form = OrderForm({"named": f"{PARENT} 张三 2 编制过 可研报告\n\n{PARENT} 李四"}, offers=[], needs_reason=False)
    form.is_valid()
    assert form.named() == [Named(PARENT, "张三", "2", "编制过 可研报告"), Named(PARENT, "李四", "", "")]


def test_venues_do_not_move_while_a_draw_stands_and_no_draw_begins_while_they_move(table):
    scene, original = table.scene, table.scene.lot.venue_orders.get(state="confirmed")
    draw = table.order()
    entries = Entry.objects.count()
    for act in (
        lambda: ask(scene, original),
        lambda: coordination.request_cancellation(original, reason="改期", actor=scene.agency, clock=scene.clock),
    ):
        with pytest.raises(Refusal, match="DRAW"):
            act()
    assert Entry.objects.count() == entries
    ordering.abort_draw(draw, reason="会场变更", actor=scene.agency, clock=scene.clock)
    pending = ask(scene, original)
    with pytest.raises(Refusal, match="CHANGE"):
        table.order(reason="会场变更")
    coordination.cancel_order(pending, reason="不再变更", actor=scene.agency, clock=scene.clock)
    assert table.order(reason="会场变更").state == "ordered"


def test_the_circle_of_bidders_is_empty_before_the_opening(table):
    assert avoidance.circle_of_bidders(table.scene.lot) == set()
