"""Running a session: start, begin, end (启动、开始、结束); only the main venue does."""

from django.db import transaction

from gongheng.kernel.calendar import Unit, period_end
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.evaluation.actions import sitting
from gongheng.trading.evaluation.queries import ENDED
from gongheng.trading.projects.models import Lot
from gongheng.trading.sessions.actions.meeting import close_room, open_room
from gongheng.trading.sessions.actions.paying import compute_fees
from gongheng.trading.sessions.actions.preparing import lapse_incidents, must_be_main, prepare_session
from gongheng.trading.sessions.models import HandOver, Session
from gongheng.trading.sessions.rules import HAND_OVER_DAYS, HAND_OVER_ITEMS
from gongheng.trust.evidence.moving import moving, starting


def start_session(lot: Lot, *, actor: Actor, clock: Clock) -> Session:
    """Start (启动评标): check-in opens at all venues, from half an hour before the planned time."""
    must_be_main(lot, actor)
    with transaction.atomic():
        session = prepare_session(lot, actor=actor, clock=clock)
        with moving(session, "start", actor=actor, clock=clock) as step:
            session.started_at = step.now
            session.evaluation = sitting.open_evaluation(lot, actor=actor, clock=clock)
    return session


def begin_evaluation(session: Session, *, actor: Actor, clock: Clock) -> Session:
    """Let the committee begin once it is complete (委员到齐); its audio and video room opens."""
    must_be_main(session.lot, actor)
    with transaction.atomic():
        sitting.begin(session.evaluation, actor=actor, clock=clock)
        open_room(session, actor=actor, clock=clock)
    return session


def end_session(session: Session, *, actor: Actor, clock: Clock) -> Session:
    """End the session after the last signature (结束评标): files are to be handed over, fees are computed."""
    must_be_main(session.lot, actor)
    with transaction.atomic():
        with moving(session, "end", actor=actor, clock=clock) as step:
            if session.evaluation.state not in ENDED:
                raise Refusal("STATE", "评标报告尚未签署完毕，不能结束评标。")
            session.ended_at = step.now
            lapse_incidents(session, actor=actor, clock=clock)
            close_room(session, actor=actor, clock=clock)
        due_at = period_end(step.now, HAND_OVER_DAYS, Unit.WORKING)
        for offer in session.order.offers.filter(is_main=False, state="confirmed"):
            for item in HAND_OVER_ITEMS:
                hand_over = HandOver(session=session, centre=offer.centre, item=item, due_at=due_at)
                with starting(hand_over, actor=actor, clock=clock, verb="ask", item=item):
                    pass
        compute_fees(session, actor=actor, clock=clock)
    return session
