"""The year's report as data for print (监测年报): what was opened, what was suspected, how the trade stands."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

from gongheng.crypto import canonical
from gongheng.followers.analytics import printing, queries, radar
from gongheng.followers.analytics.lifecycle import LeadState, Outcome
from gongheng.followers.analytics.rules import KEY, WARNED
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.money import formatted
from gongheng.kernel.roles import Actor
from gongheng.people.parties.models import Organisation

#: Rows told of each list; the page of the radar has them all.
SHOWN = 10


def yearly_report(year: int, actor: Actor, now: datetime) -> dict:
    """Return the data of the year's report, shape Statement, about what the actor's department may see."""
    sender = Organisation.objects.get(pk=actor.organisation)
    begin, end = (datetime(one, 1, 1, tzinfo=SHANGHAI) for one in (year, year + 1))
    deals = queries.deals(actor, begin, end)
    # A year that the records began within is no year to compare with.
    is_told = queries.visible_to(actor).filter(opened_at__lt=begin - (end - begin)).exists()
    before = queries.deals(actor, begin - (end - begin), begin) if is_told else []
    return {
        "issued_at": canonical.timestamp(now), "red_head": sender.name, "document_number": "",
        "project_name": "", "project_code": "", "lot_name": "", "lot_code": "",
        "public_url": "", "heading": f"{year}年围串标监测年报", "issuer": sender.name,
        "paragraphs": [
            "本报告由平台按交易记录生成。所列为统计现象和线索，不是对任何单位和个人的认定；样本不足的一律不列。",
            *_trade(deals, before, year), *_screened(year, actor), *_leads(begin, end, actor),
            *_circles(queries.trade_year(actor, end).result),
            *_winners(deals), *_places(deals), _method(),
        ],
        "contacts": [{
            "role": "出具单位", "name": sender.name, "address": sender.address, "person": actor.name,
            "phone": sender.phone,
        }],
    }


def _trade(deals: list, before: list, year: int) -> list[str]:
    awarded, earlier = ([one for one in rows if one.winner is not None] for rows in (deals, before))
    sums = [Decimal(f"{sum(one.winner.total for one in rows):.2f}") for rows in (awarded, earlier)]
    growth = "（上年资料不全，不作对比）"
    if sums[1]:
        growth = f"，比上年{'增加' if sums[0] >= sums[1] else '减少'} {abs(sums[0] / sums[1] - 1):.1%}"
    saved = [1 - one.winner.total / one.ceiling for one in awarded if one.ceiling]
    months = Counter(one.month for one in deals)
    by_month = "，".join(f"{month} 月 {months[date(year, month, 1)]} 个" for month in range(1, 13))
    bids = sum(len(one.offers) for one in deals)
    return [
        "一、交易。",
        f"开标 {len(deals)} 个项目，投标 {bids} 份"
        + (f"，平均每个项目 {bids / len(deals):.1f} 家" if deals else "")
        + f"；已定标 {len(awarded)} 个，成交额 {formatted(sums[0])} 元{growth}。",
        f"按月：{by_month}。",
        *([f"成交价较最高投标限价平均节约 {sum(saved) / len(saved):.1%}（{len(saved)} 个项目）；按月："
           + "，".join(f"{month.month} 月 {share:.1%}（{number}）" for month, share, number in radar.savings(deals))
           + "。"] if saved else []),
    ]


def _screened(year: int, actor: Actor) -> list[str]:
    found = queries.month_standings(actor, [date(year, month, 1) for month in range(1, 13)])
    bands = Counter(one.band for one in found.values())
    return [f"二、筛查。筛查 {len(found)} 个项目，预警 {bands[WARNED]} 个，重点线索 {bands[KEY]} 个；"
            "预警按各月预算（8.1%、0.25%）取出，是先后次序，不是围串标的比例。"]


def _leads(begin: datetime, end: datetime, actor: Actor) -> list[str]:
    leads = queries.leads_visible_to(actor).filter(opened_at__gte=begin, opened_at__lt=end)
    states = Counter(leads.values_list("state", flat=True))
    outcomes = Counter(leads.filter(state=LeadState.FED_BACK).values_list("outcome", flat=True))
    told = "，".join(f"{state.label} {states[state]} 件" for state in LeadState if states[state])
    ended = "，".join(f"{one.label} {outcomes[one]} 件" for one in Outcome if outcomes[one])
    return [f"三、线索。立线索 {leads.count()} 件" + (f"：{told}" if told else "")
            + (f"；反馈结果：{ended}" if ended else "") + "。"]


def _circles(reckoned: dict) -> list[str]:
    groups, losers = reckoned["groups"], reckoned["losers"]
    return [
        f"四、抱团组（同场次数多于各自独立选择项目时的机会）：{len(groups)} 个。" + "；".join(
            f"{'、'.join(one['names'])}，同场 {one['together']} 次，抱团度 {one['cohesion']:.2f}，"
            f"封闭度 {one['exclusivity']:.2f}，同场中标各 {'、'.join(map(str, one['wins']))} 次"
            for one in groups[:SHOWN]) + ("。" if groups else ""),
        f"五、陪标专业户（投标不少于 20 次，中标不到机会的一半）：{len(losers)} 家。" + "；".join(
            f"{one['name']}，投标 {one['bids']} 次，中标 {one['wins']} 次，机会均等应中 {one['expected']:.1f} 次"
            for one in losers[:SHOWN]) + ("。" if losers else ""),
    ]


def _winners(deals: list) -> list[str]:
    rows = [f"六、中标集中度（已定标不少于 {radar.AWARDS} 个；1 为一家独得）。"]
    for title, field in (("招标人", "buyer"), ("代理机构", "agency"), ("地区", "city")):
        found = radar.concentrations(deals, field)[:SHOWN]
        rows.append(f"按{title}：" + ("；".join(
            f"{printing.place(one.label) if field == 'city' else one.label} {one.hhi:.2f}"
            f"（定标 {one.awards} 个，{one.top}占 {one.share:.0%}）" for one in found) or "定标项目不足") + "。")
    return rows


def _places(deals: list) -> list[str]:
    rows = [
        f"{printing.place(city)} 外地投标 {outside}/{bids}，外地中标 {won}/{awards}"
        for city, bids, outside, awards, won in radar.outsiders(deals)
    ]
    return ["七、外地企业（按统一社会信用代码的登记地）：" + ("；".join(rows) or "没有数据") + "。"]


def _method() -> str:
    return (
        "八、说明。抱团、陪标、集中度按本年度开标的项目计算；上年对比按同样长的时间。各项定义、界限和误报情况见平台的"
        "筛查说明；每个数字都可以在平台上点到所依据的项目。"
    )


def whole_years(now: datetime) -> int:
    """Return the last year that is over in Shanghai."""
    return now.astimezone(SHANGHAI).year - 1
