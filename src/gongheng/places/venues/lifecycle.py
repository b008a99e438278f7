"""The self-test program of a seat (席位自检程序): invited, reporting in order or not, silent, revoked."""

from datetime import datetime, timedelta

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role

#: A seat counts as fit only while its last self-test is no older (domain.md 4.5 c).
FRESH_FOR = timedelta(minutes=15)
#: Silence stands against a use that starts sooner than this. PCs are off at night, so silence says nothing about
#: another day; but as long as this is also all that one waits for a repair before a session (domain.md 4.7).
SILENCE_COUNTS_BEFORE = timedelta(hours=2)


class AgentState(models.TextChoices):
    INVITED = "invited", "待登记"
    SILENT = "silent", "失联"
    FIT = "fit", "正常"
    UNFIT = "unfit", "部件异常"
    REVOKED = "revoked", "已吊销"


def keeps_back(starts_at: datetime, now: datetime) -> tuple[AgentState, ...]:
    """Return the states in which the program keeps its seat from a use that starts at ``starts_at``.

    What it found broken stays broken until it finds otherwise; that it is silent matters only shortly before.
    """
    if starts_at < now + SILENCE_COUNTS_BEFORE:
        return (AgentState.UNFIT, AgentState.SILENT)
    return (AgentState.UNFIT,)


def code_expired(agent, now: datetime) -> Refusal | None:
    """A one-time code that lay about too long opens nothing."""
    if now >= agent.code_expires_at:
        return Refusal("CODE", "登记码不正确或已失效，请在席位页面重新生成。", "code")
    return None


def _stale_at(agent) -> datetime | None:
    return agent.reported_at + FRESH_FOR if agent.reported_at else None


AGENT = Lifecycle(
    "seat_agent",
    "席位自检程序",
    AgentState,
    (
        # It speaks with its device key for the centre that invited it, hence the role.
        Move("enrol", "登记", (AgentState.INVITED,), AgentState.SILENT, (Role.CENTRE,), code_expired),
        Move("report_fit", "自检正常", (AgentState.SILENT, AgentState.UNFIT), AgentState.FIT, (Role.CENTRE,)),
        Move(
            "report_unfit", "自检异常", (AgentState.SILENT, AgentState.FIT, AgentState.UNFIT), AgentState.UNFIT,
            (Role.CENTRE,),
        ),
        Move(
            "fall_silent", "失联", (AgentState.FIT, AgentState.UNFIT), AgentState.SILENT, (Role.CLOCK,), due=_stale_at
        ),
        Move(
            "revoke", "吊销", (AgentState.INVITED, AgentState.SILENT, AgentState.FIT, AgentState.UNFIT),
            AgentState.REVOKED, (Role.CENTRE,),
        ),
    ),
    initial=AgentState.INVITED,
)
