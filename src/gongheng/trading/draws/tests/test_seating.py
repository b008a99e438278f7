"""Orders, approvals, and seats that are filled strictly down the list."""

import threading
from datetime import timedelta

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.people.experts.models import Expert
from gongheng.trading.draws import notifying, pseudonyms, queries
from gongheng.trading.draws.actions import ordering, seating
from gongheng.trading.draws.models import Draw
from gongheng.trading.draws.tests.parties import expert_actor, expert_of
from gongheng.trust.evidence.models import Entry
from tools.sms.__main__ import serve
from tools.sms.outbox import Outbox


def test_an_order_takes_the_seats_of_the_venues_and_always_avoids_the_parties(table):
    draw = table.order()
    tender = table.scene.lot.tender_project
    assert {one["uscc"] for one in draw.order["avoid"]} == {
        tender.tenderer.uscc,
        tender.agency.uscc,
        tender.supervisor.uscc,
    }
    main, sub = draw.order["strata"]
    assert (main["name"], main["not_in"], sub["lives_in"]) == ("370100/A0801", ["370200"], ["370200"])
    assert draw.seats == 5 == queries.committee_size(table.scene.lot)


def test_an_order_that_breaks_a_rule_leaves_nothing_behind(table):
    offers = table.scene.lot.venue_orders.get(state="confirmed").offers
    main, sub = offers.get(is_main=True), offers.get(is_main=False)
    entries = Entry.objects.count()
    quota = ordering.Quota
    for changes, rule in (
        ({"quotas": [quota(main, "A0801", 3), quota(sub, "A0801", 1)]}, "QUOTA"),
        ({"quotas": [quota(main, "A0801", 2), quota(main, "A0801", 1), quota(sub, "A0801", 2)]}, "QUOTA"),
        ({"quotas": [quota(main, "X99", 3), quota(sub, "A0801", 2)]}, "SPECIALTY"),
        ({"quotas": [quota(main, "A06", 3), quota(sub, "A0801", 2)]}, "I6"),
        ({"avoid": [("123", "1")]}, "USCC"),
        ({"avoid": [(table.scene.lot.tender_project.agency.uscc, "9")]}, "AVOID"),
        ({"actor": table.scene.jinan}, "PARTY"),
    ):
        with pytest.raises(Refusal) as refused:
            table.order(**changes)
        assert refused.value.rule == rule
    assert (Draw.objects.count(), Entry.objects.count()) == (0, entries)


def test_only_the_lots_supervisor_approves_and_only_shortly_before_the_session(table):
    draw = table.order()
    with pytest.raises(Refusal, match=r"ROLE|PARTY"):
        ordering.approve_draw(draw, actor=table.scene.agency, clock=table.scene.clock)
    draw.venue_order.starts_at += timedelta(days=3)
    with pytest.raises(Refusal, match="WINDOW"):
        ordering.approve_draw(draw, actor=table.parties[1].actor, clock=table.scene.clock)
    draw.refresh_from_db()
    assert (draw.state, draw.pool_root) == ("ordered", "")


def test_seats_go_down_the_list_and_no_two_experts_share_an_employer(table):
    draw = table.drawn()
    clock = table.scene.clock
    for _ in range(30):
        pick = draw.picks.filter(state="invited").first()
        if pick is None:
            break
        refuse = draw.picks.filter(state="refused").count() < 12
        act = seating.refuse_invitation if refuse else seating.accept_invitation
        act(pick, actor=expert_actor(draw, pick), clock=clock)
    draw.refresh_from_db()
    assert draw.state == "complete"
    for stratum in draw.order["strata"]:
        reached = draw.picks.filter(stratum=stratum["name"]).order_by("rank")
        assert [one.pid for one in reached] == [pid for pid, _ in draw.lists[stratum["name"]][: reached.count()]]
        assert reached.filter(state="accepted").count() == stratum["seats"]
    seated = [expert_of(draw, one) for one in draw.picks.filter(state="accepted")]
    assert len({one.employer_uscc for one in seated}) == 5
    assert sorted(one.region[:4] for one in seated) == ["3701", "3701", "3701", "3702", "3702"]
    assert draw.record.kind == "draw_record"
    assert not draw.record.is_public


def test_no_answer_in_time_passes_the_seat_on(table):
    draw = table.drawn()
    clock = table.scene.clock
    pick = draw.picks.filter(state="invited").first()
    with pytest.raises(Refusal, match="EARLY"):
        seating.expire_pick(pick, actor=THE_CLOCK, clock=clock)
    assert pick.next_due_at == pick.answer_by
    clock.advance_to(pick.answer_by)
    with pytest.raises(Refusal, match="LATE"):
        seating.accept_invitation(pick, actor=expert_actor(draw, pick), clock=clock)
    pick.refresh_from_db()
    seating.expire_pick(pick, actor=THE_CLOCK, clock=clock)
    following = draw.picks.filter(stratum=pick.stratum, state="invited").order_by("rank").last()
    assert following.rank > pick.rank
    assert following.answer_by > pick.answer_by
    assert draw.picks.filter(state__in=["invited", "accepted"]).count() == 5


def test_a_member_who_must_avoid_is_replaced_by_the_next(table):
    draw = table.complete()
    clock = table.scene.clock
    pick = draw.picks.filter(state="accepted").first()
    expert, first_record = expert_of(draw, pick), draw.record_id
    assert queries.pick_of(expert, table.scene.lot) == pick
    seating.avoid_pick(pick, cause="与投标人有任职关系", actor=expert_actor(draw, pick), clock=clock)
    draw.refresh_from_db()
    assert draw.state == "filling"
    assert queries.pick_of(expert, table.scene.lot) is None
    following = draw.picks.get(state="invited")
    assert following.stratum == pick.stratum
    seating.accept_invitation(following, actor=expert_actor(draw, following), clock=clock)
    draw.refresh_from_db()
    assert draw.state == "complete"
    assert draw.record_id != first_record


def test_an_expert_sees_his_own_invitation_and_nobody_elses(table):
    draw = table.drawn()
    pick = draw.picks.filter(state="invited").first()
    now = table.scene.clock.now()
    assert queries.invitations_of(expert_of(draw, pick), now) == [pick]
    drawn = set(draw.picks.values_list("pid", flat=True))
    other = next(one for one in Expert.objects.all() if pseudonyms.pid_of(draw, one) not in drawn)
    assert queries.invitations_of(other, now) == []


def test_a_sub_venue_sees_only_its_own_seats(table):
    draw = table.drawn()
    assert draw.picks.filter(centre=table.scene.sub).count() < draw.picks.count()
    assert set(queries.picks_visible_to(draw, table.scene.qingdao)) == set(draw.picks.filter(centre=table.scene.sub))
    assert queries.picks_visible_to(draw, table.scene.jinan).count() == draw.picks.count()
    assert not queries.visible_to(table.scene.outsider).exists()
    assert queries.committee(table.scene.lot, table.scene.outsider).count() == 0


def test_a_redraw_needs_the_supervisors_voidance_and_a_reason_and_is_counted(table):
    draw = table.complete()
    for changes, rule in (({}, "LIVE"), ({"reason": "再抽"}, "LIVE")):
        with pytest.raises(Refusal, match=rule):
            table.order(**changes)
    with pytest.raises(Refusal, match="PARTY"):
        ordering.void_draw(draw, reason="不满意", actor=table.parties[2].actor, clock=table.scene.clock)
    ordering.void_draw(draw, reason="资格规则错误", actor=table.parties[1].actor, clock=table.scene.clock)
    with pytest.raises(Refusal, match="REASON"):
        table.order()
    again = table.order(reason="资格规则错误，重新抽取")
    assert (again.attempt, again.order_digest != draw.order_digest) == (2, True)
    assert queries.committee_size(table.scene.lot) == 5


def test_the_sms_tells_time_and_city_only(table, settings, tmp_path):
    draw = table.drawn()
    outbox = Outbox(tmp_path / "sms")
    server = serve(outbox, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.SMS_URL = f"http://127.0.0.1:{server.server_port}"
    pick = draw.picks.filter(state="invited").first()
    try:
        notifying.send_invitation(Entry.objects.get(verb="pick.invite", subject=f"pick:{pick.pk}"))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    sent = outbox.to(expert_of(draw, pick).person.phone)
    assert len(sent) == 1
    assert "参加评审" in sent[0]["text"]
    assert pick.centre.region[:4] in ("3701", "3702")
    lot = table.scene.lot
    assert not any(word in sent[0]["text"] for word in (lot.name, lot.code, lot.tender_project.name, "投标", "招标"))
    assert Entry.objects.filter(verb="draws.notified").count() == 1
    assert Outbox(tmp_path / "sms").to("") == sent
