"""ECharts options of the supervisor's pages (图表); every number comes ready."""

from collections.abc import Sequence
from datetime import datetime
from itertools import combinations

from gongheng.kernel.clock import SHANGHAI
from gongheng.screening.findings import Family

RED, BLUE, GREY, GOLD, GREEN = "#a5221c", "#5b7fb5", "#9aa5ad", "#c98a1b", "#3f8f6b"
#: Names under a few bars: broken into lines, so that they stay apart on a phone.
FEW = {"interval": 0, "width": 58, "overflow": "break", "fontSize": 12}
#: A graph with more firms says nothing any more.
MOST_NODES = 40


def bars(result: dict) -> dict:
    """Return the families' shares of the log-odds as bars, suspicion in red, exoneration in green."""
    parts = sorted(result["index"]["families"], key=lambda part: part["log_lr"])
    return {
        "grid": {"left": 8, "right": 48, "top": 8, "bottom": 32, "containLabel": True},
        "xAxis": {"type": "value", "name": "对数似然比", "nameLocation": "middle", "nameGap": 26},
        "yAxis": {"type": "category", "data": [Family(part["family"]).label for part in parts]},
        "series": {
            "type": "bar", "barMaxWidth": 26,
            "label": {"show": True, "position": "right"},
            "data": [
                {"value": round(part["log_lr"], 1), "itemStyle": {"color": RED if part["log_lr"] > 0 else GREEN}}
                for part in parts
            ],
        },
    }


def prices(bids: Sequence, coalition: set[str], ceiling) -> dict:
    """Return the bids from the lowest to the highest in 万元, the coalition's in red, with the ceiling."""
    rows = sorted(bids, key=lambda bid: (bid.total, bid.uscc))
    top = max([bid.total for bid in rows] + ([ceiling] if ceiling else []))
    mark = {
        "silent": True, "symbol": "none", "lineStyle": {"color": GREY, "type": "dashed"},
        "label": {"formatter": "最高投标限价", "position": "insideEndTop"}, "data": [{"yAxis": _wan(ceiling)}],
    } if ceiling else {}
    return {
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {
            "type": "category", "data": [short(bid.name) for bid in rows],
            "axisLabel": FEW if len(rows) < 7 else {"interval": 0, "rotate": 40, "width": 96, "overflow": "truncate"},
        },
        "yAxis": {"type": "value", "name": "万元", "scale": True, "max": _wan(top)},
        "tooltip": {"trigger": "axis"},
        "series": {
            "type": "bar", "name": "报价（万元）", "markLine": mark,
            "label": {"show": len(rows) < 9, "position": "top"},
            "data": [
                {"value": _wan(bid.total), "itemStyle": {"color": RED if bid.uscc in coalition else BLUE}}
                for bid in rows
            ],
        },
    }


def graph(
    history: Sequence[tuple[datetime, Sequence[tuple[str, str, bool]]]], coalition: set[str], focus: set[str]
) -> dict | None:
    """Return who bid with whom, with a slider over half-years; None while nobody met twice.

    ``history`` holds (opening, [(firm, name, won)]) of earlier tenders, in order; ``focus`` the firms of this tender.
    Edges say how often two firms met up to then; only firms that met somebody of the focus twice are drawn.
    """
    steps = sorted({_half(opened) for opened, _ in history})
    met: dict[tuple[str, str], int] = {}
    names: dict[str, str] = {}
    wins: dict[str, int] = {}
    frames, place = [], 0
    for step in steps:
        while place < len(history) and _half(history[place][0]) == step:
            firms = sorted({firm for firm, _, _ in history[place][1]})
            names |= {firm: name for firm, name, _ in history[place][1]}
            for firm, _, won in history[place][1]:
                wins[firm] = wins.get(firm, 0) + bool(won)
            for pair in combinations(firms, 2):
                if focus & set(pair):
                    met[pair] = met.get(pair, 0) + 1
            place += 1
        frames.append((step, dict(met), dict(wins)))
    drawn = _drawn(met, focus)
    if not drawn:
        return None
    options = [
        {"series": [{"data": [_node(firm, names, won, coalition, focus) for firm in drawn],
                     "links": _links(seen, drawn)}]}
        for _, seen, won in frames
    ]
    return {
        "timeline": {
            "data": [step for step, _, _ in frames], "axisType": "category", "currentIndex": len(frames) - 1,
            "playInterval": 900, "bottom": 0, "left": 24, "right": 24, "loop": False,
        },
        "tooltip": {},
        "series": [{
            "type": "graph", "layout": "circular", "roam": False, "top": 110, "bottom": 170,
            "left": "26%", "right": "26%",
            "label": {"show": True, "position": "right", "fontSize": 12}, "circular": {"rotateLabel": True},
            "lineStyle": {"color": GREY, "curveness": 0.1},
            **options[-1]["series"][0],
        }],
        "options": options,
    }


def residuals(judges: Sequence[str], bidders: Sequence[str], cells: Sequence[Sequence[float]]) -> dict:
    """Return what remains of each score without the bidder's and the judge's own level, as a heat map."""
    data = [
        [column, row, round(value, 2)] for row, line in enumerate(cells) for column, value in enumerate(line)
    ]
    reach = max((abs(value) for _, _, value in data), default=0) or 1
    return {
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 64, "containLabel": True},
        "xAxis": {"type": "category", "data": [short(one) for one in bidders],
                  "axisLabel": FEW},
        "yAxis": {"type": "category", "inverse": True, "data": list(judges)},
        "visualMap": {
            "min": round(-reach, 1), "max": round(reach, 1), "calculable": True, "orient": "horizontal",
            "left": "center", "bottom": 0, "inRange": {"color": [BLUE, "#f3f5f7", RED]},
        },
        "series": {"type": "heatmap", "data": data, "label": {"show": True}},
    }


def paces(rows: Sequence) -> dict:
    """Return the members' minutes, of the step and of pages lying open, with what the pages ask for at least."""
    return {
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True}, "legend": {"top": 0},
        "tooltip": {"trigger": "axis"}, "xAxis": {"type": "category", "data": [row.label for row in rows]},
        "yAxis": {"type": "value", "name": "分钟"},
        "series": [
            {"type": "bar", "name": "环节用时", "itemStyle": {"color": GREY},
             "data": [round(row.seconds / 60, 1) for row in rows]},
            {"type": "bar", "name": "逐页阅看用时", "itemStyle": {"color": BLUE}, "data": [
                None if row.read is None else
                {"value": round(row.read / 60, 1), "itemStyle": {"color": RED if row.is_hasty else BLUE}}
                for row in rows
            ]},
            {"type": "line", "name": "每秒 1 页所需", "symbol": "none", "lineStyle": {"type": "dashed", "color": GREY},
             "data": [round(row.pages / 60, 1) for row in rows]},
        ],
    }


def richness(rows: Sequence[dict]) -> dict:
    """Return richness as bars and marks as a line, both from 0 to 100."""
    return {
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 8, "containLabel": True}, "legend": {"top": 0},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [short(row["name"]) for row in rows],
                  "axisLabel": FEW},
        "yAxis": {"type": "value", "min": 0, "max": 100},
        "series": [
            {"type": "bar", "name": "丰富度名次（100 最丰富）", "data": [round(100 * row["rank"]) for row in rows]},
            {"type": "line", "name": "技术得分率 %", "data": [row["score"] for row in rows]},
        ],
    }


def spread(names: Sequence[str], totals: Sequence[float]) -> dict:
    """Return the bidders' mean technical totals from the best down."""
    rows = sorted(zip(totals, names, strict=True), reverse=True)
    return {
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "category", "data": [short(name) for _, name in rows],
                  "axisLabel": FEW},
        "yAxis": {"type": "value", "name": "技术分"},
        "series": {"type": "bar", "label": {"show": True, "position": "top"},
                   "data": [round(total, 2) for total, _ in rows]},
    }


def savings(rows: Sequence[tuple]) -> dict:
    """Return the mean saving of each month in percent."""
    return {
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True}, "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{month:%Y-%m}" for month, _, _ in rows]},
        "yAxis": {"type": "value", "name": "%"},
        "series": {"type": "line", "name": "节约率 %", "data": [round(100 * share, 1) for _, share, _ in rows]},
    }


def turnover(rows: Sequence[tuple], forecast) -> dict:
    """Return the months' turnover in 万元 as bars, and the coming month's interval as a bar that floats."""
    shown = rows[-12:]
    months = [f"{month:%Y-%m}" for month, _ in shown]
    series = [{"type": "bar", "name": "成交额", "stack": "month", "data": [_wan(value) for _, value in shown]}]
    if forecast is not None:
        empty = [None] * len(shown)
        months.append("下月预测")
        series += [
            {"type": "bar", "name": "区间下限", "stack": "month", "itemStyle": {"color": "transparent"},
             "data": [*empty, _wan(forecast.low)]},
            {"type": "bar", "name": "90% 预测区间", "stack": "month", "itemStyle": {"color": GOLD, "opacity": 0.5},
             "data": [*empty, round(_wan(forecast.high) - _wan(forecast.low), 2)]},
            {"type": "scatter", "name": "预测", "data": [["下月预测", _wan(forecast.middle)]]},
        ]
    return {
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 8, "containLabel": True}, "tooltip": {},
        "xAxis": {"type": "category", "data": months}, "yAxis": {"type": "value", "name": "万元"}, "series": series,
    }


def reliability(bins: Sequence) -> dict:
    """Return what the index said against how often it was so, with the line on which both agree."""
    return {
        "xAxis": {"type": "value", "name": "指数", "min": 0, "max": 100},
        "yAxis": {"type": "value", "name": "查实比例 %", "min": 0, "max": 100},
        "series": [
            {"type": "line", "name": "查实比例",
             "data": [[round(one.said, 1), round(one.came_true, 1)] for one in bins]},
            {"type": "line", "name": "完全相符", "symbol": "none", "lineStyle": {"type": "dashed", "color": GREY},
             "data": [[0, 0], [100, 100]]},
        ],
    }


def short(name: str) -> str:
    """Return a firm's name as it fits under a bar."""
    for ending in ("有限责任公司", "股份有限公司", "集团有限公司", "有限公司"):
        name = name.removesuffix(ending)
    return name


def _drawn(met: dict[tuple[str, str], int], focus: set[str]) -> list[str]:
    strength: dict[str, int] = {}
    for pair, count in met.items():
        if count > 1:
            for firm in pair:
                strength[firm] = max(strength.get(firm, 0), count)
    ordered = sorted(strength, key=lambda firm: (firm not in focus, -strength[firm], firm))
    return sorted(ordered[:MOST_NODES], key=lambda firm: (firm not in focus, firm))


def _node(firm: str, names: dict, wins: dict, coalition: set[str], focus: set[str]) -> dict:
    colour = RED if firm in coalition else GOLD if firm in focus else BLUE
    won = wins.get(firm, 0)
    return {
        "id": firm, "name": short(names[firm]), "symbolSize": 14 + 3 * min(won, 10), "itemStyle": {"color": colour},
        "value": f"中标 {won} 次",
    }


def _links(seen: dict[tuple[str, str], int], drawn: list[str]) -> list[dict]:
    kept = set(drawn)
    return [
        {"source": one, "target": other, "value": f"同场 {count} 次",
         "lineStyle": {"width": min(1 + count * 0.6, 9)}}
        for (one, other), count in sorted(seen.items()) if {one, other} <= kept and count > 1
    ]


def _half(moment: datetime) -> str:
    local = moment.astimezone(SHANGHAI)
    return f"{local.year}年{'上' if local.month < 7 else '下'}半年"


def _wan(amount) -> float:
    return round(float(amount) / 10_000, 2)
