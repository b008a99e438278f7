"""The one table of operations and callbacks (接口操作表): the document, the checks and the pages all read it."""

from dataclasses import dataclass

from gongheng.followers.exchange import fields as f
from gongheng.followers.exchange.lifecycle import Kind

_ALL = f.KINDS
_HOST, _VENUE = (Kind.TRADING.value,), (Kind.VENUE.value,)


@dataclass(frozen=True)
class Operation:
    """One thing that an outside system may ask for."""

    name: str
    title: str
    about: str
    kinds: tuple[str, ...]  # which systems may call it
    changes: bool  # a sandbox's call of it is rolled back
    data: dict
    answer: dict
    example: dict
    example_answer: dict
    rules: str = ""  # ids of the refusals to expect beside those of the envelope


@dataclass(frozen=True)
class Event:
    """One thing that an outside system is told."""

    name: str
    title: str
    about: str
    kinds: tuple[str, ...]
    data: dict
    example: dict


_SESSION_EXAMPLE = {
    "starts_at": "2026-03-05T01:00:00.000Z", "ends_at": "2026-03-05T09:00:00.000Z", "main_seats": 3,
    "sub_venues": [{"region": "370200", "seats": 2}], "contact": "李四", "phone": "0531-86000000",
}
_NUMBER = "SQ20260302000001"
_SESSION_ANSWER = {"number": f.ORDER_NUMBER, "session": f.SESSION_STATE}
_REQUESTED = {"number": _NUMBER, "state": "requested"}

OPERATIONS = {one.name: one for one in (
    Operation(
        "hall", "查询交易中心", "列出可以作为主场、副场的交易中心和各中心可用的评标室、席位数量。", _ALL, False,
        f.thing(),
        f.thing(centres=f.many("交易中心", f.thing(
            region=f.REGION, name=f.text("名称"), address=f.text("地址", fewest=0), rooms=f.number("评标室数", 0, 999),
            seats=f.number("正常席位数", 0, 9999),
        ), 200)),
        {},
        {"centres": [{"region": "370200", "name": "青岛", "address": "某路1号", "rooms": 2, "seats": 8}]},
    ),
    Operation(
        "seat_check", "查询空闲席位", "某中心某时段能否提供所需席位；查询本中心时同时给出一组建议席位。", _ALL, False,
        f.thing(
            region=f.REGION, starts_at=f.moment("开始时间"), ends_at=f.moment("结束时间"),
            seats=f.number("需要的席位数", 1, 99),
        ),
        f.thing(
            is_met=f.yes_no("能否满足"), free=f.number("可再承接的席位数", 0, 9999),
            proposal=f.many("建议席位，仅限本中心", f.SEAT, 99), problem=f.text("没有建议席位的原因", 500, fewest=0),
        ),
        {
            "region": "370200", "starts_at": "2026-03-05T01:00:00.000Z", "ends_at": "2026-03-05T09:00:00.000Z",
            "seats": 2,
        },
        {
            "is_met": True, "free": 8, "problem": "",
            "proposal": [{"room": "第1评标室", "number": "01"}, {"room": "第1评标室", "number": "02"}],
        },
        "REGION DAY",
    ),
    Operation(
        "apply", "发起要约", "招标人或代理机构为标段申请主场、副场；主场即交易发生地的交易中心，先由主场答复。",
        _HOST, True,
        f.thing(lot=f.text("标段编号", 40), **f.SESSION, optional=("reroute_limit",)),
        f.thing(**f.RECEIPT),
        {"lot": "A3701020001000001001001", **_SESSION_EXAMPLE, "reroute_limit": 3},
        _REQUESTED, "LOT PARTY PAST DAY BEFORE-OPENING REGION SUB-VENUE SEATS COMMITTEE REROUTES STATE ORDER",
    ),
    Operation(
        "change", "变更要约", "另选时间或会场替代已确认的要约单；全部会场确认变更后原单才失效，席位才释放。",
        _HOST, True,
        f.thing(number=f.ORDER_NUMBER, reason=f.text("变更理由", 500), **f.SESSION, optional=("reroute_limit",)),
        f.thing(**f.RECEIPT),
        {"number": _NUMBER, "reason": "开标推迟一天", **_SESSION_EXAMPLE},
        {"number": "BG20260302000002", "state": "requested"}, "ORDER ORIGINAL REASON 以及 apply 的各项",
    ),
    Operation(
        "cancel", "取消要约", "未确认的要约单即时撤回；已确认的生成取消单（QX），须各会场同意。", _HOST, True,
        f.thing(number=f.ORDER_NUMBER, reason=f.text("取消理由", 500)),
        f.thing(**f.RECEIPT),
        {"number": _NUMBER, "reason": "项目终止"}, {"number": _NUMBER, "state": "cancelled"},
        "ORDER PARTY PAST REASON STATE ORIGINAL",
    ),
    Operation(
        "query", "查询要约单", "给出单号查一张；不给单号列出本单位可见的最近 50 张。席位号只给其所属的中心。",
        _ALL, False,
        f.thing(number=f.ORDER_NUMBER, optional=("number",)),
        f.thing(orders=f.many("要约单", f.ORDER, 50)),
        {"number": _NUMBER},
        {"orders": [{
            "number": _NUMBER, "lot": "A3701020001000001001001", "state": "offered", "original": None, "reason": "",
            "starts_at": "2026-03-05T01:00:00.000Z", "ends_at": "2026-03-05T09:00:00.000Z", "contact": "李四",
            "phone": "0531-86000000", "venues": [
                {
                    "region": "370200", "is_main": False, "seats_wanted": 2, "state": "sent", "reason": "",
                    "confirm_by": "2026-03-03T01:00:00.000Z", "seats": [],
                },
            ],
        }]},
        "ORDER",
    ),
    Operation(
        "notify", "答复要约", "对发给本中心的要约作答：确认（席位数恰为所需，取消单不带席位）或拒绝（须写理由）。",
        _VENUE, True,
        f.thing(
            number=f.ORDER_NUMBER, decision=f.one_of("答复", "confirm", "refuse"),
            seats=f.many("确认时预留的席位", f.SEAT, 99), reason=f.text("拒绝的理由", 500),
            optional=("seats", "reason"),
        ),
        f.thing(**f.RECEIPT, offer=f.OFFER_STATE),
        {
            "number": _NUMBER, "decision": "confirm",
            "seats": [{"room": "第1评标室", "number": "01"}, {"room": "第1评标室", "number": "02"}],
        },
        {"number": _NUMBER, "state": "confirmed", "offer": "confirmed"}, "OFFER SEATS REASON STATE LATE HOLD",
    ),
    Operation(
        "eval_start", "启动、恢复评标",
        "主场启动评标场次；场次因突发情况暂停的，为恢复评标，须写明恢复说明。", _VENUE, True,
        f.thing(number=f.ORDER_NUMBER, decision=f.text("恢复说明", 500), optional=("decision",)),
        f.thing(**_SESSION_ANSWER),
        {"number": _NUMBER}, {"number": _NUMBER, "session": "running"},
        "ORDER STATE MAIN-VENUE VENUES WINDOW DECISION T35 HOLD",
    ),
    Operation(
        "eval_pause", "暂停评标", "主场因突发情况暂停评标：登记突发情况并随即暂停，计时停止。", _VENUE, True,
        f.thing(number=f.ORDER_NUMBER, cause=f.CAUSE, description=f.text("发生了什么、影响哪些席位；不写人名", 500)),
        f.thing(**_SESSION_ANSWER),
        {"number": _NUMBER, "cause": "NETWORK", "description": "副场专线中断，影响第1评标室全部席位"},
        {"number": _NUMBER, "session": "paused"}, "ORDER STATE MAIN-VENUE VENUES",
    ),
    Operation(
        "eval_end", "结束评标", "评标报告签署完毕后，主场结束场次。", _VENUE, True,
        f.thing(number=f.ORDER_NUMBER), f.thing(**_SESSION_ANSWER),
        {"number": _NUMBER}, {"number": _NUMBER, "session": "ended"}, "ORDER STATE MAIN-VENUE HOLD",
    ),
    Operation(
        "exception", "报告突发情况", "任一会场报告本会场的突发情况；是否暂停由主场决定。", _VENUE, True,
        f.thing(number=f.ORDER_NUMBER, cause=f.CAUSE, description=f.text("发生了什么、影响哪些席位；不写人名", 500)),
        f.thing(**_SESSION_ANSWER),
        {"number": _NUMBER, "cause": "POWER", "description": "市电中断，已切换不间断电源"},
        {"number": _NUMBER, "session": "running"}, "ORDER STATE VENUES",
    ),
    Operation(
        "set_notify_url", "设置回调地址", "设置接收回调的网址，须在登记的来源之下；空文本为停止回调。", _ALL, True,
        f.thing(url=f.text("回调网址", 300, fewest=0)),
        f.thing(url=f.text("已生效的回调网址", 300, fewest=0)),
        {"url": "https://venues.example/gongheng"}, {"url": "https://venues.example/gongheng"}, "URL",
    ),
)}

EVENTS = {one.name: one for one in (
    Event(
        "offer", "收到要约、催办",
        "发出、改派或催办一份要约时告知所问的交易中心；细节用 query 查询，答复用 notify。", _VENUE,
        f.thing(
            number=f.ORDER_NUMBER, what=f.one_of("事项：发出、改派、催办", "send", "reroute", "remind"),
            is_main=f.yes_no("是否主场"), seats_wanted=f.number("需要的席位数，0 为征求同意取消"),
            starts_at=f.moment("评标开始时间"), ends_at=f.moment("评标结束时间"), confirm_by=f.moment("答复时限"),
        ),
        {
            "number": _NUMBER, "what": "send", "is_main": False, "seats_wanted": 2,
            "starts_at": "2026-03-05T01:00:00.000Z", "ends_at": "2026-03-05T09:00:00.000Z",
            "confirm_by": "2026-03-03T01:00:00.000Z",
        },
    ),
    Event(
        "order", "要约单有结果",
        "主场确认、全部确认、未通过、撤回、变更或取消生效时，告知招标方、在单会场和监督部门。", _ALL,
        f.thing(
            number=f.ORDER_NUMBER,
            what=f.one_of(
                "事项", "main_confirm", "complete", "conclude", "fail", "cancel", "replace", "call_off"
            ),
            state=f.ORDER_STATE, at=f.moment("发生时间"),
        ),
        {"number": _NUMBER, "what": "complete", "state": "confirmed", "at": "2026-03-02T03:00:00.000Z"},
    ),
    Event(
        "session", "评标场次有变化",
        "启动、暂停、恢复、结束、延期、中止评标，或会场报告突发情况时，告知招标方、各会场和监督部门。", _ALL,
        f.thing(
            number=f.ORDER_NUMBER,
            what=f.one_of("事项", "start", "pause", "resume", "end", "postpone", "abort", "report"),
            state=f.SESSION_STATE, at=f.moment("发生时间"),
        ),
        {"number": _NUMBER, "what": "start", "state": "running", "at": "2026-03-05T01:00:00.000Z"},
    ),
)}


def reply_schema(answer: dict) -> dict:
    """The platform's signed answer to a call, of which ``answer`` is the data of success."""
    return f.thing(
        "平台签名的应答",
        v=f.number("报文版本", 1, 1), system=f.text("来报的系统编号", 64, fewest=0),
        id=f.text("来报的 id", 64, fewest=0),
        digest=f.DIGEST | {"description": "来报字节的 SM3 摘要（标签 ggzy/exchange-call/v1）"},
        at=f.moment("应答时间"), status=f.one_of("结果", "ok", "refused"), is_sandbox=f.yes_no("沙箱：已计算、未生效"),
        is_repeated=f.yes_no("重试：给出首次的结果"),
        data=f.or_null(answer),
        error=f.or_null(f.thing(
            "拒绝", rule=f.text("规则编号", 20), message=f.text("中文说明", 1000),
            field=f.or_null(f.text("有误的字段", 100)),
        )),
    )


def call_schema(operation: Operation) -> dict:
    """A whole call: envelope and data."""
    return f.thing(**f.ENVELOPE, op=f.one_of("操作", operation.name), data=operation.data)


def callback_schema(event: Event) -> dict:
    """A whole callback: envelope and data."""
    return f.thing(**f.ENVELOPE, event=f.one_of("事项类别", event.name), data=event.data)


#: What a receiver answers to a callback, proved with its own key.
ACKNOWLEDGEMENT = f.thing(
    "回执", v=f.number("报文版本", 1, 1), system=f.text("本系统的编号", 20),
    id=f.pattern("回调的 id", f.UUID),
    digest=f.DIGEST | {"description": "回调字节的 SM3 摘要（标签 ggzy/exchange-callback/v1）"},
    at=f.moment("收到时间"),
)
