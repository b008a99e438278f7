"""Venue orders and offers (要约单与要约), domain.md 4.3."""

from datetime import datetime

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle, Move
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role


class OrderState(models.TextChoices):
    REQUESTED = "requested", "待主场确认"
    OFFERED = "offered", "待副场确认"
    CONFIRMED = "confirmed", "全部确认"
    NOT_PASSED = "not_passed", "未通过"
    CANCELLED = "cancelled", "已取消"


class OfferState(models.TextChoices):
    WAITING = "waiting", "未发出"
    SENT = "sent", "待答复"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "已拒绝"
    EXPIRED = "expired", "逾期未答复"
    CANCELLED = "cancelled", "已取消"


def answered_too_late(offer, now: datetime) -> Refusal | None:
    """An answer after the deadline does not count, whether or not the clock has expired the offer yet."""
    if now >= offer.confirm_by:
        return Refusal("LATE", "要约答复时限已过，不能再答复，请联系主场重新发起要约。")
    return None


_HOSTS = (Role.AGENCY, Role.TENDERER)

ORDER = Lifecycle(
    "venue_order",
    "场地要约单",
    OrderState,
    (
        Move("main_confirm", "主场确认", (OrderState.REQUESTED,), OrderState.OFFERED, (Role.CENTRE,)),
        Move("complete", "全部会场确认", (OrderState.OFFERED,), OrderState.CONFIRMED, (Role.CENTRE,)),
        Move(
            "fail", "未通过", (OrderState.REQUESTED, OrderState.OFFERED), OrderState.NOT_PASSED,
            (Role.CENTRE, Role.CLOCK), stopped_by_holds=False,
        ),
        Move(
            "cancel", "取消", (OrderState.REQUESTED, OrderState.OFFERED, OrderState.CONFIRMED), OrderState.CANCELLED,
            _HOSTS, stopped_by_holds=False,
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
        Move("confirm", "确认席位", (OfferState.SENT,), OfferState.CONFIRMED, (Role.CENTRE,), answered_too_late),
        Move("refuse", "拒绝", (OfferState.SENT,), OfferState.REFUSED, (Role.CENTRE,), answered_too_late),
        Move(
            "expire", "逾期", (OfferState.SENT,), OfferState.EXPIRED, (Role.CLOCK,),
            due=lambda offer: offer.confirm_by, stopped_by_holds=False,
        ),
        Move(
            "cancel", "取消", (OfferState.WAITING, OfferState.SENT, OfferState.CONFIRMED), OfferState.CANCELLED,
            (*_HOSTS, Role.CENTRE, Role.CLOCK), stopped_by_holds=False,
        ),
    ),
    initial=OfferState.WAITING,
)
