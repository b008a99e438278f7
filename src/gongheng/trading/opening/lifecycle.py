"""States of an opening session (不见面开标)."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.roles import Role


class State(models.TextChoices):
    DECRYPTING = "decrypting", "解密中"
    PRICED = "priced", "唱标"
    RECORDED = "recorded", "确认开标记录"
    DONE = "done", "开标结束"
    FAILED = "failed", "开标失败"


_HOSTS = (Role.AGENCY, Role.TENDERER)

OPENING = Lifecycle(
    "opening",
    "开标",
    State,
    (
        Move(
            "end_decryption", "结束解密", (State.DECRYPTING,), State.PRICED, (*_HOSTS, Role.CLOCK),
            due=lambda opening: opening.decrypt_until,
        ),
        Move("fail", "开标失败", (State.DECRYPTING,), State.FAILED, (*_HOSTS, Role.CLOCK)),
        Move("record", "形成开标记录", (State.PRICED,), State.RECORDED, _HOSTS),
        Move("finish", "宣布开标结束", (State.RECORDED,), State.DONE, _HOSTS),
    ),
    initial=State.DECRYPTING,
)
