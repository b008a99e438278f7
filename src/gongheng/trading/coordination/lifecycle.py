"""Venue orders and offers (要约单与要约), domain.md 4.3."""

from datetime import datetime

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.coordination import rules


class OrderKind(models.TextChoices):
    """What an order asks for; the letters begin its number (domain.md 4.2)."""

    VENUES = "SQ", "场地申请"
    CHANGE = "BG", "变更"
    CANCELLATION = "QX", "取消"


class OrderState(models.TextChoices):
    REQUESTED = "requested", "待主场确认"
    OFFERED = "offered", "待副场确认"
    CONFIRMED = "confirmed", "全部确认"
    NOT_PASSED = "not_passed", "未通过"
    CHANGED = "changed", "已变更"
    CANCELLED = "cancelled", "已取消"
    CONCLUDED = "concluded", "已办结"  # a cancellation to which everybody agreed


class OfferState(models.TextChoices):
    WAITING = "waiting", "未发出"
    SENT = "sent", "待答复"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "已拒绝"
    EXPIRED = "expired", "逾期未答复"
    CHANGED = "changed", "已变更"
    CANCELLED = "cancelled", "已取消"


def answered_too_late(offer, now: datetime) -> Refusal | None:
    """An answer after the deadline does not count, whether or not the clock has expired the offer yet."""
    if now >= offer.confirm_by:
        return Refusal("LATE", "要约答复时限已过，不能再答复，请联系主场重新发起要约。")
    return None


_HOSTS = (Role.AGENCY, Role.TENDERER)
PENDING = (OrderState.REQUESTED, OrderState.OFFERED)

ORDER = Lifecycle(
    "venue_order",
    "场地要约单",
    OrderState,
    (
        Move("main_confirm", "主场确认", (OrderState.REQUESTED,), OrderState.OFFERED, (Role.CENTRE,)),
        Move("complete", "全部会场确认", (OrderState.OFFERED,), OrderState.CONFIRMED, (Role.CENTRE,)),
        Move("conclude", "全部会场同意取消", (OrderState.OFFERED,), OrderState.CONCLUDED, (Role.CENTRE,)),
        Move(
            "fail", "未通过", PENDING, OrderState.NOT_PASSED, (Role.CENTRE, Role.CLOCK), stopped_by_holds=False,
        ),
        Move("cancel", "撤回", PENDING, OrderState.CANCELLED, _HOSTS, stopped_by_holds=False),
        Move("replace", "变更生效", (OrderState.CONFIRMED,), OrderState.CHANGED, (Role.CENTRE,)),
        Move("call_off", "取消生效", (OrderState.CONFIRMED,), OrderState.CANCELLED, (Role.CENTRE,)),
        # Its session was postponed or aborted: there is nothing left to hold, and the host may order anew.
        Move(
            "lapse", "场次停止，要约单终止", (OrderState.CONFIRMED,), OrderState.CANCELLED,
            (Role.CENTRE, Role.CLOCK, *_HOSTS, Role.SUPERVISOR), stopped_by_holds=False,
        ),
    ),
    initial=OrderState.REQUESTED,
)

OFFER = Lifecycle(
    "offer",
    "要约",
    OfferState,
    (
        Move("send", "发出要约", (OfferState.WAITING,), OfferState.SENT, (*_HOSTS, Role.CENTRE)),
        Move(
            "reroute", "改派要约", (OfferState.WAITING,), OfferState.SENT, (Role.CENTRE, Role.CLOCK),
            stopped_by_holds=False,
        ),
        Move(
            "remind", "催办", (OfferState.SENT,), OfferState.SENT, (Role.CLOCK,),
            due=lambda offer: rules.next_reminder(offer.sent_at, offer.confirm_by, offer.reminded_at),
            stopped_by_holds=False,
        ),
        Move("confirm", "确认席位", (OfferState.SENT,), OfferState.CONFIRMED, (Role.CENTRE,), answered_too_late),
        Move("refuse", "拒绝", (OfferState.SENT,), OfferState.REFUSED, (Role.CENTRE,), answered_too_late),
        Move(
            "expire", "逾期", (OfferState.SENT,), OfferState.EXPIRED, (Role.CLOCK,),
            due=lambda offer: offer.confirm_by, stopped_by_holds=False,
        ),
        Move("replace", "变更生效", (OfferState.CONFIRMED,), OfferState.CHANGED, (Role.CENTRE,)),
        Move(
            "cancel", "取消", (OfferState.WAITING, OfferState.SENT, OfferState.CONFIRMED), OfferState.CANCELLED,
            (*_HOSTS, Role.CENTRE, Role.CLOCK), stopped_by_holds=False,
        ),
    ),
    initial=OfferState.WAITING,
)
