"""Whom a draw keeps out because of who he is or whom he is tied to (回避), domain.md 2.5 and 5.3.

Computed here from sealed identities, seen by nobody: what leaves this module are tokens and pids with a ground,
and counts. Bidders are unknown before the opening; afterwards the same circle is drawn around them.
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from gongheng.people.experts.models import Expert
from gongheng.people.experts.queries import count_eligible
from gongheng.people.parties.queries import group_of
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.draws import pseudonyms
from gongheng.trading.draws.models import Draw, NamedPerson
from gongheng.trading.projects.models import Lot


def bidders_of(lot: Lot) -> set[str]:
    """Return the codes of the bidders once the lot is opened; before, nobody can name them."""
    return set(opened_bids(lot).values_list("uscc", flat=True))


def circle_of_bidders(lot: Lot) -> set[str]:
    """Return the bidders and their group companies: no expert may be tied to one of them."""
    return group_of(bidders_of(lot))


def grounds_of(draw: Draw) -> dict[str, str]:
    """Return {token of an organisation or pid of an expert: ground}, as it is fixed with the pool.

    The bidders' tokens are in it once they are known. An organisation named by the order stays so
    (EMPLOYER), even when it also bids or belongs to a group.
    """
    key = pseudonyms.key_of(draw)
    named, bidders = {one["uscc"] for one in draw.order["avoid"]}, bidders_of(draw.lot)
    ground = dict.fromkeys(group_of(named | bidders), "GROUP")
    ground |= dict.fromkeys(bidders, "BIDDER") | dict.fromkeys(named, "EMPLOYER")
    persons = dict.fromkeys(_staff_of(draw.lot), "STAFF")
    for one in draw.named.all():
        persons |= dict.fromkeys(_experts_named(one), one.ground)
    tokens = zip(pseudonyms.many(key, "employer", ground), ground.values(), strict=True)
    pids = zip(pseudonyms.many(key, "expert", persons), persons.values(), strict=True)
    return dict(tokens) | dict(pids)


def counted(draw: Draw, today: date) -> list[int]:
    """Return how many are eligible in each stratum as things stand, without making pseudonyms."""
    avoid = group_of({one["uscc"] for one in draw.order["avoid"]})
    return [
        count_eligible(
            specialty=one["specialty"], lives_in=one["lives_in"], not_in=one["not_in"], within=one["within"],
            avoid=avoid, today=today,
        )
        for one in draw.order["strata"]
    ]


def _staff_of(lot: Lot) -> list[str]:
    """Return the ids of experts who act on this platform for tenderer, agency or supervisor of the lot."""
    tender = lot.tender_project
    own = [one for one in (tender.tenderer_id, tender.agency_id, tender.supervisor_id) if one is not None]
    found = Expert.objects.filter(
        person__memberships__organisation__in=own, person__memberships__ended_at=None
    ).order_by().distinct()
    return [str(pk) for pk in found.values_list("pk", flat=True)]


def _experts_named(named: NamedPerson) -> Iterable[str]:
    """Return the ids of the experts of that name who work or worked for that employer; all, when there are two.

    Names are sealed: they are read for the few of one employer only.
    """
    there = Q(employer_uscc=named.uscc) | Q(past_employments__employer_uscc=named.uscc)
    found = Expert.objects.filter(there).select_related("person").distinct()
    return [str(one.pk) for one in found if one.person.name == named.name]
