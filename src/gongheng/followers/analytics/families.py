"""What each family of the engine is given (各类迹象的输入): records, files and marks, as they stand here.

Everything is as of the opening of the tender looked at: what became known later does not enter, except marks.
What many tenders teach (peers, habits of judges, the trade's words) is taken from those before the tender's month.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from types import ModuleType

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import comparing, gathering, library, papers
from gongheng.followers.analytics.marks import Marks
from gongheng.followers.analytics.models import TenderRecord
from gongheng.kernel.clock import SHANGHAI
from gongheng.people.parties.models import Organisation
from gongheng.screening import (
    fingerprints,
    history,
    items,
    judges,
    neighbours,
    prices,
    reading_time,
    relations,
    richness,
    tenderers,
    texts,
)
from gongheng.screening.catalogue import indicators
from gongheng.screening.findings import Family, Finding, Said, Unknown
from gongheng.screening.markets import Tender
from gongheng.screening.relations import entities
from gongheng.screening.texts.spread import Library
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.evaluation.models import Conclusion
from gongheng.trading.projects.models import Lot

#: Why nothing can be said where a source keeps nothing of the kind.
NOT_KEPT = {
    Family.FINGERPRINT: "没有取得投标文件的制作机器、软件锁和网络痕迹。",
    Family.MONEY_AND_PEOPLE: "没有取得保证金账户、股权和社会保险资料。",
    Family.PRICE: "没有取得分项报价。",
    Family.HISTORY: "没有取得该项历史资料。",
    Family.TEXT: "没有取得投标文件的文字和图片。",
    Family.EVALUATION: "没有取得评审过程的逐项记录。",
    Family.TENDERER: "没有取得招标条件和澄清过程的结构化资料。",
}


class Everything:
    """All tenders up to the newest of those looked at, loaded once, and what each family says of one of them."""

    def __init__(self, looked: Sequence[TenderRecord], as_of: datetime):
        self.as_of = as_of
        self.tenders, self._decided = gathering.engine_tenders(max(one.opened_at for one in looked))
        self._marks = Marks(looked)
        self._peers: dict[datetime, prices.Peers] = {}
        self._libraries: dict[datetime, Library | None] = {}
        self._compared: dict[object, comparing.Compared | None] = {}  # of the tender looked at last

    def say(self, record: TenderRecord) -> tuple[dict[Family, Said], dict]:
        """Return what the families say of a tender, and the inputs it follows from, in plain values."""
        spoken = list(self._spoken(record))
        looked = {one.code for module, _ in spoken for one in module.INDICATORS}
        known = indicators()
        findings: dict[Family, list[Finding]] = {family: [] for family in Family}
        unknown: dict[Family, list[Unknown]] = {family: [] for family in Family}
        for _, said in spoken:
            for one in said.findings:
                findings[known[one.indicator].family].append(one)
            for one in said.unknown:
                unknown[known[one.indicator].family].append(one)
        for code, one in known.items():
            if code not in looked:
                unknown[one.family].append(Unknown(code, NOT_KEPT[one.family]))
        said: dict[Family, Said] = {family: Said(tuple(findings[family]), tuple(unknown[family])) for family in Family}
        return said, self._inputs(record)

    def _spoken(self, record: TenderRecord) -> Iterator[tuple[ModuleType, Said]]:
        tender = self.tenders[str(record.pk)]
        yield prices, prices.findings(tender, self._peers_of(record))
        yield history, history.findings(tender, self._history)
        yield neighbours, neighbours.findings(tender, self._history)
        traces, payments, profiles = traces_of(record), payments_of(record), profiles_of(record)
        if traces:
            yield fingerprints, fingerprints.findings(traces)
        if payments is not None or profiles is not None:
            firms = [bid.firm for bid in tender.bids]
            yield relations, relations.findings(
                firms, payments=payments, profiles=profiles, crowded=crowded(profiles or ())
            )
        yield tenderers, tenderers.findings(tenderer_file(record, tender), past=self._bids_of_winner(tender))
        if record.lot_id:
            yield from self._of_papers(record)
            yield from self._of_marks(record)

    def _of_papers(self, record: TenderRecord) -> Iterator[tuple[ModuleType, Said]]:
        if found := self.compared(record):
            yield texts, found.said
            yield texts, papers.unseen_pictures(record.lot)
        if bills := papers.bills_of(record.lot):
            yield items, items.findings(bills)

    def _of_marks(self, record: TenderRecord) -> Iterator[tuple[ModuleType, Said]]:
        sheets, found = self._marks.of(record), self.compared(record)
        if sheets is not None:
            yield judges, judges.findings(sheets.scores, past=self._marks.history(record), base=sheets.base)
            if sheets.readings:
                yield reading_time, reading_time.findings(sheets.readings, pace=self._marks.pace(record))
            yield richness, richness.findings(
                list(found.richness.values()) if found else [], marks=sheets.shares, past_gaps=self._marks.gaps(record)
            )

    def compared(self, record: TenderRecord) -> comparing.Compared | None:
        """Return what the papers of a tender say beside each other; None for a tender of another system."""
        if record.lot_id is None:
            return None
        if record.pk not in self._compared:
            chain = library.chain(self._lots_before(month_of(record)))
            self._compared = {
                record.pk: comparing.compared(record.lot, chain, lambda: self._library_of(record))
            }
        return self._compared[record.pk]

    @cached_property
    def _history(self) -> history.History:
        return history.History(self.tenders.values())

    def _peers_of(self, record: TenderRecord) -> prices.Peers:
        """Peers are those opened before the month of the tender: one table serves the month."""
        begin = month_of(record)
        if begin not in self._peers:
            self._peers[begin] = prices.Peers(self.tenders.values(), before=begin.timestamp())
        return self._peers[begin]

    def _library_of(self, record: TenderRecord) -> Library | None:
        begin = month_of(record)
        if begin not in self._libraries:
            self._libraries = {begin: library.of_lots(self._lots_before(begin))}  # each weighs 128 MB: one at a time
        return self._libraries[begin]

    def _lots_before(self, moment: datetime) -> list[Lot]:
        """Return the lots opened here before a moment, in order of opening."""
        place = bisect_left(self._own, moment, key=lambda one: one.opened_at)
        return [one.lot for one in self._own[:place]]

    @cached_property
    def _own(self) -> list[TenderRecord]:
        return list(TenderRecord.objects.exclude(lot=None).select_related("lot").order_by("opened_at", "code", "pk"))

    def _bids_of_winner(self, tender: Tender) -> list[tenderers.Entry] | None:
        """Return the earlier bids of who won, as far as they were decided when this tender was."""
        winner = winner_of(tender)
        if not winner:
            return None
        return [
            tenderers.Entry(winner, one.buyer, one.agency, any(bid.won for bid in one.bids if bid.firm == winner))
            for one in self._by_firm[winner] if one.id in self._decided and one.opened < tender.opened
        ]

    @cached_property
    def _by_firm(self) -> dict[str, list[Tender]]:
        found: dict[str, list[Tender]] = {}
        for tender in self.tenders.values():
            for bid in tender.bids:
                found.setdefault(bid.firm, []).append(tender)
        return found

    def _digest_before(self, opened: float) -> str:
        """Return the digest of all history before a moment: of every tender its firms, prices and winner."""
        place = bisect_left(self._chain, opened, key=lambda link: link[0])
        return self._chain[place - 1][1] if place else ""

    @cached_property
    def _chain(self) -> list[tuple[float, str]]:
        """Each tender in order of opening with the digest of everything up to it: one pass serves all tenders."""
        links, digest = [], b""
        for one in sorted(self.tenders.values(), key=lambda one: (one.opened, one.id)):
            told = [one.id, *(f"{bid.firm} {bid.value!r} {bid.won}" for bid in one.bids)]
            digest = labels.digest(labels.FILE, digest + canonical.encode(told))
            links.append((one.opened, canonical.b64(digest)))
        return links

    def _inputs(self, record: TenderRecord) -> dict:
        """Return what a recomputation needs: the tender itself, and which history it was read against."""
        tender, sheets = self.tenders[str(record.pk)], self._marks.of(record)
        return {
            "tender": tender.id, "opened": tender.opened, "ceiling": tender.ceiling, "method": tender.method,
            "market": list(tender.market), "buyer": tender.buyer, "agency": tender.agency, "evidence": record.evidence,
            "bids": [[bid.firm, bid.value, bid.won] for bid in tender.bids],
            "history": self._digest_before(tender.opened),
            "traces": [[one.firm, one.kind, one.value] for one in traces_of(record)] if record.lot_id else [],
            "files": papers.told_by(record.lot) if record.lot_id else [],
            "library": library.chain(self._lots_before(month_of(record))) if record.lot_id else "",
            "scores": [[one.judge, one.firm, one.factor, one.value] for one in sheets.scores] if sheets else [],
            "readings": [[one.judge, one.firm, one.pages, one.seconds] for one in sheets.readings] if sheets else [],
        }


def month_of(record: TenderRecord) -> datetime:
    """Return the beginning of the month in which a tender was opened, in Shanghai."""
    return record.opened_at.astimezone(SHANGHAI).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def winner_of(tender: Tender) -> str:
    return next((bid.firm for bid in tender.bids if bid.won), "")


def traces_of(record: TenderRecord) -> list[fingerprints.Trace]:
    """Return what bids left behind: here in envelopes and files, elsewhere what the source kept."""
    if record.lot_id:
        return papers.traces_of(record.lot)
    return [fingerprints.Trace(*row) for row in record.evidence.get("traces", [])]


def payments_of(record: TenderRecord) -> list[relations.Payment] | None:
    """Return who paid deposits from where, where the source kept it; this platform takes no payments."""
    rows = record.evidence.get("payments")
    return None if rows is None else [relations.Payment(*row) for row in rows]


def profiles_of(record: TenderRecord) -> list[relations.Profile] | None:
    """Return what the register says of the bidders; persons only by number, and no number is kept here."""
    if not record.lot_id:
        return None
    return [
        relations.Profile(bid.uscc, bid.bidder_name, address=bid.organisation.address, telephone=bid.organisation.phone,
                          source="交易主体登记")
        for bid in opened_bids(record.lot).select_related("organisation")
    ]


def crowded(profiles: Sequence[relations.Profile]) -> dict[str, int]:
    """Return how many registered organisations share each address and telephone of the bidders."""
    found = {}
    for one in profiles:
        found[entities.place(one.address)] = Organisation.objects.filter(address=one.address).count()
        digits = "".join(sign for sign in one.telephone if sign.isdigit())
        found[digits] = Organisation.objects.filter(phone=one.telephone).count()
    return found


def tenderer_file(record: TenderRecord, tender: Tender) -> tenderers.Tender:
    """Return what is known of tenderer and agency; refused bids are known from an evaluation of ours alone."""
    winner = winner_of(tender)
    if not record.lot_id:
        return tenderers.Tender(record.buyer, record.agency, winner, (), None, None, None)
    rejected = {
        row.bid.uscc: row.reasons
        for row in Conclusion.objects.filter(evaluation__lot=record.lot_id, passes=False).select_related("bid")
    }
    offers = tuple(
        tenderers.Offer(bid.firm, bid.value, bid.firm not in rejected, rejected.get(bid.firm, ""))
        for bid in tender.bids
    )
    published = gathering.published_at(record.lot)
    return tenderers.Tender(
        record.buyer, record.agency, winner, offers, published, record.opened_at if published else None,
        gathering.LEAST_DAYS if published else None,
    )
