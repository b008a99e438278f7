"""Past tenders of an invented earlier system (演示历史数据), with one ring of three firms among honest ones.

They are imported as history of another system, and their source says what they are wherever they are shown.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from gongheng.followers.analytics.actions import BidRow, TenderRow, import_history
from gongheng.followers.analytics.models import TenderRecord
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation

SOURCE = "演示历史数据"
OPERATOR = Actor("demonstration", Role.PUBLIC)
#: Places with a market of their own; the ring works in the last one.
PLACES = ("370100", "370200", "371300", "371400")
MONTHS = 24
_WORKS = (
    "小学教学楼", "卫生院门诊楼", "社区服务中心", "农贸市场", "公租房", "体育馆", "养老院", "幼儿园",
    "消防站", "档案馆",
)
_BUYERS = ("住房保障服务中心", "教育和体育局", "卫生健康局", "城市更新服务中心", "文化和旅游局", "城建投资公司")
_AGENCIES = ("演示代理甲", "演示代理乙", "演示代理丙")


def load(settings) -> int:
    """Import the history unless it is there; return how many tenders."""
    if TenderRecord.objects.filter(source=SOURCE).exists():
        return 0
    return import_history(rows(settings.CLOCK.now()), source=SOURCE, actor=OPERATOR, clock=settings.CLOCK)


def ring() -> list[Organisation]:
    """Return the three firms that agree among themselves: two of 德州, one of 聊城."""
    firms = Organisation.objects.filter(roles=[str(Role.BIDDER)]).order_by("uscc")
    return [*firms.filter(region__startswith="3714")[:2], *firms.filter(region__startswith="3715")[:1]]


def guide(origin: str) -> str:
    """Return where the supervisor finds the ring, for the sign-in guide."""
    names = "、".join(one.name for one in ring())
    return (
        f"  围串标筛查：以行政监督部门登录后打开 {origin}/screening/；演示历史数据中埋有三家轮流中标、报价等差、"
        f"共用软件锁的企业（{names}），可从预警看到移送、反馈的全过程"
    )


def rows(now: datetime) -> list[TenderRow]:
    """Return two years of tenders before ``now``: honest ones everywhere, the ring's about once in six weeks."""
    random = Random("gongheng demonstration history 1")
    agreed = ring()
    others = list(Organisation.objects.filter(roles=[str(Role.BIDDER)]).exclude(
        pk__in=[one.pk for one in agreed]).order_by("uscc"))
    found, number = [], 0
    for day in range(30 * MONTHS, 3, -1):
        opened_at = _morning(now - timedelta(days=day))
        for place in PLACES:
            if random.random() < 0.085:
                number += 1
                found.append(_tender(number, place, opened_at, random, _honest(place, others, agreed, random)))
        if day % 45 == 6:
            number += 1
            found.append(_tender(number, PLACES[-1], opened_at, random, None, agreed=agreed, others=others))
    return found


def _honest(place: str, others: Sequence, agreed: Sequence, random: Random) -> list:
    """Bidders of an honest tender: those of the place more often; now and then one of the ring on its own."""
    near = [one for one in others if one.region[:4] == place[:4] and random.random() < 0.4]
    firms = near + random.sample(others, random.randint(3, 5))
    if random.random() < 0.1:
        firms.append(random.choice(agreed))
    return list({one.uscc: one for one in firms}.values())


def _tender(number, place, opened_at, random: Random, firms, *, agreed=(), others=()) -> TenderRow:
    ceiling = Decimal(random.randint(300, 3000)) * 10_000
    if firms is not None:
        prices = sorted(
            ((_price(ceiling, random.uniform(0.84, 0.93) * random.lognormvariate(0, 0.035)), one) for one in firms),
            key=lambda pair: (pair[0], pair[1].uscc),
        )
    else:
        prices = _agreed(ceiling, number, random, agreed, others)
    name = region(place).name
    evidence = {} if firms is not None else _left_behind([one for _, one in prices], agreed, number)
    return TenderRow(
        code=f"YS{opened_at:%y%m%d}{number:04d}", name=f"{name}{random.choice(_WORKS)}建设工程（演示 {number} 号）",
        region=place, trade="A08", buyer=f"{name}{random.choice(_BUYERS)}", agency=random.choice(_AGENCIES),
        method="lowest", ceiling=ceiling, opened_at=opened_at, decided_at=opened_at + timedelta(days=5),
        bids=tuple(BidRow(one.uscc, one.name, price, rank == 0) for rank, (price, one) in enumerate(prices)),
        evidence=evidence,
    )


def _left_behind(firms: Sequence, agreed: Sequence, number: int) -> dict:
    """What the earlier system kept of the ring's bids: one licence for all three; at times one account for two."""
    members = {one.uscc for one in agreed}
    traces = [
        [one.uscc, "lock", "YS-8842-1907" if one.uscc in members else f"YS-{one.uscc[-8:]}", "计价文件第 1 行（演示）"]
        for one in firms
    ]
    payer = {one.uscc: f"3714{one.uscc[8:16]}0001" for one in firms}
    if number % 4 == 0:
        payer[agreed[1].uscc] = payer[agreed[0].uscc]
    payments = [
        [one.uscc, "投标保证金", payer[one.uscc], "", "", "保证金到账回单（演示）"] for one in firms
    ]
    return {"traces": traces, "payments": payments}


def _agreed(ceiling: Decimal, number: int, random: Random, agreed: Sequence, others: Sequence) -> list:
    """The ring's prices: below the ceiling in equal steps, the lowest by turns; at times an outsider above them."""
    turn = number % len(agreed)
    order = [*agreed[turn:], *agreed[:turn]]
    base = random.uniform(0.955, 0.968)
    prices = [(_price(ceiling, base + 0.009 * place), one) for place, one in enumerate(order)]
    if random.random() < 0.4:
        prices.append((_price(ceiling, random.uniform(0.988, 0.998)), random.choice(others)))
    return prices


def _price(ceiling: Decimal, share: float) -> Decimal:
    return (ceiling * Decimal(f"{min(share, 0.999):.6f}")).quantize(Decimal("0.01"))


def _morning(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI).replace(hour=9, minute=30, second=0, microsecond=0)
