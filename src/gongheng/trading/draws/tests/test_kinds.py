"""Urgent and supplementary draws, who is not free, relations that only the service sees, and what is told later."""

from datetime import timedelta

import pytest
from django.db import connection

from gongheng.crypto import canonical, drawing
from gongheng.kernel.calendar import day_of
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.people.experts.models import Expert, Leave, Tie
from gongheng.trading.bids.models import Bid
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.coordination.tests.scene import STARTS
from gongheng.trading.draws import pseudonyms, queries, replay, rules, snapshot, statistics
from gongheng.trading.draws.actions import ordering, seating
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trading.draws.tests.parties import expert_actor, expert_of, row_of
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry
from tools.verify.__main__ import main as verify


def approve(table, draw, **changes):
    return ordering.approve_draw(draw, actor=table.parties[1].actor, clock=table.scene.clock, **changes)


def test_inside_two_hours_only_an_urgent_draw_is_held_and_both_sides_say_why(table):
    clock = table.scene.clock
    with pytest.raises(Refusal, match="WINDOW"):
        table.order(kind="urgent", reason="原定专家集体缺席")
    ordinary = table.order()
    clock.advance_to(STARTS - timedelta(minutes=90))
    with pytest.raises(Refusal, match="WINDOW"):
        approve(table, ordinary)
    ordering.abort_draw(ordinary, reason="改为紧急抽取", actor=table.parties[2].actor, clock=clock)
    with pytest.raises(Refusal, match="REASON"):
        table.order(kind="urgent")
    urgent = table.order(kind="urgent", reason="原定专家集体缺席")
    entries = Entry.objects.count()
    with pytest.raises(Refusal, match="REASON"):
        approve(table, urgent)
    assert Entry.objects.count() == entries
    approve(table, urgent, reason="情况属实，同意紧急抽取")
    assert (urgent.state, urgent.order["kind"]) == ("committing", "urgent")
    assert urgent.consent == "情况属实，同意紧急抽取"
    assert rules.answer_time("urgent") < rules.answer_time("appointment")


def test_leave_another_seat_and_caps_make_an_expert_busy_with_the_reason_and_no_weight(table, pool):
    draw = table.order()
    day = day_of(STARTS)
    Leave.objects.create(expert=pool[0], first_day=day, last_day=day, entered_at=NOW)
    assert snapshot.busy_experts(draw) == {str(pool[0].pk): "LEAVE"}
    approve(table, draw)
    rows = {row["pid"]: row for row in snapshot.read(draw)}
    assert {row["weight"] for row in rows.values()} == {1}
    attributes = rows[pseudonyms.pid_of(draw, pool[0])]["attributes"]
    assert (attributes["is_busy"], attributes["busy"]) == (True, "LEAVE")
    assert sum(row["attributes"]["is_busy"] for row in rows.values()) == 1


def test_seats_of_other_lots_count_for_overlap_and_for_the_day(table):
    draw = table.drawn()
    held = {str(expert_of(draw, one).pk) for one in draw.picks.filter(state="invited")}
    other = Draw(lot_id="00000000-0000-4000-8000-000000000001", venue_order=draw.venue_order)
    assert snapshot.busy_experts(other) == dict.fromkeys(held, "SEAT")
    later = VenueOrder(starts_at=draw.venue_order.ends_at, ends_at=draw.venue_order.ends_at + timedelta(1))
    other.venue_order = later
    same_day = day_of(later.starts_at) == day_of(draw.venue_order.starts_at)
    assert snapshot.busy_experts(other) == (dict.fromkeys(held, "DAY") if same_day else {})


def test_the_written_form_of_a_row_is_the_canonical_one_and_gives_the_same_root(table, pool):
    Tie.objects.create(expert=pool[1], uscc="91370100EMP000001X", kind="owner", recorded_at=NOW)
    draw = table.approved()
    rows = snapshot.read(draw)
    assert rules.encoded(list(map(row_of, rows))) == [canonical.encode(row) for row in rows]
    assert draw.pool_root == drawing.pool_root(rows)
    assert any(row["attributes"]["past"] for row in rows)


def test_a_lost_member_is_replaced_from_the_same_list_during_the_session(table):
    draw = table.complete()
    clock = table.scene.clock
    clock.advance_to(STARTS + timedelta(hours=1))
    pick = draw.picks.filter(state="accepted").first()
    main = table.parties[0].actor
    entries = Entry.objects.count()
    with pytest.raises(Refusal, match="CAUSE"):
        seating.replace_member(pick, cause="BORED", actor=main, clock=clock)
    with pytest.raises(Refusal, match="ROLE"):
        seating.replace_member(pick, cause="HEALTH", actor=table.scene.agency, clock=clock)
    assert Entry.objects.count() == entries
    seating.replace_member(pick, cause="HEALTH", actor=main, clock=clock)
    draw.refresh_from_db()
    following = draw.picks.get(state="invited")
    assert (draw.state, pick.state, following.stratum) == ("filling", "lost", pick.stratum)
    assert following.rank > pick.rank
    seating.accept_invitation(following, actor=expert_actor(draw, following), clock=clock)
    draw.refresh_from_db()
    assert draw.state == "complete"
    with pytest.raises(Refusal, match="STATE"):
        seating.replace_member(pick, cause="HEALTH", actor=main, clock=clock)


def test_who_left_the_pool_or_took_leave_since_is_passed_over_for_that_cause(table):
    draw = table.complete()
    clock = table.scene.clock
    pick = draw.picks.filter(state="accepted").first()
    ahead = [pid for pid, _ in draw.lists[pick.stratum][draw.picks.filter(stratum=pick.stratum).count():]][:2]
    gone, away = (Expert.objects.get(pk=pseudonyms.resolve(draw, {pid})[pid]) for pid in ahead)
    Expert.objects.filter(pk=gone.pk).update(state="removed")
    Leave.objects.create(expert=away, first_day=day_of(STARTS), last_day=day_of(STARTS), entered_at=NOW)
    seating.avoid_pick(pick, cause="专家申请回避", actor=expert_actor(draw, pick), clock=clock)
    causes = {one.pid: one.cause for one in draw.picks.filter(state="skipped")}
    own = {"与已抽中专家同一工作单位"}
    assert causes[ahead[0]] in own | {rules.LATE_CAUSES["GONE"]}
    assert causes[ahead[1]] in own | {rules.LATE_CAUSES["LEAVE"]}
    assert set(causes.values()) & set(rules.LATE_CAUSES.values())


def bidder(lot, uscc: str, organisation) -> None:
    Bid.objects.create(
        lot=lot, digest=uscc.encode(), position=1, sealed_at=NOW, state="opened", organisation_id=organisation,
        bidder_name="某公司", uscc=uscc, total="1.00", opened_at=NOW,
    )


def test_a_bidder_known_from_the_opening_is_avoided_and_no_page_or_order_says_so(table):
    uscc = "91370100EMP000001X"
    bidder(table.scene.lot, uscc, table.scene.tenderer.organisation)
    draw = table.approved()
    token = pseudonyms.token(pseudonyms.key_of(draw), uscc)
    assert token in draw.avoided
    assert uscc not in str(draw.order)
    rows = list(map(row_of, snapshot.read(draw)))
    for stratum in draw.order["strata"]:
        found, kept_out = rules.sift(rows, stratum, draw.avoided)
        assert found
        assert not any(row.employer == token for row in found)
        assert draw.kept_out[stratum["name"]] == kept_out
    assert sum(one.get("BIDDER", 0) for one in draw.kept_out.values()) == sum(row.employer == token for row in rows)


def test_a_relation_found_after_the_opening_takes_the_member_off_and_the_next_is_free_of_it(table):
    draw = table.complete()
    clock = table.scene.clock
    assert seating.avoid_conflicted(draw, actor=THE_CLOCK, clock=clock) == []
    pick = draw.picks.filter(state="accepted").first()
    related = expert_of(draw, pick)
    bidder(table.scene.lot, related.employer_uscc, table.scene.tenderer.organisation)
    assert seating.avoid_conflicted(draw, actor=THE_CLOCK, clock=clock) == [pick]
    following = draw.picks.get(state="invited")
    assert expert_of(draw, following).employer_uscc != related.employer_uscc
    assert queries.pick_of(related, table.scene.lot) is None
    assert related.employer_uscc not in b"".join(map(bytes, Entry.objects.values_list("body", flat=True))).decode()


def test_two_seats_of_one_expert_look_different_in_a_dump(table):
    draw = table.drawn()
    pick = draw.picks.first()
    before = _stored(pick)
    pick.save()
    assert _stored(pick) != before
    assert Pick.objects.get(pk=pick.pk).expert == str(expert_of(draw, pick).pk)


def _stored(pick: Pick) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT expert FROM draws_pick WHERE id = %s", [pick.pk])
        return bytes(cursor.fetchone()[0])


def test_the_figures_name_operators_at_once_and_experts_only_when_their_session_is_over(table):
    draw, clock = table.drawn(), table.scene.clock
    pick = draw.picks.filter(state="invited").first()
    seating.refuse_invitation(pick, actor=expert_actor(draw, pick), clock=clock)
    watcher = table.parties[1].actor
    (row,) = statistics.by_operator(watcher)
    assert (row["draws"], row["asked"], row["refused"], row["refusal_rate"]) == (1, 6, 1, "17%")
    assert statistics.by_expert(watcher, clock.now()) == []
    (worst, *_) = statistics.by_expert(watcher, draw.venue_order.ends_at + timedelta(seconds=1))
    assert (worst["expert"], worst["refused"]) == (str(expert_of(draw, pick).pk), 1)
    assert statistics.by_operator(table.scene.outsider) == []
    ordering.void_draw(draw, reason="资格规则错误", actor=watcher, clock=clock)
    table.order(reason="资格规则错误，重新抽取")
    (row,) = statistics.by_operator(watcher)
    assert (row["draws"], row["redraws"], row["void"], row["redraw_rate"]) == (2, 1, 1, "50%")


def test_the_published_record_verifies_offline_and_one_flipped_byte_is_found(table, tmp_path, capsys):
    draw = table.complete()
    pick = draw.picks.filter(state="accepted").first()
    seating.replace_member(pick, cause="NETWORK", actor=table.parties[0].actor, clock=table.scene.clock)
    draw.refresh_from_db()
    file = tmp_path / "抽取记录.json"
    whole = canonical.encode(replay.replay_bundle(draw))
    file.write_bytes(whole)
    assert verify(["draw", str(file)]) == 0
    for key in (b'"number":"', b'"seed":"', b'"employer":"', b'"city":"', b'"commit":"', b'"pid":"', b'"result":"'):
        place = whole.index(key) + len(key) + 3
        flipped = bytearray(whole)
        flipped[place] = ord("A") if flipped[place] != ord("A") else ord("B")
        file.write_bytes(flipped)
        assert verify(["draw", str(file)]) == 1, key
        assert "结论：核验不通过" in capsys.readouterr().out
