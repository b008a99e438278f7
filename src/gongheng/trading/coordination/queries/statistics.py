"""Quantity, quality and response of the offers of each centre, by the month in which they were sent (要约统计)."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.regions import HOME_PROVINCE
from gongheng.kernel.roles import Actor, Role
from gongheng.places.venues.models import Centre
from gongheng.trading.coordination.lifecycle import OfferState, OrderKind
from gongheng.trading.coordination.models import MonthlyReport, Offer
from gongheng.trading.coordination.rules import percentile

#: States of an offer that its centre answered, in time and by itself.
_ANSWERED = (OfferState.CONFIRMED, OfferState.REFUSED, OfferState.CHANGED)


@dataclass(frozen=True)
class Tally:
    """The offers of one centre in one period.

    ``sent`` is the sum of ``confirmed`` to ``waiting``; times of answer are whole minutes, None without
    an answer; ``seats`` and ``hours`` are what confirmed offers gave.
    """

    centre: str
    region: str
    initiated: int  # orders of which it is the main venue
    sent: int
    confirmed: int
    refused: int
    expired: int
    changed: int  # confirmed, then replaced by a change
    called_off: int  # confirmed, then ended by the hosts or with a failed order
    withdrawn: int  # ended likewise, but before an answer
    waiting: int
    passed_in: int  # came by re-routing
    passed_out: int  # declined and re-routed to another centre
    seats: int
    hours: Decimal
    mean_minutes: int | None
    slow_minutes: int | None  # 90th percentile


#: The columns that may be added up over centres.
SUMS = tuple(one.name for one in fields(Tally) if one.type in (int, Decimal))


def month_of(text: str, now: datetime) -> date | None:
    """Return the first day of the month "YYYY-MM", None for all time; what is no month means the present one."""
    if text == "all":
        return None
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=SHANGHAI).date()
    except ValueError:
        return now.astimezone(SHANGHAI).date().replace(day=1)


def months(now: datetime) -> list[date]:
    """Return the first days of the months in which offers were sent, and the present one, newest first."""
    first = Offer.objects.filter(sent_at__isnull=False).order_by("sent_at").values_list("sent_at", flat=True).first()
    month = now.astimezone(SHANGHAI).date().replace(day=1)
    begun = (first or now).astimezone(SHANGHAI).date().replace(day=1)
    found = [month]
    while found[-1] > begun:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def statistics(month: date | None = None) -> list[Tally]:
    """Count the offers of each centre that were sent in the month (Beijing time); requests to cancel are not offers."""
    offers = Offer.objects.filter(sent_at__isnull=False).exclude(asked_for__kind=OrderKind.CANCELLATION)
    if month is not None:
        following = (month + timedelta(days=31)).replace(day=1)
        first, end = (datetime.combine(day, time(), SHANGHAI) for day in (month, following))
        offers = offers.filter(sent_at__gte=first, sent_at__lt=end)
    by_centre: dict = {}
    for offer in offers.select_related("asked_for", "replacement"):
        by_centre.setdefault(offer.centre_id, []).append(offer)
    centres = Centre.objects.filter(pk__in=by_centre).order_by("region")
    return [_tally(centre, by_centre[centre.pk]) for centre in centres]


def total_of(rows: list[Tally]) -> dict[str, int | Decimal]:
    """Add up the columns of all centres that may be added up."""
    return {name: sum((getattr(row, name) for row in rows), Decimal(0) if name == "hours" else 0) for name in SUMS}


def is_hub(actor: Actor) -> bool:
    """Return whether the actor looks after the whole province: staff of the provincial centre, or a supervisor."""
    if actor.role == Role.SUPERVISOR:
        return True
    return actor.role == Role.CENTRE and Centre.objects.filter(
        organisation=actor.organisation, region=HOME_PROVINCE
    ).exists()


def reports(actor: Actor) -> QuerySet[MonthlyReport]:
    """Return the monthly reports; they are for those who look after the whole province."""
    rows = MonthlyReport.objects.select_related("document").order_by("-month", "-made_at")
    return rows if is_hub(actor) else rows.none()


def _tally(centre: Centre, offers: list[Offer]) -> Tally:
    def count(state: OfferState) -> int:
        return sum(one.state == state for one in offers)

    given = [one for one in offers if one.state == OfferState.CONFIRMED]
    minutes = [(one.decided_at - one.sent_at) // timedelta(minutes=1) for one in offers if _is_answered(one)]
    ended = [one for one in offers if one.state == OfferState.CANCELLED]
    seconds = sum(int((one.asked_for.ends_at - one.asked_for.starts_at).total_seconds()) for one in given)
    return Tally(
        centre=centre.short_name, region=centre.region, initiated=sum(one.is_main for one in offers),
        sent=len(offers), confirmed=len(given), refused=count(OfferState.REFUSED), expired=count(OfferState.EXPIRED),
        changed=count(OfferState.CHANGED), called_off=sum(one.decided_at is not None for one in ended),
        withdrawn=sum(one.decided_at is None for one in ended), waiting=count(OfferState.SENT),
        passed_in=sum(one.replaces_id is not None for one in offers),
        passed_out=sum(hasattr(one, "replacement") for one in offers), seats=sum(one.seats_wanted for one in given),
        hours=(Decimal(seconds) / 3600).quantize(Decimal("0.1"), ROUND_HALF_UP),
        mean_minutes=_rounded(sum(minutes), len(minutes)), slow_minutes=percentile(minutes, 90),
    )


def _is_answered(offer: Offer) -> bool:
    # A confirmation that was cancelled later was an answer all the same.
    return offer.state in _ANSWERED or (offer.state == OfferState.CANCELLED and offer.decided_at is not None)


def _rounded(total: int, count: int) -> int | None:
    return int((Decimal(total) / count).quantize(Decimal(1), ROUND_HALF_UP)) if count else None
