"""Writes the output folder (输出文件夹): list, explanations, charts, tables and the machine-readable result."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from gongheng.screening.markets import Problem
from gongheng.screening.schema import ORDER
from tools.screen import pages, tables
from tools.screen.charts import Charts, joint
from tools.screen.explaining import Run, explanation
from tools.screen.refusing import Unreadable
from tools.screen.scoring import Screened
from tools.screen.sources import Source
from tools.screen.typesetting import Typesetter

#: What a run writes; of an earlier run nothing may stay and look like this one's.
_OURS = ("index.html", "result.json", "排序表.csv", "排序表.xlsx", "tenders", "charts")


class Writer:
    """Made before anything is computed, so that a folder or fonts that cannot be used are refused at once."""

    def __init__(self, out: Path, fonts: Path):
        others = [one.name for one in out.iterdir() if one.name not in _OURS] if out.is_dir() else []
        if others or (out.exists() and not out.is_dir()):
            raise Unreadable(
                f"--out {out}", "输出文件夹应不存在、为空或只有以前筛查的结果"
                + (f"；现有：{'、'.join(sorted(others)[:5])}" if others else ""), "换一个文件夹",
            )
        self._out = out
        self._typesetter = Typesetter(fonts)
        self._charts = Charts(fonts)

    def write(
        self, known: Source, screened: Sequence[Screened], *, prior: float | None, top: int,
        problems: Sequence[Problem], inputs: tuple[tuple[str, str], ...], progress: Callable[[], None],
    ) -> None:
        """Write everything; the first ``top`` tenders get an explanation."""
        run = Run(known.market.name, len(screened), prior, known.as_of, inputs, known.written)
        top = min(top, len(screened))
        for name in _OURS:
            old = self._out / name
            shutil.rmtree(old) if old.is_dir() else old.unlink(missing_ok=True)
        for rank, one in enumerate(screened[:top], start=1):
            drawn = self._draw(one, known)
            told = explanation(one, rank, run, drawn)
            for chart in drawn:
                tables.write(self._out / "charts" / f"{rank:04d}-{chart.name}.svg", chart.svg.encode())
            tables.write(self._out / "tenders" / f"{rank:04d}.html", pages.explained(told).encode())
            tables.write(self._out / "tenders" / f"{rank:04d}.pdf", self._typesetter.pdf(told))
            progress()
        listed = tables.rows(screened, run, top)
        tables.write(self._out / "排序表.csv", tables.as_csv(listed))
        tables.write(self._out / "排序表.xlsx", tables.as_xlsx(listed, problems, run))
        tables.write(
            self._out / "result.json", tables.as_json(screened, run, problems, known.market.rows, {"top": top}),
        )
        tables.write(
            self._out / "index.html",
            pages.listing(screened, run, problems, known.market.rows, top).encode(),
        )

    def _draw(self, one: Screened, known: Source) -> list:
        met = joint(known.pool, one.tender, one.index.coalition)
        return self._charts.draw(one.tender, one.index, met, known.written != ORDER)
