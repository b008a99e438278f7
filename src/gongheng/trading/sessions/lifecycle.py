"""States of a session and of an incident (评标场次、突发情况), domain.md 4.7; of files and fees after it."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role


class SessionState(models.TextChoices):
    WAITING = "waiting", "待评标"
    RUNNING = "running", "评标中"
    PAUSED = "paused", "暂停"
    ENDED = "ended", "结束"
    POSTPONED = "postponed", "延期"
    ABORTED = "aborted", "中止"


class IncidentState(models.TextChoices):
    SUSPECT = "suspect", "疑似故障"
    DEGRADED = "degraded", "降级运行"
    PAUSED = "paused", "已暂停"
    RESUMED = "resumed", "已恢复"
    POSTPONED = "postponed", "已延期"
    ABORTED = "aborted", "已中止"
    LAPSED = "lapsed", "随场次结束"


class HandOverState(models.TextChoices):
    WAITING = "waiting", "待移交"
    HANDED = "handed", "已移交"
    RECEIVED = "received", "已接收"


class FeeState(models.TextChoices):
    COMPUTED = "computed", "待会场确认"
    ATTESTED = "attested", "待主场确认"
    CONFIRMED = "confirmed", "待支付"
    SENT = "sent", "支付中"
    PAID = "paid", "已支付"
    FAILED = "failed", "支付失败"


def resumed_too_late(incident, now) -> Refusal | None:
    """What was not repaired in time during the evaluation postpones the session; nobody may go on after it."""
    if not incident.is_before_start and now >= incident.limit_at:
        return Refusal("T35", "故障4小时内未恢复，评标应当延期，不能继续。")
    return None


_HOSTS = (Role.AGENCY, Role.TENDERER)
_CENTRE = (Role.CENTRE,)

SESSION = Lifecycle(
    "session",
    "评标场次",
    SessionState,
    (
        Move("start", "启动评标", (SessionState.WAITING,), SessionState.RUNNING, _CENTRE),
        Move("pause", "暂停评标", (SessionState.RUNNING,), SessionState.PAUSED, _CENTRE, stopped_by_holds=False),
        Move("resume", "恢复评标", (SessionState.PAUSED,), SessionState.RUNNING, _CENTRE, stopped_by_holds=False),
        Move("end", "结束评标", (SessionState.RUNNING,), SessionState.ENDED, _CENTRE),
        Move(
            "postpone", "延期", (SessionState.WAITING, SessionState.PAUSED), SessionState.POSTPONED,
            (Role.CENTRE, Role.CLOCK, *_HOSTS), stopped_by_holds=False,
        ),
        Move(
            "abort", "中止", (SessionState.WAITING, SessionState.RUNNING, SessionState.PAUSED), SessionState.ABORTED,
            (Role.SUPERVISOR,), stopped_by_holds=False,
        ),
    ),
    initial=SessionState.WAITING,
)

_OPEN = (IncidentState.SUSPECT, IncidentState.DEGRADED)

INCIDENT = Lifecycle(
    "incident",
    "突发情况",
    IncidentState,
    (
        Move(
            "degrade", "降级运行：独立评审，不讨论", (IncidentState.SUSPECT,), IncidentState.DEGRADED, _CENTRE,
            stopped_by_holds=False,
        ),
        Move("clear", "故障排除", _OPEN, IncidentState.RESUMED, _CENTRE, stopped_by_holds=False),
        Move("pause", "暂停评标", _OPEN, IncidentState.PAUSED, _CENTRE, stopped_by_holds=False),
        Move(
            "resume", "恢复评标", (IncidentState.PAUSED,), IncidentState.RESUMED, _CENTRE, resumed_too_late,
            stopped_by_holds=False,
        ),
        Move(
            "postpone", "延期", (IncidentState.PAUSED,), IncidentState.POSTPONED, (Role.CENTRE, Role.CLOCK, *_HOSTS),
            due=lambda incident: None if incident.is_before_start else incident.limit_at, stopped_by_holds=False,
        ),
        Move(
            "abort", "中止", (*_OPEN, IncidentState.PAUSED), IncidentState.ABORTED, (Role.SUPERVISOR,),
            stopped_by_holds=False,
        ),
        # Another incident stopped the session, or it ended: there is nothing left to decide.
        Move(
            "lapse", "随场次结束", (*_OPEN, IncidentState.PAUSED), IncidentState.LAPSED,
            (Role.CENTRE, Role.CLOCK, *_HOSTS, Role.SUPERVISOR), stopped_by_holds=False,
        ),
    ),
    initial=IncidentState.SUSPECT,
)

HAND_OVER = Lifecycle(
    "hand_over",
    "资料移交",
    HandOverState,
    (
        Move(
            "hand", "移交", (HandOverState.WAITING,), HandOverState.HANDED, _CENTRE, stopped_by_holds=False,
        ),
        Move(
            "receive", "确认接收", (HandOverState.HANDED,), HandOverState.RECEIVED, _CENTRE, stopped_by_holds=False,
        ),
        Move(
            "return", "退回", (HandOverState.HANDED,), HandOverState.WAITING, _CENTRE, stopped_by_holds=False,
        ),
    ),
    initial=HandOverState.WAITING,
)

FEE = Lifecycle(
    "fee",
    "专家劳务费",
    FeeState,
    (
        Move("attest", "会场确认", (FeeState.COMPUTED,), FeeState.ATTESTED, _CENTRE, stopped_by_holds=False),
        Move("confirm", "主场确认", (FeeState.ATTESTED,), FeeState.CONFIRMED, _CENTRE, stopped_by_holds=False),
        Move(
            "send", "提交银行", (FeeState.CONFIRMED, FeeState.FAILED), FeeState.SENT, _CENTRE, stopped_by_holds=False,
        ),
        Move("pay", "支付成功", (FeeState.SENT,), FeeState.PAID, _CENTRE, stopped_by_holds=False),
        Move("fail", "支付失败", (FeeState.SENT,), FeeState.FAILED, _CENTRE, stopped_by_holds=False),
    ),
    initial=FeeState.COMPUTED,
)
