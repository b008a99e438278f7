"""``import_history``: take the tenders of another system into history, so that screening knows them (导入历史交易)."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from gongheng.followers.analytics.actions import BidRow, TenderRow, import_history
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.screening.markets import Market, Tender

OPERATOR = Actor("operator", Role.PUBLIC)
_CENT = Decimal("0.01")


class Command(BaseCommand):
    help = "导入其他系统的历史交易（CSV、Parquet 或 OCDS JSON），用于围串标筛查；坏行按名称计数，整批成功或整批不导入。"

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path, help="投标报价文件，一行一份投标；.json、.jsonl 按 OCDS 读取")
        parser.add_argument("--source", required=True, help="来自哪个系统，页面上处处显示")
        parser.add_argument("--columns", type=Path, help="列映射声明（TOML）；不给时按标准列名读取")

    def handle(self, *args, **options) -> None:
        try:
            market = _read(options["file"], options["columns"])
            rows = _rows(market)
            count = import_history(rows, source=options["source"], actor=OPERATOR, clock=settings.CLOCK)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message}（规则 {refusal.rule}）") from refusal
        for one in market.problems:
            self.stderr.write(f"{one.name}：{one.count} 处，{one.done}")
        self.stdout.write(f"已导入 {count} 个项目，来源“{options['source']}”；筛查随后自动运行。")


def _read(file: Path, columns: Path | None) -> Market:
    from gongheng.screening import ocds, reading
    from gongheng.screening.schema import BadSchema, parse

    try:
        if file.suffix in (".json", ".jsonl"):
            return ocds.read(file)
        return reading.read(file, parse(columns.read_text()) if columns else None)
    except (BadSchema, OSError) as error:
        raise CommandError(str(error)) from error


def _rows(market: Market) -> list[TenderRow]:
    """Return the tenders that can be a record: with a date and with every bidder's code."""
    names = dict(Organisation.objects.values_list("uscc", "name"))
    return [_row(one, names) for one in market.tenders]


def _row(tender: Tender, names: dict[str, str]) -> TenderRow:
    if tender.opened is None:
        raise Refusal("IMPORT", f"{tender.id}：没有开标时间。", "opened")
    opened_at = datetime.fromtimestamp(tender.opened, UTC)
    return TenderRow(
        code=tender.id, name=tender.id, region=tender.region, trade=tender.trade, buyer=tender.buyer,
        agency=tender.agency, method=tender.method, opened_at=opened_at,
        # What is imported was decided; when, the files do not say.
        decided_at=opened_at if any(bid.won for bid in tender.bids) else None,
        ceiling=None if tender.ceiling is None else Decimal(str(tender.ceiling)).quantize(_CENT),
        bids=tuple(
            BidRow(bid.firm, names.get(bid.firm, bid.firm), Decimal(str(bid.value)).quantize(_CENT), bid.won)
            for bid in tender.bids
        ),
    )
