"""What the radar says of a made-up trade, without a database but for its report; silent where there is too little."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from gongheng.followers.analytics import actions, queries, radar
from gongheng.followers.analytics.models import Report, TradeYear
from gongheng.followers.analytics.radar import Deal, Offer
from gongheng.followers.analytics.tests.building import RING, honest, imported, rigged
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.award.tests.building import visitor
from gongheng.trading.projects.tests.building import actor, organisation
from gongheng.trust.documents import sandbox, store
from gongheng.trust.evidence.models import Entry

HOME, AWAY = "91370102", "91320102"


def deal(number: int, firms, *, winner: int = 0, buyer: str = "甲局", month: int | None = None) -> Deal:
    at = date(2025, 1 + (number if month is None else month) % 12, 1)
    offers = tuple(
        Offer(firm, f"名{firm}", 90.0 + place, place == winner) for place, firm in enumerate(firms)
    )
    return Deal(datetime(at.year, at.month, 5, tzinfo=UTC), at, "3701", buyer, "", 100.0, offers)


def firms(*numbers: int, start: str = HOME) -> list[str]:
    return [f"{start}{number:010d}" for number in numbers]


def test_concentration_outsiders_and_savings():
    both = [*firms(1), *firms(2, start=AWAY)]
    rows = [deal(number, both, winner=int(number % 4 == 0), buyer="乙局") for number in range(8)]
    (buyer,) = radar.concentrations(rows, "buyer")
    assert (buyer.label, buyer.awards, buyer.winners, buyer.share) == ("乙局", 8, 2, 0.75)
    assert buyer.hhi == pytest.approx(0.75**2 + 0.25**2)
    assert radar.concentrations(rows[:4], "buyer") == []
    assert radar.outsiders(rows) == [("3701", 16, 8, 8, 2)]
    assert radar.savings(rows[1:2]) == [(date(2025, 2, 1), pytest.approx(0.1), 1)]


def test_the_forecast_needs_a_year_and_holds_nine_tenths():
    assert radar.forecast([(date(2025, 1, 1), 5.0)] * 11) is None
    random, hits = Random(5), 0
    for _ in range(400):
        values = [random.gauss(100, 10) for _ in range(13)]
        found = radar.forecast([(date(2025, 1, 1), value) for value in values[:12]])
        hits += found.low <= values[12] <= found.high
    assert 0.86 < hits / 400 < 0.94


def test_a_month_without_awards_stands_with_nothing():
    rows = [deal(0, firms(1, 2), month=0), deal(0, firms(1, 2), month=2)]
    assert radar.turnover(rows, date(2025, 4, 1)) == [
        (date(2025, 1, 1), 90.0), (date(2025, 2, 1), 0), (date(2025, 3, 1), 90.0), (date(2025, 4, 1), 0),
    ]


@pytest.mark.django_db
def test_the_page_and_the_report(clock, authority):
    random = Random(9)
    start = clock.now() - timedelta(days=200)
    imported([
        (rigged if number % 2 else honest)(number, random, start + timedelta(days=8 * number)) for number in range(20)
    ], clock)
    department = organisation(Role.SUPERVISOR, 63000001, "某省住房和城乡建设厅", "370000")
    desk = visitor(authority, actor(Role.SUPERVISOR, department), clock)
    assert "今夜筛查之后显示" in desk.text("/screening/radar/")
    early = Entry.objects.count()
    with pytest.raises(Refusal, match="还没有计算"):
        actions.issue_report(date(2026, 1, 1), actor=actor(Role.SUPERVISOR, department), clock=clock)
    assert (Entry.objects.count(), Report.objects.count()) == (early, 0)
    away = organisation(Role.SUPERVISOR, 63000002, "某外地市住房和城乡建设局", "370202")
    actions.reckon_trade(clock=clock)
    assert not TradeYear.objects.filter(department=away).exists()  # it sees nothing of this city
    made = {one.pk for one in TradeYear.objects.all()}
    actions.reckon_trade(clock=clock)
    assert {one.pk for one in TradeYear.objects.all()} == made
    (group,) = queries.trade_year(actor(Role.SUPERVISOR, department)).result["groups"]
    assert (group["firms"], group["together"], sorted(group["wins"])) == (sorted(RING), 10, [3, 3, 4])
    page = desk.text("/screening/radar/")
    for words in ("抱团组", "测试甲建设有限公司", f"q={RING[0]}", "外地中标率", "不足 12 个整月，不作预测", "从不同场"):
        assert words in page, words
    assert desk.client.post("/screening/radar/reports/", {"month": "2026-01"}).status_code == 302
    report = Report.objects.get()
    answer = desk.client.get(f"/screening/radar/reports/{report.pk}.pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    before = Entry.objects.count(), Report.objects.count()
    for month in (date(2026, 3, 1), date(2020, 1, 1)):
        with pytest.raises(Refusal):
            actions.issue_report(month, actor=actor(Role.SUPERVISOR, department), clock=clock)
    for year in (2026, 2020):
        with pytest.raises(Refusal) as refused:
            actions.issue_yearbook(year, actor=actor(Role.SUPERVISOR, department), clock=clock)
        assert refused.value.rule == "YEAR"
    assert (Entry.objects.count(), Report.objects.count()) == before
    assert desk.client.post("/screening/radar/reports/", {"month": "2025"}).status_code == 302
    yearly = Report.objects.get(is_yearly=True)
    text = sandbox.extract_text(store.path(yearly.document.digest)).replace("\n", "")
    for words in ("围串标监测年报", "12 月", "测试甲建设有限公司", "中标集中度", "立线索 0 件。", "上年资料不全"):
        assert words in text, words
