"""Tells drawn experts, by voice where there is a carrier, else by SMS (通知): when and where, never for what.

A follower of the log calls this; when the gateway is away the call fails and is made again.
"""

import httpx
from django.conf import settings

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.regions import region
from gongheng.kernel.roles import THE_CLOCK
from gongheng.people.experts.models import Expert
from gongheng.trading.draws.actions.calling import place_call
from gongheng.trading.draws.actions.seating import expert_id
from gongheng.trading.draws.lifecycle import PickState
from gongheng.trading.draws.models import Pick
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import note


def announce(entry: Entry) -> None:
    """React to "pick.invite": have the expert called, or send the SMS where no voice carrier is set up."""
    if not settings.VOICE_URL:
        send_invitation(entry)
        return
    pick = Pick.objects.select_related("draw__lot").get(pk=entry.subject.partition(":")[2])
    if pick.state == PickState.INVITED and not pick.calls.exists():
        place_call(pick, clock=settings.CLOCK)


def send_invitation(entry: Entry) -> None:
    """Send the SMS of a "pick.invite" or "draws.unreached" entry and log the receipt; raises httpx.HTTPError."""
    picks = Pick.objects.select_related("draw__venue_order", "draw__lot", "centre")
    pick = picks.get(pk=entry.subject.partition(":")[2])
    if pick.state != PickState.INVITED or not settings.SMS_URL:
        return
    expert = Expert.objects.select_related("person").get(pk=expert_id(pick))
    message = {"to": expert.person.phone, "text": invitation(pick)}
    answer = httpx.post(f"{settings.SMS_URL}/send", json=message, timeout=5, trust_env=False)
    answer.raise_for_status()
    with note("draws.notified", pick, lot=pick.draw.lot, actor=THE_CLOCK, clock=settings.CLOCK, pid=pick.pid,
              receipt=answer.json()["id"]):
        pass


def invitation(pick: Pick) -> str:
    """Return the text of the SMS; it names neither project nor parties nor the reason for the choice."""
    order = pick.draw.venue_order
    start, end, until = (one.astimezone(SHANGHAI) for one in (order.starts_at, order.ends_at, pick.answer_by))
    return (
        f"【公衡】邀请您于{start:%Y年%m月%d日%H:%M}至{end:%H:%M}在{region(pick.centre.region).name}参加评审。"
        f"请于{until:%m月%d日%H:%M}前登录平台答复能否参加，逾期视为不能参加。请勿告知他人。"
    )
