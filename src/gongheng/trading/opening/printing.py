"""What the opening record and the failure notice say, as data for the printed pages (开标记录)."""

from datetime import datetime

from gongheng.crypto import canonical, labels
from gongheng.kernel.money import formatted
from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.trading.bids.models import Bid
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.notices.printing import OPENING_PLACE, common, contact, contacts, moment
from gongheng.trading.opening.models import Opening
from gongheng.trading.projects.models import Lot

WAYS = {"own": "自行解密", "fallback": "兜底开启", "": ""}
OVER_CEILING = "超过最高投标限价"


def record(opening: Opening, now: datetime) -> dict:
    """Return the data of the opening record (开标记录), shape OpeningRecord; signatures as far as they are given."""
    lot = opening.lot
    document = published_document(lot)
    bids = list(lot.bids.order_by("position"))
    return common(lot, now) | {
        "red_head": "",
        "document_number": "",
        "tenderer": lot.tender_project.tenderer.name,
        "opened_at": moment(opening.started_at),
        "place": OPENING_PLACE,
        "host": opening.host_name,
        "ceiling_price": f"{formatted(document.ceiling)} 元",
        "closing_root": canonical.b64(bytes(lot.closing_root)),
        "bids": [
            {
                "number": str(number), "bidder": bid.bidder_name, "price": formatted(bid.total),
                "duration": f"{bid.duration_days} 日历天", "quality": bid.quality, "manager": bid.manager,
                "way": WAYS[bid.way], "note": OVER_CEILING if bid.total > document.ceiling else "",
            }
            for number, bid in enumerate((bid for bid in bids if bid.state == Bid.State.OPENED), start=1)
        ],
        "withdrawn": [
            f"{bid.bidder_name or '投标人未知'}（封存摘要 {canonical.b64(bytes(bid.digest))[:12]}…）："
            f"{bid.get_state_display()}。{bid.problem}"
            for bid in bids if bid.state != Bid.State.OPENED
        ],
        "coefficient": f"K = {opening.coefficient}%",
        "coefficient_basis": "由各投标人封存在投标文件内的随机数，与平台在截标时承诺、开标时公布的随机数"
        "共同确定，任何人可复算。",
        "objections": [
            {
                "bidder": one.organisation.name, "objection": one.text, "reply": one.answer,
                "at": moment(one.answered_at),
            }
            for one in opening.objections.select_related("organisation").order_by("raised_at")
        ],
        "signatures": [
            {
                "role": ROLE_NAMES[Role(one.role)], "name": f"{one.organisation.name} {one.name}", "serial": "",
                "at": moment(one.signed_at),
            }
            for one in opening.signatures.select_related("organisation").order_by("signed_at")
        ],
    }


def record_digest(opening: Opening) -> str:
    """Return the digest over what was read out, computed from the opened bids and nothing else."""
    body = canonical.encode({
        "v": 1,
        "lot": str(opening.lot_id),
        "coefficient": opening.coefficient,
        "bids": [
            {
                "D": canonical.b64(bytes(bid.digest)), "state": bid.state, "uscc": bid.uscc,
                "total_fen": int(bid.total * 100) if bid.total is not None else None,
                "duration_days": bid.duration_days,
            }
            for bid in opening.lot.bids.order_by("position")
        ],
    })
    return canonical.b64(labels.digest(labels.OPENING_RECORD, body))


def failure(lot: Lot, reason: str, now: datetime) -> dict:
    """Return the data of the failure notice (招标失败公告), shape FailureNotice."""
    tender = lot.tender_project
    return common(lot, now) | {
        "red_head": tender.tenderer.name,
        "document_number": lot.filing_number,
        "tenderer": tender.tenderer.name,
        "agency": tender.agency.name if tender.agency else "自行招标",
        "reason": reason,
        "consequence": "招标人将分析招标失败的原因，采取相应措施后依法重新招标。",
        "contacts": contacts(lot),
        "supervision": contact("监督部门", tender.supervisor),
    }


def published_document(lot: Lot) -> TenderDocument:
    """Return the tender document as it stood at the deadline."""
    return TenderDocument.objects.exclude(published_at=None).filter(lot=lot).latest("version")
