"""Other inputs than the bids (评分表、阅看记录、分项报价), read from CSV under fixed column names, problems counted."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from gongheng.screening import items, judges, reading, reading_time
from gongheng.screening.markets import Problem, Tender, is_date
from tools.screen.refusing import Unreadable
from tools.screen.scoring import Asked

_PLACES = 5
_KINDS = {
    "tender": ("项目编号不在待查数据与历史数据中", "该行不计入"),
    "number": ("数字无法读取或不合常理", "该行不计入"),
    "moment": ("时间无法读取", "该时间记为未知"),
    "firm": ("投标人不在该项目的开标记录中", "该行不计入"),
    "empty": ("评委、投标人或分项编号为空", "该行不计入"),
    "twice": ("同一分项重复出现", "以最后一行为准"),
}


class Extras:
    """Collects the problems and the digests of all extra files of one run."""

    def __init__(self, pool: Sequence[Tender]):
        self.tenders = {one.id: one for one in pool}
        self.inputs: list[tuple[str, str]] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._places: dict[tuple[str, str], list[str]] = {}

    @property
    def problems(self) -> list[Problem]:
        return [
            Problem(f"{option}.{code}", f"{option}：{_KINDS[code][0]}", count, _KINDS[code][1],
                    tuple(self._places[option, code]))
            for (option, code), count in sorted(self._counts.items())
        ]

    def scores(self, path: Path) -> Callable[[Tender], list[Asked]]:
        """Read marks: tender, judge, firm, factor, value, full."""
        marks: dict[str, list[judges.Score]] = {}
        for place, row in self._rows(path, "--scores", ("tender", "judge", "firm", "factor", "value", "full")):
            value, full = reading.number(row["value"]), reading.number(row["full"])
            if value is None or full is None or not 0 <= value <= full or not full:
                self._add("--scores", "number", place)
            elif self._is_known(row, "--scores", place) and self._is_named(row, ("judge",), "--scores", place):
                one = judges.Score(row["tender"], row["factor"], row["judge"], row["firm"], value, full)
                marks.setdefault(row["tender"], []).append(one)
        learned: dict[str, judges.History] = {}

        def asked(tender: Tender) -> list[Asked]:
            if tender.id not in marks:
                return []
            month, past = self._past(tender, marks)
            if month not in learned:
                panels = [self._panel(each) for each in past]
                learned[month] = judges.learn([one for each in past for one in each], panels)
            return [(judges.INDICATORS, judges.findings(marks[tender.id], past=learned[month]))]

        return asked

    def logs(self, path: Path) -> Callable[[Tender], list[Asked]]:
        """Read reading times: tender, judge, firm, part, pages, seconds, opened_at, marked_at."""
        columns = ("tender", "judge", "firm", "part", "pages", "seconds", "opened_at", "marked_at")
        logged: dict[str, list[reading_time.Reading]] = {}
        for place, row in self._rows(path, "--logs", columns):
            pages, seconds = reading.number(row["pages"]), reading.number(row["seconds"])
            if pages is None or seconds is None or pages < 0 or seconds < 0:
                self._add("--logs", "number", place)
            elif self._is_known(row, "--logs", place) and self._is_named(row, ("judge",), "--logs", place):
                logged.setdefault(row["tender"], []).append(reading_time.Reading(
                    row["judge"], row["firm"], row["part"], int(pages), seconds,
                    self._moment(row["opened_at"], place), self._moment(row["marked_at"], place),
                ))
        learned: dict[str, reading_time.Pace | None] = {}

        def asked(tender: Tender) -> list[Asked]:
            if tender.id not in logged:
                return []
            month, past = self._past(tender, logged)
            if month not in learned:
                learned[month] = reading_time.learn([one for each in past for one in each])
            return [(reading_time.INDICATORS, reading_time.findings(logged[tender.id], pace=learned[month]))]

        return asked

    def prices(self, folder: Path) -> Callable[[Tender], list[Asked]]:
        """Read item prices from every CSV of a folder: tender, firm, item, price; optional quantity, unit, amount.

        A row without a firm is a line of the tender's own bill.
        """
        if not folder.is_dir():
            raise Unreadable(f"--prices {folder}", "应为装有分项报价 CSV 的文件夹", "核对路径")
        lines: dict[str, dict[str, dict[str, items.Line]]] = {}
        bills: dict[str, list[items.Item]] = {}
        files: dict[tuple[str, str], str] = {}
        for path in sorted(folder.glob("*.csv")):
            for place, row in self._rows(path, "--prices", ("tender", "firm", "item", "price"),
                                         ("quantity", "unit", "amount")):
                price, quantity = reading.number(row["price"]), reading.number(row["quantity"])
                if not self._is_known(row, "--prices", place) or not self._is_named(row, ("item",), "--prices", place):
                    continue
                if not row["firm"]:
                    bills.setdefault(row["tender"], []).append(items.Item(row["item"], quantity, row["unit"]))
                elif price is None or price <= 0:
                    self._add("--prices", "number", place)
                else:
                    own = lines.setdefault(row["tender"], {}).setdefault(row["firm"], {})
                    if row["item"] in own:
                        self._add("--prices", "twice", place)
                    own[row["item"]] = items.Line(price, quantity, row["unit"], reading.number(row["amount"]))
                    files[row["tender"], row["firm"]] = path.name
        if not lines:
            raise Unreadable(
                f"--prices {folder}", "没有一行可用的分项报价", "核对项目编号与投标人代码是否与报价数据一致"
            )

        def asked(tender: Tender) -> list[Asked]:
            if tender.id not in lines:
                return []
            priced = [
                items.Bill(firm, own, files[tender.id, firm]) for firm, own in sorted(lines[tender.id].items())
            ]
            return [(items.INDICATORS, items.findings(priced, items=bills.get(tender.id, ())))]

        return asked

    def _past(self, tender: Tender, known: Mapping[str, list]) -> tuple[str, list[list]]:
        """Return what was given in tenders opened before the month of this one, so that a month is learned once."""
        if tender.opened is None:
            return "", []
        start = tender.opened
        if is_date(start):
            when = datetime.fromtimestamp(start, UTC)
            start = datetime(when.year, when.month, 1, tzinfo=UTC).timestamp()
        before = [
            one for one in sorted(known)
            if (opened := self.tenders[one].opened) is not None and opened < start
        ]
        return f"{start}", [known[one] for one in before]

    def _panel(self, marks: Sequence[judges.Score]) -> judges.Panel:
        tender = self.tenders[marks[0].tender]
        return judges.Panel(
            tender.id, "/".join(tender.market), tuple(sorted({one.judge for one in marks})),
            tuple(sorted({one.firm for one in marks})),
        )

    def _rows(
        self, path: Path, option: str, needed: Sequence[str], optional: Sequence[str] = ()
    ) -> Iterator[tuple[str, dict[str, str]]]:
        if not path.is_file():
            raise Unreadable(f"{option} {path}", "文件必须存在并可读", "核对路径")
        self.inputs.append((path.name, reading.digest(path)))
        raw = path.read_bytes()
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
        else:
            raise Unreadable(f"{option} {path.name}", "编码应为 UTF-8 或 GB 18030", "另存为 UTF-8 的 CSV")
        table = csv.DictReader(io.StringIO(text, newline=""))
        header = [(one or "").strip() for one in table.fieldnames or ()]
        missing = [one for one in needed if one not in header]
        if missing:
            raise Unreadable(
                f"{option} {path.name}", f"缺少列：{'、'.join(missing)}（文件的列是：{'、'.join(header) or '无'}）",
                f"列名写作 {', '.join((*needed, *optional))}",
            )
        table.fieldnames = header
        for number, row in enumerate(table, start=2):
            yield f"{path.name} 第 {number} 行", {one: (row.get(one) or "").strip() for one in (*needed, *optional)}

    def _is_known(self, row: Mapping[str, str], option: str, place: str) -> bool:
        tender = self.tenders.get(row["tender"])
        if tender is None:
            self._add(option, "tender", place)
            return False
        firms = {bid.firm for bid in tender.bids}
        if row["firm"] and firms != {""} and row["firm"] not in firms:
            self._add(option, "firm", place)
            return False
        return bool(row["firm"]) or option == "--prices" or self._is_named(row, ("firm",), option, place)

    def _is_named(self, row: Mapping[str, str], names: Sequence[str], option: str, place: str) -> bool:
        if all(row[one] for one in names):
            return True
        self._add(option, "empty", place)
        return False

    def _moment(self, text: str, place: str) -> datetime | None:
        try:
            when = datetime.fromisoformat(text) if text else None
        except ValueError:
            self._add("--logs", "moment", place)
            return None
        return when.replace(tzinfo=UTC) if when and not when.tzinfo else when

    def _add(self, option: str, code: str, place: str) -> None:
        self._counts[option, code] += 1
        if len(self._places.setdefault((option, code), [])) < _PLACES:
            self._places[option, code].append(place)

