"""Running the engine over tenders, at opening, after evaluation and every night (筛查运行)."""

import os
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import examining
from gongheng.followers.analytics.models import Night, Run, Screening, TenderRecord
from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.roles import THE_CLOCK, Actor
from gongheng.trust.evidence.moving import moving, note, starting

#: When the night's screening begins, in the hours of Shanghai in which nobody opens bids.
NIGHT_HOUR = 2
_BATCH = 500


def screen(tenders: Iterable[TenderRecord], *, moment: str, clock: Clock) -> Run:
    """Let the engine look at tenders; a result that differs from the tender's newest is kept, for good.

    One entry tells that a run took place, of how many tenders; what it found is committed to by a salted
    digest, so that the public log tells nobody which tender stood out.
    """
    begun, as_of, salt = time.perf_counter(), clock.now(), os.urandom(32)
    tenders = sorted(tenders, key=lambda one: (one.opened_at, one.code, str(one.pk)))
    examined = examining.examine(tenders, as_of)
    digest = canonical.b64(labels.digest(labels.FILE, salt + examining.encoded([
        [str(one.tender.pk), one.inputs_digest, one.result] for one in examined
    ])))
    run = Run(
        moment=moment, as_of=as_of, model_version=examining.MODEL_VERSION, salt=salt, digest=digest,
        tenders=len(tenders),
    )
    with transaction.atomic():
        changed = [one for one in examined if _is_new(one)]
        with note(
            "screening.run", f"screening:{run.pk}", actor=THE_CLOCK, clock=clock, moment=moment, tenders=len(tenders),
            model=run.model_version, digest=digest,
        ) as step:
            run.made = len(changed)
            run.seconds = Decimal(f"{time.perf_counter() - begun:.2f}")
        run.entry = step.entry
        run.save(force_insert=True)
        rows = Screening.objects.bulk_create([_row(run, one) for one in changed], _BATCH)
        for row in rows:
            row.tender.screening = row
        TenderRecord.objects.bulk_update([row.tender for row in rows], ["screening"], _BATCH)
    return run


def _row(run: Run, one: examining.Examined) -> Screening:
    index = one.result["index"]
    return Screening(
        tender=one.tender, run=run, inputs_digest=one.inputs_digest, value=index["value"], prior=index["prior"],
        is_statutory=bool(index["statutory"]), coalition=index["coalition"], result=one.result,
        families=[part["family"] for part in index["families"] if part["log_lr"] > 0],
        signs=sorted({
            finding["indicator"] for said in one.result["said"].values() for finding in said["findings"]
            if finding["log_lr"] > 0
        }),
    )


def _is_new(one: examining.Examined) -> bool:
    last = one.tender.screening
    return last is None or last.result != one.result or last.run.model_version != examining.MODEL_VERSION


def plan_night(*, clock: Clock) -> None:
    """Plan the next night's screening unless one is planned."""
    now = clock.now()
    if Night.objects.filter(state="planned").exists():
        return
    night = Night(runs_at=next_night(now))
    with starting(night, actor=THE_CLOCK, clock=clock, verb="plan"):
        pass


def call_night(night: Night, *, actor: Actor, clock: Clock) -> None:
    """Call the night's screening (tick); the follower carries it out, so that no legal clock waits for it."""
    with moving(night, "call", actor=actor, clock=clock):
        pass


def next_night(now: datetime) -> datetime:
    """Return the next moment at which the clock in Shanghai shows NIGHT_HOUR."""
    local = now.astimezone(SHANGHAI)
    today = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)
