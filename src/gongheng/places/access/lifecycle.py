"""A visit to the evaluation area (准入), domain.md 4.5 (g) and 4.6: identified, admitted or turned away, gone."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class VisitState(models.TextChoices):
    CHECKING = "checking", "待人工核验"
    ADMITTED = "admitted", "已准入"
    REFUSED = "refused", "未准入"
    LEFT = "left", "已离场"


VISIT = Lifecycle(
    "visit",
    "准入",
    VisitState,
    (
        Move("admit", "准入", (VisitState.CHECKING,), VisitState.ADMITTED, (Role.CENTRE,)),
        Move("refuse", "不予准入", (VisitState.CHECKING,), VisitState.REFUSED, (Role.CENTRE,)),
        Move("leave", "离场", (VisitState.ADMITTED,), VisitState.LEFT, (Role.CENTRE,)),
    ),
    initial=VisitState.CHECKING,
)
