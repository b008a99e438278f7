"""Outside systems and their kinds (外部系统), domain.md 4.3."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class Kind(models.TextChoices):
    """What an outside system is; it decides which operations it may call."""

    TRADING = "trading", "交易系统"
    VENUE = "venue", "场地管理系统"
    SUPERVISION = "supervision", "行政监督平台"


#: Roles in which an organisation's system of a kind may act, the preferred first.
ROLES = {
    Kind.TRADING: (Role.AGENCY, Role.TENDERER),
    Kind.VENUE: (Role.CENTRE,),
    Kind.SUPERVISION: (Role.SUPERVISOR,),
}
#: Who may register and look after a system: everybody whose organisation may have one.
KEEPERS = (Role.CENTRE, Role.AGENCY, Role.TENDERER, Role.SUPERVISOR)


class SystemState(models.TextChoices):
    ACTIVE = "active", "已接入"
    REVOKED = "revoked", "已停用"


OUTSIDE_SYSTEM = Lifecycle(
    "outside_system",
    "外部系统",
    SystemState,
    (Move("revoke", "停用", (SystemState.ACTIVE,), SystemState.REVOKED, KEEPERS),),
    initial=SystemState.ACTIVE,
)
