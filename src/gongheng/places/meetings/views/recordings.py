"""Taking recordings in from seats, and playing them back to those who may (录像)."""

import json
from uuid import UUID

from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings import exporting, playback, queries, rules, vault
from gongheng.places.meetings.actions import keeping
from gongheng.places.meetings.forms import Body, SearchForm
from gongheng.places.meetings.models import Meeting, Presence, Segment, Track
from gongheng.places.meetings.views import PARTICIPANTS
from gongheng.ui.middleware import POLICY
from gongheng.ui.pages import page


@page("meetings.begin_track", *PARTICIPANTS, methods=("POST",), is_api=True)
def begin_track(request, pk: UUID):
    """Begin a track of one's own, also of a presence that was cut: its segments arrive late, not never."""
    body = Body(request)
    presence = get_object_or_404(
        Presence.objects.select_related("participant__meeting"), pk=body.id("presence"), participant__meeting=pk,
        participant__person=request.actor.id,
    )
    track = keeping.begin_track(
        presence, track=body.id("track"), kind=body.text("kind"), media_type=body.text("media_type"),
        follows=body.id_or_none("follows"), began_at=body.moment("began"), cause=body.text("cause"),
        actor=request.actor, clock=settings.CLOCK,
    )
    return JsonResponse({"track": str(track.pk)}, status=201)


@page("meetings.segment", *PARTICIPANTS, methods=("PUT",), is_api=True)
def segment(request, track: UUID, number: int):
    """Take one segment; its digests, times and link stand in the header X-Segment."""
    row = get_object_or_404(Track, pk=track, participant__person=request.actor.id)
    if int(request.headers.get("Content-Length") or 0) > rules.LARGEST_SEGMENT:
        raise Refusal("SIZE", f"录像片段应在1字节至{rules.LARGEST_SEGMENT // 2**20} MiB之间。")
    try:
        said = keeping.Described(**json.loads(request.headers.get("X-Segment", "")))
    except (ValueError, TypeError):
        raise Refusal("FIELDS", "录像片段缺少摘要、时间或链值。") from None
    keeping.store_segment(row, number, request.read(), said, clock=settings.CLOCK)
    return JsonResponse({})


@page("meetings.end_track", *PARTICIPANTS, methods=("POST",), is_api=True)
def end_track(request, track: UUID):
    """A track ends on purpose."""
    keeping.end_track(
        get_object_or_404(Track, pk=track, participant__person=request.actor.id), clock=settings.CLOCK
    )
    return JsonResponse({})


@page("meetings.recordings", *PARTICIPANTS)
def recordings(request, pk: UUID):
    """The recordings of one meeting: timeline with gaps, search by person and time, playback."""
    meeting = _reviewed(request, pk)
    form = SearchForm(request.GET)
    form.is_valid()
    found = playback.search(meeting, form.cleaned_data.get("q") or "", form.cleaned_data.get("at"))
    rule = rules.retention(meeting.retention, meeting.opened_at)
    response = render(request, "meetings/recordings.html", {
        "heading": "录音录像回放", "subtitle": meeting.title, "meeting": meeting, "form": form, "found": found,
        "at": form.cleaned_data.get("at"), "gaps": queries.gaps(meeting),
        "lines": queries.lines(meeting), "rule": rule,
        "timeline": playback.timeline(meeting, settings.CLOCK.now()),
        "until": f"至 {meeting.keep_until:%Y-%m-%d}" if meeting.keep_until else "自会议结束起算",
    })
    # The player hands segments to the browser through a blob address; nothing else may be loaded from one.
    response.headers["Content-Security-Policy"] = f"{POLICY}; media-src 'self' blob:"
    return response


@page("meetings.play", *PARTICIPANTS)
def play(request, track: UUID, number: int):
    """The bytes of one segment, as they were recorded."""
    row = get_object_or_404(Segment.objects.select_related("track__participant"), track=track, number=number)
    _reviewed(request, row.track.participant.meeting_id)
    return HttpResponse(
        vault.read(row), content_type=row.track.media_type, headers={"Cache-Control": "private, max-age=600"}
    )


@page("meetings.export", *PARTICIPANTS)
def export(request, pk: UUID):
    """Everything of the recording in one file, to be checked offline with ``gongheng verify recording``."""
    meeting = _reviewed(request, pk)
    return FileResponse(exporting.export(meeting), as_attachment=True, filename=f"recording-{meeting.pk}.zip")


def _reviewed(request, pk: UUID) -> Meeting:
    meeting = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    if not rules.may(queries.standing_of(meeting, request.actor), "reviews"):
        raise Http404
    return meeting
