"""The tenderer and its agency (招标人与代理): conditions, periods and disqualifications that suit one firm.

Definitions follow the open catalogue of red flags of procurement (Cardinal: R003, R035, R036, R048 in spirit).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gongheng.screening.findings import Fact, Family, Finding, Indicator, Said, Unknown

TOGETHER = "招标投标法实施条例第四十一条：招标人与投标人串通投标（线索，非认定依据）"
SHORT = Indicator(
    "A1", Family.TENDERER, "投标准备期过短", "从发布招标文件到投标截止少于法定天数（依法必须招标的项目为20日）。",
    "招标投标法第二十四条：自招标文件开始发出之日起至投标截止之日止，最短不得少于二十日",
    ("非依法必须招标项目", "采用电子招标按规定缩短", "抢险救灾等特殊情形"),
    "核对项目性质、公告时间和缩短期限的批准文件。", 1,
)
CONDITION = Indicator(
    "A2", Family.TENDERER, "条件只有一家能满足", "资格或加分条件在市场主体库中只有一家（且是中标人）能够满足。",
    "招标投标法实施条例第三十二条：不得以不合理的条件限制、排斥潜在投标人",
    ("专利或唯一供应的设备（应当论证并公示）", "主体库登记不全"),
    "请招标人说明该条件与项目需要的关系；扩大检索范围。", 1,
)
LOWEST_OUT = Indicator(
    "A3", Family.TENDERER, "最低价被否决", "最低报价被否决，中标人的报价高于它。", TOGETHER,
    ("低于成本且不能说明", "实质性不响应，理由充分"), "阅评标报告的否决理由及澄清记录。", 3,
)
ALL_OUT = Indicator(
    "A4", Family.TENDERER, "除中标人外都被否决", "中标人以外的投标人（至少两家）都被否决。", TOGETHER,
    ("投标人普遍不合格", "格式要求苛细"), "逐家核对否决理由是否同样适用于中标人。", 3,
)
RETENDERED = Indicator(
    "A5", Family.TENDERER, "一再重招直到某家中标", "同一项目终止或流标两次以上，最后由此前各次都参加的一家中标。",
    TOGETHER,
    ("确实投标不足三家", "项目条件调整"), "核对历次终止理由与当时的排名。", 2,
)
SHARE = Indicator(
    "A6", Family.TENDERER, "中标集中于同一招标人或代理",
    "该企业在这一招标人（或代理机构）的中标率高于它在别处的中标率（二项检验，p<0.01；两处投标各不少于10次）。",
    TOGETHER,
    ("长期服务、熟悉业务", "当地专业企业少", "框架协议"), "调阅历次评标报告；查招标人、代理与企业的人员往来。", 10,
)
ADDENDA = Indicator(
    "A7", Family.TENDERER, "某家下载前连续修改文件", "中标人下载招标文件之前已有两次以上澄清修改，此后不再修改。",
    TOGETHER,
    ("正常答疑", "中标人报名较晚"), "对照历次澄清内容与中标人的资格、产品。", 2,
)
INDICATORS = (SHORT, CONDITION, LOWEST_OUT, ALL_OUT, RETENDERED, SHARE, ADDENDA)
#: Starting likelihood ratios; the family's cap (10) stands above them.
LR = {SHORT: 1.5, CONDITION: 5, LOWEST_OUT: 2, ALL_OUT: 3, RETENDERED: 4, SHARE: 4, ADDENDA: 2}
SHARE_P = 0.01


@dataclass(frozen=True)
class Offer:
    """One bid: whether it was valid, and the reason if it was not."""

    firm: str
    price: float | None
    is_valid: bool
    reason: str = ""


@dataclass(frozen=True)
class Condition:
    """One qualifying or scoring condition and which firms of the register can meet it."""

    words: str
    able: tuple[str, ...]


@dataclass(frozen=True)
class Tender:
    """What one tender's file says; None where the file does not say it."""

    tenderer: str
    agency: str = ""
    winner: str = ""
    offers: tuple[Offer, ...] = ()
    published_at: datetime | None = None
    closed_at: datetime | None = None
    least_days: int | None = None  # by law, None if no least period applies
    clarified_at: tuple[datetime, ...] | None = None
    winner_downloaded_at: datetime | None = None
    conditions: tuple[Condition, ...] | None = None
    earlier: tuple[tuple[str, ...], ...] | None = None  # bidders of each earlier round that ended without a winner


@dataclass(frozen=True)
class Entry:
    """One earlier bid of a firm: for whom, through which agency, won or not."""

    firm: str
    tenderer: str
    agency: str
    is_winner: bool


def findings(tender: Tender, *, past: Sequence[Entry] | None) -> Said:
    """What one tender says of its tenderer and agency; ``past``: the winner's bids in tenders before it."""
    found: list[Finding] = []
    unknown: list[Unknown] = []
    _period(tender, found, unknown)
    if tender.conditions is None:
        unknown.append(Unknown(CONDITION.code, "没有把条件与市场主体库核对过。"))
    else:
        for one in tender.conditions:
            if tender.winner and one.able == (tender.winner,):
                fact = Fact(tender.winner, "唯一满足者", one.words, "招标文件与市场主体库")
                found.append(_finding(CONDITION, (tender.winner,), 1.0, [fact]))
    _refusals(tender, found, unknown)
    if tender.earlier is None:
        unknown.append(Unknown(RETENDERED.code, "没有历次招标记录。"))
    elif len(tender.earlier) >= RETENDERED.minimum and all(tender.winner in bidders for bidders in tender.earlier):
        facts = [Fact("", f"第{number}次投标人", "、".join(sorted(bidders)), "历次招标记录")
                 for number, bidders in enumerate(tender.earlier, 1)]
        found.append(_finding(RETENDERED, (tender.winner,), float(len(tender.earlier)), facts))
    _addenda(tender, found, unknown)
    if past is None or not tender.winner:
        unknown.append(Unknown(SHARE.code, "没有以往投标记录或尚无中标人。"))
    else:
        _shares(tender, past, found, unknown)
    return Said(tuple(found), tuple(unknown))


def _period(tender: Tender, found: list[Finding], unknown: list[Unknown]) -> None:
    if tender.published_at is None or tender.closed_at is None:
        unknown.append(Unknown(SHORT.code, "没有招标文件发出时间或投标截止时间。"))
    elif tender.closed_at < tender.published_at:
        unknown.append(Unknown(SHORT.code, "投标截止早于文件发出，时间有误，未作判断。"))
    elif tender.least_days is not None and tender.closed_at - tender.published_at < timedelta(days=tender.least_days):
        days = (tender.closed_at - tender.published_at).total_seconds() / 86_400
        fact = Fact("", "准备期", f"{days:.1f}日（不得少于{tender.least_days}日）", "招标公告")
        found.append(_finding(SHORT, (), round(days, 6), [fact]))


def _refusals(tender: Tender, found: list[Finding], unknown: list[Unknown]) -> None:
    offers = sorted(tender.offers, key=lambda one: one.firm)
    won = [one for one in offers if one.firm == tender.winner]
    if len(offers) < LOWEST_OUT.minimum or not won:
        reason = f"投标人不足{LOWEST_OUT.minimum}家或尚无中标人。"
        unknown.extend(Unknown(one.code, reason) for one in (LOWEST_OUT, ALL_OUT))
        return
    rest = [one for one in offers if one.firm != tender.winner]
    if not any(one.is_valid for one in rest):
        facts = [Fact(one.firm, "否决理由", one.reason or "未记载", "评标报告") for one in rest]
        found.append(_finding(ALL_OUT, (tender.winner,), float(len(rest)), facts))
    priced = [(one.price, one) for one in offers if one.price is not None and one.price > 0]
    mine = won[0].price
    if mine is None or len(priced) < LOWEST_OUT.minimum:
        unknown.append(Unknown(LOWEST_OUT.code, "没有各家报价。"))
        return
    price, lowest = min(priced, key=lambda row: (row[0], row[1].firm))
    if not lowest.is_valid and price < mine:
        facts = [Fact(lowest.firm, "最低报价与否决理由", f"{price:.2f}，{lowest.reason or '未记载'}", "评标报告"),
                 Fact(tender.winner, "中标价", f"{mine:.2f}", "评标报告")]
        found.append(_finding(LOWEST_OUT, (tender.winner,), round(mine / price - 1, 6), facts))


def _addenda(tender: Tender, found: list[Finding], unknown: list[Unknown]) -> None:
    downloaded = tender.winner_downloaded_at
    if tender.clarified_at is None or downloaded is None:
        unknown.append(Unknown(ADDENDA.code, "没有澄清记录或中标人的下载时间。"))
        return
    before = [one for one in tender.clarified_at if one <= downloaded]
    if len(before) >= ADDENDA.minimum and len(before) == len(tender.clarified_at):
        facts = [Fact("", "澄清修改", one.isoformat(), "澄清记录") for one in sorted(before)]
        facts.append(Fact(tender.winner, "首次下载", downloaded.isoformat(), "下载记录"))
        found.append(_finding(ADDENDA, (tender.winner,), float(len(before)), facts))


def _shares(tender: Tender, past: Sequence[Entry], found: list[Finding], unknown: list[Unknown]) -> None:
    own = [one for one in past if one.firm == tender.winner]
    spoke = False
    for label, party, here in (
        ("招标人", tender.tenderer, [one for one in own if one.tenderer == tender.tenderer]),
        ("代理机构", tender.agency, [one for one in own if tender.agency and one.agency == tender.agency]),
    ):
        at = {id(one) for one in here}
        elsewhere = [one for one in own if id(one) not in at]
        if min(len(here), len(elsewhere)) < SHARE.minimum:
            continue
        spoke = True
        wins, others = sum(one.is_winner for one in here), sum(one.is_winner for one in elsewhere)
        # The rate elsewhere is itself uncertain: one win more keeps a firm without any from proving everything.
        p = _at_least(wins, len(here), (others + 1) / (len(elsewhere) + 2))
        if p < SHARE_P:
            facts = [Fact(tender.winner, f"在{label}{party}处", f"投标{len(here)}次，中标{wins}次", "以往投标记录"),
                     Fact(tender.winner, "在别处", f"投标{len(elsewhere)}次，中标{others}次", "以往投标记录")]
            parties = tuple(sorted((tender.winner, party)))
            found.append(_finding(SHARE, parties, round(wins / len(here), 6), facts, float(f"{p:.6g}")))
    if not spoke:
        unknown.append(Unknown(SHARE.code, f"中标人在此处和别处的投标不都满{SHARE.minimum}次。"))


def _at_least(wins: int, bids: int, rate: float) -> float:
    """The chance of so many wins or more (binomial)."""
    from scipy.special import bdtrc

    return float(bdtrc(wins - 1, bids, rate)) if wins else 1.0


def _finding(indicator: Indicator, parties: tuple[str, ...], value: float, facts, p: float | None = None) -> Finding:
    return Finding(indicator.code, parties, value, round(math.log(LR[indicator]), 6), tuple(facts), p=p)
