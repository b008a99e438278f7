"""Planted schemes and innocent coincidences in 7,000 tenders, families F, M, E and A.

``./gongheng bench screening_families`` prints, per scheme, how many plants were found, and per family, how many
honest tenders showed anything; the honest world is full of parks, defaults, virtual machines and shared agents.
"""

import math
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from gongheng.screening import fingerprints, judges, reading_time, relations, tenderers
from gongheng.screening.findings import Said
from gongheng.screening.fingerprints import Trace, Usage
from gongheng.screening.judges import Score
from gongheng.screening.reading_time import Reading
from gongheng.screening.relations import Payment, Policy, Profile
from gongheng.screening.tenderers import Offer, Tender

TENDERS, BIDDERS, FIRMS, JUDGES, PARKS = 7_000, 5, 2_000, 400, 40
PLANTS = 40  # per scheme
NINE = datetime(2026, 3, 2, 1, tzinfo=UTC)
STRONG = round(math.log(10), 6)  # findings are rounded so
SCHEMES = (
    "同一锁号", "锁号占以往投标2%", "硬件三项同两项", "同一网卡", "同一作者", "同一专线地址", "同一付款账户",
    "连号账户同一经办", "保函同一人连续办理", "同一项目负责人", "登记电话相同", "最低价被否决", "一人定局",
    "翻阅过快", "未看先评",
)
#: Which of the four families each scheme shows in: the first six in F, five in M, one in A, three in E.
FAMILY = dict(zip(SCHEMES, (0,) * 6 + (1,) * 5 + (2,) + (3,) * 3, strict=True))
POOLED = "gld-pool-0001"


@dataclass
class World:
    """The records of one tender, honest until a scheme changes them."""

    firms: list[str]
    traces: dict[tuple[str, str], str]
    payments: dict[str, Payment]
    policies: list[Policy]
    profiles: dict[str, Profile]
    tender: Tender
    scores: list[Score]
    readings: list[Reading]
    schemes: list[str] = field(default_factory=list)


def main() -> int:
    random = np.random.default_rng(12)
    worlds = [_honest(random, number) for number in range(TENDERS)]
    for place, number in enumerate(random.choice(TENDERS, PLANTS * len(SCHEMES), replace=False)):
        _plant(worlds[number], SCHEMES[place % len(SCHEMES)])
    held = Counter({("lock", POOLED): TENDERS * BIDDERS // 50})
    seen = Counter({("ip", _park(number)): FIRMS // PARKS for number in range(PARKS)})
    usage = Usage(TENDERS * BIDDERS, held, seen)
    past = judges.learn([one for world in worlds[:1_000] for one in world.scores if not world.schemes])
    pace = reading_time.learn([one for world in worlds[:1_000] for one in world.readings if not world.schemes])
    start = time.process_time()
    said = [_said(world, usage, past, pace) for world in worlds]
    took = time.process_time() - start
    print(f"{TENDERS} 个项目 × {BIDDERS} 家：F、M、E、A 四类共 {took:.1f} CPU-s；每种手法植入 {PLANTS} 处")
    for scheme in SCHEMES:
        rows = [one for one, world in zip(said, worlds, strict=True) if scheme in world.schemes]
        # Plants concern the first bidder; what else honest records happen to show does not count.
        best = [max((f.log_lr for f in one[FAMILY[scheme]].findings if "F0" in f.parties), default=0.0) for one in rows]
        strong = sum(one >= STRONG for one in best)
        print(f"  {scheme}：查出 {sum(one > 0 for one in best)}/{PLANTS}，其中似然比≥10 {strong}")
    honest = [one for one, world in zip(said, worlds, strict=True) if not world.schemes]
    for name, place in (("F 电子指纹", 0), ("M 资金与人员", 1), ("A 招标人与代理", 2), ("E 评审", 3)):
        spoke = Counter(f.indicator for one in honest for f in one[place].findings if f.log_lr > 0)
        strong = sum(any(f.log_lr >= STRONG for f in one[place].findings) for one in honest)
        said_so = dict(sorted(spoke.items()))
        print(f"  诚实项目 {len(honest)} 个，{name}：各指标 {said_so}，似然比≥10 的项目 {strong} 个")
    return 0


def _said(world: World, usage: Usage, past: judges.History, pace: reading_time.Pace | None) -> tuple[Said, ...]:
    traces = [Trace(firm, kind, value, f"{firm}.log") for (firm, kind), value in world.traces.items()]
    crowd = {"053100000000": 60}
    marks = judges.findings(world.scores, past=past, base=dict.fromkeys(world.firms, 0.0))
    read = reading_time.findings(world.readings, pace=pace)
    return (
        fingerprints.findings(traces, usage=usage),
        relations.findings(
            world.firms, payments=list(world.payments.values()), policies=world.policies,
            profiles=list(world.profiles.values()), clearing=["9999000011112222"], crowded=crowd,
        ),
        tenderers.findings(world.tender, past=[]),
        Said(marks.findings + read.findings, marks.unknown + read.unknown),
    )


def _honest(random: np.random.Generator, number: int) -> World:
    """Firms sit in parks, half work in virtual machines, boards bear defaults, guarantors clear through one account."""
    who = random.choice(FIRMS, BIDDERS, replace=False)
    # The records name bidders by their place in the tender, devices by the firm behind them.
    firms = [f"F{place}" for place in range(BIDDERS)]
    traces, payments, profiles = {}, {}, {}
    policies = []
    for place, firm in zip(who.tolist(), firms, strict=True):
        is_pooled = random.random() < 0.02
        traces[firm, "lock"] = POOLED if is_pooled else f"GLD-{place:08}"
        traces[firm, "mac"] = "00:0C:29:00:00:01" if random.random() < 0.5 else f"3C:52:82:{place:06x}"
        traces[firm, "cpu"], traces[firm, "disk"] = f"BFEB{place:010}", f"S3Z8{place:010}"
        traces[firm, "board"] = "To be filled by O.E.M."
        traces[firm, "author"] = str(random.choice(["Administrator", "微软用户", f"预算员{place}"]))
        traces[firm, "ip"] = _park(place % PARKS)
        cleared = random.random() < 0.4
        account = "9999000011112222" if cleared else f"6222{place:06}{random.integers(10**6):06}"
        payments[firm] = Payment(firm, "投标保证金", account, f"支行{place % 9}", f"h:{place}", "回单")
        issued = NINE + timedelta(minutes=float(random.uniform(0, 3000)))
        policies.append(Policy(firm, f"h:desk{random.integers(6)}", f"窗口{place % 5}", issued, "保函"))
        phone = "0531-0000-0000" if random.random() < 0.1 else f"0531{place:08}"
        profiles[firm] = Profile(firm, telephone=phone, managers=(f"h:m{place}",))
    prices = sorted(random.normal(100, 4, BIDDERS).tolist())
    offers = tuple(Offer(firm, price, True) for firm, price in zip(firms, prices, strict=True))
    tender = Tender("某局", "某代理", "F0", offers, NINE, NINE + timedelta(days=21), 20, (), NINE, (), ())
    panel = [f"J{judge}" for judge in random.choice(JUDGES, 5, replace=False)]
    merit = np.sort(random.normal(80, 4, BIDDERS))[::-1]
    severity = dict(zip(panel, random.normal(0, 3, 5), strict=True))
    scores = [
        Score(f"T{number:05}", "技术", judge, firm, float(merit[place] + severity[judge] + random.normal(0, 2)), 100.0)
        for judge in panel for place, firm in enumerate(firms)
    ]
    readings = []
    for judge in panel:
        for firm in firms:
            pages = int(random.integers(80, 500))
            seconds = float(np.exp(np.log(pages) + 1 + random.normal(0, 0.5)))
            readings.append(Reading(judge, firm, "技术标", pages, seconds, NINE, NINE + timedelta(hours=1)))
    return World(firms, traces, payments, policies, profiles, tender, scores, readings)


def _plant(world: World, scheme: str) -> None:
    """Change the records of the first two bidders (or of the first judge) as the scheme would leave them."""
    world.schemes.append(scheme)
    kinds = {
        "同一锁号": {"lock": "GLD-77777777"}, "锁号占以往投标2%": {"lock": POOLED},
        "硬件三项同两项": {"cpu": "BFEBAAAA000011", "disk": "S3Z8AAAA000011"}, "同一网卡": {"mac": "3C:52:82:AA:00:11"},
        "同一作者": {"author": "赵工造价室"}, "同一专线地址": {"ip": "139.196.7.7"},
    }.get(scheme, {})
    for kind, value in kinds.items():
        for firm in ("F0", "F1"):
            world.traces[firm, kind] = value
    accounts = {
        "同一付款账户": ("62220000555566", "62220000555566"), "连号账户同一经办": ("62220000555566", "62220000555569"),
    }
    if scheme in accounts:
        for firm, account in zip(("F0", "F1"), accounts[scheme], strict=True):
            world.payments[firm] = Payment(firm, "投标保证金", account, "城东支行", "h:x", "回单")
    elif scheme == "保函同一人连续办理":
        world.policies += [Policy(firm, "h:x", "1.2.3.4", NINE + timedelta(minutes=2), "保函") for firm in ("F0", "F1")]
    elif scheme == "同一项目负责人":
        world.profiles |= {firm: Profile(firm, managers=("h:mx",)) for firm in ("F0", "F1")}
    elif scheme == "登记电话相同":
        world.profiles |= {firm: Profile(firm, telephone="0531-88887777") for firm in ("F0", "F1")}
    elif scheme == "最低价被否决":
        refused = Offer("F4", min(one.price or 0 for one in world.tender.offers) - 5, False, "业绩不符")
        offers = (*world.tender.offers[:-1], refused)
        world.tender = Tender("某局", winner="F0", offers=offers)
    elif scheme == "一人定局":
        judge = world.scores[0].judge
        others = {"F0": -6.0, "F1": 0.0}
        world.scores = [
            Score(one.tender, one.factor, one.judge, one.firm, (98.0 if one.firm == "F0" else 60.0), 100.0)
            if one.judge == judge else
            Score(one.tender, one.factor, one.judge, one.firm, 80 + others.get(one.firm, -9.0), 100.0)
            for one in world.scores
        ]
    elif scheme in ("翻阅过快", "未看先评"):
        one = world.readings[0]
        opened = None if scheme == "未看先评" else one.opened_at
        world.readings[0] = Reading(one.judge, one.firm, one.part, one.pages, one.pages / 5, opened, one.marked_at)


def _park(number: int) -> str:
    return f"123.57.{number}.9"


if __name__ == "__main__":
    sys.exit(main())
