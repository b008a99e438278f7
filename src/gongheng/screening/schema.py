"""The declared schema of a file (列映射声明): which of its columns is which, and what the numbers in them mean."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field

from gongheng.screening.markets import AVERAGE, LOWEST, SCORED

REQUIRED = ("tender", "value")
OPTIONAL = (
    "firm", "firm_name", "opened", "ceiling", "won", "currency", "method", "region", "trade", "procedure", "buyer",
    "agency", "consortium", "label",
)
#: How the column of the bid opening is written; ORDER is any number that grows with time.
UNIX, YEAR, DATE, ORDER = "unix", "year", "date", "order"


class BadSchema(ValueError):
    """Raised with a Chinese sentence when the declaration, or the file under it, cannot be read as declared."""


@dataclass(frozen=True)
class Schema:
    """Canonical name → column of the file, and the few things that no column says."""

    columns: Mapping[str, str]
    name: str = ""
    opened: str = DATE
    method: str = ""  # for all tenders, where no column says it
    value_scale: float = 1.0  # 10000 where bids are written in 万元
    ceiling_scale: float = 1.0
    aliases: Mapping[str, str] = field(default_factory=dict)  # another code of a firm → the code that is used

    def __post_init__(self):
        for missing in (one for one in REQUIRED if one not in self.columns):
            raise BadSchema(f"列映射缺少必填列“{missing}”：请在 [columns] 中写明它在文件中的列名。")
        for unknown in sorted(set(self.columns) - {*REQUIRED, *OPTIONAL}):
            raise BadSchema(f"列映射中没有名为“{unknown}”的列；可用：{'、'.join((*REQUIRED, *OPTIONAL))}。")
        if self.opened not in {UNIX, YEAR, DATE, ORDER}:
            raise BadSchema(f"开标时间的写法“{self.opened}”不认识；可用：unix、year、date、order。")
        if self.method not in {"", LOWEST, AVERAGE, SCORED}:
            raise BadSchema(f"评标办法“{self.method}”不认识；可用：lowest、average、scored。")
        if not (self.value_scale > 0 and self.ceiling_scale > 0):
            raise BadSchema("换算系数必须大于零。")


def parse(text: str) -> Schema:
    """Read a schema from TOML: [columns]; optionally name, opened, method, value_scale, ceiling_scale, [aliases]."""
    try:
        declared = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSchema(f"列映射不是有效的 TOML：{error}") from error
    unknown = sorted(set(declared) - {"columns", "name", "opened", "method", "value_scale", "ceiling_scale", "aliases"})
    if unknown:
        raise BadSchema(f"列映射中有不认识的项：{'、'.join(unknown)}。")
    return Schema(**{"columns": {}, **declared})


def guess(header: list[str]) -> Schema:
    """Return the schema of a file whose columns already carry the canonical names, in any case."""
    named = {one.strip().lower(): one for one in header}
    return Schema(columns={one: named[one] for one in (*REQUIRED, *OPTIONAL) if one in named})
