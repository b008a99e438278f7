"""Imported tenders with a ring among honest firms, and screenings of known content (测试布景)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from gongheng.followers.analytics import actions
from gongheng.followers.analytics.actions import BidRow, TenderRow
from gongheng.followers.analytics.models import Run, Screening, TenderRecord
from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trust.evidence.moving import note

SOURCE = "某市原交易系统（测试数据）"
FIRST = datetime(2025, 3, 3, 1, 30, tzinfo=UTC)
FIRMS = {make_uscc("9", "1", "371402", 71000000 + number): f"测试{name}建设有限公司" for number, name in enumerate(
    "甲乙丙丁戊己庚辛壬癸子丑寅卯"
)}
CODES = tuple(FIRMS)
RING = CODES[:3]


def honest(number: int, random: Random, opened_at: datetime | None = None) -> TenderRow:
    """Return a tender of five firms outside the ring who reckoned each for himself."""
    cost, firms = random.uniform(5e6, 2e7), random.sample(CODES[3:], 5)
    bids = sorted((round(cost * random.lognormvariate(0, 0.05), 2), firm) for firm in firms)
    return row(number, bids, cost * 1.15, opened_at)


def rigged(number: int, random: Random, opened_at: datetime | None = None) -> TenderRow:
    """Return a tender of the ring: the turn goes round, the steps are equal, the price hugs the ceiling."""
    ceiling, turn = random.uniform(5e6, 2e7), number % 3
    order = RING[turn:] + RING[:turn]
    bids = [(round(ceiling * (0.968 + 0.01 * place), 2), firm) for place, firm in enumerate(order)]
    return row(number, bids, ceiling, opened_at)


def row(number: int, bids, ceiling: float, opened_at: datetime | None) -> TenderRow:
    opened_at = opened_at or FIRST + timedelta(days=7 * number)
    return TenderRow(
        code=f"T{number:04d}", name=f"测试工程{number}号", region="371402", trade="A08", buyer=f"招标人{number % 4}",
        agency=f"代理{number % 2}", method="lowest", opened_at=opened_at, decided_at=opened_at + timedelta(days=3),
        ceiling=Decimal(f"{ceiling:.2f}"),
        bids=tuple(
            BidRow(firm, FIRMS[firm], Decimal(f"{price:.2f}"), place == 0) for place, (price, firm) in enumerate(bids)
        ),
    )


def imported(rows, clock) -> list[TenderRecord]:
    """Import rows and return them in order of opening."""
    actions.import_history(rows, source=SOURCE, actor=THE_CLOCK, clock=clock)
    return list(TenderRecord.objects.filter(source=SOURCE).order_by("opened_at"))


def said(value: float, coalition=(), *, statutory=False) -> dict:
    """Return a result with one price finding about the coalition."""
    finding = {
        "indicator": "P9", "parties": list(coalition), "value": 0.01, "log_lr": 3.2, "p": 0.004, "base_rate": 0.012,
        "facts": [
            {"party": one, "label": "报价", "value": f"{9_680_000 + 100_000 * place} 元", "source": "开标记录第 1 页"}
            for place, one in enumerate(coalition)
        ],
    }
    return {
        "index": {
            "model": "test-1", "prior": 0.01, "value": value, "low": value / 2, "high": min(2 * value, 100),
            "sentence": f"指数 {value:.0f}：测试；指数是线索，不是认定。", "coalition": list(coalition),
            "families": [
                {"family": "P", "log_lr": 3.2, "is_capped": False, "findings": [finding]}
            ] if coalition else [],
            "statutory": [finding] if statutory else [], "without": {"P": 1.0} if coalition else {},
            "completeness": {
                "share": 0.4, "looked": ["P", "G"], "absent": ["T"],
                "unknown": {"P": [{"indicator": "P9", "reason": "投标人不足 4 家"}]},
            },
        },
        "said": {}, "indicators": {"P9": {
            "code": "P9", "family": "P", "name": "报价等差", "definition": "相邻报价之差几乎相等。",
            "clause": "条例40(四)",
            "innocent": ["同一计价软件和信息价", "下浮率由招标文件限定"], "settles": "调取各家计价软件的原始文件。",
            "minimum": 4, "is_statutory": statutory,
        }},
    }


def screened(tender: TenderRecord, clock, value: float, coalition=(), *, statutory=False) -> Screening:
    """Store a result of known content, as a run would."""
    with note("screening.run", "screening:test", actor=THE_CLOCK, clock=clock, moment="nightly", tenders=1,
              model="test-1", digest="x") as step:
        pass
    run = Run.objects.create(
        moment=Run.Moment.NIGHTLY, as_of=clock.now(), model_version="test-1", salt=bytes(32), digest="x", tenders=1,
        made=1, seconds=Decimal("0.10"), entry=step.entry,
    )
    made = Screening.objects.create(
        tender=tender, run=run, inputs_digest="i" * 43, value=value, prior=0.01, is_statutory=statutory,
        families=["P"] if coalition else [], coalition=list(coalition), signs=["P9"] if coalition else [],
        result=said(value, coalition, statutory=statutory),
    )
    tender.screening = made
    tender.save()
    return made
