"""The shared catalogue of evaluation seats as a workbook (评标场所工位共享目录)."""

import io

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

HEAD = (
    "交易中心", "城市", "地址", "电话", "评标室", "其中混合评标室", "席位总数", "可用席位", "服务日", "服务时间",
    "每小时（元）", "异地补助（元/场）", "超时起算（小时）", "超时每小时（元）",
)


def workbook(rows: list[dict]) -> bytes:
    """Return an XLSX of the catalogue; text stays text, so that no name becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工位共享目录")
    sheet.freeze_panes = "B2"
    sheet.append([_text(sheet, title) for title in HEAD])
    for row in rows:
        centre, fee = row["centre"], row["fee"]
        sheet.append([
            *(_text(sheet, value) for value in (str(centre), row["city"], centre.address, centre.phone)),
            centre.room_count, centre.mixed_count, centre.total_count, centre.seat_count,
            _text(sheet, row["weekdays"]), _text(sheet, row["hours"]),
            *((fee.per_hour, fee.remote_allowance, fee.overtime_after, fee.overtime_per_hour) if fee else [None] * 4),
        ])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell
