"""The pages of one run (网页): the ranked list and one explanation per tender, each a file that needs nothing else."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from gongheng.screening.markets import Problem
from tools.screen.explaining import CLUE, SHOWN, Run, headline, level, span, whole
from tools.screen.markup import Markup, joined, page, table, tag
from tools.screen.scoring import Screened
from tools.screen.sources import day

#: A browser can hold so many rows well; all others are in the tables.
LISTED = 2000
STRONG = "强"
NEVER = "不得向评标专家和投标人出示，不得据此自动处罚。"
SAME = "同样的输入、截至时间和模型版本，总得到同样的结果。"
_FILTER = """
const box = document.getElementById('search'), line = document.getElementById('line');
const rows = [...document.querySelectorAll('#list tbody tr')];
function show() {
  const words = box.value.trim().toLowerCase().split(/\\s+/), least = Number(line.value); let shown = 0;
  for (const row of rows) {
    const fits = Number(row.dataset.value) >= least && words.every(one => row.textContent.toLowerCase().includes(one));
    row.hidden = !fits; shown += fits;
  }
  document.getElementById('shown').textContent = shown + ' 个';
}
box.addEventListener('input', show); line.addEventListener('change', show);
"""


@cache
def _style() -> str:
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def listing(screened: Sequence[Screened], run: Run, problems: Sequence[Problem], rows: int, explained: int) -> str:
    """Return the ranked list; the first ``explained`` tenders link to their explanations."""
    body = []
    for rank, one in enumerate(screened[:LISTED], start=1):
        name = Markup(tag("a", one.tender.id, href=f"tenders/{rank:04d}.html")) if rank <= explained else one.tender.id
        # A place at the bottom, shared with all others of no evidence, is no number worth reading.
        value = f"{whole(one.value)}（{span(one)}）" if one.weight > 0 or run.prior else "—"
        link = tag("a", "PDF", href=f"tenders/{rank:04d}.pdf") if rank <= explained else ""
        cells = (
            ("位次", f"{rank}", "n"), ("项目", name, "id"), ("开标", day(one.tender, run.written), "d"),
            ("家数", f"{len(one.tender.bids)}", "n"), ("数值", value, "n"), ("级别", level(one), "d"),
            ("主要迹象", headline(one), ""), ("所指", "、".join(one.index.coalition), ""),
            ("资料", f"{one.index.completeness.share:.0%}", "n"), ("说明", link, "d"),
        )
        body.append(tag("tr", *(tag("td", cell, class_=kind, data_label=label) for label, cell, kind in cells),
                        data_value=f"{one.value:.4f}"))
    head = tag("thead", tag("tr", *(tag("th", one) for one in (
        "位次", "项目", "开标", "家数", run.scale, "级别", "主要迹象", "所指", "资料", "说明"))))
    key, warned = (sum(one.value >= line and one.weight > 0 for one in screened) for line in (80, 60))
    found = sum(one.weight > 0 for one in screened)
    return page(
        f"{run.market} 围串标筛查", _style(), tag(
            "main",
            tag("span", CLUE, class_="badge clue"),
            tag("h1", f"{run.market}：围串标筛查排序"),
            tag("p", f"读入报价 {rows:,} 行，筛查项目 {run.count:,} 个；有迹象的 {found:,} 个，{run.scale} 60 以上 "
                     f"{warned:,} 个、80 以上 {key:,} 个。排在前面只说明值得先看，不说明有人串通。"),
            tag("div", tag("h2", "这些数是什么意思"), *(tag("p", one) for one in run.meanings),
                tag("p", "“资料”是能够计算的指标占全部指标的比例：没有资料的一律记为未知，不当作没有问题。"),
                class_="card"),
            _problems(problems),
            tag("div",
                tag("div",
                    tag("input", type="search", id="search", placeholder="按项目、企业、迹象查找", aria_label="查找"),
                    tag("select", tag("option", "全部", value="-1"), tag("option", "60 以上", value="60"),
                        tag("option", "80 以上", value="80"), id="line", aria_label="数值"),
                    tag("span", f"{min(len(screened), LISTED)} 个", id="shown", class_="quiet"), class_="tools"),
                tag("p", f"只列前 {LISTED} 个，其余见排序表.xlsx、排序表.csv。", class_="quiet")
                if len(screened) > LISTED else "",
                tag("table", head, tag("tbody", *body), class_="cards", id="list"), class_="card"),
            _footer(run), tag("script", Markup(_FILTER)),
        ),
    )


def explained(told: dict) -> str:
    """Return the explanation page of one tender from its words."""
    charts = {one["name"]: _figure(one) for one in told["charts"]}
    return page(
        f"{told['id']} 围串标筛查说明", _style(), tag(
            "main",
            tag("nav", tag("a", "← 返回排序表", href="../index.html")),
            tag("p", tag("span", told["clue"], class_="badge clue"), " ",
                tag("span", told["level"], class_="badge alarm"), " ", tag("span", told["rank"], class_="badge")),
            tag("h1", f"项目 {told['id']}"),
            tag("div", _hero(told), *(tag("p", one, class_="quiet") for one in told["meanings"]), class_="card"),
            _reasons("法定视为串通的事实（须核对原件）", told["statutory"], "strong"),
            tag("div", tag("h2", "项目情况"), _pairs(told["about"]), class_="card"),
            tag("div", tag("h2", "各家报价"), charts.get("bids", ""), _bids(told["bids"]), class_="card"),
            _reasons("为什么排在这里（由强到弱）", told["reasons"], ""),
            _reasons("减轻怀疑的情形", told["against"], ""),
            tag("div", tag("h2", "七类证据各说了什么"), charts.get("families", ""), table(
                ["证据", "强度（对数赔率）", "能计算的指标"], told["families"], class_="cards"), _without(told),
                class_="card"),
            tag("div", tag("h2", "此前共同投标"), charts["together"], class_="card") if "together" in charts else "",
            _reasons("只供参看、不计入的情形", told["shown"], ""),
            _reasons("关于其他当事人的迹象（未计入本数）", told["apart"], ""),
            tag("div", tag("h2", "还有哪些不知道"),
                tag("p", f"全部指标中能够计算的占 {told['share']}。未知不加分也不减分；补齐资料后结论可能改变。"),
                table(["证据", "指标", "为什么不知道"], told["unknown"], class_="cards"), class_="card"),
            tag("div", tag("h2", "依据"), tag("p", SAME, class_="quiet"), _pairs(told["basis"]), class_="card"),
            tag("footer", tag("p", f"{CLUE}。数字和迹象用于决定先查什么，不能代替调查；{NEVER}")),
        ),
    )


def _bids(rows: Sequence[Sequence[str]]) -> Markup:
    listed = table(["投标人", "报价", "比最低高", "占限价", "结果", "所指", "来源"], rows, class_="cards",
                   numeric=(1, 2, 3))
    return tag("details", tag("summary", f"逐家列出 {len(rows)} 家报价"), listed) if len(rows) > SHOWN else listed


def _hero(told: dict) -> Markup:
    low, high, place = told["low"], told["high"], told["place"]
    return tag(
        "div",
        tag("div", told["number"], tag("small", f"{told['scale']} · 区间 {told['range']}"), class_="number"),
        tag("p", told["sentence"], class_="say"),
        tag("div", tag("div", class_="bar"), tag("div", class_="span", style=f"left:{low}%;width:{high - low:.2f}%"),
            tag("div", class_="dot", style=f"left:{place}%"),
            *(tag("span", f"{one}", class_="mark", style=f"left:{one}%") for one in (0, 60, 80, 100)), class_="scale"),
        class_="hero",
    )


def _reasons(title: str, reasons: Sequence[dict], kind: str) -> Markup:
    if not reasons:
        return Markup("")
    return joined([tag("h2", title), *(_reason(one, kind) for one in reasons)])


def _reason(one: dict, kind: str) -> Markup:
    strong = kind or ("strong" if one["strength"].startswith(STRONG) else "")
    rows = [
        ("看什么", one["definition"]), ("涉及", one["parties"]), ("多罕见", one["chance"]),
        ("也可能因为", tag("ul", *(tag("li", each) for each in one["innocent"]))), ("条款", one["clause"]),
        ("怎样查清", one["settles"]),
    ]
    return tag(
        "section",
        tag("header", tag("h3", f"{one['code']}　{one['name']}"), tag("span", one["family"], class_="badge"),
            tag("span", one["strength"], class_="quiet")),
        *(tag("p", note) for note in one["notes"]),
        table(one["head"], one["rows"], class_="cards") if one["rows"] else "",
        tag("p", one["left_out"], class_="quiet") if one["left_out"] else "",
        tag("dl", *(joined([tag("dt", label), tag("dd", value)]) for label, value in rows if value)),
        class_=f"card reason {strong}",
    )


def _without(told: dict) -> Markup:
    if not told["without"]:
        return Markup("")
    return joined([
        tag("h3", "假如没有某一类证据"),
        tag("ul", *(tag("li", f"没有“{family}”：{change}") for family, change in told["without"])),
    ])


def _figure(one: dict) -> Markup:
    drawn = tag("div", Markup(one["svg"]), role="img", aria_label=one["words"])
    return tag("figure", drawn, tag("figcaption", one["caption"]) if one["caption"] else "")


def _pairs(rows: Sequence[Sequence[str]]) -> Markup:
    return tag("dl", *(tag("div", tag("dt", label), tag("dd", value)) for label, value in rows), class_="kv")


def _problems(problems: Sequence[Problem]) -> Markup:
    if not problems:
        return tag("div", tag("h2", "数据问题"), tag("p", "没有发现数据问题。"), class_="card")
    rows = [[one.name, f"{one.count:,}", one.done, "；".join(one.places)] for one in problems]
    return tag("div", tag("h2", "数据问题"), tag("p", "每一处都计数，没有一行被悄悄丢掉。", class_="quiet"),
               table(["问题", "次数", "怎样处理", "最先出现在"], rows, class_="cards", numeric=(1,)), class_="card")


def _footer(run: Run) -> Markup:
    return tag("footer", _pairs(run.basis), tag("p", f"{CLUE}。{NEVER}"))
