"""The figures of an evaluation, and everything they follow from (评标结果)."""

from dataclasses import dataclass
from decimal import Decimal

from gongheng.crypto import canonical, drawing, labels
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.queries import opened_bids
from gongheng.trading.evaluation import rules
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import DeviationReason, Evaluation, Member
from gongheng.trading.evaluation.queries.access import ceiling_of, method_of, passed_bids, sheet_of
from gongheng.trading.projects.models import Lot


@dataclass(frozen=True)
class Standing:
    """One line of the final ranking (排名); scores in points."""

    bid: Bid
    rank: int
    technical: Decimal
    price_score: Decimal
    total: Decimal
    decided_by: str


@dataclass(frozen=True)
class Deviation:
    """A member's total that lies far from the committee's mean (评分偏差), and the reason given, if any."""

    member: Member
    bid: Bid
    total: Decimal
    mean: Decimal
    percent: Decimal
    reason: str

    @property
    def direction(self) -> str:
        return "高于" if self.percent > 0 else "低于"

    @property
    def away(self) -> Decimal:
        return abs(self.percent)


def result(lot: Lot) -> list[Standing]:
    """Return the ranking that the committee's report states, best first; empty before the report."""
    evaluation = Evaluation.objects.filter(lot=lot).exclude(result=None).exclude(state=State.DISSOLVED).first()
    if evaluation is None:
        return []
    bids = {bid.uscc: bid for bid in opened_bids(lot)}
    return [
        Standing(
            bids[row["bidder"]], row["rank"], Decimal(row["technical"]), Decimal(row["price_score"]),
            Decimal(row["total"]), row["decided_by"],
        )
        for row in evaluation.result["ranking"]
    ]


def result_digest(evaluation: Evaluation) -> str:
    """Return the digest of the stored result, as the evidence entry of the report names it."""
    return canonical.b64(labels.digest(labels.DOCUMENT, canonical.encode(evaluation.result)))


def compute_result(evaluation: Evaluation) -> dict:
    """Return the result as canonical JSON: all inputs (sheets, prices, coefficient, method) and what follows.

    Bidders are keyed by USCC, members by the pseudonym of the draw, amounts and points are strings with two
    decimals. Bids equal in total, price and technical score are put in order by lots whose seed was fixed at
    the deadline: digest(coefficient label, [lot, closing root, platform nonce, "ties"]).
    """
    lot = evaluation.lot
    method = method_of(lot)
    bids = {bid.uscc: bid for bid in opened_bids(lot)}
    passed = {bid.uscc for bid in passed_bids(evaluation)}
    sheets = sheets_by_bidder(evaluation)
    technical = {
        uscc: rules.technical_score(
            {pid: rules.sheet_total(method, sheet[uscc]) for pid, sheet in sheets.items()}, method.drops_extremes
        )
        for uscc in sorted(passed)
    }
    prices = {uscc: bid.total for uscc, bid in bids.items()}
    table = rules.score_prices(method, prices, frozenset(passed), Decimal(lot.opening.coefficient))
    standings = [
        rules.Standing(uscc, score.score, table.row(uscc).score, prices[uscc]) for uscc, score in technical.items()
    ]
    ties = _lots(lot, standings)
    ranking = rules.rank(standings, {name: place for order in ties for place, name in enumerate(order, 1)})
    return {
        "v": 1,
        "lot": str(lot.pk),
        "method": method.to_json(),
        "ceiling": _text(ceiling_of(lot)),
        "coefficient": lot.opening.coefficient,
        "bids": {
            uscc: {
                "name": bid.bidder_name, "digest": canonical.b64(bytes(bid.digest)), "price": _text(bid.total),
                "passed": uscc in passed,
            }
            for uscc, bid in bids.items()
        },
        "sheets": {
            pid: {
                uscc: {factor: _text(points) for factor, points in row.items()} for uscc, row in sheet.items()
            }
            for pid, sheet in sheets.items()
        },
        "technical": {
            uscc: {
                "totals": {pid: _text(total) for pid, total in score.totals},
                "dropped": list(score.dropped), "score": _text(score.score),
            }
            for uscc, score in technical.items()
        },
        "price": table.to_json(),
        "ties": ties,
        "ranking": [
            {
                "rank": row.rank, "bidder": row.standing.bidder, "technical": _text(row.standing.technical),
                "price_score": _text(row.standing.price_score), "total": _text(row.standing.total),
                "price": _text(row.standing.price), "decided_by": row.decided_by.value,
            }
            for row in ranking
        ],
    }


def sheets_by_bidder(evaluation: Evaluation) -> dict[str, dict[str, dict[str, Decimal]]]:
    """Return {pid: {uscc: {factor: points}}} with the aliases resolved; only after the scores are locked."""
    usccs = {str(bid.pk): bid.uscc for bid in opened_bids(evaluation.lot)}
    sheets = {}
    for member in evaluation.members.order_by("number"):
        bidder = {alias.label: usccs[alias.bid_sealed] for alias in member.aliases.all()}
        sheets[member.pid] = {bidder[label]: points for label, points in sheet_of(member).items()}
    return sheets


def deviations(evaluation: Evaluation) -> list[Deviation]:
    """Return every total that lies further from the mean than the method allows without a word."""
    method = method_of(evaluation.lot)
    members = {member.pid: member for member in evaluation.members.order_by("number")}
    reasons = {
        (row.member_id, row.bid_id): row.reason
        for row in DeviationReason.objects.filter(member__evaluation=evaluation)
    }
    sheets, found = sheets_by_bidder(evaluation), []
    for bid in passed_bids(evaluation):
        totals = {pid: rules.sheet_total(method, sheet[bid.uscc]) for pid, sheet in sheets.items()}
        for prompt in rules.deviation_prompts(totals, method.prompt_percent):
            member = members[prompt.expert]
            reason = reasons.get((member.pk, bid.pk), "")
            found.append(Deviation(member, bid, prompt.total, prompt.mean, prompt.deviation, reason))
    return found


def unexplained_deviations(evaluation: Evaluation) -> list[Deviation]:
    """Return the deviations whose member has not yet said why."""
    return [one for one in deviations(evaluation) if not one.reason]


def _lots(lot: Lot, standings: list[rules.Standing]) -> list[list[str]]:
    groups = rules.ties_needing_lots(standings)
    if not groups:
        return []
    # Fixed before anybody had scored anything, so nobody could have steered it.
    seed = labels.digest(labels.COEFFICIENT, canonical.encode([
        str(lot.pk), canonical.b64(bytes(lot.closing_root)), canonical.b64(bytes(lot.opening.platform_nonce)), "ties",
    ]))
    return [
        drawing.order_of(seed, f"ties-{number}", [(name, 1) for name in sorted(group)])
        for number, group in enumerate(groups, 1)
    ]


def _text(value: Decimal) -> str:
    return f"{value:.2f}"
