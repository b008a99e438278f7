"""The lock under which a meeting changes, and the word to its listeners that it did (会议锁与通知)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from gongheng.kernel.refusal import Refusal
from gongheng.places.meetings.lifecycle import State
from gongheng.places.meetings.models import Meeting, Participant
from gongheng.ui.live import CHANNEL


@contextmanager
def held(meeting: Meeting) -> Iterator[Meeting]:
    """Lock an open meeting for one change and tell everybody afterwards; Refusal "STATE" when it is over."""
    with transaction.atomic():
        fresh = Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)
        if fresh.state != State.OPEN:
            raise Refusal("STATE", "会议已经结束。")
        yield fresh
        tell(meeting)


def tell(meeting: Meeting) -> None:
    """Tell every participant's browser to look again; the notice carries nothing but the participant's id."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pg_notify(%s, id || ' meeting.changed -') FROM {Participant._meta.db_table} WHERE meeting_id = %s",
            [CHANNEL, meeting.pk],
        )
