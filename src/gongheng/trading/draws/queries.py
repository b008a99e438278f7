"""Reading draws: who may see which, the state that parties act on, the committee by pseudonyms."""

from datetime import datetime

from django.db.models import Q, QuerySet

from gongheng.crypto import canonical, drawing
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts.models import Expert
from gongheng.people.experts.rules import shown_count
from gongheng.trading.coordination.lifecycle import OrderState
from gongheng.trading.draws import pseudonyms, rules
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trading.draws.replay import replay_bundle as replay_bundle
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, is_host, is_supervisor
from gongheng.trust.evidence.models import Leaf
from gongheng.trust.evidence.publishing import is_witnessed
from gongheng.trust.evidence.queries import newest_checkpoint
from gongheng.ui.cards import Link, LotCard, Todo

OVER = (DrawState.ABORTED, DrawState.VOID)
#: States of a lot from the award on: the committee's secrecy has ended (法37).
RELEASED = ("awarded", "notified", "contracted", "archived")
BEFORE_RESULT = (DrawState.ORDERED, DrawState.COMMITTING, DrawState.SHARING, DrawState.REVEALING)
TONES = {
    DrawState.ORDERED: "warning", DrawState.COMMITTING: "info", DrawState.SHARING: "info",
    DrawState.REVEALING: "info", DrawState.FILLING: "warning", DrawState.COMPLETE: "success",
    DrawState.ABORTED: "neutral", DrawState.VOID: "danger",
    PickState.REACHED: "neutral", PickState.INVITED: "warning", PickState.ACCEPTED: "success",
    PickState.REFUSED: "neutral", PickState.EXPIRED: "neutral", PickState.SKIPPED: "neutral",
    PickState.AVOIDED: "danger", PickState.LOST: "danger",
}


def visible_to(actor: Actor) -> QuerySet[Draw]:
    """Return the draws of which the actor's organisation is host, supervisor or venue."""
    draws = Draw.objects.select_related("lot__tender_project", "venue_order", "record").order_by("-ordered_at")
    match actor.role:
        case Role.AGENCY | Role.TENDERER:
            tender = "lot__tender_project__"
            mine = Q(**{f"{tender}agency": actor.organisation}) | Q(**{f"{tender}tenderer": actor.organisation})
        case Role.CENTRE:
            mine = Q(venue_order__offers__centre__organisation=actor.organisation)
        case Role.SUPERVISOR:
            mine = Q(lot__tender_project__supervisor=actor.organisation)
        case _:
            return draws.none()
    return draws.filter(mine).distinct()


def draw_of(lot: Lot) -> Draw | None:
    """Return the lot's live draw: the attempt that was neither aborted nor voided."""
    return lot.draws.select_related("venue_order").exclude(state__in=OVER).first()


def picks_visible_to(draw: Draw, actor: Actor) -> QuerySet[Pick]:
    """Return the places reached, without names; a sub venue sees its own seats only."""
    picks = draw.picks.select_related("centre").prefetch_related("calls").order_by("stratum", "rank")
    if actor.role != Role.CENTRE or _is_main_venue(draw, actor):
        return picks
    return picks.filter(centre__organisation=actor.organisation)


def named_visible_to(draw: Draw, actor: Actor) -> list[dict]:
    """Return the persons whom the host named, for the host itself and the supervisor who judges the reasons."""
    if not (is_host(draw.lot, actor) or is_supervisor(draw.lot, actor)):
        return []
    return [
        {
            "name": one.name, "uscc": one.uscc, "reason": rules.NAMING_REASONS[one.reason],
            "explanation": one.explanation,
        }
        for one in draw.named.all()
    ]


def kept_out(draw: Draw) -> list[dict]:
    """Return how many each ground kept out of each stratum; few are not told exactly.

    Persons are told as few even when there is none: otherwise naming one would tell whether he is an expert.
    """
    titles = {one["name"]: f"{one['venue_name']} {one['specialty']}" for one in draw.order["strata"]}
    return [
        {"stratum": titles[name], "ground": title, "code": code, "count": shown_count(max(counts.get(code, 0), 1))}
        for name, counts in (draw.kept_out or {}).items()
        for code, title in rules.GROUNDS.items() if code in counts or code in rules.PERSONAL
    ]


def committee(lot: Lot, actor: Actor) -> QuerySet[Pick]:
    """Return the confirmed members of the lot's committee as this actor may see them: by pseudonym."""
    draw = draw_of(lot)
    if draw is None or not visible_to(actor).filter(pk=draw.pk).exists():
        return Pick.objects.none()
    return picks_visible_to(draw, actor).filter(state=PickState.ACCEPTED)


def committee_size(lot: Lot) -> int:
    """Return how many seats the lot's live draw fills; 0 without one."""
    draw = draw_of(lot)
    return draw.seats if draw else 0


def pick_of(expert: Expert, lot: Lot) -> Pick | None:
    """Return the confirmed seat that an expert holds in the lot's live draw, if any."""
    draw = draw_of(lot)
    if draw is None:
        return None
    held = draw.picks.filter(pid=pseudonyms.pid_of(draw, expert), state=PickState.ACCEPTED)
    return held.select_related("centre").first()


#: What the map of the house calls it.
seat_of = pick_of


def invitations_of(expert: Expert, now: datetime) -> list[Pick]:
    """Return the invitations and confirmed seats of an expert whose sessions are not over, soonest first."""
    live = Draw.objects.filter(
        state__in=[DrawState.FILLING, DrawState.COMPLETE], venue_order__ends_at__gt=now
    ).select_related("venue_order", "lot").order_by("venue_order__starts_at")
    pids = {draw.pk: pseudonyms.pid_of(draw, expert) for draw in live}
    mine = Pick.objects.filter(draw__in=pids, pid__in=pids.values()).exclude(state=PickState.SKIPPED)
    mine = mine.select_related("centre", "draw__venue_order", "draw__lot")
    return list(mine.order_by("draw__venue_order__starts_at"))


def is_released(draw: Draw) -> bool:
    """Say whether the draw may be shown to everybody by pseudonyms: its lot is awarded."""
    return draw.lot.state in RELEASED


def may_replace(draw: Draw, actor: Actor) -> bool:
    """Say whether the actor may replace a member: the main venue, or the lot's supervisor."""
    is_main = actor.role == Role.CENTRE and _is_main_venue(draw, actor)
    return is_main or is_supervisor(draw.lot, actor)


def lots_to_draw(actor: Actor) -> QuerySet[Lot]:
    """Return the actor's lots whose venues are confirmed and that have no live draw."""
    return conducted_by(actor).filter(
        venue_orders__state=OrderState.CONFIRMED,
        state__in=["filed", "announced", "closed", "opening", "opened"],
    ).exclude(pk__in=Draw.objects.exclude(state__in=OVER).values("lot"))


# ------------------------------------------------------------------ what parties act on

def indexes(draw: Draw) -> list[int]:
    """Return the numbers of the parties."""
    return [party["index"] for party in draw.order["parties"]]


def party_of(draw: Draw, actor: Actor) -> dict | None:
    """Return the party of the draw for which the actor stands, if any."""
    mine = (actor.organisation, actor.role)
    return next((one for one in draw.order["parties"] if (one["organisation"], one["role"]) == mine), None)


def context_of(draw: Draw) -> drawing.DrawContext:
    """Return what every message and the seed are bound to."""
    return drawing.DrawContext(str(draw.pk), draw.pool_root, draw.order_digest, draw.attempt)


def missing(draw: Draw) -> list[int]:
    """Return the parties whose number is not known yet."""
    known = set(draw.contributions.exclude(number="").values_list("party", flat=True))
    return [index for index in indexes(draw) if index not in known]


def is_ready_to_share(draw: Draw) -> bool:
    """Say whether every commitment lies under a published head, cosigned where there is a witness (4.b)."""
    if draw.state != DrawState.COMMITTING:
        return False
    entries = list(draw.contributions.values_list("commit_entry", flat=True))
    head = newest_checkpoint(is_cosigned=is_witnessed())
    if len(entries) < len(indexes(draw)) or head is None:
        return False
    return Leaf.objects.filter(entry__in=entries, index__lt=head.size).count() == len(entries)


def party_state(draw: Draw, now: datetime) -> dict:
    """Return what a party's program reads (island draw-party): phase, parties and all messages so far."""
    rows = {one.party: one for one in draw.contributions.all()}
    return {
        "draw_id": str(draw.pk), "attempt": draw.attempt, "pool_root": draw.pool_root,
        "order_digest": draw.order_digest, "phase": _phase(draw, now), "state": draw.state,
        "parties": [
            {
                "index": party["index"], "name": party["name"],
                "enc_public": canonical.b64(bytes(rows[party["index"]].enc_public)) if party["index"] in rows else "",
            }
            for party in draw.order["parties"]
        ],
        "commits": {index: row.commit for index, row in rows.items()},
        "points": {index: row.points for index, row in rows.items() if row.points is not None},
        "acknowledged": {index: row.acknowledged for index, row in rows.items() if row.acknowledged is not None},
        "reveals": {index: row.number for index, row in rows.items() if row.number},
        "rebuilds": {index: True for index, row in rows.items() if row.rebuilding is not None},
        "missing": missing(draw) if draw.state == DrawState.REVEALING else [],
    }


def _phase(draw: Draw, now: datetime) -> str:
    match draw.state:
        case DrawState.COMMITTING:
            return "points" if is_ready_to_share(draw) else "commit"
        case DrawState.SHARING:
            return "points"
        case DrawState.REVEALING:
            return "reveal" if now < draw.reveal_by else "rebuild"
        case DrawState.FILLING | DrawState.COMPLETE:
            return "done"
        case DrawState.ABORTED | DrawState.VOID:
            return "aborted"
    return "waiting"


# ------------------------------------------------------------------ pages that gather

def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Say on the lot's page how far its draw is; figures only, and only to those who take part."""
    draw = visible_to(actor).filter(lot=lot).first()
    if draw is None or (draw.state in OVER and is_host(lot, actor)):
        if not is_host(lot, actor) or not lots_to_draw(actor).filter(pk=lot.pk).exists():
            return None
        return LotCard(
            "专家抽取", "users-group", "待申请", "warning", [],
            [Link("申请抽取专家", f"/draws/lots/{lot.pk}/order/", "primary")],
        )
    facts = [("次序", f"第 {draw.attempt} 次"), ("席位", str(draw.seats))]
    if draw.pool_root:
        facts.append(("候选库", f"{draw.pool_count} 人"))
    if draw.lists is not None:
        facts.append(("已确认", f"{draw.picks.filter(state=PickState.ACCEPTED).count()} / {draw.seats}"))
    return LotCard(
        "专家抽取", "users-group", draw.state_label, TONES[draw.state], facts, [Link("查看抽取", f"/draws/{draw.pk}/")]
    )


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which draws wait for this actor: to order, to agree to, to take part in, to answer."""
    if actor.role == Role.EXPERT:
        expert = Expert.objects.filter(person=actor.id).first()
        waiting = [one for one in invitations_of(expert, now) if one.state == PickState.INVITED] if expert else []
        return [Todo("答复评审邀请", _when(one), "/draws/invitations/", one.answer_by) for one in waiting]
    found = []
    if actor.role in (Role.AGENCY, Role.TENDERER):
        found += [
            Todo("申请抽取专家", lot.full_name, f"/draws/lots/{lot.pk}/order/", lot.bids_due_at)
            for lot in lots_to_draw(actor)
        ]
    for draw in visible_to(actor).filter(state__in=BEFORE_RESULT):
        if draw.state == DrawState.ORDERED:
            if is_supervisor(draw.lot, actor):
                found.append(Todo("审查抽取申请", draw.lot.full_name, f"/draws/{draw.pk}/", draw.venue_order.starts_at))
        elif party_of(draw, actor) is not None:
            found.append(Todo("参与专家抽取", draw.lot.full_name, f"/draws/{draw.pk}/", draw.venue_order.starts_at))
    return found


def _when(pick: Pick) -> str:
    start = pick.draw.venue_order.starts_at.astimezone(SHANGHAI)
    return f"{start:%m月%d日 %H:%M} · {pick.centre.short_name}"


def _is_main_venue(draw: Draw, actor: Actor) -> bool:
    return draw.order["parties"][0]["organisation"] == actor.organisation
