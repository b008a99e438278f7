"""What the supervisor's pages show, that every look leaves a trace, and that nobody else gets in."""

from io import BytesIO
from random import Random

import pytest
from django.test import Client
from openpyxl import load_workbook

from gongheng.followers.analytics.lifecycle import LeadState
from gongheng.followers.analytics.models import Lead, Listing, View
from gongheng.followers.analytics.tests.building import FIRMS, RING, honest, imported, rigged, screened
from gongheng.followers.analytics.urls import urlpatterns
from gongheng.kernel.roles import Role
from gongheng.trading.award.tests.building import Visitor, visitor
from gongheng.trading.projects.tests.building import actor, organisation
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db
OTHERS = (Role.BIDDER, Role.EXPERT, Role.AGENCY, Role.TENDERER, Role.CENTRE, Role.NOTARY)
REASON = "经核对计价软件原始文件，三家报价文件由同一人编制。"


@pytest.fixture
def department():
    return organisation(Role.SUPERVISOR, 63000001, "某省住房和城乡建设厅", "370000")


@pytest.fixture
def desk(department, authority, clock) -> Visitor:
    return visitor(authority, actor(Role.SUPERVISOR, department), clock)


@pytest.fixture
def tenders(clock):
    random = Random(7)
    records = imported([honest(1, random), rigged(2, random), honest(3, random)], clock)
    for record, value in zip(records, (0.8, 66.0, 1.0), strict=True):
        screened(record, clock, value, RING if value == 66.0 else ())
    return records


def test_the_list_shows_the_worst_first_within_the_budget(desk, tenders):
    page = desk.text("/screening/")
    assert page.index("测试工程2号") < page.index("测试工程3号") < page.index("测试工程1号")
    assert "相对风险（未校准）" in page
    assert "本月预算 1 件（8.1%）" in page
    assert page.count("未达预警线") == 2


@pytest.mark.parametrize(("terms", "shown"), [
    ("q=测试工程3号", "3"), (f"q={RING[0]}", "2"), ("state=waiting", "2"), ("family=P", "2"), ("family=T", ""),
    ("region=371400", "123"), ("region=370200", "123"), ("month=2025-03", "123"), ("month=all", "123"),
])
def test_filters_narrow_the_list(desk, tenders, terms, shown):
    page = desk.text(f"/screening/?{terms}")
    wanted = "" if terms == "region=370200" else shown
    assert {number for number in "123" if f"测试工程{number}号" in page} == set(wanted)


def test_the_spreadsheet_has_the_rows_of_the_list(desk, tenders):
    answer = desk.client.get("/screening/?format=xlsx")
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert [row[0] for row in rows[1:]] == ["T0002", "T0003", "T0001"]
    assert dict(zip(rows[0], rows[1], strict=True))["分档"] == "预警"


def test_the_tender_page_explains_itself(desk, tenders):
    page = desk.text(f"/screening/tenders/{tenders[1].pk}/")
    for words in (
        "指数是线索，不是认定", "数据完整度 40%", "文件雷同", "报价等差", "同一计价软件和信息价", "条例40(四)",
        "调取各家计价软件的原始文件", "1.2%", "p=0.004", "开标记录第 1 页", "不计报价规律，指数为", "投标人不足 4 家",
        "test-1",
        *(FIRMS[one] for one in RING),
    ):
        assert words in page, words


def test_every_look_is_an_entry_once_in_ten_minutes(desk, tenders, clock):
    path = f"/screening/tenders/{tenders[1].pk}/"
    looks = Entry.objects.filter(verb="screening.look")
    for _ in range(3):
        desk.text(path)
    assert (looks.count(), View.objects.count()) == (1, 1)
    assert str(tenders[1].pk).encode() not in bytes(looks.get().body)
    assert "某人" in desk.text(path)


def test_a_lead_is_worked_through_the_pages(desk, tenders):
    path = f"/screening/tenders/{tenders[1].pk}/"
    assert desk.sign(f"{path}study/", "analytics.study").status_code == 302
    lead = Lead.objects.get()
    base = f"/screening/leads/{lead.pk}/"
    desk.client.post(f"{base}ticks/", {"tick": ["P9-1"]})
    assert "某人 已核查" in desk.text(path)
    answer = desk.sign(f"{base}transfer/", "analytics.transfer", **{
        "transfer-authority": "", "transfer-reason": REASON})
    assert answer.status_code == 302
    assert "移送机关：" in desk.text(path)
    desk.sign(f"{base}transfer/", "analytics.transfer", **{
        "transfer-authority": "某市公安局", "transfer-reason": REASON})
    answer = desk.client.get(f"{base}letter.pdf")
    assert b"".join(answer.streaming_content).startswith(b"%PDF-")
    desk.sign(f"{base}accept/", "analytics.accept", **{"accept-case_number": "某公受案〔2026〕1号"})
    desk.sign(f"{base}feed-back/", "analytics.feed_back", **{
        "feed_back-outcome": "proven", "feed_back-reason": REASON, "feed_back-penalty": ""})
    lead.refresh_from_db()
    assert lead.state == LeadState.FED_BACK
    assert "查实" in desk.text("/screening/outcomes/")
    assert "测试工程2号" in desk.text(f"/screening/?month=all&state={LeadState.FED_BACK}")


def test_the_watch_list_needs_a_colleague(desk, department, authority, clock):
    firm = organisation(Role.BIDDER, 63000009, "某陪标建设有限公司")
    assert "名单是空的" in desk.text("/screening/watch/")
    fields = {"kind": "firm", "party": firm.uscc, "reason": REASON, "until": "2026-06-30"}
    again = desk.sign("/screening/watch/enter/", "analytics.enter", **fields | {"party": "91"})
    assert "没有登记该统一社会信用代码的单位" in again.content.decode()
    assert desk.sign("/screening/watch/enter/", "analytics.enter", **fields).status_code == 302
    listing = Listing.objects.get()
    path = f"/screening/watch/{listing.pk}/remove/"
    assert "请由本部门其他人员移出" in desk.text(path)
    refused = desk.sign(path, "analytics.remove", reason=REASON)
    assert "列入和移出须由不同的人办理" in refused.content.decode()
    colleague = visitor(authority, actor(Role.SUPERVISOR, department), clock)
    assert colleague.sign(path, "analytics.remove", reason=REASON).status_code == 302
    assert "已移出" in desk.text("/screening/watch/")


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_but_a_supervisor_reaches_any_page(role, tenders, authority, clock):
    stranger = visitor(authority, actor(role, organisation(role, 63000020, "旁人单位")), clock)
    looked = View.objects.count()
    for pattern in urlpatterns:
        path = "/screening/" + str(pattern.pattern).replace("<uuid:pk>", str(tenders[1].pk))
        access = pattern.callback.access
        for method in access.methods:
            assert getattr(stranger.client, method.lower())(path).status_code == 404, (method, path)
    assert View.objects.count() == looked


def test_a_visitor_is_led_to_sign_in(tenders):
    answer = Client().get(f"/screening/tenders/{tenders[1].pk}/")
    assert (answer.status_code, View.objects.count()) == (302, 0)
    assert answer["Location"].startswith("/sign-in/")


def test_another_city_gets_404(tenders, authority, clock):
    elsewhere = organisation(Role.SUPERVISOR, 63000030, "别市住房和城乡建设局", "370200")
    other = visitor(authority, actor(Role.SUPERVISOR, elsewhere), clock)
    assert other.status(f"/screening/tenders/{tenders[1].pk}/") == 404
    assert "测试工程" not in other.text("/screening/?month=all")
