"""States of a draw and of each expert that its list came to (专家抽取), security.md 4.b."""

from datetime import datetime

from django.db import models

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.draws import rules


class DrawState(models.TextChoices):
    ORDERED = "ordered", "待监督部门同意"
    COMMITTING = "committing", "各方承诺"
    SHARING = "sharing", "交换份额"
    REVEALING = "revealing", "揭示"
    FILLING = "filling", "通知专家"
    COMPLETE = "complete", "抽取完成"
    ABORTED = "aborted", "已中止"
    VOID = "void", "已作废"


class PickState(models.TextChoices):
    REACHED = "reached", "已抽到"
    INVITED = "invited", "待答复"
    ACCEPTED = "accepted", "已确认"
    REFUSED = "refused", "不能参加"
    EXPIRED = "expired", "逾期未答复"
    SKIPPED = "skipped", "顺延"
    AVOIDED = "avoided", "回避"
    LOST = "lost", "已更换"


class CallState(models.TextChoices):
    WAITING = "waiting", "待拨打"
    PLACED = "placed", "已拨出"
    ENDED = "ended", "已结束"


def outside_window(draw, now: datetime) -> Refusal | None:
    """A draw is held shortly before its session, never after it began; inside two hours only as an urgent one."""
    starts_at = draw.venue_order.starts_at
    urgent_from = starts_at - rules.LATEST
    if draw.kind == "urgent" and now < urgent_from:
        return Refusal("WINDOW", "距评标开始还有2小时以上，应办理预约抽取，不能作为紧急抽取。")
    if draw.kind == "appointment" and urgent_from < now < starts_at:
        return Refusal("WINDOW", "距评标开始不足2小时，只能办理紧急抽取；请中止本次抽取后重新申请。")
    opens_at = starts_at - rules.EARLIEST
    if now < opens_at:
        return Refusal(
            "WINDOW",
            f"抽取最早于评标开始前48小时进行（{opens_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}起），以免名单外泄。",
        )
    if now >= starts_at:
        return Refusal("WINDOW", "评标时段已经开始，不能再抽取；请重新预约评标场地。")
    return None


def answered_too_late(pick, now: datetime) -> Refusal | None:
    if pick.draw.state == DrawState.VOID:
        return Refusal("VOID", "本次抽取已作废，无需再答复。")
    if now >= pick.answer_by:
        return Refusal("LATE", "答复时限已过，席位已顺延给下一位专家。")
    return None


_HOSTS = (Role.AGENCY, Role.TENDERER)
_PARTIES = (Role.CENTRE, Role.SUPERVISOR, *_HOSTS)
_ALL = (*_PARTIES, Role.EXPERT, Role.CLOCK)

DRAW = Lifecycle(
    "draw",
    "专家抽取",
    DrawState,
    (
        Move("approve", "同意抽取", (DrawState.ORDERED,), DrawState.COMMITTING, (Role.SUPERVISOR,), outside_window),
        Move("share", "进入交换份额", (DrawState.COMMITTING,), DrawState.SHARING, _PARTIES),
        Move("reveal", "进入揭示", (DrawState.SHARING,), DrawState.REVEALING, _PARTIES),
        Move("draw", "产生名单", (DrawState.REVEALING,), DrawState.FILLING, _PARTIES),
        Move("complete", "席位落实", (DrawState.FILLING,), DrawState.COMPLETE, _ALL, stopped_by_holds=False),
        Move("refill", "补抽", (DrawState.COMPLETE,), DrawState.FILLING, _ALL, stopped_by_holds=False),
        Move(
            "abort", "中止", (DrawState.ORDERED, DrawState.COMMITTING, DrawState.SHARING), DrawState.ABORTED, _PARTIES,
            stopped_by_holds=False,
        ),
        # From the reveal on the result can be known: only the supervisor may void, and must say why.
        Move(
            "void", "作废", (DrawState.REVEALING, DrawState.FILLING, DrawState.COMPLETE), DrawState.VOID,
            (Role.SUPERVISOR,), stopped_by_holds=False,
        ),
    ),
    initial=DrawState.ORDERED,
)

PICK = Lifecycle(
    "pick",
    "抽中专家",
    PickState,
    (
        Move("invite", "通知", (PickState.REACHED,), PickState.INVITED, _ALL, stopped_by_holds=False),
        Move("skip", "顺延", (PickState.REACHED,), PickState.SKIPPED, _ALL, stopped_by_holds=False),
        Move(
            "accept", "确认参加", (PickState.INVITED,), PickState.ACCEPTED, (Role.EXPERT,), answered_too_late,
            stopped_by_holds=False,
        ),
        Move(
            "refuse", "不能参加", (PickState.INVITED,), PickState.REFUSED, (Role.EXPERT,), answered_too_late,
            stopped_by_holds=False,
        ),
        Move(
            "expire", "逾期", (PickState.INVITED,), PickState.EXPIRED, (Role.CLOCK,),
            due=lambda pick: pick.answer_by, stopped_by_holds=False,
        ),
        Move(
            "avoid", "回避", (PickState.ACCEPTED,), PickState.AVOIDED,
            (Role.EXPERT, Role.CENTRE, Role.SUPERVISOR, Role.CLOCK), stopped_by_holds=False,
        ),
        Move(
            "lose", "更换", (PickState.ACCEPTED,), PickState.LOST, (Role.CENTRE, Role.SUPERVISOR),
            stopped_by_holds=False,
        ),
    ),
    initial=PickState.REACHED,
)

CALL = Lifecycle(
    "call",
    "语音通知",
    CallState,
    (
        Move(
            "dial", "拨打", (CallState.WAITING,), CallState.PLACED, (Role.CLOCK,), due=lambda call: call.look_at,
            stopped_by_holds=False,
        ),
        Move("cancel", "不再拨打", (CallState.WAITING,), CallState.ENDED, (Role.CLOCK,), stopped_by_holds=False),
        Move(
            "end", "通话结束", (CallState.PLACED,), CallState.ENDED, (Role.CLOCK,), due=lambda call: call.look_at,
            stopped_by_holds=False,
        ),
    ),
    initial=CallState.WAITING,
)
