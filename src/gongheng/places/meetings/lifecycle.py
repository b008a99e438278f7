"""The states of a meeting (会议状态)."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class State(models.TextChoices):
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"


#: Who really may close is the session's rule; a meeting is closed by whoever ends the session.
_ENDING = (Role.CENTRE, Role.SUPERVISOR, Role.AGENCY, Role.TENDERER, Role.EXPERT, Role.CLOCK)

MEETING = Lifecycle("meeting", "会议", State, (
    Move("watch", "存证录像链头", (State.OPEN,), State.OPEN, (Role.CLOCK,), due=lambda meeting: meeting.watch_at),
    Move("close", "结束会议", (State.OPEN,), State.CLOSED, _ENDING),
), State.OPEN)
