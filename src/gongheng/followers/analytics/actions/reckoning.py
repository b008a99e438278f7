"""Reckoning the whole of what a department may see (行业群落): by night, since the engine is too heavy for a page."""

from datetime import datetime, timedelta

from django.db import transaction

from gongheng.followers.analytics import examining, gathering, queries
from gongheng.followers.analytics.models import TradeYear
from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.roles import Actor, Role

#: Months that are reckoned once more when they are over, so that their reports can be issued.
MONTHS = 12
YEAR = timedelta(days=365)


def reckon_trade(*, clock: Clock, afresh: bool = False) -> None:
    """Keep for each department the groups, losers and divisions of the year until now and until each month's end.

    A month that was reckoned is not reckoned again, but ``afresh``: when history was imported, all of it is.
    """
    now = clock.now()
    if afresh:
        TradeYear.objects.all().delete()
    tenders, _ = gathering.engine_tenders(now)
    for department in queries.departments():
        viewer = Actor("", Role.SUPERVISOR, str(department.pk))
        known = set(TradeYear.objects.filter(department=department).values_list("until", flat=True))
        visible = queries.visible_to(viewer)
        for until in (*_month_ends(now), now):
            if until in known:
                continue
            rows = visible.filter(opened_at__gte=until - YEAR, opened_at__lt=until).order_by("opened_at", "pk")
            year = [tenders[str(pk)] for pk in rows.values_list("pk", flat=True)]
            if not year:
                continue
            result = examining.reckon(year)
            with transaction.atomic():
                if until == now:
                    TradeYear.objects.filter(department=department, is_month=False).delete()
                TradeYear.objects.create(department=department, until=until, is_month=until != now, result=result)


def _month_ends(now: datetime) -> list[datetime]:
    """Return the first moments of this month and of the ones before it, the oldest first."""
    local = now.astimezone(SHANGHAI)
    ends = []
    for back in range(MONTHS):
        year, month = divmod(local.year * 12 + local.month - 1 - back, 12)
        ends.append(datetime(year, month + 1, 1, tzinfo=SHANGHAI))
    return sorted(ends)
