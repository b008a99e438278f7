"""States of a contract (合同)."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class State(models.TextChoices):
    DRAFTED = "drafted", "待招标人签署"
    OFFERED = "offered", "待中标人签署"
    CONCLUDED = "concluded", "已签订"


CONTRACT = Lifecycle(
    "contract",
    "合同",
    State,
    (
        Move("sign_tenderer", "招标人签署合同", (State.DRAFTED,), State.OFFERED, (Role.TENDERER,)),
        Move("sign_winner", "中标人签署合同", (State.OFFERED,), State.CONCLUDED, (Role.BIDDER,)),
    ),
    initial=State.DRAFTED,
)
