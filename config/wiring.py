"""What gathers many apps: lot cards, things to do, sentences, followers, due moves (装配).

Apps never name each other upward; they are named here, once, in the order of a tender.
Readers of cards, to-dos and sentences are dotted names, so that a page pays only for what it shows.
"""

from functools import cache
from importlib import import_module

from gongheng.kernel.roles import Role
from gongheng.trading.bids import actions as bids
from gongheng.trading.projects.models import Lot

#: ``card(lot, actor, now) -> LotCard | None`` of each stage, in stage order.
LOT_CARDS = [
    "gongheng.trading.projects.queries.card",
    "gongheng.trading.notices.queries.card",
]

#: ``todos(actor, now) -> list[Todo]`` of each app.
TODOS = [
    "gongheng.people.parties.queries.todos",
    "gongheng.trading.projects.queries.todos",
    "gongheng.trading.notices.queries.todos",
]

#: Modules with ``SENTENCES``: what the history says for each evidence verb.
SENTENCES = [
    "gongheng.trust.evidence.sentences",
    "gongheng.trust.certificates.sentences",
    "gongheng.people.parties.sentences",
    "gongheng.people.experts.sentences",
    "gongheng.places.venues.sentences",
    "tools.demonstration.sentences",
    "gongheng.trading.projects.sentences",
    "gongheng.trading.notices.sentences",
]

#: Role -> name of the page that /desk/ leads to; a role without a line gets the general desk.
DESKS = {
    Role.TENDERER: "tenderer:home",
    Role.AGENCY: "tenderer:home",
    Role.SUPERVISOR: "supervisor:home",
}

#: follower -> {verb: handler(entry)}; see followers/runner.py.
FOLLOWERS: dict = {}

#: lifecycle name -> (model, {move: action(thing, *, actor, clock)}); see followers/tick.py.
DUE = {
    "lot": (Lot, {"close": bids.close_lot}),
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
