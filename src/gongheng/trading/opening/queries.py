"""Reading an opening session: what the big screen shows, and what waits for each role (开标大厅)."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from gongheng.crypto import canonical, labels
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.money import formatted
from gongheng.kernel.roles import ROLE_NAMES, Actor, Role
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.trustees import TRUSTEES
from gongheng.trading.opening.actions import GROUNDS, is_close_witnessed
from gongheng.trading.opening.lifecycle import State
from gongheng.trading.opening.models import FallbackRequest, Objection, Opening
from gongheng.trading.opening.printing import OVER_CEILING, WAYS, published_document
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host
from gongheng.trading.projects.queries import visible_to as lots_visible_to
from gongheng.ui.cards import Link, LotCard, Todo

STEPS = ("等待开标", "解密", "唱标", "确认记录", "结束")
_STEP_OF = {
    State.DECRYPTING: 1, State.PRICED: 2, State.RECORDED: 3, State.DONE: 4, State.FAILED: 4,
}
_TONES = {
    Bid.State.SEALED: "neutral", Bid.State.OPENED: "success", Bid.State.SUPERSEDED: "warning",
    Bid.State.MALFORMED: "danger", Bid.State.LAPSED: "danger",
}


@dataclass(frozen=True)
class Row:
    """One sealed container on the big screen; what is not public yet is simply not in it."""

    number: int
    bid: Bid
    name: str
    mark: str
    tone: str
    way: str
    is_present: bool
    is_asked: bool
    releases: int
    price: object
    is_over: bool


def visible_to(actor: Actor) -> QuerySet[Opening]:
    """Return the openings the actor may watch: once begun they are public (法36)."""
    return Opening.objects.filter(lot__in=lots_visible_to(actor)).select_related("lot__tender_project__tenderer")


def halls(actor: Actor) -> QuerySet[Lot]:
    """Return the lots that the actor may know of and that have an opening hall."""
    return lots_visible_to(actor).exclude(bids_due_at=None)


def opening_of(lot: Lot) -> Opening | None:
    """Return the lot's opening, None before it began."""
    return Opening.objects.filter(lot=lot).first()


def board(lot: Lot, opening: Opening | None, now: datetime) -> dict:
    """Return what the big screen shows to everybody at this moment."""
    context = {
        "lot": lot, "opening": opening, "now": now, "steps": STEPS,
        "step": STEPS[_STEP_OF[State(opening.state)] if opening else 0],
        "closing_root": canonical.b64(bytes(lot.closing_root)) if lot.closing_root else "",
        "is_held": lot.is_held(), "trustee_count": lot.trustee_keys.count(),
        "is_past": lot.bids_due_at <= now,
        "is_over": opening is not None and opening.state in (State.DONE, State.FAILED),
    }
    if opening is None:
        return context
    document = published_document(lot)
    rows = _rows(opening, document)
    opened = [row for row in rows if row.bid.state == Bid.State.OPENED]
    is_read_out = opening.state in (State.PRICED, State.RECORDED, State.DONE)
    return context | {
        "rows": rows,
        "opened_count": len(opened),
        "covers": lot.covers.count(),
        "is_read_out": is_read_out, "sealed_left": sum(row.bid.state == Bid.State.SEALED for row in rows),
        "ceiling": document.ceiling,
        "chart": price_chart(opened, document.ceiling) if is_read_out and opened else None,
        "coefficient": _coefficient(opening, document, opened) if is_read_out else None,
        "objections": opening.objections.select_related("organisation").order_by("raised_at"),
        "signatures": [
            {
                "role": ROLE_NAMES[Role(one.role)], "name": one.name, "organisation": one.organisation.name,
                "at": one.signed_at,
            }
            for one in opening.signatures.select_related("organisation").order_by("signed_at")
        ],
    }


def price_chart(rows: list[Row], ceiling) -> dict:
    """Return the ECharts option of the prices against the ceiling, in 万元; bidders by their number on the screen."""
    prices = [row.bid.total for row in rows]
    return {
        "grid": {"left": 4, "right": 40, "top": 4, "bottom": 26, "containLabel": True},
        "xAxis": {
            "type": "value",
            "axisLabel": {"show": False},
            "splitLine": {"show": False},
            # Bars that began at nothing would all look alike; that they do not is said beside the chart.
            "min": _wan(min(prices) * 9 // 10),
            "max": _wan(max(*prices, ceiling)),
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [f"{row.number} 号" for row in rows],
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 15},
        },
        "series": [
            {
                "type": "bar",
                "barMaxWidth": 26,
                "itemStyle": {"borderRadius": [0, 4, 4, 0]},
                "data": [_wan(row.bid.total) for row in rows],
                "label": {
                    "show": True,
                    "position": "insideRight",
                    "formatter": "{c}",
                    "fontSize": 15,
                    "color": "#05222d",
                },
                "markLine": {
                    "symbol": "none",
                    "data": [{"xAxis": _wan(ceiling), "name": "最高投标限价"}],
                    "label": {"formatter": "最高限价", "fontSize": 14, "color": "#f2bd62"},
                    "lineStyle": {"color": "#f2bd62"},
                },
            }
        ],
    }


def panel(lot: Lot, opening: Opening | None, actor: Actor, now: datetime) -> dict:
    """Return what this role may do in the hall now, and a mark that changes only when that does."""
    own = lot.bids.filter(organisation=actor.organisation) if actor.role == Role.BIDDER and actor.organisation else None
    has_bid = own is not None and own.exists()
    hosting = is_host(lot, actor)
    context = {
        "lot": lot, "opening": opening, "hosting": hosting, "has_bid": has_bid, "actor": actor,
        "state": opening.state if opening else lot.state,
    }
    if opening is None:
        struck = lot.cover_reports.count()
        context |= {
            "is_closed": lot.state == LotState.CLOSED, "is_witnessed": is_close_witnessed(lot),
            "struck": struck, "trustees": len(TRUSTEES),
            "is_waiting": lot.state in (LotState.ANNOUNCED, LotState.CLOSED),
        }
    else:
        signed = opening.signatures.filter(person=actor.id).exists()
        sealed = list(lot.bids.filter(state=Bid.State.SEALED).order_by("position"))
        grounds = GROUNDS[published_document(lot).fallback]
        context |= {
            "attended": opening.attendances.filter(organisation=actor.organisation).exists(),
            "sealed_count": len(sealed),
            "is_window_over": now >= opening.decrypt_until,
            "may_fall_back": FallbackRequest.Ground.BIDDER in grounds,
            "faults": [
                bid for bid in sealed
                if hosting and FallbackRequest.Ground.PLATFORM in grounds and not hasattr(bid, "fallback_request")
            ],
            "unanswered": list(opening.objections.filter(answered_at=None).select_related("organisation")),
            "host_signed": opening.signatures.filter(person=opening.host).exists(),
            "has_signed": signed,
            "may_sign": opening.state == State.RECORDED and not signed and (
                hosting or has_bid or actor.role in (Role.CENTRE, Role.SUPERVISOR)
            ),
            "own_states": list(own.values_list("state", flat=True)) if own is not None else [],
        }
    things = ("lot", "opening", "actor", "faults", "unanswered")
    seen = [str(value) for key, value in context.items() if key not in things]
    seen += [str(bid.pk) for bid in context.get("faults", [])] + [str(one.pk) for one in context.get("unanswered", [])]
    return context | {"seen": hashlib.sha256("|".join(seen).encode()).hexdigest()[:16]}


def objections_to_answer(actor: Actor) -> QuerySet[Objection]:
    """Return the unanswered objections in openings that the actor's organisation conducts."""
    lots = lots_visible_to(actor)
    waiting = Objection.objects.filter(opening__lot__in=lots, answered_at=None)
    return waiting.select_related("opening__lot__tender_project")


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show the opening of a lot once it has a deadline."""
    if lot.bids_due_at is None:
        return None
    opening = opening_of(lot)
    is_on = opening is not None and opening.state not in (State.DONE, State.FAILED)
    link = [Link("进入开标大厅", f"/opening/{lot.pk}/", "primary" if is_on else "outline-primary")]
    if opening is None:
        if lot.state not in (LotState.ANNOUNCED, LotState.CLOSED):
            return None
        status = "等待主持人开标" if lot.state == LotState.CLOSED else "未到开标时间"
        at = f"{lot.bids_due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        return LotCard("开标", "gavel", status, "secondary", [("开标时间", at)], link)
    opened = lot.bids.filter(state=Bid.State.OPENED)
    facts = [("封存份数", str(lot.bids.count())), ("有效开启", str(opened.count()))]
    if opening.coefficient:
        facts.append(("抽取系数", f"K = {opening.coefficient}%"))
    if opening.signed_record_id or opening.record_id:
        link.append(Link("开标记录", f"/documents/{opening.signed_record_id or opening.record_id}/"))
    if opening.reveal_id:
        link.append(Link("封标期存证明细", f"/documents/{opening.reveal_id}/"))
    tone = {State.DONE: "green", State.FAILED: "red"}.get(State(opening.state), "yellow")
    return LotCard("开标", "gavel", opening.state_label, tone, facts, link)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Say which openings wait for this actor."""
    lots = lots_visible_to(actor)
    found: list[Todo] = []
    if actor.role in (Role.AGENCY, Role.TENDERER):
        mine = [lot for lot in lots.filter(state__in=[LotState.CLOSED, LotState.OPENING]) if is_host(lot, actor)]
        for lot in mine:
            title = "主持开标" if lot.state == LotState.CLOSED else "继续主持开标"
            found.append(_todo(title, lot, lot.bids_due_at))
    elif actor.role == Role.BIDDER:
        # Who bids is not known before a bid is open: every bidder is told, and only those who bid act on it.
        found += [
            _todo("开标解密：如已投标，请在时限内解密", opening.lot, opening.decrypt_until)
            for opening in visible_to(actor).filter(state=State.DECRYPTING)
        ]
        found += [
            _todo("确认开标记录", opening.lot, None)
            for opening in visible_to(actor).filter(state=State.RECORDED, lot__bids__organisation=actor.organisation)
            .exclude(signatures__person=actor.id).distinct()
        ]
    return found


def _todo(title: str, lot: Lot, due_at: datetime | None) -> Todo:
    return Todo(title, f"{lot.tender_project.name}（{lot.name}）", f"/opening/{lot.pk}/", due_at)


def _rows(opening: Opening, document) -> list[Row]:
    present = set(opening.attendances.values_list("organisation", flat=True))
    is_read_out = opening.state in (State.PRICED, State.RECORDED, State.DONE)
    rows = []
    bids = opening.lot.bids.select_related("fallback_request").prefetch_related("released_shares").order_by("position")
    for number, bid in enumerate(bids, start=1):
        is_open = bid.state == Bid.State.OPENED
        rows.append(Row(
            number=number, bid=bid, name=bid.bidder_name or "（尚未解密）", mark=canonical.b64(bytes(bid.digest)),
            tone=_TONES[Bid.State(bid.state)], way=WAYS[bid.way], is_present=bid.organisation_id in present,
            is_asked=hasattr(bid, "fallback_request"), releases=len(bid.released_shares.all()),
            price=bid.total if is_read_out and is_open else None,
            is_over=is_read_out and is_open and bid.total > document.ceiling,
        ))
    return rows


def _coefficient(opening: Opening, document, rows: list[Row]) -> dict:
    nonce = bytes(opening.platform_nonce)
    return {
        "choices": [
            {"value": choice, "is_drawn": choice == opening.coefficient}
            for choice in document.method["price"]["k_choices"]
        ],
        "drawn": opening.coefficient,
        "commitment": canonical.b64(labels.digest(labels.COEFFICIENT, nonce)),
        "platform": canonical.b64(nonce),
        "bidders": [(row.name, canonical.b64(bytes(row.bid.hall_nonce))) for row in rows],
        "root": canonical.b64(bytes(opening.lot.closing_root)),
    }


def _wan(amount) -> str:
    return formatted(amount / 10000).replace(",", "")


__all__ = [
    "OVER_CEILING", "board", "card", "halls", "objections_to_answer", "opening_of", "panel", "price_chart", "todos",
    "visible_to",
]
