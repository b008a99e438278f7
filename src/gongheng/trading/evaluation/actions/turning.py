"""Noting how long a page lay open before a member (逐页阅看记录); a measure of attention, never an entry of its own."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Max

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.trading.bids.models import Bid, BidFile
from gongheng.trading.evaluation.actions.drafting import PHASES
from gongheng.trading.evaluation.actions.sitting import at_work
from gongheng.trading.evaluation.models import Alias, Member, PageLog
from gongheng.trading.evaluation.queries import bids_under_review

#: Which envelope each kind of form is read beside.
ENVELOPES = {"scores": "E2", "marks": "E1"}
MOST_TURNS = 500
#: How much more than the time that has passed a report may claim: the clocks of two machines never quite agree.
SLACK = timedelta(seconds=5)


@dataclass(frozen=True)
class Turn:
    """So many seconds before one page (from 1; 0 for a file without pages) of one file (from 1)."""

    file: int
    page: int
    seconds: int


def turns_of(rows: object) -> list[Turn]:
    """Read the turns of one request. Raises Refusal TURNS for anything but a short list of whole numbers."""
    if not isinstance(rows, list) or len(rows) > MOST_TURNS:
        raise Refusal("TURNS", "阅看记录的格式不正确，请刷新页面。")
    for row in rows:
        is_good = isinstance(row, list) and len(row) == 3 and all(type(one) is int and one >= 0 for one in row)
        if not is_good or row[2] > 3600:
            raise Refusal("TURNS", "阅看记录的格式不正确，请刷新页面。")
    return [Turn(*row) for row in rows]


def note_turns(member: Member, *, form: str, turns: Iterable[Turn], clock: Clock) -> int:
    """Add what a window counted to the member's reading time of each page; return how many seconds were taken.

    No more than the time that has passed since his last report is taken, however many windows are open. Raises
    Refusal STATE, HOLD, COMMITTEE, TURNS; then nothing was noted.
    """
    kind, _, key = form.partition("-")
    if kind not in PHASES:
        raise Refusal("TURNS", "没有这份文件，请刷新页面。")
    with transaction.atomic():
        member = at_work(member, PHASES[kind])
        now = clock.now()
        files = list(BidFile.objects.filter(bid=_bid(member, kind, key), envelope=ENVELOPES[kind]).order_by("number"))
        good = [one for one in turns if _is_there(one, files) and one.seconds]
        if not good:
            return 0
        last = PageLog.objects.filter(member=member).aggregate(last=Max("last_at"))["last"] or member.checked_in_at
        left = int((now - last + SLACK).total_seconds())
        log = PageLog.objects.filter(member=member, form=form).first()
        log = log or PageLog(member=member, form=form, seconds="{}")
        counted, taken = json.loads(log.seconds), 0
        for one in good:
            seconds = max(0, min(one.seconds, left - taken))
            key = f"{one.file}-{one.page}"
            counted[key] = counted.get(key, 0) + seconds
            taken += seconds
        if log.first_at is None:
            log.first_at = now - timedelta(seconds=taken)  # the report comes after what it tells of
        log.seconds, log.last_at = json.dumps(counted), now
        log.save()
    return taken


def _bid(member: Member, kind: str, key: str) -> Bid:
    if kind == "scores":
        alias = Alias.objects.filter(member=member, pk=int(key) if key.isdecimal() else 0).first()
        found = Bid.objects.filter(pk=alias.bid_sealed).first() if alias else None
    else:
        found = next((one for one in bids_under_review(member.evaluation) if str(one.pk) == key), None)
    if found is None:
        raise Refusal("TURNS", "没有这份文件，请刷新页面。")
    return found


def _is_there(turn: Turn, files: list[BidFile]) -> bool:
    """A page that the file does not have proves only a wrong client: it is left out, the others count."""
    if not 1 <= turn.file <= len(files):
        return False
    pages = files[turn.file - 1].pages if files[turn.file - 1].kind == "pdf" else 0
    return 1 <= turn.page <= pages if pages else turn.page == 0
