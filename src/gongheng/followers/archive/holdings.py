"""What a lot leaves behind, item by item, as its volume will hold it (归档内容)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path

from gongheng.crypto import canonical
from gongheng.followers.archive import rules
from gongheng.followers.archive.bundle import SUFFIXES
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.money import formatted
from gongheng.trading.award.models import ResultObjection
from gongheng.trading.bids import queries as bids
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.receipts import receipt
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.notices.models import Question, TenderDocument
from gongheng.trading.notices.printing import price_rules
from gongheng.trading.opening.models import Objection
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import lot_pairs
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.proofs import NotYetProved
from gongheng.trust.evidence.queries import entries_of_lot, history

CENTRE, COMMITTEE = "公共资源交易中心", "评标委员会"
#: Who answers for each kind of document (M32 责任者); the tenderer for the others.
AUTHORS = {
    "draw_record": CENTRE, "evaluation_report": COMMITTEE, "incident_decision": CENTRE,
    "opening_record": CENTRE, "reveal": CENTRE,
}
SENTENCES = (
    "trust.evidence",
    "trading.projects",
    "trading.notices",
    "trading.bids",
    "trading.coordination",
    "trading.draws",
    "trading.opening",
    "trading.evaluation",
    "trading.award",
    "trading.contracts",
)


@dataclass(frozen=True)
class Item:
    """One file of a volume (一件): where it goes, who answers for it, and its bytes or the file that has them."""

    number: str
    title: str
    responsible: str
    date: datetime
    name: str
    source: Path | bytes
    folder: str = ""  # below the stage folder
    issued: bool = False  # by the platform, so that its form is ours to answer for
    digest: str = ""  # under which the file store knows it; "" for what is written here

    @property
    def suffix(self) -> str:
        return self.name.rpartition(".")[2].lower()


def items_of(lot: Lot, now: datetime) -> list[Item]:
    """Return everything that goes into the lot's volume, by item number. Raises NotYetProved."""
    tenderer = lot.tender_project.tenderer.name
    found = [
        _text(
            "1.2",
            "招标项目信息",
            tenderer,
            lot.created_at,
            [f"{name}：{_told(value)}" for name, value in lot_pairs(lot)],
        ),
        *_documents(lot, tenderer),
        *_bids(lot),
        *_receipts(lot),
        _committee(lot),
        _standards(lot, tenderer),
        *_objections(lot, tenderer),
        _history(lot, now),
    ]
    return sorted(found, key=lambda item: [int(part) for part in item.number.split(".")])


def _documents(lot: Lot, tenderer: str) -> Iterator[Item]:
    for document in Document.objects.filter(lot=lot.pk).order_by("created_at", "pk"):
        suffix = SUFFIXES.get(document.media_type, ".bin")
        yield Item(
            rules.NUMBERS.get(document.kind, rules.PROCESS_RECORD),
            document.title,
            AUTHORS.get(document.kind, tenderer),
            document.created_at,
            rules.safe_name(document.title.removesuffix(suffix), suffix),
            store.path(document.digest),
            issued=document.kind != "attachment",
            digest=document.digest,
        )


def _bids(lot: Lot) -> Iterator[Item]:
    for place, bid in enumerate(lot.bids.exclude(opened_at=None).order_by("position"), start=1):
        folder = rules.safe_name(f"{place:02d} {bid.bidder_name}")
        about = [
            f"投标人：{bid.bidder_name}",
            f"统一社会信用代码：{bid.uscc}",
            f"状态：{bid.get_state_display()} {bid.problem}".strip(),
            f"投标报价：{formatted(bid.total) + ' 元' if bid.total is not None else '无'}",
            f"工期：{bid.duration_days or '无'}",
            f"质量：{bid.quality}",
            f"项目经理：{bid.manager}",
            f"封存摘要：{canonical.b64(bytes(bid.digest))}",
            f"封标时间：{_told(bid.sealed_at)}",
            f"存证位次：{bid.position}",
        ]
        yield _text("3.1", f"{bid.bidder_name}投标函要素", bid.bidder_name, bid.sealed_at, about, folder)
        for file in bid.files.all():
            stem, dot, suffix = file.name.rpartition(".")
            name = rules.safe_name(
                f"{file.envelope}-{file.number:02d} {stem or suffix}", f"{dot}{suffix}" if stem else ""
            )
            yield Item(
                "3.1",
                f"{bid.bidder_name}：{file.name}",
                bid.bidder_name,
                bid.sealed_at,
                name,
                store.path(file.digest),
                folder,
            )


def _receipts(lot: Lot) -> Iterator[Item]:
    for place, bid in enumerate(lot.bids.order_by("position"), start=1):
        told = receipt(lot, bids.find_seal(lot, bytes(bid.digest))[0])
        if told is None:
            raise NotYetProved("a receipt is not proved yet")
        title = f"投标回执 {place:02d} {bid.bidder_name}".strip()
        yield Item(
            "3.3", title, CENTRE, bid.sealed_at, rules.safe_name(title, ".json"), canonical.encode(told), issued=True
        )


def _committee(lot: Lot) -> Item:
    """The names are public since the winner was determined (法37)."""
    evaluation = evaluation_of(lot)
    members = evaluation.members.select_related("expert__person", "centre").order_by("number")
    lines = [
        f"{member.label}：{member.expert.person.name}，{member.expert.title}，{member.expert.employer_name}，"
        f"{member.centre.short_name}，{'组长' if member.pk == evaluation.leader_id else '成员'}，"
        f"签到 {_told(member.checked_in_at)}，抽取代号 {member.pid}"
        for member in members
    ]
    return _text("4.2", "评标委员会名单", CENTRE, evaluation.started_at, lines)


def _standards(lot: Lot, tenderer: str) -> Item:
    document = TenderDocument.objects.exclude(published_at=None).filter(lot=lot).latest("version")
    method = document.method
    lines = [method["title"], f"技术分 {method['technical_weight']}，报价分 {method['price_weight']}"]
    lines += [f"{one['name']}：满分 {one['max']}。{one['guidance']}" for one in method["factors"]]
    lines += [
        f"{title}：{one['title']}（{one['clause']}）"
        for key, title in (("form", "形式评审"), ("qualification", "资格评审"), ("response", "响应性评审"))
        for one in method[key]
    ]
    return _text("5.1", "评标标准", tenderer, document.published_at, [*lines, *price_rules(method["price"])])


def _objections(lot: Lot, tenderer: str) -> Iterator[Item]:
    asked = [("提问", one) for one in Question.objects.filter(lot=lot)]
    raised = [(f"开标异议（{one.organisation.name}）", one) for one in Objection.objects.filter(opening__lot=lot)]
    told = [(f"对评标结果的异议（{one.organisation.name}）", one) for one in ResultObjection.objects.filter(lot=lot)]
    rows = [(getattr(one, "raised_at", None) or one.asked_at, who, one) for who, one in (*asked, *raised, *told)]
    if rows:
        lines = [
            f"{_told(at)} {who}：{one.text}\n    答复（{_told(one.answered_at)}）：{one.answer or '未答复'}"
            for at, who, one in sorted(rows, key=lambda row: row[0])
        ]
        yield _text("7.3", "提问、异议及答复", tenderer, max(at for at, _, _ in rows), lines)


def _history(lot: Lot, now: datetime) -> Item:
    sentences: dict[str, str] = {}
    for name in SENTENCES:
        sentences |= import_module(f"gongheng.{name}.sentences").SENTENCES
    lines = []
    for line in reversed(history(entries_of_lot(lot.pk))):
        said = sentences.get(line.verb, line.verb).format_map(
            defaultdict(lambda: "—", {k: v for k, v in line.facts.items()})
        )
        signed = f"，签名行为 {line.digest}" if line.digest else ""
        lines.append(f"{_told(line.at)} 存证位次 {line.position}：{said}（{line.verb}{signed}）")
    return _text(rules.PROCESS_RECORD, "流程审批记录", CENTRE, now, lines)


def _text(number: str, title: str, responsible: str, date: datetime, lines: list[str], folder: str = "") -> Item:
    body = "\n".join([title, "", *lines, ""]).encode()
    return Item(number, title, responsible, date, rules.safe_name(title, ".txt"), body, folder, issued=True)


def _told(value: object) -> str:
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else str(value or "—")


def bids_read(lot: Lot) -> list[tuple[Bid, list]]:
    """Return the opened bids with what the inspection found in their files."""
    return [(bid, list(bid.files.all())) for bid in lot.bids.exclude(opened_at=None).order_by("position")]
