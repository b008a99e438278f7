"""What each family of the engine is given (各类迹象的输入): records, files and marks, as they stand here.

Everything is as of the opening of the tender looked at: what became known later does not enter, except marks.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import ModuleType

from django.conf import settings

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import gathering
from gongheng.followers.analytics.models import TenderRecord
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal
from gongheng.people.parties.models import Organisation
from gongheng.screening import fingerprints, history, judges, neighbours, prices, relations, richness, tenderers, texts
from gongheng.screening.catalogue import indicators
from gongheng.screening.findings import Family, Finding, Said, Unknown
from gongheng.screening.relations import entities
from gongheng.screening.texts.passages import side_by_side
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.evaluation.models import Conclusion
from gongheng.trading.evaluation.queries import method_of
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents import sandbox, store

MOST_PASSAGES = 8
#: Why nothing can be said where a source keeps nothing of the kind.
NOT_KEPT = {
    Family.FINGERPRINT: "没有取得投标文件的制作机器、软件锁和网络痕迹。",
    Family.MONEY_AND_PEOPLE: "没有取得保证金账户、股权和社会保险资料。",
    Family.PRICE: "没有取得分项报价。",
    Family.HISTORY: "没有取得该项历史资料。",
    Family.TEXT: "没有取得投标文件的文字。",
    Family.EVALUATION: "没有取得评审过程的逐项记录。",
    Family.TENDERER: "没有取得招标条件和澄清过程的结构化资料。",
}


class Everything:
    """All tenders up to a moment, and what each family says of one of them."""

    def __init__(self, records: Sequence[TenderRecord], as_of: datetime):
        self.as_of = as_of
        self.records = records
        self.tenders = {one.pk: gathering.engine_tender(one) for one in records}
        self._peers: dict[tuple[int, int], prices.Peers] = {}

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
        tender = self.tenders[record.pk]
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
        yield tenderers, tenderers.findings(tenderer_file(record), past=self._bids_of_winner(record))
        if record.lot_id:
            documents = text_bids(record.lot)
            if documents:
                yield texts, texts.findings(documents, tender=tender_texts(record.lot))
            scores = scores_of(record)
            if scores:
                yield judges, judges.findings(scores, past=self._past_scores(record), base=base_of(record))
                marks = shares_of(record)
                yield richness, richness.findings(
                    list(richness_of(record.lot).values()), marks=marks, past_gaps=self._past_gaps(record)
                )

    @cached_property
    def _history(self) -> history.History:
        return history.History(self.tenders.values())

    def _peers_of(self, record: TenderRecord) -> prices.Peers:
        """Peers are those opened before the month of the tender: one table serves the month."""
        local = record.opened_at.astimezone(SHANGHAI)
        key = (local.year, local.month)
        if key not in self._peers:
            begin = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            self._peers[key] = prices.Peers(self.tenders.values(), before=begin.timestamp())
        return self._peers[key]

    def _bids_of_winner(self, record: TenderRecord) -> list[tenderers.Entry] | None:
        """Return the earlier bids of who won, as far as they were decided when this tender was."""
        winner = winner_of(record)
        if not winner:
            return None
        earlier = (
            one for one in self._by_firm[winner] if one.decided_at is not None and one.opened_at < record.opened_at
        )
        return [
            tenderers.Entry(winner, one.buyer, one.agency, any(bid.won for bid in one.bids.all() if bid.uscc == winner))
            for one in earlier
        ]

    @cached_property
    def _by_firm(self) -> dict[str, list[TenderRecord]]:
        found: dict[str, list[TenderRecord]] = {}
        for record in self.records:
            for bid in record.bids.all():
                found.setdefault(bid.uscc, []).append(record)
        return found

    def _past_gaps(self, record: TenderRecord) -> list[float]:
        earlier = [one for one in self.records if one.lot_id and one.opened_at < record.opened_at]
        tops = [sorted(shares_of(one).values(), reverse=True)[:2] for one in earlier]
        return [top[0] - top[1] for top in tops if len(top) == 2]

    def _past_scores(self, record: TenderRecord) -> list[judges.Score]:
        earlier = [one for one in self.records if one.lot_id and one.opened_at < record.opened_at]
        return [score for one in earlier for score in scores_of(one)]

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
        tender = self.tenders[record.pk]
        return {
            "tender": tender.id, "opened": tender.opened, "ceiling": tender.ceiling, "method": tender.method,
            "market": list(tender.market), "buyer": tender.buyer, "agency": tender.agency, "evidence": record.evidence,
            "bids": [[bid.firm, bid.value, bid.won] for bid in tender.bids],
            "history": self._digest_before(tender.opened),
            "phones": [[one.firm, one.value] for one in traces_of(record)] if record.lot_id else [],
            "files": files_of(record.lot) if record.lot_id else [],
            "scores": [
                [one.judge, one.firm, one.factor, one.value] for one in scores_of(record)
            ] if record.lot_id else [],
        }


def winner_of(record: TenderRecord) -> str:
    return next((bid.uscc for bid in record.bids.all() if bid.won), "")


def traces_of(record: TenderRecord) -> list[fingerprints.Trace]:
    """Return what bids left behind: here the phone in the identity envelope, elsewhere what the source kept."""
    if record.lot_id:
        rows = [[bid.uscc, "phone", bid.phone, "投标文件身份信封"] for bid in opened_bids(record.lot)]
    else:
        rows = record.evidence.get("traces", [])
    return [fingerprints.Trace(*row) for row in rows]


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


def tenderer_file(record: TenderRecord) -> tenderers.Tender:
    """Return what is known of tenderer and agency; refused bids are known from an evaluation of ours alone."""
    rejected = {
        row.bid.uscc: row.reasons
        for row in Conclusion.objects.filter(evaluation__lot=record.lot_id, passes=False).select_related("bid")
    } if record.lot_id else {}
    offers = tuple(
        tenderers.Offer(bid.uscc, float(bid.total), bid.uscc not in rejected, rejected.get(bid.uscc, ""))
        for bid in record.bids.all()
    ) if record.lot_id else ()
    published = gathering.published_at(record.lot) if record.lot_id else None
    return tenderers.Tender(
        record.buyer, record.agency, winner_of(record), offers, published, record.opened_at if published else None,
        gathering.LEAST_DAYS if published else None,
    )


def scores_of(record: TenderRecord) -> list[judges.Score]:
    """Return every mark of a finished evaluation; a judge keeps one name over all tenders, the expert's id."""
    evaluation = gathering.scored(record) if record.lot_id else None
    if evaluation is None:
        return []
    experts = {member.pid: str(member.expert_id) for member in evaluation.members.all()}
    full = {factor["id"]: float(factor["max"]) for factor in evaluation.result["method"]["factors"]}
    return [
        judges.Score(str(record.pk), factor, experts[pid], uscc, float(points), full[factor])
        for pid, sheet in sorted(evaluation.result["sheets"].items()) if pid in experts
        for uscc, marks in sorted(sheet.items()) for factor, points in sorted(marks.items())
    ]


def shares_of(record: TenderRecord) -> dict[str, float]:
    """Return each bidder's technical score as a share of the full mark; empty before a result."""
    evaluation = gathering.scored(record) if record.lot_id else None
    if evaluation is None:
        return {}
    full = float(evaluation.result["method"]["technical_weight"])
    return {row["bidder"]: float(row["technical"]) / full for row in evaluation.result["ranking"]}


def base_of(record: TenderRecord) -> dict[str, float]:
    """Return the points that no judge gives: the price score by bidder."""
    evaluation = gathering.scored(record)
    return {row["bidder"]: float(row["price_score"]) for row in evaluation.result["ranking"]} if evaluation else {}


def text_bids(lot: Lot) -> list[texts.Bid]:
    """Return the readable files of every opened bid as text; the bytes are parsed in limited processes."""
    bids = []
    for bid in opened_bids(lot):
        documents = []
        for file in bid.files.all():
            if text := _text(file.digest):
                documents.append(texts.documents.Document(file.name, text))
        bids.append(texts.Bid(bid.uscc, tuple(documents), None, bid.bidder_name))
    return bids if any(bid.documents for bid in bids) else []


def passages_of(record: TenderRecord, said: Said) -> list[dict]:
    """Return where the two bids that agree most agree, in words, with what the tender document says marked."""
    pairs = [one for one in said.findings if one.log_lr > 0 and len(one.parties) == 2]
    if not record.lot_id or not pairs:
        return []
    parties = max(pairs, key=lambda one: (one.log_lr, one.parties)).parties
    one, other = (bid for bid in sorted(text_bids(record.lot), key=lambda bid: bid.firm) if bid.firm in parties)
    met = side_by_side(one.text, other.text, tender_texts(record.lot) or [])
    return [
        {"left": _side(one, each.first, each.first_tender), "right": _side(other, each.second, each.second_tender)}
        for each in met[:MOST_PASSAGES]
    ]


def richness_of(lot: Lot) -> dict[str, richness.Richness]:
    """Return what each readable bid contains; the checklist is the names of the factors, pictures are not counted."""
    asked = [factor.name for factor in method_of(lot).factors]
    known = "".join(tender_texts(lot) or [])
    return {
        bid.firm: richness.measure(bid.firm, bid.text, tender=known, asked=asked, figures=0, tables=0)
        for bid in text_bids(lot) if bid.text.strip()
    }


def richness_json(lot: Lot | None) -> dict:
    """Return richness as a page shows it: answered items and informative letters, with the rank from 0 to 1."""
    measured = richness_of(lot) if lot is not None else {}
    ranks = richness.ranks(list(measured.values())) if measured else {}
    return {
        firm: {"coverage": round(one.coverage, 3), "letters": one.letters, "rank": round(ranks[firm], 3)}
        for firm, one in sorted(measured.items())
    }


def _side(bid: texts.Bid, span: tuple[int, int], greyed: Sequence[tuple[int, int]]) -> dict:
    parts, at = [], span[0]
    for start, end in sorted(greyed):
        parts += [("is-shared", at, start), ("is-tender", start, end)]
        at = end
    parts.append(("is-shared", at, span[1]))
    return {
        "name": bid.name, "source": bid.source_of(span[0]),
        "parts": [{"tone": tone, "text": bid.text[start:end]} for tone, start, end in parts if start < end],
    }


def tender_texts(lot: Lot) -> list[str] | None:
    """Return the text of the published tender document and its corrigenda; None where none can be read."""
    rows = lot.tender_documents.exclude(published_at=None).exclude(document=None).order_by("version")
    found = [text for one in rows.select_related("document") if (text := _text(one.document.digest))]
    return found or None


def files_of(lot: Lot) -> list[list[str]]:
    return [[bid.uscc, file.name, file.digest] for bid in opened_bids(lot) for file in bid.files.all()]


def _text(digest: str) -> str:
    """Return the words of a stored file, "" where it has none; taken out once and kept beside the file store."""
    path = store.path(digest)
    kept = Path(settings.VAR) / "words" / path.name
    if not kept.exists():
        try:
            words = sandbox.extract_text(path)
        except Refusal:
            words = ""  # an unreadable file is told by the inspection of opened files
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = kept.with_suffix(".draft")
        draft.write_text(words)
        draft.replace(kept)
    return kept.read_text()
