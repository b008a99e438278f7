"""Reading sealed and opened bids; before opening there is nothing here that counts or names anybody."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from gongheng.crypto import canonical
from gongheng.kernel.clock import SHANGHAI, Clock
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.bids.actions import find_seal, live_seals, lot_blind, open_manifest
from gongheng.trading.bids.models import Bid, BidFile, Seal, ShareCheck
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import visible_to
from gongheng.ui.cards import Link, LotCard, Todo

__all__ = ["find_seal", "live_seals", "lot_blind", "open_manifest"]

TRUSTEE_NAMES = {"centre": "交易中心", "supervisor": "行政监督部门", "notary": "公证机构"}
NEAR = timedelta(days=3)


def sealing_rules(lot: Lot, clock: Clock) -> dict:
    """Return all that a client needs to seal a bid for the lot as it stands now; the same for everybody."""
    return sealing_rules_of([lot], clock)[0]


def sealing_rules_of(lots: list[Lot], clock: Clock) -> list[dict]:
    """Return the sealing rules of each lot; trustees ask for those of all lots several times a second."""
    published = TenderDocument.objects.exclude(published_at=None).filter(lot__in=lots)
    newest = {one.lot_id: one for one in published.order_by("lot", "-version").distinct("lot")}
    return [_rules(lot, newest[lot.pk], clock.now()) for lot in lots]


def _rules(lot: Lot, document: TenderDocument, now: datetime) -> dict:
    return {
        "v": 1,
        "tender": lot.tender_project.code,
        "lot": str(lot.pk),
        "title": f"{lot.tender_project.name}（{lot.name}）",
        "notice_digest": canonical.b64(bytes(document.digest)),
        "corrigendum": document.version - 1,
        "suite": "GM1",
        "level": "N",
        "modes": ["cert", "cert+device"],
        "trustees": [
            {"kid": key.kid, "public": canonical.b64(bytes(key.public_key)), "name": TRUSTEE_NAMES[key.trustee]}
            for key in sorted(lot.trustee_keys.all(), key=lambda key: key.index)
        ],
        "max_fen": int(document.ceiling * 100),
        "max_days": lot.period_days,
        "quality": document.quality,
        "deadline": canonical.timestamp(lot.bids_due_at),
        "server_now": canonical.timestamp(now),
    }


def card(lot: Lot, actor: Actor, now: datetime) -> LotCard | None:
    """Show the sealed phase: the deadline and the trustees, never a count."""
    if lot.bids_due_at is None:
        return None
    due = f"{lot.bids_due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    facts = [("投标截止", due), ("密钥受托人", f"{lot.trustee_keys.count()}/3 已登记密钥")]
    links = []
    if lot.state == State.ANNOUNCED:
        status, tone = "接收投标", "blue"
        if actor.role == Role.BIDDER:
            links.append(Link("编制并封标", f"/bids/{lot.pk}/", "primary"))
    else:
        status, tone = "已截止", "secondary"
    if lot.closing_root is not None:
        facts.append(("封存根", canonical.b64(bytes(lot.closing_root))))
    return LotCard("投标", "lock", status, tone, facts, links)


def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Remind every bidder of every deadline that is near: the platform does not know who is at work on which lot."""
    if actor.role != Role.BIDDER:
        return []
    near = open_lots(actor).filter(bids_due_at__gt=now, bids_due_at__lte=now + NEAR)
    return [
        Todo("投标即将截止", f"{lot.tender_project.name}（{lot.name}）", f"/bids/{lot.pk}/", lot.bids_due_at)
        for lot in near[:20]
    ]


def open_lots(actor: Actor) -> QuerySet[Lot]:
    """Return the lots that take bids now."""
    return visible_to(actor).filter(state=State.ANNOUNCED).order_by("bids_due_at")


def unchecked_seals(lots: list[Lot], trustee: str) -> list[tuple[Lot, Seal]]:
    """Return the containers whose share this trustee has not judged yet, each with its lot."""
    judged = ShareCheck.objects.filter(trustee=trustee).values("digest")
    by_blind = {lot_blind(lot.pk): lot for lot in lots}
    waiting = live_seals(lots).exclude(digest__in=judged).select_related("upload")
    return [(by_blind[bytes(seal.lot_blind)], seal) for seal in waiting]


def opened_bids(lot: Lot) -> QuerySet[Bid]:
    """Return the opened, standing bids of a lot in the order of their seals."""
    return lot.bids.filter(state=Bid.State.OPENED).select_related("organisation").order_by("position")


def bids_of(actor: Actor) -> QuerySet[Bid]:
    """Return the bids of the actor's organisation, known from opening on."""
    if actor.role != Role.BIDDER or actor.organisation is None:
        return Bid.objects.none()
    mine = Bid.objects.filter(organisation=actor.organisation).select_related("lot__tender_project")
    return mine.order_by("-sealed_at")


def bid_files(bid: Bid, envelope: str) -> QuerySet[BidFile]:
    """Return the files that were inside one envelope of an opened bid."""
    return bid.files.filter(envelope=envelope)
