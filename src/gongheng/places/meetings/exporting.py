"""A meeting's recording as one file that anybody checks offline (录像导出)."""

import tempfile
import zipfile
from pathlib import Path
from typing import BinaryIO

from gongheng.crypto import canonical
from gongheng.crypto.canonical import timestamp
from gongheng.places.meetings import queries, vault
from gongheng.places.meetings.models import Meeting, Track
from gongheng.trust.evidence import publishing
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.proofs import proof_of

#: Entries of these verbs fix the heads of the tracks.
VERBS = ("meeting.open", "meeting.watch", "meeting.close")


def export(meeting: Meeting) -> BinaryIO:
    """Return an open ZIP with recording.json, policy.json and every segment under <track>/<number>."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "recording.zip"
        with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("policy.json", canonical.encode(publishing.policy()))
            archive.writestr("recording.json", canonical.encode(describe(meeting)))
            for track in queries.tracks(meeting):
                for segment in track.segments.select_related("track").iterator():
                    archive.writestr(f"{track.pk}/{segment.number:06d}", vault.read(segment))
        # Open, it outlives its folder until it has been sent.
        return place.open("rb")


def describe(meeting: Meeting) -> dict:
    """Return what the verifier reads: tracks and written lines in chains, gaps, the entries that fixed the heads."""
    entries = Entry.objects.filter(subject=f"meeting:{meeting.pk}", verb__in=VERBS).order_by("pk")
    return {
        "v": 1, "meeting": str(meeting.pk), "reference": str(meeting.reference), "title": meeting.title,
        "tracks": [_track(track) for track in queries.tracks(meeting)],
        "lines": [
            {"n": one.number, "label": one.sender.label, "at": timestamp(one.sent_at), "text": one.text,
             "link": one.link}
            for one in queries.lines(meeting)
        ],
        "gaps": [
            {"label": gap.participant.label, "kind": gap.kind, "cause": gap.cause, "began": timestamp(gap.began_at),
             "ended": timestamp(gap.ended_at) if gap.ended_at else None}
            for gap in queries.gaps(meeting)
        ],
        # An entry that no published head covers yet is left out: its proof will exist within seconds.
        "entries": [proof for entry in entries if (proof := proof_of(entry)) is not None],
    }


def _track(track: Track) -> dict:
    return {
        "track": str(track.pk), "label": track.participant.label, "kind": track.kind,
        "follows": str(track.follows_id) if track.follows_id else None,
        "segments": [
            {"n": row.number, "sm3": row.sm3, "sha256": row.sha256, "size": row.size,
             "begins": timestamp(row.begins_at), "ends": timestamp(row.ends_at), "link": row.link}
            for row in track.segments.all()
        ],
    }
