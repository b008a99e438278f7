"""The list of notices as a workbook (公告导出)."""

import io

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from gongheng.kernel.clock import SHANGHAI
from gongheng.trading.notices.models import Notice

MOST_ROWS = 5000
HEAD = (
    "公告类型", "标题", "招标人", "标段编号", "统一交易标识码", "标段状态",
    "投标截止（北京时间）", "发布时间（北京时间）",
)


def workbook(notices: QuerySet[Notice]) -> bytes:
    """Return an XLSX of at most 5,000 notices; every cell is text, so that no title becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("公告公示")
    sheet.append([_text(sheet, title) for title in HEAD])
    for one in notices[:MOST_ROWS]:
        lot = one.lot
        values = (
            one.get_kind_display(), one.title, lot.tender_project.tenderer.name, lot.code, lot.deal_code,
            lot.state_label, _moment(lot.bids_due_at), _moment(one.published_at),
        )
        sheet.append([_text(sheet, value) for value in values])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(sheet, value: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.data_type = "s"
    return cell


def _moment(at) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if at else ""
