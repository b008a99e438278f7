"""Tickets are good once, for one person, device and session; whoever is out stays out; refusals write nothing."""

import uuid

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.places.meetings import actions, queries, rules
from gongheng.places.meetings.actions import attending, conducting, convening
from gongheng.places.meetings.models import Message, Presence
from gongheng.places.meetings.tests.room import LIST
from gongheng.trust.evidence.models import Entry

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n"


def verbs() -> list[str]:
    return list(Entry.objects.order_by("pk").values_list("verb", flat=True))


def refused(rule: str, act, *arguments, **named) -> None:
    before, there = verbs(), Presence.objects.filter(left_at=None).count()
    with pytest.raises(Refusal) as caught:
        act(*arguments, **named)
    assert caught.value.rule == rule
    assert (verbs(), Presence.objects.filter(left_at=None).count()) == (before, there)


def test_a_ticket_is_good_once(room):
    ticket = room.ticket("e1")
    assert room.join("e1", ticket).left_at is None
    refused("TICKET", room.join, "e1", ticket)
    assert verbs() == ["meeting.open", "meetings.join"]


def test_a_ticket_lives_a_minute(room):
    ticket = room.ticket("e1")
    room.pass_time(60)
    refused("TICKET", room.join, "e1", ticket)


def test_a_ticket_is_good_for_one_person_session_and_device(room):
    ticket = room.ticket("e1")
    refused("TICKET", room.join, "e2", ticket)
    refused("TICKET", room.join, "e1", ticket, session=b"another login")
    refused("DEVICE", room.join, "e1", ticket, by="e2")
    room.join("e1", ticket)


def test_an_expert_stays_with_the_device_he_joined_from(room):
    room.join("e1")
    other = room.device("stranger")
    refused("DEVICE", room.ticket, "e1", device=other)
    refused("RIGHT", convening.release_device, room.person("e1"), reason="换", actor=room.actor("e2"), clock=room.clock)
    convening.release_device(room.person("e1"), reason="席位电脑黑屏", actor=room.actor("host"), clock=room.clock)
    room.join("e1", room.ticket("e1", device=other), by="stranger")


def test_a_seat_with_a_named_device_admits_no_other(room, platform):
    listed = [*LIST[:1], rules.Invitee("e1", "评委1", rules.Part.EXPERT, "01", device="A" * 22)]
    meeting = actions.open_meeting(
        uuid.uuid4(), "x", participants=listed, retention="procurement", actor=Actor("h", Role.CENTRE), clock=room.clock
    )
    room.meeting = meeting
    refused("DEVICE", room.ticket, "e1")


def test_a_second_join_ends_the_first(room):
    first = room.join("e1")
    second = room.join("e1")
    first.refresh_from_db()
    assert first.left_because == "replaced"
    refused("KICKED", attending.keep_present, first, clock=room.clock)
    attending.keep_present(second, clock=room.clock)


def test_the_uninvited_see_nothing_and_get_no_ticket(room):
    outsider = Actor("nobody", Role.EXPERT)
    assert not queries.visible_to(outsider).exists()
    assert not queries.may_follow(outsider, str(room.person("e1").pk))
    refused(
        "INVITED", attending.issue_ticket, room.person("e1"), device=room.device("e1"), session=b"s", actor=outsider,
        clock=room.clock,
    )


def test_whoever_is_revoked_is_out_with_the_next_request_and_stays_out(room):
    presence, ticket = room.join("e2"), room.ticket("e2")
    actions.revoke(room.person("e2"), reason="发现应当回避的情形", actor=room.actor("host"), clock=room.clock)
    refused("KICKED", attending.keep_present, presence, clock=room.clock)
    refused("KICKED", conducting.say, presence, "还在", clock=room.clock)
    refused("KICKED", attending.signal, presence, {})
    refused("INVITED", room.join, "e2", ticket)
    assert not queries.may_follow(Actor("e2", Role.EXPERT), str(presence.participant_id))
    refused("STATE", actions.revoke, room.person("e2"), reason="x", actor=room.actor("host"), clock=room.clock)


def test_a_replacement_joins_under_a_label_of_his_own(room):
    host, third = room.actor("host"), rules.Invitee("e3", "评委3", rules.Part.EXPERT, "青岛 03")
    actions.revoke(room.person("e2"), reason="发现应当回避的情形", actor=host, clock=room.clock)
    taken = rules.Invitee("e3", "评委2", rules.Part.EXPERT)
    for wrong in (taken, rules.Invitee("e1", "评委4", rules.Part.EXPERT)):
        refused("INVITEES", actions.invite, room.meeting, wrong, actor=host, clock=room.clock)
    actions.invite(room.meeting, third, actor=host, clock=room.clock)
    assert room.join("e3").participant.label == "评委3"
    assert verbs()[-2:] == ["meetings.invite", "meetings.join"]


def test_nobody_joins_after_the_end(room):
    presence, ticket = room.join("e1"), room.ticket("e1")
    actions.close_meeting(room.meeting, actor=room.actor("host"), clock=room.clock)
    presence.refresh_from_db()
    assert presence.left_because == "closed"
    refused("STATE", room.join, "e1", ticket)
    refused("STATE", conducting.say, presence, "x", clock=room.clock)
    assert room.meeting.keep_until.year == 2036


def test_a_session_has_one_meeting(room):
    refused(
        "REFERENCE", actions.open_meeting, room.meeting.reference, "x", participants=LIST, retention="construction",
        actor=room.actor("host"), clock=room.clock,
    )
    assert queries.meeting_for(room.meeting.reference) == room.meeting
    assert queries.meeting_for(uuid.uuid4()) is None


def test_rights_hold_in_the_room(room):
    expert, watch, agency, witness = (room.join(one) for one in ("e1", "watch", "agency", "witness"))
    clock = room.clock
    refused("RIGHT", conducting.mute, room.person("e2"), is_muted=True, actor=room.actor("e1"), clock=clock)
    refused("RIGHT", conducting.call, expert, "all", actor=room.actor("e1"), clock=clock)
    refused("RIGHT", conducting.say, agency, "我们澄清", clock=clock)
    refused("RIGHT", conducting.say, witness, "x", clock=clock)
    refused("PART", conducting.let_in, room.person("e2"), is_in=True, actor=room.actor("host"), clock=clock)
    refused("TARGET", conducting.call, watch, str(uuid.uuid4()), actor=room.actor("watch"), clock=clock)
    refused("TEXT", conducting.say, expert, "  ", clock=clock)
    conducting.let_in(room.person("agency"), is_in=True, actor=room.actor("watch"), clock=clock)
    conducting.say(agency, "现答复如下", clock=clock)
    conducting.mute(room.person("e1"), is_muted=True, actor=room.actor("watch"), clock=clock)
    conducting.call(watch, str(room.person("e1").pk), actor=room.actor("watch"), clock=clock)
    assert Message.objects.get().text == "现答复如下"
    assert verbs()[-3:] == ["meetings.let_in", "meetings.mute", "meetings.call"]
    seen = queries.state_for(expert, signals_after=0, messages_after=0, now=clock.now())
    by_label = {one["label"]: one for one in seen["people"]}
    assert seen["me"]["is_muted"]
    assert by_label["监督"]["get"] == {"audio": True, "video": False}
    assert by_label["评委2"]["give"] == {"audio": False, "video": True}
    assert [one["text"] for one in seen["messages"]] == ["现答复如下"]


def test_the_agency_at_the_door_is_told_nothing_that_is_said(room):
    expert, agency = room.join("e1"), room.join("agency")
    conducting.say(expert, "只给评委会", clock=room.clock)
    seen = queries.state_for(agency, signals_after=0, messages_after=0, now=room.clock.now())
    assert seen["me"]["is_outside"]
    assert seen["messages"] == []
    assert all(one["get"] == {"audio": False, "video": False} for one in seen["people"])


def test_no_name_and_no_person_id_reaches_log_or_page(room):
    presence = room.join("e1")
    said = str(queries.state_for(presence, signals_after=0, messages_after=0, now=room.clock.now()))
    assert "'e2'" not in said
    assert all(b'"e2"' not in bytes(entry.body) for entry in Entry.objects.all())
