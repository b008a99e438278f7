"""The states of an expert's life in the pool (专家库状态), domain.md 5.4."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class ExpertState(models.TextChoices):
    APPLYING = "applying", "申请入库"
    IN_POOL = "in_pool", "在库"
    SUSPENDED = "suspended", "暂停"
    REMOVED = "removed", "退出"
    RETIRED = "retired", "退休"


_KEEPERS = (Role.CENTRE, Role.SUPERVISOR)
_LIVING = (ExpertState.IN_POOL, ExpertState.SUSPENDED)

EXPERT = Lifecycle(
    "expert",
    "评标专家",
    ExpertState,
    (
        Move("admit", "批准入库", (ExpertState.APPLYING,), ExpertState.IN_POOL, (Role.CENTRE,)),
        Move("decline", "不予入库", (ExpertState.APPLYING,), ExpertState.REMOVED, (Role.CENTRE,)),
        Move("suspend", "暂停", (ExpertState.IN_POOL,), ExpertState.SUSPENDED, _KEEPERS),
        Move(
            "resume", "恢复", (ExpertState.SUSPENDED,), ExpertState.IN_POOL, (*_KEEPERS, Role.CLOCK),
            due=lambda expert: expert.suspended_until,
        ),
        Move("remove", "退出", _LIVING, ExpertState.REMOVED, _KEEPERS),
        Move("retire", "退休", _LIVING, ExpertState.RETIRED, (Role.CENTRE,)),
    ),
    initial=ExpertState.APPLYING,
)
