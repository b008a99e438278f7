"""Charts of one tender as SVG (图): bids with their gaps, what each family adds, and joint bids over time.

Words stay words (no outlines), so that the page's own fonts draw them; ids come from the picture's own name, so that
two runs agree to the byte.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp
from pathlib import Path

from gongheng.screening.combination import Index
from gongheng.screening.findings import Family
from gongheng.screening.markets import Tender

INK, GREY, PALE, ACCENT, ALARM = "#1b2a33", "#6b7780", "#d5dde0", "#1f6f8b", "#b3491b"
FONT = "LXGW WenKai"
#: What a browser without the house font takes.
_STACK = f"'{FONT}', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif"
_MOST_NAMED, _MOST_GAPS, _MOST_ROWS = 24, 12, 8
_WIDTH = 7.2
_STYLE = {
    "font.family": [FONT], "svg.fonttype": "none", "font.size": 9.5, "axes.edgecolor": PALE, "text.color": INK,
    "axes.labelcolor": GREY, "xtick.color": GREY, "ytick.color": INK, "axes.spines.top": False,
    "axes.spines.right": False, "axes.unicode_minus": False,
}


@dataclass(frozen=True)
class Chart:
    """A picture, and the same said in words for those who cannot see it."""

    name: str
    title: str
    words: str
    svg: str


class Charts:
    """Draws with the fonts of one folder; nothing of the host enters."""

    def __init__(self, fonts: Path):
        from matplotlib import font_manager

        for path in sorted(fonts.glob("*.ttf")):
            font_manager.fontManager.addfont(path)

    def draw(self, tender: Tender, index: Index, met: Sequence[Tender], is_dated: bool) -> list[Chart]:
        """Draw all charts of a tender; ``met`` are the earlier tenders of its coalition, see ``joint``."""
        from matplotlib import rc_context

        with rc_context(_STYLE):
            drawn = [self._bids(tender, index.coalition), self._families(tender, index)]
            return [*drawn, self._together(tender, index.coalition, met, is_dated)] if met else drawn

    def _bids(self, tender: Tender, coalition: Sequence[str]) -> Chart:
        """Draw the bids in order, the gap from each to the next, and the ceiling."""
        ordered = sorted(tender.bids, key=lambda one: (one.value, one.firm))
        rows = range(len(ordered))
        figure, axes = _axes(max(1.6, min(0.26 * len(ordered), 3.8) + 0.8))
        values = [one.value for one in ordered]
        marked = [bool(one.firm) and one.firm in coalition for one in ordered]
        axes.plot(values, rows, color=PALE, linewidth=1, zorder=1)
        size = 34 if len(ordered) <= _MOST_NAMED else 9
        axes.scatter(values, rows, s=size, zorder=3, c=[ALARM if one else ACCENT for one in marked])
        won = [row for row in rows if ordered[row].won]
        axes.scatter([values[row] for row in won], won, s=110, zorder=2, facecolors="none", edgecolors=INK)
        if len(ordered) <= _MOST_GAPS:
            for row in rows[1:]:
                gap = values[row] / values[row - 1] - 1
                axes.annotate(f"+{gap:.2%}", (values[row], row), xytext=(8, -9), textcoords="offset points",
                              fontsize=8, color=GREY)
        if tender.ceiling:
            axes.axvline(tender.ceiling, color=GREY, linestyle="--", linewidth=1)
            axes.annotate("最高限价", (tender.ceiling, 1), xycoords=("data", "axes fraction"), xytext=(3, 2),
                          textcoords="offset points", fontsize=8.5, color=GREY)
        if len(ordered) <= _MOST_NAMED:
            axes.set_yticks(list(rows), [_short(one.firm) or f"第 {row + 1} 低" for row, one in enumerate(ordered)])
        else:
            axes.set_yticks([])
            axes.set_ylabel(f"{len(ordered)} 家，由低到高")
        told = "；+% 为比前一家高多少" if len(ordered) <= _MOST_GAPS else ""
        axes.set_xlabel(f"报价（横向间隔即差距{told}）")
        axes.xaxis.set_major_formatter(lambda value, _: _amount(value))
        axes.margins(x=0.12, y=0.12)
        axes.tick_params(length=0)
        axes.tick_params(axis="y", labelsize=9.5 if len(ordered) <= 14 else 7)
        low, high = values[0], values[-1]
        words = f"{len(ordered)} 家报价，从 {_amount(low)} 到 {_amount(high)}，最高比最低高 {high / low - 1:.2%}"
        if tender.ceiling:
            words += f"；最低价为最高限价的 {low / tender.ceiling:.1%}"
        words += "。空心圈为中标者" if won else "。没有中标人的记录"
        words += "，橙色为迹象所指的几家。" if any(marked) else "。"
        return Chart("bids", "各家报价", words, self._svg(figure, f"bids {tender.id}"))

    def _families(self, tender: Tender, index: Index) -> Chart:
        """Draw what each family adds in log-odds; a family without inputs is said to be so, never drawn as zero."""
        added = {part.family: part.log_lr for part in index.families}
        figure, axes = _axes(2.5)
        order = list(reversed(Family))
        spoken = [added.get(one, 0.0) for one in order]
        axes.barh(range(len(order)), spoken, height=0.56,
                  color=[ALARM if value > 0 else ACCENT for value in spoken])
        for row, family in enumerate(order):
            note = _note(family, added, index)
            value = max(spoken[row], 0.0)
            axes.annotate(note, (value, row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=8.5,
                          color=INK if family in added else GREY)
        axes.axvline(0, color=GREY, linewidth=0.8)
        axes.set_yticks(range(len(order)), [one.label for one in order])
        axes.set_xlim(min(-0.3, *spoken) * 1.15, max(1.0, *spoken) * 1.6)
        axes.set_xlabel("迹象强度（对数赔率：0 为无影响，每 +0.7 约使可能性的赔率加倍）")
        axes.tick_params(length=0)
        words = "；".join(f"{one.label}：{_note(one, added, index)}" for one in Family) + "。"
        return Chart("families", "七类证据各说了什么", words, self._svg(figure, f"families {tender.id}"))

    def _together(self, tender: Tender, coalition: Sequence[str], met: Sequence[Tender], is_dated: bool) -> Chart:
        """Draw the tenders before this one in which two or more of the coalition bid, and who of them won."""
        from matplotlib import dates

        firms = sorted(coalition)[:_MOST_ROWS]
        figure, axes = _axes(0.34 * len(firms) + 1.1)
        at = [_when(one.opened, is_dated) for one in met]
        for x, one in zip(at, met, strict=True):
            present = {bid.firm: bid.won for bid in one.bids}
            rows = [row for row, firm in enumerate(firms) if firm in present]
            axes.plot([x] * len(rows), rows, color=PALE, linewidth=1, zorder=1)
            won = [present[firms[row]] is True for row in rows]
            axes.scatter([x] * len(rows), rows, s=26, zorder=2, linewidths=1,
                         edgecolors=[ALARM if one else ACCENT for one in won],
                         facecolors=[ALARM if one else "white" for one in won])
        axes.axvline(_when(tender.opened, is_dated), color=GREY, linestyle="--", linewidth=1)
        axes.set_yticks(range(len(firms)), [_short(one) for one in firms])
        axes.set_ylim(-0.6, len(firms) - 0.4)
        axes.set_xlabel("开标时间（竖线为本项目；实心为中标）")
        axes.tick_params(length=0)
        if is_dated:
            ticks = dates.AutoDateLocator(minticks=2, maxticks=6)
            axes.xaxis.set_major_locator(ticks)
            years = (axes.get_xlim()[1] - axes.get_xlim()[0]) / 365
            axes.xaxis.set_major_formatter(dates.DateFormatter("%Y" if years > 5 else "%Y-%m"))
        wins: Mapping[str, int] = {
            firm: sum(bid.firm == firm and bid.won is True for one in met for bid in one.bids) for firm in firms
        }
        told = "、".join(f"{firm}（{count} 次）" for firm, count in wins.items() if count)
        words = f"此前两家以上同场 {len(met)} 次" + (f"，其中中标：{told}。" if told else "，其中无人中标或没有记录。")
        return Chart("together", "此前共同投标", words, self._svg(figure, f"together {tender.id}"))

    def _svg(self, figure, salt: str) -> str:
        from matplotlib import rc_context

        out = io.StringIO()
        with rc_context({"svg.hashsalt": salt}):
            figure.savefig(out, format="svg", bbox_inches="tight", transparent=True,
                           metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        text = out.getvalue()
        return text[text.index("<svg"):].replace(f"'{FONT}'", _STACK)


def joint(pool: Sequence[Tender], tender: Tender, coalition: Sequence[str]) -> list[Tender]:
    """Return the tenders opened before this one in which two or more of the coalition bid."""
    if len(coalition) < 2 or tender.opened is None:
        return []
    members = set(coalition)
    return [
        one for one in pool
        if one.opened is not None and one.opened < tender.opened
        and sum(bid.firm in members for bid in one.bids) >= 2
    ]


def _axes(height: float):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH, height))
    return figure, figure.subplots()


def _note(family: Family, added: Mapping[Family, float], index: Index) -> str:
    if family in added:
        return f"{added[family]:+.1f}（赔率约 ×{exp(added[family]):.1f}）"
    if family in index.completeness.absent:
        return "未知：没有资料"
    return "看过，没有迹象"


def _when(opened: float, is_dated: bool) -> datetime | float:
    return datetime.fromtimestamp(opened, UTC) if is_dated else opened


def _short(firm: str) -> str:
    return firm if len(firm) <= 16 else firm[:15] + "…"


def _amount(value: float) -> str:
    if abs(value) >= 1e8:
        return f"{value / 1e8:,.2f} 亿"
    return f"{value / 1e4:,.1f} 万" if abs(value) >= 1e5 else f"{value:,.4g}" if abs(value) < 100 else f"{value:,.0f}"
