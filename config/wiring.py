"""What gathers many apps: lot cards, things to do, sentences, followers, due moves (装配).

Apps never name each other upward; they are named here, once, in the order of a tender.
Readers of cards, to-dos and sentences are dotted names, so that a page pays only for what it shows.
"""

from functools import cache
from importlib import import_module

from gongheng.followers.analytics import following as analytics
from gongheng.followers.analytics.actions import call_night, lapse_listing
from gongheng.followers.analytics.models import Listing, Night
from gongheng.followers.exchange import following as exchange
from gongheng.kernel.roles import Role
from gongheng.people.experts.actions.keeping import resume_expert
from gongheng.people.experts.models import Expert
from gongheng.places.meetings.actions.convening import watch_meeting
from gongheng.places.meetings.models import Meeting
from gongheng.places.venues.actions import fall_silent
from gongheng.places.venues.models import SeatAgent
from gongheng.trading.bids import actions as bids
from gongheng.trading.bids.opened import inspect_files
from gongheng.trading.coordination.actions import expire_offer, remind_centre
from gongheng.trading.coordination.models import Offer
from gongheng.trading.coordination.notifying import tell_centre
from gongheng.trading.draws.actions.calling import dial_call, end_call
from gongheng.trading.draws.actions.seating import expire_pick
from gongheng.trading.draws.models import Call, Pick
from gongheng.trading.draws.notifying import announce, send_invitation
from gongheng.trading.evaluation.actions import reporting
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.opening.actions import end_decryption
from gongheng.trading.opening.models import Opening
from gongheng.trading.projects.models import Lot
from gongheng.trading.sessions.actions.disturbing import postpone_overdue
from gongheng.trading.sessions.models import Incident

#: The stages of a tender, in order; each has queries.card, queries.todos and sentences.
STAGES = (
    "projects", "notices", "coordination", "bids", "draws", "opening", "evaluation", "sessions", "award", "contracts",
)

#: ``card(lot, actor, now) -> LotCard | None`` of each stage, in stage order.
LOT_CARDS = [
    *(f"gongheng.trading.{stage}.queries.card" for stage in STAGES),
    "gongheng.followers.archive.queries.card",
]

#: ``todos(actor, now) -> list[Todo]`` of each app.
TODOS = [
    "gongheng.people.parties.queries.todos",
    *(f"gongheng.trading.{stage}.queries.todos" for stage in STAGES),
    "gongheng.followers.archive.queries.todos",
    "gongheng.followers.analytics.queries.todos",
]

#: Modules with ``SENTENCES``: what the history says for each evidence verb.
SENTENCES = [
    "gongheng.trust.evidence.sentences",
    "gongheng.trust.certificates.sentences",
    "gongheng.people.parties.sentences",
    "gongheng.people.experts.sentences",
    "gongheng.places.venues.sentences",
    "gongheng.places.meetings.sentences",
    "gongheng.places.access.sentences",
    "tools.demonstration.sentences",
    *(f"gongheng.trading.{stage}.sentences" for stage in STAGES),
    "gongheng.followers.archive.sentences",
    "gongheng.followers.exchange.sentences",
    "gongheng.followers.analytics.sentences",
]

#: Role -> name of the page that /desk/ leads to; a role without a line gets the general desk.
DESKS = {
    Role.TENDERER: "tenderer:home",
    Role.AGENCY: "tenderer:home",
    Role.BIDDER: "bidder:home",
    Role.SUPERVISOR: "supervisor:home",
    Role.EXPERT: "expert:home",
    Role.CENTRE: "centre:home",
}

#: follower -> {verb: handler(entry)}; see followers/runner.py.
FOLLOWERS = {
    "inspection": {"bid.open": inspect_files},
    "exchange": exchange.HANDLERS,
    "screening": analytics.SCREENING,
    "watch_list": analytics.WATCH,
    "duty_phones": {"offer.send": tell_centre, "offer.reroute": tell_centre, "offer.remind": tell_centre},
    "notification": {"pick.invite": announce, "draws.unreached": send_invitation},
}

#: lifecycle name -> (model, {move: action(thing, *, actor, clock)}); see followers/tick.py.
DUE = {
    "seat_agent": (SeatAgent, {"fall_silent": fall_silent}),
    "meeting": (Meeting, {"watch": watch_meeting}),
    "lot": (Lot, {"close": bids.close_lot}),
    "offer": (Offer, {"expire": expire_offer, "remind": remind_centre}),
    "pick": (Pick, {"expire": expire_pick}),
    "call": (Call, {"dial": dial_call, "end": end_call}),
    "expert": (Expert, {"resume": resume_expert}),
    "opening": (Opening, {"end_decryption": end_decryption}),
    "evaluation": (Evaluation, {"finish": reporting.end_signing}),
    "incident": (Incident, {"postpone": postpone_overdue}),
    "listing": (Listing, {"lapse": lapse_listing}),
    "night": (Night, {"call": call_night}),
}


@cache
def sentences() -> dict[str, str]:
    """Return the sentence of every evidence verb; ValueError when two apps claim the same verb."""
    gathered: dict[str, str] = {}
    for module in SENTENCES:
        own = import_module(module).SENTENCES
        if twice := gathered.keys() & own.keys():
            raise ValueError(f"{module} repeats {sorted(twice)}")
        gathered |= own
    return gathered
