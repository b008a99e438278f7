"""Tells a centre's duty phone of an offer (要约通知与催办): until when an answer is due, never about what.

A follower of the log calls this; when the gateway is away the call fails and is made again.
"""

import httpx
from django.conf import settings

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trading.coordination.lifecycle import OFFER, OfferState
from gongheng.trading.coordination.models import Offer
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import note


def tell_centre(entry: Entry) -> None:
    """Send the SMS of an "offer.send", "offer.reroute" or "offer.remind" entry and log its receipt.

    Raises httpx.HTTPError when it fails.
    """
    offer = Offer.objects.select_related("centre", "asked_for__lot").get(pk=entry.subject.partition(":")[2])
    # What was answered meanwhile, or can no longer be, needs no telling.
    is_open = offer.state == OfferState.SENT and settings.CLOCK.now() < offer.confirm_by
    if not is_open or not settings.SMS_URL:
        return
    is_reminder = entry.verb == OFFER.verb("remind")
    to = "".join(one for one in offer.centre.phone if one.isdigit())
    message = {"to": to, "text": text(offer, is_reminder=is_reminder)}
    answer = httpx.post(f"{settings.SMS_URL}/send", json=message, timeout=5, trust_env=False)
    answer.raise_for_status()
    with note(
        "coordination.notified", offer, lot=offer.asked_for.lot, actor=THE_CLOCK, clock=settings.CLOCK,
        about="催办" if is_reminder else "通知", receipt=answer.json()["id"],
    ):
        pass


def text(offer: Offer, *, is_reminder: bool) -> str:
    """Return the text of the SMS; it names neither project nor parties nor the time of the session."""
    until = offer.confirm_by.astimezone(SHANGHAI)
    opening = "催办：贵中心有一份评标场地要约尚未答复" if is_reminder else "贵中心收到一份评标场地要约"
    return f"【公衡】{opening}，请于{until:%m月%d日%H:%M}前登录平台确认或拒绝，逾期视为不承接。"
