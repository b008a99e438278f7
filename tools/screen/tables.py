"""The ranked table (排序表) as CSV and XLSX, and the machine-readable result; two runs agree to the byte."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path

from gongheng.screening import combination
from gongheng.screening.markets import Problem
from tools.screen.explaining import CLUE, Run, headline, level, sentence
from tools.screen.scoring import Screened
from tools.screen.sources import day

HEAD = (
    "位次", "项目", "开标", "有效报价", "数值", "区间下限", "区间上限", "级别", "主要迹象", "所指", "对数赔率合计",
    "报价形态位次", "资料完整度", "说明",
)
_FIXED = "2000-01-01T00:00:00Z"
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)
#: What spreadsheets would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows(screened: Sequence[Screened], run: Run, explained: int) -> list[list]:
    """Return the ranked table, first row first."""
    return [
        [
            rank, one.tender.id, day(one.tender, run.written), len(one.tender.bids), round(one.value, 2),
            round(one.low, 2), round(one.high, 2), level(one), headline(one), "、".join(one.index.coalition),
            round(one.weight, 4), round(one.standing, 4), round(one.index.completeness.share, 4),
            f"tenders/{rank:04d}.html" if rank <= explained else "",
        ] for rank, one in enumerate(screened, start=1)
    ]


def as_csv(table: Sequence[Sequence]) -> bytes:
    """Return CSV that a spreadsheet opens as UTF-8 and in which no foreign text is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    writer.writerows([_inert(cell) for cell in row] for row in table)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: Sequence[Sequence], problems: Sequence[Problem], run: Run) -> bytes:
    """Return a workbook: the ranking, the problems of the data, and what the numbers mean."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheets = (
        ("排序表", HEAD, table, (6, 22, 12, 9, 8, 9, 9, 14, 46, 30, 12, 12, 11, 18)),
        ("数据问题", ("问题", "次数", "怎样处理", "最先出现在"),
         [[one.name, one.count, one.done, "；".join(one.places)] for one in problems], (40, 10, 40, 60)),
        ("口径", ("项", "内容"),
         [["性质", CLUE], ["数值", run.scale], *(["", one] for one in run.meanings), *run.basis], (24, 100)),
    )
    for place, (title, head, body, widths) in enumerate(sheets):
        sheet = book.active if place == 0 else book.create_sheet()
        sheet.title = title
        for number, row in enumerate((head, *body), start=1):
            sheet.append([_legal(cell) for cell in row])
            for column, cell in enumerate(row, start=1):
                if isinstance(cell, str) and cell.startswith("="):
                    sheet.cell(number, column).data_type = "s"  # foreign text is no formula
        for number, width in enumerate(widths):
            sheet.column_dimensions[chr(ord("A") + number)].width = width
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return _undated(written.getvalue())


def as_json(
    screened: Sequence[Screened], run: Run, problems: Sequence[Problem], count: int, options: dict[str, object]
) -> bytes:
    """Return every number with what it comes from, as canonical JSON."""
    told = {
        "v": 1, "notice": CLUE, "market": run.market, "model": combination.MODEL, "as_of": run.as_of,
        "prior": run.prior, "scale": run.scale, "meanings": run.meanings, "options": options,
        "parameters": {
            "rho": combination.RHO, "floor": combination.FLOOR, "statutory_floor": combination.STATUTORY_FLOOR,
            "caps": {family.value: round(cap, 6) for family, cap in combination.CAPS.items() if cap < float("inf")},
        },
        "inputs": [{"file": name, "sha256": digest} for name, digest in run.inputs], "rows": count,
        "problems": [
            {"code": one.code, "name": one.name, "count": one.count, "done": one.done, "places": list(one.places)}
            for one in problems
        ],
        "tenders": [_of(one, rank, run) for rank, one in enumerate(screened, start=1)],
    }
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode() + b"\n"


def _of(one: Screened, rank: int, run: Run) -> dict:
    index = one.index.to_json()
    if run.prior is None:  # the engine's own prior only orders; its probabilities must not be read as such
        for key in ("value", "low", "high", "prior", "sentence", "without"):
            del index[key]
    return {
        "rank": rank, "id": one.tender.id, "opened": one.tender.opened, "value": round(one.value, 6),
        "low": round(one.low, 6), "high": round(one.high, 6), "level": level(one),
        "sentence": sentence(one, rank, run), "log_odds": round(one.weight, 6), "standing": round(one.standing, 6),
        "without": {family.value: round(value, 6) for family, value in sorted(one.without.items())},
        "bids": [
            {"firm": bid.firm, "value": bid.value, "won": bid.won, "source": bid.source} for bid in one.tender.bids
        ],
        "ceiling": one.tender.ceiling, "evidence": index,
        "not_counted": [combination.finding_json(each) for each in one.apart],
    }


def write(path: Path, data: bytes) -> None:
    """Write a file of the output folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _inert(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _legal(cell: object) -> object:
    """Workbooks refuse control characters."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", cell) if isinstance(cell, str) else cell


def _undated(book: bytes) -> bytes:
    """Return the workbook with one date in all its parts: the writer puts the time of writing into it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", _FIXED.encode(), data)
            new.writestr(zipfile.ZipInfo(name, _ZIP_DATE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
