"""A market as plain data (市场数据): tenders and bids, from the platform's own tables or from any file."""

from dataclasses import dataclass

#: How the winner is found; price screens that assume the lowest bid wins are silent under AVERAGE.
LOWEST, AVERAGE, SCORED = "lowest", "average", "scored"


@dataclass(frozen=True, slots=True)
class Bid:
    """One bid; `value` is a float because screens are statistics, never amounts that anybody is paid."""

    firm: str  # one code per firm after resolution of aliases; "" where the source names no firms
    value: float  # 元, above zero
    won: bool | None = None  # None: the source does not say
    source: str = ""  # "bids.csv 第 12 行", "开标记录 3"


@dataclass(frozen=True, slots=True)
class Tender:
    """One tender with at least one usable bid."""

    id: str
    bids: tuple[Bid, ...]
    opened: float | None = None  # Unix seconds of the bid opening, or any number that grows with time
    ceiling: float | None = None  # 最高投标限价 or estimate
    method: str = ""  # LOWEST, AVERAGE, SCORED or "" where unknown
    region: str = ""
    trade: str = ""
    procedure: str = ""
    buyer: str = ""
    agency: str = ""
    label: bool | None = None  # adjudicated: True 查实, False 排除; read by learning only

    @property
    def market(self) -> tuple[str, str]:
        """Where its firms meet each other: the null of the history family never crosses it."""
        return (self.trade, self.region)


def is_date(opened: float | None) -> bool:
    """Whether an opening is Unix seconds between 1980 and 2090; smaller numbers are an order and have no year."""
    return opened is not None and 315_532_800 <= opened < 3_786_912_000


@dataclass(frozen=True)
class Problem:
    """A kind of bad input, how often it was met, what was done about it, and the first places."""

    code: str
    name: str
    count: int
    done: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Market:
    """What was read from a source: usable tenders in order of opening, and everything that was wrong with it."""

    name: str
    tenders: tuple[Tender, ...]
    problems: tuple[Problem, ...] = ()
    rows: int = 0  # bids in the source, before anything was set aside
    inputs: tuple[tuple[str, str], ...] = ()  # (file name, SHA-256), so that a run can be repeated
