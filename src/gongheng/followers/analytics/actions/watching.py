"""The watch-list (重点关注名单): entered by one person, ended by another, and what it alerts of."""

from datetime import datetime

from gongheng.followers.analytics import rules
from gongheng.followers.analytics.lifecycle import ListingState
from gongheng.followers.analytics.models import Alert, Listing
from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.people.experts.models import Expert
from gongheng.people.parties.models import Organisation
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.moving import moving, starting


def enter_listing(
    *, firm: Organisation | None, expert: Expert | None, reason: str, until: datetime, actor: Actor, clock: Clock
) -> Listing:
    """Put a firm or an expert on the department's watch-list (列入重点关注); it alerts, and forbids nothing."""
    reason = rules.check_reason(reason)
    if (firm is None) == (expert is None):
        raise Refusal("PARTY", "请指明一个单位或者一名专家。", "party")
    listing = Listing(
        department_id=actor.organisation, firm=firm, expert=expert, reason=reason, entered_by=actor.id, until=until
    )
    with starting(listing, actor=actor, clock=clock, verb="enter") as step:
        if not step.now < until <= step.now + rules.LONGEST_LISTING:
            raise Refusal("UNTIL", "关注期限应在今天以后，最长一年。", "until")
        if Listing.objects.filter(
            department=actor.organisation, firm=firm, expert=expert, state=ListingState.LISTED
        ).exists():
            raise Refusal("STATE", "已在本部门的重点关注名单中。", "party")
        listing.entered_at = step.now
    return listing


def remove_listing(listing: Listing, *, reason: str, actor: Actor, clock: Clock) -> Listing:
    """Take somebody off the list (移出); only a colleague of the one who entered him may (职责分离)."""
    reason = rules.check_reason(reason)
    if actor.organisation != str(listing.department_id):
        raise Refusal("PARTY", "只有列入的监督部门可以移出。")
    with moving(listing, "remove", actor=actor, clock=clock) as step:
        if actor.id == listing.entered_by:
            raise Refusal("DUTY", "列入和移出须由不同的人办理，请由本部门其他人员移出。")
        listing.removed_by, listing.removed_at, listing.removal_reason = actor.id, step.now, reason
    return listing


def lapse_listing(listing: Listing, *, actor: Actor, clock: Clock) -> Listing:
    """Let a listing end with its term (到期移出)."""
    with moving(listing, "lapse", actor=actor, clock=clock) as step:
        listing.removed_at = step.now
    return listing


def raise_alert(listing: Listing, kind: str, lot: Lot, entry: Entry) -> None:
    """Alert the department; no entry of its own, which would name the listed party by standing beside the first."""
    Alert.objects.get_or_create(listing=listing, entry=entry, defaults={"kind": kind, "lot": lot, "at": entry.at})


def see_alerts(alerts, *, actor: Actor, clock: Clock) -> int:
    """Note that the alerts of the list were seen (已阅); return how many."""
    return alerts.filter(seen_at=None).update(seen_by=actor.id, seen_at=clock.now())
