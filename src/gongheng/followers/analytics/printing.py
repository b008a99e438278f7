"""The letter with which a lead is transferred and the month's report, as data for print (移送函、监测月报)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from gongheng.crypto import canonical
from gongheng.followers.analytics import gathering, queries, radar, reading, rules
from gongheng.followers.analytics.models import Lead
from gongheng.kernel.calendar import in_words
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.money import formatted
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor
from gongheng.people.parties.models import Organisation

#: 串通投标 may be a crime (刑法223); what is handed over is a clue.
OPENING = (
    "我单位在对招标投标活动的监督中发现，下列项目存在可能串通投标的线索。现依照《中华人民共和国招标投标法实施条例》"
    "第三十九条至第四十一条、《行政执法机关移送涉嫌犯罪案件的规定》，移送你单位依法处理。"
)
CLOSING = (
    "以上为线索，不是对串通投标的认定。平台所列各项数值由计算机按公开的方法算出，均附来源，可以复算；"
    "是否构成串通投标，请依法调查后认定。处理结果请反馈我单位。"
)


def transfer_letter(lead: Lead, actor: Actor, now: datetime) -> dict:
    """Return the data of the letter (线索移送函), shape Statement."""
    tender, sender = lead.tender, Organisation.objects.get(pk=actor.organisation)
    result = tender.screening.result
    said = result["index"]
    bidders = {bid.uscc: bid.name for bid in tender.bids.all()}
    names = bidders | gathering.judge_names(tender)  # members by number: who they are is not ours to tell
    named = {party for part in said["families"] for one in part["findings"] if one["log_lr"] > 0
             for party in one["parties"]}
    return {
        "issued_at": canonical.timestamp(now), "red_head": sender.name, "document_number": "",
        "project_name": tender.name, "project_code": tender.code, "lot_name": "", "lot_code": "", "public_url": "",
        "heading": "涉嫌串通投标线索移送函", "issuer": sender.name,
        "paragraphs": [
            f"{lead.authority}：", OPENING,
            f"一、项目：{tender.name}（{tender.code}，数据来源：{tender.source}），招标人{tender.buyer}，"
            f"{in_words(tender.opened_at)}开标，共 {len(bidders)} 家投标。",
            "二、涉及的投标人：" + "；".join(
                f"{bid.name}（{bid.uscc}，报价 {formatted(bid.total)} 元{'，中标' if bid.won else ''}）"
                for bid in tender.bids.all() if not named or bid.uscc in named
            ) + "。",
            "三、迹象：",
            *(f"{place}. {_sign(one)}" for place, one in enumerate(_signs(result, names), 1)),
            f"四、我单位的研判意见：{lead.reason}",
            *_checked(lead, result, names),
            f"六、筛查指数 {said['value']:.0f}（{said['low']:.0f}–{said['high']:.0f}），"
            f"模型 {tender.screening.run.model_version}，输入摘要 {tender.screening.inputs_digest}。",
            CLOSING,
        ],
        "contacts": [{
            "role": "移送单位", "name": sender.name, "address": sender.address, "person": actor.name,
            "phone": sender.phone,
        }],
    }


def _signs(result: dict, names: dict[str, str]) -> list[reading.Reason]:
    return [one for one in reading.reasons(result, names, {}) if one.log_lr > 0]


def _sign(one: reading.Reason) -> str:
    parties = f"（{'、'.join(one.parties)}）" if one.parties else ""
    facts = "；".join(
        f"{row['label']}：" + "，".join(
            f"{party} {cell['value']}〔{cell['source']}〕"
            for party, cells in zip(one.grid.parties, row["cells"], strict=True) for cell in cells
        )
        for row in one.grid.rows
    )
    return f"{one.name}{parties}。{facts}。依据：{one.clause}。查明方法：{one.settles}"


def _checked(lead: Lead, result: dict, names: dict[str, str]) -> list[str]:
    done = [
        explanation["text"] for one in reading.reasons(result, names, lead.ticks) for explanation in one.explanations
        if explanation["by"]
    ]
    if not done:
        return ["五、尚未核查可能的正当理由，请一并查明。"]
    return [f"五、已核查、不能说明上述迹象的情形：{'；'.join(done)}。"]




def monthly_report(month: date, actor: Actor, now: datetime) -> dict:
    """Return the data of the month's report (监测月报), shape Statement."""
    sender = Organisation.objects.get(pk=actor.organisation)
    begin = datetime(month.year, month.month, 1, tzinfo=SHANGHAI)
    end = queries.next_month(begin)
    deals = queries.deals(actor, begin, end)
    found = queries.month_standings(actor, [month])
    bands = [one.band for one in found.values()]
    awarded = [one for one in deals if one.winner is not None]
    saved = radar.savings(deals)
    turnover = Decimal(f"{sum(one.winner.total for one in awarded):.2f}")
    reckoned = queries.trade_year(actor, end).result
    groups, losers = reckoned["groups"], reckoned["losers"]
    return {
        "issued_at": canonical.timestamp(now), "red_head": sender.name, "document_number": "",
        "project_name": "", "project_code": "", "lot_name": "", "lot_code": "",
        "public_url": "", "heading": f"{month.year}年{month.month}月围串标监测月报", "issuer": sender.name,
        "paragraphs": [
            "本报告由平台按交易记录生成。所列为统计现象和线索，不是对任何单位和个人的认定。",
            f"一、交易：开标 {len(deals)} 个项目，投标 {sum(len(one.offers) for one in deals)} 份；"
            f"已定标 {len(awarded)} 个，成交额 {formatted(turnover)} 元"
            + (f"，较最高投标限价平均节约 {100 * saved[0][1]:.1f}%（{saved[0][2]} 个项目）。" if saved else "。"),
            f"二、筛查：{len(found)} 个项目，预警 {bands.count('warned')} 个，重点线索 {bands.count('key')} 个"
            f"（预算 {rules.budget(len(found))[0]} 个）。",
            f"三、抱团组（截至当月的十二个月）：{len(groups)} 个。" + "；".join(
                f"{'、'.join(one['names'])}，同场 {one['together']} 次，抱团度 {one['cohesion']:.2f}"
                for one in groups),
            f"四、陪标专业户（同期，投标不少于 20 次，中标不到机会的一半）：{len(losers)} 家。" + "；".join(
                f"{one['name']}，投标 {one['bids']} 次，中标 {one['wins']} 次" for one in losers),
            "五、外地企业中标：" + "；".join(
                f"{place(city)} {won}/{awards}" for city, _, _, awards, won in radar.outsiders(deals)) + "。",
        ],
        "contacts": [{
            "role": "出具单位", "name": sender.name, "address": sender.address, "person": actor.name,
            "phone": sender.phone,
        }],
    }


def whole_months(now: datetime) -> date:
    """Return the first day of the last month that is over."""
    local = now.astimezone(SHANGHAI)
    return (local.replace(day=1) - timedelta(days=1)).date().replace(day=1)


def place(city: str) -> str:
    """Return the name of a city by the first four digits of its code."""
    return region(f"{city}00").name
