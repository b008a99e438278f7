"""Calling drawn experts by voice (语音通知): what the carrier reports becomes evidence, keys pressed an answer.

The carrier is asked before anything is locked; the answer is written with its proof in one transaction.
"""

from datetime import UTC, datetime, timedelta

import httpx
from django.conf import settings
from django.db import transaction

from gongheng.crypto import canonical, labels
from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.regions import region
from gongheng.kernel.roles import THE_CLOCK, Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.trading.draws import rules
from gongheng.trading.draws.actions import seating
from gongheng.trading.draws.lifecycle import PickState
from gongheng.trading.draws.models import Call, Pick
from gongheng.trust.evidence.moving import moving, note, starting

#: How long after dialling, and between two questions, the carrier is asked how the call went.
ASK_AFTER = timedelta(seconds=2)
#: Nobody will pick up a telephone that is switched off; the SMS goes out at once.
HOPELESS = ("off",)
OUTCOMES = {
    "answered": "已接听", "no_answer": "无人接听", "busy": "占线", "off": "关机", "accept": "已接听，按1参加",
    "refuse": "已接听，按2不参加", "silent": "已接听，未按键",
}


def place_call(pick: Pick, *, clock: Clock) -> Call:
    """Have an invited expert called (安排语音通知); the clock dials."""
    return _place(pick, 1, clock.now(), clock)


def dial_call(call: Call, *, actor: Actor, clock: Clock) -> Call:
    """Dial; the same call is never placed twice, for the carrier knows it by our id. Raises httpx.HTTPError."""
    pick = _pick_of(call)
    if pick.state != PickState.INVITED:
        with moving(call, "cancel", actor=actor, clock=clock, pid=pick.pid):
            call.outcome = "cancelled"
        return call
    phone = Expert.objects.select_related("person").get(pk=seating.expert_id(pick)).person.phone
    sent = {"key": f"{call.pk}", "to": phone, "text": spoken(pick)}
    answer = httpx.post(f"{settings.VOICE_URL}/calls", json=sent, timeout=5, trust_env=False)
    answer.raise_for_status()
    with moving(call, "dial", actor=actor, clock=clock, pid=pick.pid, number=call.number) as step:
        call.carrier_id = answer.json()["id"]
        call.look_at = step.now + ASK_AFTER
        step.facts["carrier"] = call.carrier_id
    return call


def end_call(call: Call, *, actor: Actor, clock: Clock) -> Call:
    """Ask the carrier how a call went and act on it: an answer, another call, or an SMS. Raises httpx.HTTPError."""
    answer = httpx.get(f"{settings.VOICE_URL}/calls/{call.carrier_id}", timeout=5, trust_env=False)
    answer.raise_for_status()
    told = answer.json()
    if told["state"] != "ended":
        Call.objects.filter(pk=call.pk, state=call.state).update(
            look_at=clock.now() + ASK_AFTER, next_due_at=clock.now() + ASK_AFTER
        )
        return call
    pick = _pick_of(call)
    with transaction.atomic():
        with moving(call, "end", actor=actor, clock=clock, pid=pick.pid, number=call.number) as step:
            call.outcome = _outcome(told)
            call.started_at, call.answered_at = _moment(told["started_at"]), _moment(told.get("answered_at"))
            call.digest = canonical.b64(labels.digest(labels.CALL_EVENTS, canonical.encode(told)))
            step.facts |= {
                "carrier": call.carrier_id, "outcome": OUTCOMES[call.outcome], "events": call.digest,
                "started": canonical.timestamp(call.started_at),
                "answered": canonical.timestamp(call.answered_at) if call.answered_at else None,
            }
        pick.refresh_from_db()
        if pick.state == PickState.INVITED:
            _go_on(call, pick, clock)
    return call


def spoken(pick: Pick) -> str:
    """Return what the voice says: time, city and duration, nothing of project or parties."""
    order = pick.draw.venue_order
    start = order.starts_at.astimezone(SHANGHAI)
    hours = round((order.ends_at - order.starts_at) / timedelta(hours=1))
    return (
        f"您好，公共资源交易平台邀请您于{start:%m月%d日%H点%M分}在{region(pick.centre.region).name}参加评审，"
        f"预计{hours}小时。参加请按1，不能参加请按2，重听请按3。请勿告知他人。"
    )


def _go_on(call: Call, pick: Pick, clock: Clock) -> None:
    expert = Actor(f"pid-{pick.pid[:20]}", Role.EXPERT)
    now = clock.now()
    if call.outcome in ("accept", "refuse") and now < pick.answer_by:
        answered = seating.accept_invitation if call.outcome == "accept" else seating.refuse_invitation
        answered(pick, actor=expert, clock=clock)
    elif call.number < rules.CALLS and call.outcome not in HOPELESS and now + rules.REDIAL_AFTER < pick.answer_by:
        _place(pick, call.number + 1, now + rules.REDIAL_AFTER, clock)
    else:
        # A follower of the log sends the SMS; when nobody answers that either, the clock asks the next.
        with note("draws.unreached", pick, lot=pick.draw.lot, actor=THE_CLOCK, clock=clock, pid=pick.pid,
                  calls=call.number):
            pass


def _place(pick: Pick, number: int, look_at: datetime, clock: Clock) -> Call:
    call = Call(pick=pick, number=number, look_at=look_at)
    with starting(call, actor=THE_CLOCK, clock=clock, verb="place", pid=pick.pid, number=number):
        pass
    return call


def _outcome(told: dict) -> str:
    if told["outcome"] != "answered":
        return told["outcome"] if told["outcome"] in OUTCOMES else "no_answer"
    # "3" asks to hear it again; the last other key is the answer.
    keys = [key for key in str(told.get("digits", "")) if key in "12"]
    return {"1": "accept", "2": "refuse"}[keys[-1]] if keys else "silent"


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _pick_of(call: Call) -> Pick:
    return Pick.objects.select_related("draw__venue_order", "draw__lot__tender_project", "centre").get(pk=call.pick_id)
