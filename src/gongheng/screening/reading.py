"""Reading a market from CSV or Parquet under a declared schema (读取市场数据), with DuckDB."""

import hashlib
import math
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gongheng.screening.markets import AVERAGE, LOWEST, SCORED, Market
from gongheng.screening.problems import Problems, Row, settle
from gongheng.screening.schema import OPTIONAL, ORDER, REQUIRED, UNIX, YEAR, BadSchema, Schema, guess

_TRUE = {"1", "1.0", "true", "t", "yes", "y", "是", "中标"}
_FALSE = {"0", "0.0", "false", "f", "no", "n", "否", "未中标"}
_YEARS = (1950, 2100)
_FETCH = 50_000
_METHODS = {
    "经评审的最低投标价法": LOWEST, "最低评标价法": LOWEST, "最低价": LOWEST, "平均值法": AVERAGE,
    "合理低价法": AVERAGE, "基准价法": AVERAGE, "综合评估法": SCORED, "综合评分法": SCORED,
}


def read(path: Path, schema: Schema | None = None, *, name: str = "") -> Market:
    """Return the market of one CSV or Parquet file; without a schema its columns must carry the canonical names."""
    import duckdb

    problems = Problems()
    with tempfile.TemporaryDirectory() as folder, duckdb.connect(":memory:") as base:
        source = path if path.suffix == ".parquet" else _as_utf8(path, Path(folder))
        table = "read_parquet(?)" if path.suffix == ".parquet" else "read_csv(?, all_varchar=true, header=true)"
        header = [one[0] for one in base.execute(f"DESCRIBE SELECT * FROM {table}", [str(source)]).fetchall()]
        schema = schema or guess(header)
        columns = _columns(schema, header, problems)
        chosen = ", ".join(f"CAST({_quoted(column)} AS VARCHAR)" for column in columns.values())
        result = base.execute(f"SELECT {chosen} FROM {table}", [str(source)])
        rows = _rows(result, list(columns), schema, path.name, problems)
        return settle(
            rows, name=name or schema.name or path.stem, problems=problems, aliases=schema.aliases,
            inputs=((path.name, digest(path)),),
        )


def digest(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def moment(text: str | None, written: str) -> float | None:
    """Return when something was, as a number that grows with time; None where the text is no sensible date."""
    if text is None or not text.strip():
        return None
    try:
        if written == ORDER:
            return _finite(float(text))
        if written == UNIX:
            when = datetime.fromtimestamp(float(text), UTC)
        elif written == YEAR:
            when = datetime(int(float(text)), 1, 1, tzinfo=UTC)
        else:
            when = datetime.fromisoformat(text.strip().replace("/", "-"))
    except (ValueError, OverflowError, OSError):
        return None
    if not _YEARS[0] <= when.year < _YEARS[1]:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def number(text: str | None) -> float | None:
    """Return a number written with or without thousands separators and a currency sign, or None."""
    if text is None:
        return None
    try:
        return _finite(float(text.strip().lstrip("¥￥").replace(",", "").replace("，", "")))
    except ValueError:
        return None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _flag(text: str | None) -> bool | None:
    folded = (text or "").strip().lower()
    return True if folded in _TRUE else False if folded in _FALSE else None


def _as_utf8(path: Path, folder: Path) -> Path:
    """Return a UTF-8 file of the same text: office programs in China still write GB 18030."""
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = raw.decode("gb18030")
        except UnicodeDecodeError as error:
            raise BadSchema(f"文件 {path.name} 既不是 UTF-8 也不是 GB 18030 编码。") from error
        copy = folder / "bids.csv"
        copy.write_text(text, encoding="utf-8")
        return copy
    return path


def _columns(schema: Schema, header: list[str], problems: Problems) -> dict[str, str]:
    """Return the declared columns that the file has; a required one that it lacks refuses the file."""
    present = {}
    for canonical in (*REQUIRED, *OPTIONAL):
        column = schema.columns.get(canonical)
        if column in header:
            present[canonical] = column
        elif canonical in REQUIRED:
            raise BadSchema(f"文件没有列“{column}”（{canonical}）；文件的列是：{'、'.join(header)}。")
        elif column is not None:
            raise BadSchema(f"列映射写明的列“{column}”（{canonical}）不在文件中；文件的列是：{'、'.join(header)}。")
        else:
            problems.add("no_column", canonical)
    return present


def _quoted(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _rows(result, names: list[str], schema: Schema, file: str, problems: Problems) -> Iterator[Row]:
    place = 1  # the header is line 1
    while lines := result.fetchmany(_FETCH):
        for line in lines:
            place += 1
            yield _row(dict(zip(names, line, strict=True)), schema, f"{file} 第 {place} 行", problems)


def _row(cells: dict[str, str | None], schema: Schema, source: str, problems: Problems) -> Row:
    value, ceiling = number(cells.get("value")), number(cells.get("ceiling"))
    opened = moment(cells.get("opened"), schema.opened)
    if opened is None and (cells.get("opened") or "").strip():
        problems.add("absurd_date", source)
    method = _text(cells, "method")
    return Row(
        tender=_text(cells, "tender"), source=source, value=None if value is None else value * schema.value_scale,
        firm=_text(cells, "firm"), firm_name=_text(cells, "firm_name"), opened=opened,
        ceiling=None if ceiling is None else ceiling * schema.ceiling_scale, won=_flag(cells.get("won")),
        currency=_text(cells, "currency").upper(), method=_METHODS.get(method, method or schema.method),
        region=_text(cells, "region"), trade=_text(cells, "trade"), procedure=_text(cells, "procedure"),
        buyer=_text(cells, "buyer"), agency=_text(cells, "agency"), consortium=_consortium(cells),
        label=_flag(cells.get("label")),
    )


def _consortium(cells: dict[str, str | None]) -> str:
    """Files write "no consortium" as nothing or as zero."""
    text = _text(cells, "consortium")
    return "" if number(text) == 0 else text


def _text(cells: dict[str, str | None], name: str) -> str:
    return sys.intern((cells.get(name) or "").strip())  # a province's year repeats few codes millions of times
