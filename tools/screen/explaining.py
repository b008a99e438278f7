"""The words of one explanation (说明): everything a page says, once, for HTML and PDF alike.

Written for readers who know no statistics: the number in a sentence, what it does not mean, the reasons with their
raw values, what else may explain them, and what would settle the question.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gongheng.screening import combination
from gongheng.screening.catalogue import indicators
from gongheng.screening.findings import Fact, Family, Finding
from tools.screen.charts import Chart
from tools.screen.scoring import Screened
from tools.screen.sources import day

CLUE = "线索，不是认定"
#: More rows of raw values than this are cut on the page, and said to be; result.json has all.
SHOWN = 24
#: So many input files are named at the foot of a page.
INPUTS = 4


@dataclass(frozen=True)
class Run:
    """What holds for all tenders of one run and stands at the foot of every page."""

    market: str
    count: int
    prior: float | None
    as_of: str
    inputs: tuple[tuple[str, str], ...]
    written: str  # how openings are written

    @property
    def scale(self) -> str:
        return combination.RELATIVE if self.prior is None else f"指数（先验 {self.prior:.2%}）"

    @property
    def basis(self) -> list[list[str]]:
        return [
            ["数据", self.market], ["参与排序的项目", f"{self.count} 个"], ["截至", self.as_of or "数据全部"],
            ["模型版本", combination.MODEL],
            ["先验", f"{self.prior:.2%}" if self.prior is not None else "未给出，因此只报相对风险"],
            *([f"输入 {name}", f"SHA-256 {digest}"] for name, digest in self.inputs[:INPUTS]),
            *([["其余输入", f"{len(self.inputs) - INPUTS} 个文件，逐个摘要见 result.json"]]
              if len(self.inputs) > INPUTS else []),
        ]

    @property
    def meanings(self) -> list[str]:
        if self.prior is not None:
            return [
                "60、80 的意思：按给定的先验和各迹象的强度推算，有同样迹象的项目每 100 个中约有 60 个、80 个串通。",
                "这只有在先验符合本地实际、迹象强度可信时才成立；强度目前是起始值，尚未用本地核查结果校准。",
            ]
        told = [
            "60 的意思：同批项目中约 92% 迹象弱于它，即每 100 个中最突出的约 8 个在 60 以上。",
            "80 的意思：约 99.75% 迹象弱于它，即每 400 个中约 1 个在 80 以上。",
            "“未校准”：没有本地核查结果可以对照，所以它只说排在第几，不说有多大可能串通。",
            "位次只同本批比较：若本批中串通本来就多，排在后面不说明清白，“可比项目”中也会有串通的。",
        ]
        if self.count < 400:
            told.append(f"本批只有 {self.count} 个项目，80 以上只由个别项目决定：请看下面的迹象，不要看数字的差别。")
        return told


def explanation(one: Screened, rank: int, run: Run, charts: Sequence[Chart]) -> dict:
    """Return all words of a tender's page as lists of strings."""
    tender, index = one.tender, one.index
    reasons = sorted(
        (finding for part in index.families for finding in part.findings),
        key=lambda finding: (-finding.log_lr, finding.indicator, finding.parties),
    )
    return {
        "id": tender.id, "rank": f"第 {rank} 位 / 共 {run.count} 个项目", "scale": run.scale, "clue": CLUE,
        "number": f"{whole(one.value)}", "range": span(one), "level": level(one),
        "place": round(one.value, 2), "low": round(one.low, 2), "high": round(one.high, 2),
        "sentence": sentence(one, rank, run), "meanings": run.meanings,
        "about": _about(one, run), "bids": _bids(one),
        "charts": [
            {"name": each.name, "words": each.words, "svg": each.svg,
             "caption": "" if each.name == "families" else each.words}  # its table says the same
            for each in charts
        ],
        "statutory": [_reason(each, tender.bids) for each in index.statutory],
        "reasons": [_reason(each, tender.bids) for each in reasons if each.log_lr > 0 and each not in index.statutory],
        "against": [_reason(each, tender.bids) for each in reasons if each.log_lr < 0],
        "shown": [_reason(each, tender.bids) for each in reasons if each.log_lr == 0],
        "apart": [_reason(each, tender.bids) for each in one.apart],
        "without": [
            [family.label, f"{whole(one.value)} → {whole(value)}"] for family, value in sorted(
                one.without.items(), key=lambda each: (each[1], each[0]),
            )
        ],
        "families": _families(index), "unknown": _unknown(index),
        "share": f"{index.completeness.share:.0%}", "basis": run.basis,
    }


def sentence(one: Screened, rank: int, run: Run) -> str:
    """Say the number in one sentence."""
    if run.prior is not None or one.index.statutory:
        index = one.index
        return replace(index, value=whole(index.value), low=whole(index.low), high=whole(index.high)).sentence
    if one.weight <= 0:
        return "现有资料中没有发现使人怀疑的迹象；没有迹象不等于没有问题，请看哪些资料还没有。"
    if rank == 1:
        place = f"它在同批 {run.count} 个项目中迹象最强"
    else:
        place = f"同批 {run.count} 个项目中 {math.floor(one.below * 1000) / 10:g}% 的迹象弱于它"
    moved = f"（同类迹象若少算或多算，为 {span(one)}）" if whole(one.low) < whole(one.high) else ""
    return f"{place}；相对风险 {whole(one.value)}{moved}是同批中的位次，不是串通的可能性。"


def span(one: Screened) -> str:
    """Return the interval of the number as read; one number where both ends are the same."""
    low, high = whole(one.low), whole(one.high)
    return f"{low}–{high}" if low < high else f"{high}"


def whole(value: float) -> int:
    """Cut a number to the whole one below: what is shown as 80 is 80."""
    return math.floor(value + 1e-9)


def level(one: Screened) -> str:
    """Name the band; one firm line at 60 and one at 80 as everywhere."""
    if one.index.statutory:
        return "有法定视为串通的事实待核"
    if one.weight <= 0:
        return "未见迹象"
    if one.value >= combination.KEY_LEAD:
        return "重点线索"
    return "预警" if one.value >= combination.WARNING else "一般"


def headline(one: Screened) -> str:
    """Name the strongest reasons in a few words, for lists."""
    found = sorted(
        (each for part in one.index.families for each in part.findings if each.log_lr > 0),
        key=lambda each: (-each.log_lr, each.indicator, each.parties),
    )
    return "、".join(dict.fromkeys(indicators()[each.indicator].name for each in found)) or "—"


def _about(one: Screened, run: Run) -> list[list[str]]:
    tender = one.tender
    rows = [
        ["开标", day(tender, run.written)], ["有效报价", f"{len(tender.bids)} 家"],
        ["最高限价", _money(tender.ceiling) if tender.ceiling else ""],
        ["评标办法", {"lowest": "最低价", "average": "平均值（基准价）", "scored": "综合评分"}.get(tender.method, "")],
        ["专业", tender.trade], ["地区", tender.region], ["招标人", tender.buyer], ["代理机构", tender.agency],
        ["迹象所指", "、".join(one.index.coalition) or "整个项目，没有指向某几家"],
    ]
    absent = "、".join(label for label, value in rows if not value)
    return [*([label, value] for label, value in rows if value), *([["数据中没有", absent]] if absent else [])]


def _bids(one: Screened) -> list[list[str]]:
    ordered = sorted(one.tender.bids, key=lambda bid: (bid.value, bid.firm))
    lowest, ceiling = ordered[0].value, one.tender.ceiling
    return [
        [
            bid.firm or "（无代码）", _money(bid.value), f"+{bid.value / lowest - 1:.2%}",
            f"{bid.value / ceiling:.2%}" if ceiling else "—",
            {True: "中标", False: "", None: "未记载"}[bid.won],
            "●" if bid.firm and bid.firm in one.index.coalition else "", bid.source,
        ] for bid in ordered
    ]


def _money(value: float) -> str:
    """Some markets price by the piece, in fractions."""
    return f"{value:,.2f}" if value >= 100 else f"{value:,.4f}"


def _reason(finding: Finding, bids: Sequence) -> dict:
    known = indicators()[finding.indicator]
    notes, head, rows, left_out = _table(finding.facts, {bid.source for bid in bids})
    chance = []
    if finding.p is not None:
        chance.append(f"若各方互不相干，出现同样或更极端情形的机会{_chance(finding.p)}")
    if finding.base_rate is not None:
        chance.append(
            f"可比项目中约 {finding.base_rate:.1%} 也有同样情形" if finding.base_rate > 0 else "可比项目中没有同样情形"
        )
    return {
        "code": known.code, "name": known.name, "family": known.family.label, "strength": _strength(finding.log_lr),
        "parties": "、".join(finding.parties) or "整个项目", "definition": known.definition,
        "chance": "；".join(chance) + "。" if chance else "", "notes": notes, "head": head, "rows": rows,
        "left_out": left_out, "innocent": list(known.innocent), "clause": known.clause, "settles": known.settles,
    }


def _strength(log_lr: float) -> str:
    if log_lr == 0:
        return "只供参看，不计入"
    times = math.exp(abs(log_lr))
    word = "强" if times >= 50 else "中等" if times >= 8 else "弱"
    if log_lr < 0:
        return f"减轻怀疑：赔率约 ÷{times:.1f}"
    return f"{word}：赔率约 ×{times:.1f}（{log_lr:+.1f}）"


def _chance(p: float) -> str:
    if p < 1e-6:
        return "不到百万分之一"
    return f"约 {p:.0%}" if p >= 0.1 else f"约 {p:.1%}" if p >= 0.001 else f"约 1/{1 / p:,.0f}"


def _table(facts: Sequence[Fact], bid_places: set[str]) -> tuple[list[str], list[str], list[list[str]], str]:
    """Return notes and raw values: a column per party where all parties have the same labels, else a row each.

    The plain bids stand once in the table of all bids and are not repeated under every reason.
    """
    kept = [one for one in facts if not (one.label == "报价" and one.source in bid_places)]
    left_out = "各家报价见上面的“各家报价”表。" if len(kept) < len(facts) else ""
    parties = sorted({one.party for one in kept if one.party})
    cells: dict[str, dict[str, Fact]] = {}
    for one in kept:
        if one.party:
            cells.setdefault(one.label, {})[one.party] = one
    together = [one for one in kept if not one.party]
    notes: list[str] = []
    is_grid = (
        2 <= len(parties) <= 4 and sum(map(len, cells.values())) == len(kept) - len(together)
        and all(set(each) == set(parties) for each in cells.values())
    )
    if is_grid:
        notes = [f"{one.label}：{one.value}（{one.source}）" for one in together]
        head = ["内容", *parties, "来源"]
        rows = [
            [label, *(each[party].value for party in parties),
             "；".join(dict.fromkeys(one.source for one in each.values()))]
            for label, each in cells.items()
        ]
    else:
        head = ["当事人", "内容", "数值", "来源"]
        rows = [[one.party or "—", one.label, one.value, one.source] for one in kept]
    if len(rows) > SHOWN:
        left_out += f"另有 {len(rows) - SHOWN} 行见 result.json。"
    return notes, head, rows[:SHOWN], left_out


def _families(index: combination.Index) -> list[list[str]]:
    added = {part.family: part for part in index.families}
    rows = []
    for family in Family:
        if family in added:
            part = added[family]
            told = f"{part.log_lr:+.2f}（赔率约 ×{math.exp(part.log_lr):.1f}）"
            told += "，已到上限" if part.is_capped else ""
        else:
            told = "未知" if family in index.completeness.absent else "看过，没有迹象"
        codes = [code for code, one in indicators().items() if one.family is family]
        blind = {one.indicator for one in index.completeness.unknown.get(family, ())}
        blind -= {one.indicator for part in index.families for one in part.findings}
        rows.append([family.label, told, f"{len(codes) - len(blind)} / {len(codes)}"])
    return rows


def _unknown(index: combination.Index) -> list[list[str]]:
    """List what could not be computed, grouped by reason."""
    rows = []
    for family in Family:
        by_reason: dict[str, list[str]] = {}
        for one in index.completeness.unknown.get(family, ()):
            by_reason.setdefault(one.reason, []).append(indicators()[one.indicator].name)
        rows += [[family.label, "、".join(dict.fromkeys(names)), reason] for reason, names in by_reason.items()]
    return rows
