"""Every component on one page with sample data, to look at after each change; demonstration only (组件陈列)."""

import datetime as dt
from decimal import Decimal

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from gongheng.kernel.roles import Role
from gongheng.ui.pages import page

NOW = dt.datetime(2026, 3, 18, 1, 26, 40, tzinfo=dt.UTC)
DIGEST = "q7Xb0u3mVgLZk2yR1cT9wHs8PzNfJdE4aQoM6iBtYxU"
FRAMES = ("desk", "portal", "hall", "document", "plain")


class LotForm(forms.Form):
    """One field of every kind, as a tenderer would meet them when registering a lot."""

    name = forms.CharField(label="标段名称", help_text="与项目审批文件中的名称一致，不超过 100 字。")
    kind = forms.ChoiceField(
        label="招标方式", choices=[("open", "公开招标"), ("invited", "邀请招标")], widget=forms.RadioSelect
    )
    region = forms.ChoiceField(label="项目所在地", choices=[("", "请选择"), ("370100", "济南市"), ("370200", "青岛市")])
    ceiling = forms.DecimalField(label="最高投标限价（元）", decimal_places=2)
    deadline = forms.DateTimeField(label="投标截止时间", help_text="自招标文件开始发出之日起不少于二十日。")
    venues = forms.MultipleChoiceField(
        label="副场",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("qd", "青岛市交易中心"), ("yt", "烟台市交易中心"), ("lw", "莱芜分中心")],
    )
    scope = forms.CharField(label="招标范围", widget=forms.Textarea(attrs={"rows": 3}))
    document = forms.FileField(label="招标文件", required=False, help_text="PDF，不超过 200 MB。")
    consent = forms.BooleanField(label="已核对以上内容与备案材料一致")


class ItemForm(forms.Form):
    """One row of a price list."""

    title = forms.CharField(label="分部工程")
    amount = forms.DecimalField(label="金额（元）")
    note = forms.CharField(label="备注", required=False)


HISTORY = [
    {
        "at": NOW,
        "sentence": "投标截止，共收到 5 份密封投标文件",
        "actor": "法定时钟",
        "position": 1042,
        "digest": DIGEST,
    },
    {
        "at": NOW - dt.timedelta(days=2),
        "sentence": "发布第 1 号澄清，投标截止时间不变",
        "actor": "张明（招标人）",
        "position": 977,
        "digest": DIGEST[::-1],
    },
    {
        "at": NOW - dt.timedelta(days=21),
        "sentence": "招标公告在省平台与本平台同步发布",
        "actor": "李慧（交易中心）",
        "position": 618,
        "digest": DIGEST[5:] + "aBcDe",
    },
]

BIDS = [
    {
        "rank": 1,
        "bidder": "济南恒筑建设集团有限公司",
        "price": Decimal("48216500"),
        "technical": "36.42",
        "score": "94.17",
    },
    {
        "rank": 2,
        "bidder": "山东齐鲁路桥工程有限公司",
        "price": Decimal("48890000"),
        "technical": "35.80",
        "score": "92.66",
    },
    {
        "rank": 3,
        "bidder": "青岛海川建工股份有限公司",
        "price": Decimal("47105200.50"),
        "technical": "34.95",
        "score": "91.03",
    },
]

LOTS = [
    {
        "name": "历下区第三实验学校新建工程施工",
        "code": "A3701000012026000123001",
        "price": Decimal("51200000"),
        "due": NOW + dt.timedelta(days=3, hours=5),
        "state": "投标中",
        "tone": "info",
    },
    {
        "name": "小清河南岸雨污分流改造工程（二标段）",
        "code": "A3701000012026000119002",
        "price": Decimal("23875000"),
        "due": NOW - dt.timedelta(minutes=12),
        "state": "开标中",
        "tone": "warning",
    },
    {
        "name": "市中心医院门诊综合楼幕墙工程",
        "code": "A3701000012026000102001",
        "price": Decimal("18660000"),
        "due": NOW - dt.timedelta(days=6),
        "state": "中标候选人公示",
        "tone": "success",
    },
    {
        "name": "高新区智慧停车设施采购与安装",
        "code": "A3701000012026000097001",
        "price": None,
        "due": NOW - dt.timedelta(days=9),
        "state": "终止",
        "tone": "danger",
    },
]

NAV = [
    ("工作台", "layout-dashboard", True, None),
    ("招标项目", "building-community", False, None),
    ("招标文件", "file-text", False, None),
    ("公告与公示", "speakerphone", False, None),
    ("异议与答复", "message-question", False, 2),
    ("开标与评标", "scale", False, None),
    ("合同", "file-certificate", False, None),
    ("归档", "archive", False, None),
]

BAR = {
    "xAxis": {"type": "category", "data": ["济南", "青岛", "烟台", "潍坊", "临沂", "济宁"]},
    "yAxis": {"type": "value", "name": "亿元"},
    "legend": {"top": 0},
    "tooltip": {"trigger": "axis"},
    "series": [
        {"type": "bar", "name": "最高限价", "data": [52, 61, 33, 28, 24, 19]},
        {"type": "bar", "name": "中标金额", "data": [47, 55, 31, 25, 21, 17]},
    ],
}


def frame_context() -> dict:
    """What the page context of a desk provides, filled with samples."""
    return {
        "legal_now": NOW,
        "clock_is_demo": True,
        "clock_url": "#",
        "role": "招标人",
        "roles": [
            {"label": "招标人", "url": "#", "active": True},
            {"label": "合同经办人", "url": "#", "active": False},
        ],
        "person": {"name": "张明", "organisation": "济南市历下区教育建设投资有限公司"},
        "sign_out_url": "#",
        "profile_url": "#",
        "nav": [{"label": n, "icon": i, "url": "#", "active": a, "count": c} for n, i, a, c in NAV],
        "log_head": {"size": 1042, "root": DIGEST},
        "breadcrumb": [
            {"label": "工作台", "url": "#"},
            {"label": "招标项目", "url": "#"},
            {"label": "标段详情", "url": ""},
        ],
    }


@page("ui.gallery", Role.PUBLIC)
def gallery(request: HttpRequest, frame: str = "desk") -> HttpResponse:
    """Show all components inside one of the frames; elsewhere than in a demonstration it does not exist."""
    if not settings.IS_DEMONSTRATION or frame not in FRAMES:
        raise Http404
    return render(request, f"ui/gallery/{frame}.html", gallery_context())


def gallery_context() -> dict:
    """The whole sample data: frame, forms with mistakes, tables, history, chart."""
    wrong = LotForm(
        {"name": "", "ceiling": "52000000", "deadline": "2026-03-20T09:00", "kind": "open"}, auto_id="wrong_%s"
    )
    wrong.is_valid()
    wrong.add_error(
        "deadline",
        forms.ValidationError("投标截止时间距招标文件发出不足二十日，应不早于 2026-04-07 24:00。", code="T3"),
    )
    wrong.add_error(None, forms.ValidationError("最高投标限价高于批复概算，请核对批复文件后重新填写。", code="CEILING"))
    items = forms.formset_factory(ItemForm, extra=0)(
        initial=[
            {"title": "土石方工程", "amount": Decimal("3250000")},
            {"title": "主体结构", "amount": Decimal("28600000")},
        ]
    )
    return frame_context() | {
        "form": LotForm(initial={"deadline": NOW}, auto_id="lot_%s"),
        "wrong": wrong,
        "items": items,
        "history": HISTORY,
        "lots": LOTS,
        "bids": BIDS,
        "bar": BAR,
        "now": NOW,
        "soon": NOW + dt.timedelta(minutes=18, seconds=32),
        "midnight": dt.datetime(2026, 3, 23, 16, tzinfo=dt.UTC),
        "amount": Decimal("48216500.00"),
        "digest_value": DIGEST,
        "page": Paginator(range(1000), 20).page(7),
        "document_digest": DIGEST,
        "pairs": [
            ("统一交易标识码", "A37010000120260001230013701"),
            ("招标人", "济南市历下区教育建设投资有限公司"),
            ("招标方式", "公开招标"),
            ("投标截止", NOW),
            ("接受联合体", False),
            ("代理机构", None),
        ],
    }
