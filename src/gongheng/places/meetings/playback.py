"""How the recordings of a meeting lie in time, and which of them answer a search (回放)."""

from dataclasses import dataclass
from datetime import datetime

from gongheng.places.meetings import queries
from gongheng.places.meetings.models import Meeting, Track

#: The timeline is drawn this many units wide.
WIDTH = 1000


@dataclass(frozen=True)
class Found:
    """A track that answers a search, and how many seconds into it the moment asked for lies."""

    track: Track
    seconds: int


def search(meeting: Meeting, text: str, at: datetime | None) -> list[Found]:
    """Return the tracks of the labels or seats that contain ``text`` and, if asked, run at the moment ``at``."""
    return [
        Found(one, int((at - one.began_at).total_seconds()) if at else 0)
        for one in queries.tracks(meeting)
        if (text.strip() in one.participant.label or text.strip() in one.participant.seat)
        and (at is None or one.began_at <= at < one.last_ends_at)
    ]


def timeline(meeting: Meeting, now: datetime) -> dict:
    """Return rows of boxes {x, width} per seat, and ticks; a gap is a box of its own."""
    begin, end = meeting.opened_at, meeting.closed_at or now
    span = max((end - begin).total_seconds(), 1.0)

    def box(since: datetime, until: datetime) -> dict:
        x = round(WIDTH * (since - begin).total_seconds() / span)
        width = max(round(WIDTH * (until - since).total_seconds() / span), 2)
        return {"x": max(0, min(x, WIDTH)), "width": min(width, WIDTH)}

    rows: dict[str, dict] = {}
    for track in queries.tracks(meeting):
        row = rows.setdefault(
            f"{track.participant.label} {track.get_kind_display()}",
            {"label": track.participant.label, "kind": track.get_kind_display(), "tracks": [], "gaps": []},
        )
        row["tracks"].append(box(track.began_at, track.last_ends_at) | {"track": track})
        if track.kind == Track.Kind.CAMERA and len(row["tracks"]) == 1:
            row["gaps"] = [
                box(gap.began_at, gap.ended_at or end) | {"gap": gap}
                for gap in track.participant.gaps.all() if gap.kind == gap.Kind.RECORDING
            ]
    return {"rows": list(rows.values()), "begin": begin, "end": end, "width": WIDTH}
