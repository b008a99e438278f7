"""What several acts of a session share: its row, who may run it, incidents that end with it (场次准备)."""

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.evaluation.queries import confirmed_order, is_main_venue
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.models import Lot
from gongheng.trading.sessions.models import Incident, Session
from gongheng.trust.evidence.moving import moving, starting


def prepare_session(lot: Lot, *, actor: Actor, clock: Clock) -> Session:
    """Return the session of the lot's confirmed order, brought into being by the first act that needs it."""
    order = confirmed_order(lot)
    if order is None:
        raise Refusal("VENUES", "评标场地尚未由全部会场确认。")
    with transaction.atomic():
        VenueOrder.objects.select_for_update(no_key=True).get(pk=order.pk)  # two first acts make one session
        session = Session.objects.filter(order=order).first()
        if session is None:
            session = Session(lot=lot, order=order)
            with starting(session, actor=actor, clock=clock, verb="prepare", number=order.number):
                pass
    return session


def must_be_main(lot: Lot, actor: Actor) -> None:
    """Raise Refusal MAIN-VENUE unless the actor works at the lot's main venue."""
    if not is_main_venue(lot, actor):
        raise Refusal("MAIN-VENUE", "只有主场交易中心可以启动、暂停和结束评标。")


def lapse_incidents(session: Session, *, besides: Incident | None = None, actor: Actor, clock: Clock) -> None:
    """Close the incidents of a session that is over: there is nothing left to decide about them."""
    others = session.incidents.filter(closed_at=None).exclude(pk=besides.pk if besides else None)
    for incident in others.select_related("hold"):
        with moving(incident, "lapse", actor=actor, clock=clock) as step:
            incident.closed_at, incident.decision = step.now, "场次已经停止"
            release_incident(incident, actor=actor, clock=clock)


def release_incident(incident: Incident, *, actor: Actor, clock: Clock) -> None:
    """Release the hold that an incident placed, unless the supervisor has done so already."""
    if incident.hold is not None:
        incident.hold.refresh_from_db()
        if incident.hold.released_at is None:
            projects.release_hold(incident.hold, release_note=incident.decision, actor=actor, clock=clock)
