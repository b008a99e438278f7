"""Reading a market from OCDS (开放合同数据标准): release packages, record packages, or lines of either."""

import json
from collections.abc import Iterator
from pathlib import Path

from gongheng.screening.markets import AVERAGE, LOWEST, SCORED, Market
from gongheng.screening.problems import Problems, Row, settle
from gongheng.screening.reading import digest, moment
from gongheng.screening.schema import DATE, BadSchema

_METHODS = {"priceOnly": LOWEST, "lowestCost": LOWEST, "ratedCriteria": SCORED, "bestValueToGovernment": SCORED,
            "qualityOnly": SCORED, "averagePrice": AVERAGE}


def read(path: Path, *, name: str = "") -> Market:
    """Return the market of one OCDS file with the bids extension; lots become tenders of their own."""
    problems = Problems()
    processes = _merged(_releases(path))
    rows = (row for ocid, process in processes.items() for row in _rows(ocid, process, path.name, problems))
    return settle(rows, name=name or path.stem, problems=problems, inputs=((path.name, digest(path)),))


def _releases(path: Path) -> Iterator[dict]:
    for place, document in _documents(path):
        if not isinstance(document, dict):
            raise BadSchema(f"{path.name} 第 {place} 项不是 OCDS 对象。")
        known = False
        for release in document.get("releases") or ():
            known = True
            yield release
        for record in document.get("records") or ():
            known = True
            yield from _of_record(record)
        if "compiledRelease" in document or ("ocid" in document and not known):
            known = True
            yield from _of_record(document) if "compiledRelease" in document else (document,)
        if not known:
            raise BadSchema(f"{path.name} 第 {place} 项既没有 releases、records，也没有 ocid：不是 OCDS 文件。")


def _of_record(record: dict) -> Iterator[dict]:
    if compiled := record.get("compiledRelease"):
        yield compiled
    else:
        yield from (one for one in record.get("releases") or () if "ocid" in one)


def _documents(path: Path) -> Iterator[tuple[int, object]]:
    """Yield the documents of a file: one JSON text, or one per line."""
    text = path.read_text(encoding="utf-8-sig")
    try:
        yield 1, json.loads(text)
        return
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise BadSchema(f"{path.name} 不是有效的 JSON：{error}") from error
    for place, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield place, json.loads(line)
            except json.JSONDecodeError as error:
                raise BadSchema(f"{path.name} 第 {place} 行不是有效的 JSON：{error}") from error


def _merged(releases: Iterator[dict]) -> dict[str, dict]:
    """Return one process per ocid: later releases replace what they repeat, bids and awards by their ids."""
    processes: dict[str, dict] = {}
    for release in sorted(releases, key=lambda one: (str(one.get("ocid", "")), str(one.get("date", "")))):
        process = processes.setdefault(str(release.get("ocid", "")), {"tender": {}, "bids": {}, "awards": {}})
        process["tender"].update(release.get("tender") or {})
        process["buyer"] = release.get("buyer") or process.get("buyer") or {}
        for place, bid in enumerate((release.get("bids") or {}).get("details") or ()):
            process["bids"].setdefault(str(bid.get("id", f"#{place}")), {}).update(bid)
        for place, award in enumerate(release.get("awards") or ()):
            process["awards"].setdefault(str(award.get("id", f"#{place}")), {}).update(award)
    return processes


def _rows(ocid: str, process: dict, file: str, problems: Problems) -> Iterator[Row]:
    tender, buyer = process["tender"], process["buyer"]
    deadline = (tender.get("bidOpening") or {}).get("date") or (tender.get("tenderPeriod") or {}).get("endDate")
    opened = moment(deadline, DATE)
    if opened is None:
        problems.add("absurd_date", ocid)
    lots = {str(one.get("id")): one for one in tender.get("lots") or ()}
    if not process["bids"]:
        problems.add("no_bids", ocid)
    for number, bid in process["bids"].items():
        source = f"{file} {ocid} 报价 {number}"
        if bid.get("status") in {"withdrawn", "invited"}:
            problems.add("withdrawn", source)
            continue
        value = bid.get("value") or {}
        firms = sorted({str(one.get("id") or one.get("name") or "") for one in bid.get("tenderers") or ()} - {""})
        for lot in [str(one) for one in bid.get("relatedLots") or ()] or [""]:
            ceiling = (lots.get(lot, tender).get("value") or {}) if lot else (tender.get("value") or {})
            same_currency = ceiling.get("currency") == value.get("currency")
            yield Row(
                tender=f"{ocid}/{lot}" if lot else ocid, source=source, value=_amount(value), firm="+".join(firms),
                opened=opened, ceiling=_amount(ceiling) if same_currency else None,
                won=_won(process["awards"], number, firms, lot), currency=str(value.get("currency") or ""),
                method=_METHODS.get(str(tender.get("awardCriteria")), ""),
                region=str((buyer.get("address") or {}).get("region") or ""),
                trade=str(tender.get("mainProcurementCategory") or ""),
                procedure=str(tender.get("procurementMethod") or ""),
                buyer=str(buyer.get("id") or buyer.get("name") or ""),
            )


def _won(awards: dict[str, dict], bid: str, firms: list[str], lot: str) -> bool | None:
    """Whether an active award names the bid, or else exactly its firms; None where nothing was awarded."""
    active = [
        one for one in awards.values()
        if one.get("status", "active") == "active"
        and (not lot or lot in [str(each) for each in one.get("relatedLots") or [lot]])
    ]
    if not active:
        return None
    for award in active:
        related = [str(one) for one in (award.get("relatedBid"), *(award.get("relatedBids") or ())) if one is not None]
        if related:
            if bid in related:
                return True
        elif firms and firms == sorted({str(one.get("id") or one.get("name")) for one in award.get("suppliers") or ()}):
            return True
    return False


def _amount(value: dict) -> float | None:
    amount = value.get("amount")
    return float(amount) if isinstance(amount, int | float) and not isinstance(amount, bool) else None
