"""What holds for ordering venues; no database."""

from datetime import timedelta

from gongheng.trading.projects.lifecycle import State

#: How long a centre may think; published, the same for all (要约答复时限).
ANSWER_TIME = timedelta(hours=24)
#: Nobody evaluates alone at a sub venue (domain.md 4.4).
FEWEST_AT_SUB_VENUE = 2
#: States of a lot in which its venues may be ordered or given back.
BEFORE_EVALUATION = (State.FILED, State.ANNOUNCED, State.CLOSED, State.OPENING, State.OPENED)
