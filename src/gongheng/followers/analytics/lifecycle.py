"""States of a lead, of a listing on the watch-list, and of a night's screening (线索、重点关注、夜间筛查).

An alert (预警) is no state but a figure: nothing of it stands in the public log until somebody begins to study it,
so that the log tells nobody which tender stood out while its evaluation runs.
"""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class LeadState(models.TextChoices):
    STUDYING = "studying", "研判中"
    TRANSFERRED = "transferred", "已移送"
    INVESTIGATED = "investigated", "查处中"
    FED_BACK = "fed_back", "已反馈"
    DISMISSED = "dismissed", "排除"
    INSUFFICIENT = "insufficient", "证据不足"


class Outcome(models.TextChoices):
    """What the authority found that a lead was transferred to."""

    PROVEN = "proven", "查实"
    CLEARED = "cleared", "排除"
    UNPROVEN = "unproven", "证据不足"


class ListingState(models.TextChoices):
    LISTED = "listed", "重点关注中"
    REMOVED = "removed", "已移出"
    LAPSED = "lapsed", "已到期"


class NightState(models.TextChoices):
    PLANNED = "planned", "待运行"
    CALLED = "called", "已启动"


_US = (Role.SUPERVISOR,)
#: States in which nothing more is to be done.
ENDED = (LeadState.FED_BACK, LeadState.DISMISSED, LeadState.INSUFFICIENT)

LEAD = Lifecycle(
    "lead",
    "线索",
    LeadState,
    (
        Move("dismiss", "排除", (LeadState.STUDYING,), LeadState.DISMISSED, _US),
        Move("shelve", "证据不足，存查", (LeadState.STUDYING,), LeadState.INSUFFICIENT, _US),
        Move("transfer", "移送", (LeadState.STUDYING,), LeadState.TRANSFERRED, _US),
        Move("accept", "登记受理", (LeadState.TRANSFERRED,), LeadState.INVESTIGATED, _US),
        Move("feed_back", "登记反馈", (LeadState.INVESTIGATED,), LeadState.FED_BACK, _US),
        Move("reopen", "重新研判", (LeadState.DISMISSED, LeadState.INSUFFICIENT), LeadState.STUDYING, _US),
    ),
    initial=LeadState.STUDYING,
)

LISTING = Lifecycle(
    "listing",
    "重点关注",
    ListingState,
    (
        Move("remove", "移出重点关注名单", (ListingState.LISTED,), ListingState.REMOVED, _US),
        Move(
            "lapse", "到期移出", (ListingState.LISTED,), ListingState.LAPSED, (Role.CLOCK,),
            due=lambda listing: listing.until,
        ),
    ),
    initial=ListingState.LISTED,
)

NIGHT = Lifecycle(
    "night",
    "夜间筛查",
    NightState,
    (
        Move(
            "call", "启动夜间筛查", (NightState.PLANNED,), NightState.CALLED, (Role.CLOCK,),
            due=lambda night: night.runs_at,
        ),
    ),
    initial=NightState.PLANNED,
)
