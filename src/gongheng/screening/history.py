"""Family G, who bids with whom over years (主体抱团、轮流中标、陪标专业户、中标人异常聚集).

Everything is counted in tenders of the same market that were opened before the one looked at. The null keeps what
each firm is: its market, how often it bids, and since when; what remains is that two firms choose the same tenders.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from gongheng.screening import weights
from gongheng.screening.findings import CLUE_ONLY, Fact, Family, Finding, Indicator, Said, Unknown
from gongheng.screening.markets import Tender
from gongheng.screening.past import NAMES, History, Pairs, Past, pairs, table
from gongheng.screening.problems import MANY

__all__ = [
    "INDICATORS", "NAMES", "History", "Pairs", "Past", "always_lose", "findings", "groups", "pair_chances", "pairs",
    "table", "why_silent",
]

_SETTLES = "调取这些企业在历次共同投标中的保证金账户、授权代表与文件特征"

INDICATORS = (
    Indicator(
        "G1", Family.HISTORY, "抱团投标", "两家共同投标的次数超过各自独立选择项目时的机会（超几何检验，控制误报率）",
        CLUE_ONLY, ("专业很窄，合格企业只有这几家", "地域相同，自然报同一批项目"), _SETTLES, 3,
    ),
    Indicator(
        "G2", Family.HISTORY, "只与自己人同场", "一组企业的投标绝大多数有两名以上组员在场，与组外企业少有交集",
        CLUE_ONLY, ("项目所在地偏远，只有本地几家企业",), _SETTLES, 10,
    ),
    Indicator(
        "G3", Family.HISTORY, "轮流中标", "组内中标的先后次序比随机次序更少连续重复（置换检验）", CLUE_ONLY,
        ("企业产能有限，刚中标者不再全力争取",), "按时间排列历次报价，看每次由谁报出最低价、其余是否陪衬", 6,
    ),
    Indicator(
        "G4", Family.HISTORY, "陪标专业户", "投标很多，中标不到同场家数所给机会的一半（二项检验）", CLUE_ONLY,
        ("新进入市场或报价策略保守",), "核查其投标成本由谁承担、保证金由谁垫付", 20,
    ),
    Indicator(
        "G5", Family.HISTORY, "中标集中于一家招标人", "在该招标人处的中标率远高于其在别处的中标率（二项检验）",
        CLUE_ONLY, ("框架协议或后续工程", "该企业确实擅长此类项目"), "复核该招标人历次招标文件的资格条件与评标记录",
        5,
    ),
    Indicator(
        "G6", Family.HISTORY, "恰好凑数且人员不变", "投标人恰为三家，且同样三家此前已多次单独同场", CLUE_ONLY,
        ("合格供应商本来只有三家",), "查问其他合格企业为何不参加；核查三家之间的联系", 3,
    ),
)
_BY_CODE = {one.code: one for one in INDICATORS}
#: Share of pairs called significant that may be chance.
FALSE_DISCOVERIES = 0.05
_JOINT, _MOST_PAIR = 3, 2.7
#: With hundreds of bids a rate just below chance is significant and says nothing: a loser wins at most half of it.
LOSES = 0.5
_PERMUTATIONS, _SEED = 1999, 20260


def findings(tender: Tender, history: History) -> Said:
    """Return what the past of the tender's bidders says; only what was opened before it is read."""
    reason = why_silent(tender, history)
    if reason:
        return Said((), tuple(Unknown(one.code, reason) for one in INDICATORS))
    past = history.past(tender)
    found: list[Finding] = []
    unknown: list[Unknown] = []
    if len(past.firms) > MANY:
        unknown += [Unknown(code, f"投标人超过 {MANY} 家，两两关系没有意义") for code in ("G1", "G2", "G3")]
    elif len(past.firms) < 2:
        unknown += [Unknown(code, "投标人不足两家") for code in ("G1", "G2", "G3")]
    else:
        _together(past, found, unknown)
    _losers(past, found, unknown)
    _at_buyer(tender, past, found, unknown)
    _same_three(tender, past, found)
    return Said(tuple(found), tuple(unknown))


def pair_chances(table_: Pairs) -> np.ndarray:
    """Return the chance, were both independent, of as many joint bids as each pair has; 1 below three of them."""
    from scipy.stats import hypergeom

    chances = np.ones(len(table_.together))
    enough = table_.together >= _JOINT
    if enough.any():
        chances[enough] = hypergeom.sf(
            table_.together[enough] - 1, table_.window[enough], table_.left_bids[enough], table_.right_bids[enough]
        )
    return np.clip(chances, 0, 1)


def groups(edges: Sequence[tuple[str, str, float]]) -> list[tuple[str, ...]]:
    """Return the communities of firms joined by significant edges (Louvain, seeded), largest first."""
    import networkx

    graph = networkx.Graph()
    graph.add_weighted_edges_from(sorted(edges))
    if not graph:
        return []
    found = networkx.community.louvain_communities(graph, weight="weight", seed=_SEED)
    return sorted((tuple(sorted(one)) for one in found if len(one) > 1), key=lambda one: (-len(one), one))


def why_silent(tender: Tender, history: History) -> str:
    """Return why nothing can be said of the past of a tender; "" where something can."""
    if not any(bid.firm for bid in tender.bids):
        return "数据没有投标人代码"
    if not history.has_dates_for(tender):
        return "没有开标时间，不能分辨先后"
    return "" if len(history) else "没有历史数据"


def _together(past: Past, found: list[Finding], unknown: list[Unknown]) -> None:
    """G1, and for each group found in it G2 and G3."""
    known = pairs(past)
    chances = pair_chances(known)
    tested = np.flatnonzero(known.together >= _JOINT)
    if not len(tested):
        unknown.append(Unknown("G1", f"没有两家此前共同投标满 {_JOINT} 次"))
        unknown += [Unknown(code, "没有可以查看的抱团组") for code in ("G2", "G3")]
        return
    possible = int(((known.left_bids >= _JOINT) & (known.right_bids >= _JOINT)).sum())
    stands = weights.discoveries(chances[tested].tolist(), FALSE_DISCOVERIES, tests=possible)
    kept = [int(place) for place, good in zip(tested, stands, strict=True) if good]
    name = past.firms
    edges = [
        (name[known.left[one]], name[known.right[one]], float(known.together[one] - known.expected[one]))
        for one in kept
    ]
    for group in groups([edge for edge in edges if edge[2] > 0]):
        rows = [name.index(firm) for firm in group]
        inside = [one for one in kept if known.left[one] in rows and known.right[one] in rows]
        p = min(1.0, float(chances[inside].min()) * len(chances))  # the best of all its pairs
        found.append(Finding(
            "G1", group, float(max(known.together[one] / max(known.expected[one], 0.01) for one in inside)),
            weights.of_chance(p, _MOST_PAIR), tuple(_pair_fact(known, name, one) for one in inside), p,
        ))
        _closed(past, group, rows, found, unknown)
        _rotation(past, group, rows, found, unknown)


def _pair_fact(known: Pairs, name: Sequence[str], one: int) -> Fact:
    left, right = name[known.left[one]], name[known.right[one]]
    return Fact(
        left, f"与 {right} 共同投标",
        f"{known.together[one]} 次，独立时期望 {known.expected[one]:.1f} 次；两家分别投标 {known.left_bids[one]}、"
        f"{known.right_bids[one]} 次，其间本市场共 {known.window[one]} 个项目；"
        f"同场时分别中标 {known.left_beats[one]}、{known.right_beats[one]} 次",
        "历史开标记录",
    )


def _closed(past: Past, group, rows, found, unknown) -> None:
    """Exclusivity: share of the group's bids with two members present; cohesion: of all company, how much is own."""
    present = past.bid[rows]
    company = present.sum(axis=0)
    bids = int(present.sum())
    if bids < _BY_CODE["G2"].minimum:
        unknown.append(Unknown("G2", f"组内此前共投标 {bids} 次，少于 {_BY_CODE['G2'].minimum} 次"))
        return
    exclusivity = float(present[:, company >= 2].sum() / bids)
    own = float((company * (company - 1)).sum())
    cohesion = own / max(float((company * (past.sizes - 1)).sum()), 1.0)
    if exclusivity >= 0.8 and cohesion >= 0.5:
        found.append(Finding(
            "G2", group, exclusivity, 0.7,
            (Fact("", "有两名以上组员在场的投标", f"{exclusivity:.0%}（共 {bids} 次）", "历史开标记录"),
             Fact("", "组员遇到的对手中组员所占", f"{cohesion:.0%}", "历史开标记录")),
        ))


def _rotation(past: Past, group, rows, found, unknown) -> None:
    order = np.argsort(past.place, kind="stable")
    won = past.won[np.ix_(rows, order)]
    joint = past.bid[np.ix_(rows, order)].sum(axis=0) >= 2
    winners = won.argmax(axis=0)[joint & (won.sum(axis=0) == 1)]
    least = _BY_CODE["G3"].minimum
    if len(winners) < least:
        unknown.append(Unknown("G3", f"组员同场且有组员中标的项目 {len(winners)} 个，少于 {least} 个"))
        return
    repeats = int((winners[1:] == winners[:-1]).sum())
    random = np.random.default_rng(_SEED)
    shuffled = random.permuted(np.tile(winners, (_PERMUTATIONS, 1)), axis=1)
    fewer = int(((shuffled[:, 1:] == shuffled[:, :-1]).sum(axis=1) <= repeats).sum())
    p = (fewer + 1) / (_PERMUTATIONS + 1)
    if p <= 0.05:
        sequence = "、".join(group[one] for one in winners[-12:])
        found.append(Finding(
            "G3", group, float(repeats), weights.of_chance(p, 2.0),
            (Fact("", "最近的组内中标次序", sequence, "历史中标记录"),
             Fact("", "连续两次由同一家中标", f"{repeats} 次（共 {len(winners) - 1} 次机会）", "历史中标记录")), p,
        ))


def always_lose(bids: np.ndarray, wins: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, list[bool]]:
    """Return for each firm the chance of so few wins, and whether it stands: beyond chance, and by a wide margin."""
    from scipy.stats import binom

    chances = binom.cdf(wins, bids, share)
    stands = weights.discoveries(chances.tolist(), FALSE_DISCOVERIES)
    few = (wins <= LOSES * share * bids).tolist()
    return chances, [good and little for good, little in zip(stands, few, strict=True)]


def _losers(past: Past, found: list[Finding], unknown: list[Unknown]) -> None:
    count, wins = past.bid.sum(axis=1), past.won.sum(axis=1)
    rows = np.flatnonzero(count >= _BY_CODE["G4"].minimum)
    if not len(rows):
        unknown.append(Unknown("G4", f"没有投标人此前投标满 {_BY_CODE['G4'].minimum} 次"))
        return
    if not past.won.any():
        unknown.append(Unknown("G4", "历史数据没有中标人"))
        return
    chance_to_win = (past.bid[rows] / past.sizes).sum(axis=1) / count[rows]
    chances, loses = always_lose(count[rows], wins[rows], chance_to_win)
    for row, p, share, good in zip(rows, chances.tolist(), chance_to_win, loses, strict=True):
        if good:
            firm = past.firms[row]
            found.append(Finding(
                "G4", (firm,), float(wins[row] / count[row]),
                weights.of_chance(min(1.0, p * len(rows)), 1.6),
                (Fact(firm, "投标与中标", f"投标 {count[row]} 次，中标 {wins[row]} 次；按同场家数应有 "
                      f"{share * count[row]:.1f} 次", "历史开标与中标记录"),), p,
            ))


def _at_buyer(tender: Tender, past: Past, found: list[Finding], unknown: list[Unknown]) -> None:
    from scipy.stats import binom

    if not tender.buyer:
        unknown.append(Unknown("G5", "数据没有招标人"))
        return
    here = past.buyers == past.buyer if past.buyer >= 0 else np.zeros(len(past.buyers), dtype=bool)
    bids = past.bid[:, here].sum(axis=1)
    elsewhere = past.bid[:, ~here].sum(axis=1)
    least = _BY_CODE["G5"].minimum
    rows = np.flatnonzero((bids >= least) & (elsewhere >= least))
    if not len(rows):
        unknown.append(Unknown("G5", f"没有投标人在该招标人处和别处都投标满 {least} 次"))
        return
    wins, wins_elsewhere = past.won[rows][:, here].sum(axis=1), past.won[rows][:, ~here].sum(axis=1)
    rate = (wins_elsewhere + 1) / (elsewhere[rows] + 2)
    chances = binom.sf(wins - 1, bids[rows], rate)
    stands = weights.discoveries(chances.tolist(), FALSE_DISCOVERIES)
    for place, row in enumerate(rows):
        if stands[place]:
            firm, p = past.firms[row], float(chances[place])
            found.append(Finding(
                "G5", (firm,), float(wins[place] / bids[row]), weights.of_chance(min(1.0, p * len(rows)), 1.6),
                (Fact(firm, "在该招标人处", f"投标 {bids[row]} 次，中标 {wins[place]} 次", "历史中标记录"),
                 Fact(firm, "在别处", f"投标 {elsewhere[row]} 次，中标 {wins_elsewhere[place]} 次", "历史中标记录")), p,
            ))


def _same_three(tender: Tender, past: Past, found: list[Finding]) -> None:
    if len(tender.bids) != 3 or len(past.firms) != 3:
        return
    times = int(((past.bid.sum(axis=0) == 3) & (past.sizes == 3)).sum())
    if times >= _BY_CODE["G6"].minimum:
        known = pairs(past)
        rarest = float(pair_chances(known).max())  # all three pairs must be beyond chance
        found.append(Finding(
            "G6", past.firms, float(times), weights.of_chance(rarest, 1.6),
            (Fact("", "同样三家此前单独同场", f"{times} 次", "历史开标记录"),
             *(_pair_fact(known, past.firms, one) for one, _ in enumerate(itertools.combinations(past.firms, 2)))),
            rarest,
        ))
