"""Reading the market to be screened and the history before it (读取数据), and setting the as-of time."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gongheng.screening import ocds, reading, schema
from gongheng.screening.markets import Market, Problem, Tender
from tools.screen.refusing import Unreadable

OCDS = {".json", ".jsonl", ".ndjson"}
TABLES = {".csv", ".parquet"}
_PLACES = 5


@dataclass(frozen=True)
class Source:
    """The tenders that are scored, all tenders known at the as-of time, and how their openings are written."""

    market: Market
    pool: tuple[Tender, ...]
    problems: tuple[Problem, ...]
    inputs: tuple[tuple[str, str], ...]
    as_of: str
    written: str  # how openings are written: schema.DATE, UNIX, YEAR or ORDER


def source(bids: Path, *, declared: Path | None, history: Path | None, as_of: str) -> Source:
    """Return what is to be screened; Unreadable when the files cannot be read as they are declared."""
    columns = _schema(declared)
    market = _market(bids, columns)
    earlier = _market(history, columns) if history else None
    written = schema.DATE if bids.suffix.lower() in OCDS else columns.opened if columns else schema.DATE
    limit = _limit(as_of, written)
    known = {one.id for one in market.tenders}
    late = [one.id for one in market.tenders if limit is not None and (one.opened is None or one.opened >= limit)]
    kept = tuple(one for one in market.tenders if one.id not in set(late))
    before = [one for one in (earlier.tenders if earlier else ()) if limit is None or _is_before(one, limit)]
    twice = [one.id for one in before if one.id in known]
    problems = [*market.problems]
    if earlier:
        problems += [replace(one, name=f"历史数据：{one.name}") for one in earlier.problems]
    if late:
        problems.append(_problem("after_as_of", "开标晚于截至日，或在指定截至日时开标时间未知", "不参加筛查", late))
    if earlier and len(before) + len(twice) < len(earlier.tenders):
        ids = [one.id for one in earlier.tenders if limit is not None and not _is_before(one, limit)]
        if ids:
            problems.append(_problem("history_after_as_of", "历史数据中开标晚于截至日或时间未知", "不作为历史", ids))
    if twice:
        problems.append(_problem("in_both", "同一项目既在待查数据又在历史数据中", "以待查数据为准", twice))
    if not kept:
        raise Unreadable(
            f"文件 {bids.name} 没有可筛查的项目" + (f"（读入 {market.rows} 行）" if market.rows else ""),
            "至少要有一个项目有一份大于零的报价，且在截至日前开标",
            "按下列问题检查文件：" + ("；".join(f"{one.name} {one.count} 处" for one in problems) or "文件是空的"),
        )
    pool = (*kept, *(one for one in before if one.id not in known))
    inputs = (*market.inputs, *(earlier.inputs if earlier else ()))
    if declared:
        inputs += ((declared.name, reading.digest(declared)),)
    return Source(replace(market, tenders=kept), pool, tuple(problems), inputs, as_of, written)


def day(tender: Tender, written: str) -> str:
    """Return when the bids were opened, as written for people; "" where it is not known."""
    if tender.opened is None:
        return ""
    if written == schema.ORDER:
        return f"次序 {tender.opened:g}"
    when = datetime.fromtimestamp(tender.opened, UTC)
    return f"{when:%Y}" if written == schema.YEAR else f"{when:%Y-%m-%d}"


def _problem(code: str, name: str, done: str, places: list[str]) -> Problem:
    return Problem(code, name, len(places), done, tuple(places[:_PLACES]))


def _is_before(tender: Tender, limit: float) -> bool:
    return tender.opened is not None and tender.opened < limit


def _schema(declared: Path | None) -> schema.Schema | None:
    if declared is None:
        return None
    _must_exist(declared, "--schema")
    try:
        return schema.parse(declared.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"--schema {declared.name}", "列映射是 UTF-8 的 TOML 文件", "另存为 UTF-8 后重试") from error
    except (schema.BadSchema, TypeError) as error:
        raise Unreadable(
            f"--schema {declared.name}", str(error), "见 docs/screening-command.md 的列映射示例"
        ) from error


def _market(path: Path, columns: schema.Schema | None) -> Market:
    import duckdb

    _must_exist(path, "数据文件")
    kind = path.suffix.lower()
    if kind not in OCDS | TABLES:
        raise Unreadable(
            f"数据文件 {path.name}", "只读 CSV、Parquet 和 OCDS（JSON、JSONL）",
            f"把文件另存为 {'、'.join(sorted(TABLES | OCDS))} 之一",
        )
    try:
        return ocds.read(path) if kind in OCDS else reading.read(path, columns)
    except schema.BadSchema as error:
        raise Unreadable(
            f"数据文件 {path.name}", str(error), "用 --schema 给出列映射（docs/screening-command.md 有示例）"
        ) from error
    except (duckdb.Error, UnicodeDecodeError) as error:
        reason = re.sub(r"\s+", " ", str(error))[:300]
        raise Unreadable(
            f"数据文件 {path.name}", f"文件不能按 {kind.lstrip('.').upper()} 读取：{reason}", "重新导出后重试"
        ) from error


def _must_exist(path: Path, what: str) -> None:
    if not path.is_file():
        raise Unreadable(f"{what} {path}", "文件必须存在并可读", "核对路径")


def _limit(as_of: str, written: str) -> float | None:
    """Return the first moment that is no longer known: the day of --as-of itself still is."""
    if not as_of:
        return None
    if written in {schema.ORDER, schema.YEAR} and as_of.isdecimal():
        after = reading.moment(str(int(as_of) + 1), written)
        if after is not None:
            return after
    try:
        end = date.fromisoformat(as_of) + timedelta(days=1)
    except ValueError as error:
        raise Unreadable(
            f"--as-of {as_of}", "截至日写作 2025-06-30；开标时间为年份或序号的数据写同样的数",
            "改正后重试",
        ) from error
    return datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp()
