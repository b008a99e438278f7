"""Handing files from the sub venue to the main venue (资料移交), within five working days (domain.md 4.1)."""

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.evaluation.queries import is_main_venue
from gongheng.trading.sessions.models import HandOver
from gongheng.trust.evidence.moving import moving


def hand_over(thing: HandOver, *, contents: str, actor: Actor, clock: Clock) -> HandOver:
    """Hand over one kind of files (移交), saying what it is and how many pieces."""
    if actor.organisation != str(thing.centre.organisation_id):
        raise Refusal("VENUE", "只能移交本会场的资料。")
    if not contents.strip():
        raise Refusal("CONTENTS", "请写明移交的内容和数量。", "contents")
    with moving(thing, "hand", actor=actor, clock=clock) as step:
        thing.contents, thing.handed_at, thing.remark = contents.strip(), step.now, ""
        step.facts["is_late"] = step.now > thing.due_at
    return thing


def receive_files(thing: HandOver, *, actor: Actor, clock: Clock) -> HandOver:
    """Confirm that the files came (确认接收)."""
    _must_receive(thing, actor)
    with moving(thing, "receive", actor=actor, clock=clock) as step:
        thing.received_at = step.now
    return thing


def return_files(thing: HandOver, *, remark: str, actor: Actor, clock: Clock) -> HandOver:
    """Send the files back with a reason (退回)."""
    _must_receive(thing, actor)
    if not remark.strip():
        raise Refusal("REASON", "退回须写明缺少什么。", "remark")
    with moving(thing, "return", actor=actor, clock=clock):
        thing.remark, thing.handed_at = remark.strip(), None
    return thing


def _must_receive(thing: HandOver, actor: Actor) -> None:
    if not is_main_venue(thing.session.lot, actor):
        raise Refusal("MAIN-VENUE", "移交的资料由主场交易中心接收。")
