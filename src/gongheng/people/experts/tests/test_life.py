"""An expert's life in the pool: states with reasons, leave, caps, relations, and what the catalogue tells."""

import io
from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.calendar import day_of, end_of
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK, Actor, Role
from gongheng.people.experts import queries, rules
from gongheng.people.experts.actions import keeping, leaving
from gongheng.people.experts.models import Expert
from gongheng.people.experts.tests.test_pool import FORMER, LONG_AGO, PROVINCE, expert, keeper_of
from gongheng.people.identity.actions import register_person
from gongheng.people.identity.tests.test_sign_in import sign_in
from gongheng.trust.certificates.actions import examine_certificate
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry

__all__ = ["expert"]
pytestmark = pytest.mark.django_db
SUPERVISOR = Actor("s", Role.SUPERVISOR, None)


def himself(one: Expert) -> Actor:
    return Actor(str(one.person_id), Role.EXPERT)


def test_a_suspension_ends_by_itself_and_every_step_says_why(expert, platform):
    clock, until = platform.CLOCK, NOW.date() + timedelta(days=30)
    keeping.suspend_expert(expert, until=until, reason="评标中擅离职守", actor=SUPERVISOR, clock=clock)
    assert (expert.state, expert.next_due_at) == ("suspended", end_of(until))
    assert next(queries.pool_rows(NOW.date())).state == "suspended"
    with pytest.raises(Refusal, match="EARLY"):
        keeping.resume_expert(expert, actor=THE_CLOCK, clock=clock)
    clock.advance_to(end_of(until))
    keeping.resume_expert(expert, actor=THE_CLOCK, clock=clock)
    assert (expert.state, expert.suspended_until) == ("in_pool", None)
    assert list(Entry.objects.order_by("id").values_list("verb", flat=True)) == ["expert.suspend", "expert.resume"]


def test_states_are_refused_without_reason_right_or_sense(expert, platform):
    clock, today, keeper = platform.CLOCK, NOW.date(), keeper_of("370000")
    for act, rule in (
        (lambda: keeping.suspend_expert(expert, until=today, reason=" ", actor=SUPERVISOR, clock=clock), "REASON"),
        (lambda: keeping.suspend_expert(
            expert, until=today - timedelta(days=1), reason="擅离职守", actor=SUPERVISOR, clock=clock), "UNTIL"),
        (lambda: keeping.remove_expert(expert, reason="擅离职守", actor=keeper_of("370100"), clock=clock), "ROLE"),
        (lambda: keeping.remove_expert(expert, reason="擅离职守", actor=himself(expert), clock=clock), "ROLE"),
        (lambda: keeping.admit_expert(expert, actor=keeper, clock=clock), "STATE"),
        (lambda: keeping.resume_expert(expert, reason="误办更正", actor=SUPERVISOR, clock=clock), "STATE"),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.rule == rule
    assert not Entry.objects.exists()
    keeping.retire_expert(expert, reason="本人申请退休", actor=keeper, clock=clock)
    with pytest.raises(Refusal, match="STATE"):
        keeping.suspend_expert(expert, until=today, reason="擅离职守", actor=SUPERVISOR, clock=clock)


def test_leave_is_his_own_keeps_its_days_and_can_be_taken_back(expert, platform):
    clock, today = platform.CLOCK, day_of(NOW)
    first, last = today + timedelta(days=2), today + timedelta(days=5)
    leave = leaving.take_leave(expert, first_day=first, last_day=last, actor=himself(expert), clock=clock)
    assert queries.on_leave(last, last + timedelta(days=1)) == {str(expert.pk)}
    assert queries.on_leave(today, today + timedelta(days=1)) == set()
    for first_day, last_day, actor, rule in (
        (last, last + timedelta(days=3), himself(expert), "LEAVE"), (today, today, SUPERVISOR, "PARTY"),
        (today - timedelta(days=1), today, himself(expert), "LEAVE"), (last, first, himself(expert), "LEAVE"),
        (today + timedelta(days=9), today + timedelta(days=300), himself(expert), "LEAVE"),
    ):
        with pytest.raises(Refusal) as refused:
            leaving.take_leave(expert, first_day=first_day, last_day=last_day, actor=actor, clock=clock)
        assert refused.value.rule == rule
    assert expert.leaves.count() == Entry.objects.count() == 1
    leaving.withdraw_leave(leave, actor=himself(expert), clock=clock)
    assert queries.on_leave(first, last) == set()
    with pytest.raises(Refusal, match="STATE"):
        leaving.withdraw_leave(leave, actor=himself(expert), clock=clock)


def test_a_relation_stands_in_the_way_for_three_years_and_stays_out_of_the_log(expert, platform):
    tie = {"uscc": LONG_AGO, "kind": "relative", "actor": himself(expert), "clock": platform.CLOCK}
    keeping.record_tie(expert, **tie)
    (row,) = queries.pool_rows(NOW.date())
    assert row.past == tuple(sorted([FORMER, LONG_AGO]))
    with pytest.raises(Refusal, match="TWICE"):
        keeping.record_tie(expert, **tie)
    with pytest.raises(Refusal, match="ROLE"):
        keeping.record_tie(expert, **tie | {"actor": SUPERVISOR})
    assert LONG_AGO not in bytes(Entry.objects.get().body).decode()
    assert queries.conflicts_of(expert, {LONG_AGO, PROVINCE}, NOW.date()) == {LONG_AGO}
    expert.ties.update(ended_on=date(2022, 1, 1))
    assert queries.conflicts_of(expert, {LONG_AGO}, NOW.date()) == set()


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(st.lists(DAYS, max_size=30), DAYS)
def test_a_cap_counts_only_days_within_its_reach_and_never_loosens(days, day):
    first, last = rules.reach_of_caps(day)
    near = [one for one in days if first <= one <= last]
    assert rules.full_cap(days, day) == rules.full_cap(near, day)
    if rules.full_cap(near, day):
        assert rules.full_cap([*near, day], day)
    assert rules.full_cap([day], day) == "DAY"


def test_the_catalogue_is_public_and_names_nobody(expert, client):
    Expert.objects.update(region="370202")
    page = client.get("/experts/catalogue/").content.decode()
    assert "青岛市" in page
    assert "少于5" in page
    assert "500" in page
    csv = client.get("/experts/catalogue/?format=csv").content.decode()
    assert "A0801,专业A0801,青岛市,少于5" in csv
    book = openpyxl.load_workbook(io.BytesIO(client.get("/experts/catalogue/?format=xlsx").content))
    assert [cell.value for cell in next(book.active.iter_rows())][:3] == ["专业代码", "专业", "城市"]
    assert "欧阳" not in page + csv


def test_the_tree_counts_at_and_below_each_node_and_keeps_the_way_to_what_is_sought(expert):
    assert [(one["code"], one["level"], one["count"]) for one in queries.tree()] == [
        ("A", 1, 1), ("A06", 2, 1), ("A08", 2, 1), ("A0801", 3, 1), ("A080101", 4, 1),
    ]
    assert [one["code"] for one in queries.tree("a0801")] == ["A", "A08", "A0801", "A080101"]


def test_an_expert_enters_his_leave_on_his_page(expert, client, authority):
    held = authority.issue("欧阳某")
    person = register_person("欧阳某", "1", examine_certificate(held.der, usage="sign", now=NOW), now=NOW)
    Expert.objects.update(person=person)
    sign_in(client, held)
    day = day_of(NOW) + timedelta(days=3)
    assert client.post("/experts/leave/", {"first_day": day, "last_day": day}).status_code == 302
    assert "有效" in client.get("/experts/leave/").content.decode()
    again = client.post("/experts/leave/", {"first_day": day, "last_day": day}).content.decode()
    assert "规则 LEAVE" in again
    assert client.post("/experts/ties/", {"uscc": FORMER, "kind": "owner"}).status_code == 302
    assert FORMER in client.get("/experts/leave/").content.decode()
