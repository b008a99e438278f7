"""The meeting page and everything a browser in the room sends or asks (会议室)."""

import json
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from gongheng.kernel.refusal import Refusal
from gongheng.people.identity.sessions import session_digest
from gongheng.places.meetings import media, queries, reading, rules
from gongheng.places.meetings.actions import attending, conducting, convening, keeping
from gongheng.places.meetings.forms import Body
from gongheng.places.meetings.lifecycle import State
from gongheng.places.meetings.models import Meeting, Participant, Presence
from gongheng.places.meetings.views import PARTICIPANTS
from gongheng.ui.pages import page


@page("meetings.list", *PARTICIPANTS)
def meetings(request):
    """The meetings on whose list one stands."""
    rows = [
        {"meeting": one, "me": queries.participation(one, request.actor), "present": queries.present(one).count(),
         "gaps": queries.open_gaps(one).count()}
        for one in queries.visible_to(request.actor)[:100]
    ]
    for row in rows:
        row["may_review"] = rules.may(row["me"].standing, "reviews")
    return render(request, "meetings/list.html", {
        "heading": "音视频会议", "subtitle": "您在参会名单中的评标会议。", "rows": rows,
    })


@page("meetings.room", *PARTICIPANTS)
def room(request, pk: UUID):
    """The room: device check first, then the meeting; after its end, what is left of it."""
    meeting, me = _own(request, pk)
    standing = me.standing
    island = {
        "meeting": str(meeting.pk), "participant": str(me.pk), "label": me.label, "seat": me.seat,
        "media": media.server(meeting).name, "masks": meeting.masks_voices,
        "may": [name for name in rules.Rights.__dataclass_fields__ if getattr(rules.RIGHTS[standing.part], name)],
        "documents": [{"id": str(one.pk), "title": one.title, "pages": one.pages} for one in meeting.documents.all()],
    }
    return render(request, "meetings/room.html", {
        "meeting": meeting, "me": me, "is_open": meeting.state == State.OPEN, "setup": json.dumps(island),
        "part": rules.PART_NAMES[standing.part], "may_review": rules.may(standing, "reviews"),
    })


@page("meetings.ticket", *PARTICIPANTS, methods=("POST",), is_api=True)
def ticket(request, pk: UUID):
    """Hand out a one-time ticket for this browser's device."""
    _, me = _own(request, pk)
    text = attending.issue_ticket(
        me, device=Body(request).text("device"), session=session_digest(request), actor=request.actor,
        clock=settings.CLOCK,
    )
    return JsonResponse({"ticket": text, "seconds": int(rules.TICKET_LIVES.total_seconds())}, status=201)


@page("meetings.join", *PARTICIPANTS, methods=("POST",), is_api=True)
def join(request, pk: UUID):
    """Join with the ticket, signed by the device."""
    _, me = _own(request, pk)
    body = Body(request)
    presence = attending.join_meeting(
        me, ticket=body.text("ticket"), public=body.bytes("public"), signature=body.bytes("signature"),
        session=session_digest(request), actor=request.actor, clock=settings.CLOCK,
    )
    return JsonResponse({"presence": str(presence.pk)}, status=201)


@page("meetings.leave", *PARTICIPANTS, methods=("POST",), is_api=True)
def leave(request, pk: UUID):
    """Leave."""
    attending.leave_meeting(_presence(request, pk, Body(request)), actor=request.actor, clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.state", *PARTICIPANTS, is_api=True)
def state(request, pk: UUID):
    """What this browser may know of the room now; only of a presence that lasts."""
    presence = _living(request, pk, request.GET.get("presence", ""))
    return JsonResponse(queries.state_for(
        presence, signals_after=_number(request, "signals"), messages_after=_number(request, "messages"),
        now=settings.CLOCK.now(),
    ))


@page("meetings.pulse", *PARTICIPANTS, methods=("POST",), is_api=True)
def pulse(request, pk: UUID):
    """A browser is still there; tell it whether its media server still knows it."""
    is_alive = attending.keep_present(_presence(request, pk, Body(request)), clock=settings.CLOCK)
    return JsonResponse({"is_media_alive": is_alive})


@page("meetings.signal", *PARTICIPANTS, methods=("POST",), is_api=True)
def signal(request, pk: UUID):
    """Pass on a description of media."""
    body = Body(request)
    return JsonResponse(attending.signal(_presence(request, pk, body), body.mapping("message")))


@page("meetings.hand", *PARTICIPANTS, methods=("POST",), is_api=True)
def hand(request, pk: UUID):
    """Raise or lower one's hand."""
    body = Body(request)
    conducting.raise_hand(_presence(request, pk, body), is_up=body.flag("is_up"), clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.say", *PARTICIPANTS, methods=("POST",), is_api=True)
def say(request, pk: UUID):
    """Write a line."""
    body = Body(request)
    conducting.say(_presence(request, pk, body), body.text("text"), clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.show", *PARTICIPANTS, methods=("POST",), is_api=True)
def show(request, pk: UUID):
    """Turn everybody's document to a page, or put it away."""
    body = Body(request)
    presence = _presence(request, pk, body)
    wanted = body.id_or_none("document")
    document = get_object_or_404(presence.participant.meeting.documents, pk=wanted) if wanted else None
    conducting.show_page(presence, document, body.number("page"), clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.page", *PARTICIPANTS)
def document_page(request, pk: UUID, document: UUID, number: int):
    """One page of a shared document as a picture."""
    meeting, me = _own(request, pk)
    if rules.is_outside(me.standing):
        raise Http404
    row = get_object_or_404(meeting.documents.select_related("document"), pk=document)
    return HttpResponse(
        reading.page_image(row, number), content_type="image/png", headers={"Cache-Control": "private, max-age=600"}
    )


@page("meetings.mute", *PARTICIPANTS, methods=("POST",), is_api=True)
def mute(request, pk: UUID):
    """Silence somebody."""
    body = Body(request)
    conducting.mute(_target(request, pk, body), is_muted=body.flag("is_on"), actor=request.actor, clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.let_in", *PARTICIPANTS, methods=("POST",), is_api=True)
def let_in(request, pk: UUID):
    """Let the agency in or show it out."""
    body = Body(request)
    conducting.let_in(_target(request, pk, body), is_in=body.flag("is_on"), actor=request.actor, clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.call", *PARTICIPANTS, methods=("POST",), is_api=True)
def call(request, pk: UUID):
    """Call one seat or all, or hang up."""
    body = Body(request)
    conducting.call(_presence(request, pk, body), body.text("target"), actor=request.actor, clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.release_device", *PARTICIPANTS, methods=("POST",), is_api=True)
def release_device(request, pk: UUID):
    """Let a seat join from another device."""
    body = Body(request)
    convening.release_device(
        _target(request, pk, body), reason=body.text("reason", most=100), actor=request.actor, clock=settings.CLOCK
    )
    return JsonResponse({})


@page("meetings.report_break", *PARTICIPANTS, methods=("POST",), is_api=True)
def report_break(request, pk: UUID):
    """A seat's media were cut, or came back."""
    body = Body(request)
    keeping.report_break(
        _presence(request, pk, body), kind=body.text("kind"), is_over=body.flag("is_over"), actor=request.actor,
        clock=settings.CLOCK,
    )
    return JsonResponse({})


def _own(request, pk: UUID) -> tuple[Meeting, Participant]:
    meeting = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return meeting, queries.participation(meeting, request.actor)


def _presence(request, pk: UUID, body: Body) -> Presence:
    return _living(request, pk, str(body.id("presence")))


def _living(request, pk: UUID, presence: str) -> Presence:
    """Find the presence of this person in this very session; another session's is as good as none."""
    _own(request, pk)
    rows = Presence.objects.filter(
        participant__meeting=pk, participant__person=request.actor.id, left_at=None, session=session_digest(request)
    ).select_related("participant__meeting")
    found = next((row for row in rows if str(row.pk) == presence), None)
    if found is None:
        raise Refusal("KICKED", "您已不在会议中：在别处重新进入、被移出，或会议已结束。")
    return found


def _target(request, pk: UUID, body: Body) -> Participant:
    _presence(request, pk, body)
    return get_object_or_404(Participant.objects.select_related("meeting"), meeting=pk, pk=body.id("target"))


def _number(request, name: str) -> int:
    text = request.GET.get(name, "0")
    if not (text.isascii() and text.isdigit()):
        raise Refusal("FIELDS", f"参数 {name} 应为整数。", name)
    return int(text)
