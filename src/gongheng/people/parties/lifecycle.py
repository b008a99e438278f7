"""States of an organisation's registration (主体登记)."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class State(models.TextChoices):
    SUBMITTED = "submitted", "待核验"
    ACTIVE = "active", "已入库"
    RETURNED = "returned", "已退回"
    SUSPENDED = "suspended", "已暂停"


ORGANISATION = Lifecycle(
    "organisation",
    "主体登记",
    State,
    (
        Move("accept", "核验通过", (State.SUBMITTED,), State.ACTIVE, (Role.CENTRE,)),
        Move("return", "退回补正", (State.SUBMITTED,), State.RETURNED, (Role.CENTRE,)),
        Move("resubmit", "重新提交", (State.RETURNED,), State.SUBMITTED, (Role.PUBLIC,)),
        Move("suspend", "暂停资格", (State.ACTIVE,), State.SUSPENDED, (Role.SUPERVISOR,)),
        Move("resume", "恢复资格", (State.SUSPENDED,), State.ACTIVE, (Role.SUPERVISOR,)),
    ),
    initial=State.SUBMITTED,
)
