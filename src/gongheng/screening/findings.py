"""What an indicator says (发现) and what it cannot say (未知): the vocabulary that all families share."""

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """The seven families of evidence (design of the screening engine, section 4)."""

    FINGERPRINT = "F"
    MONEY_AND_PEOPLE = "M"
    PRICE = "P"
    HISTORY = "G"
    TEXT = "T"
    EVALUATION = "E"
    TENDERER = "A"

    @property
    def label(self) -> str:
        return {
            "F": "电子指纹", "M": "资金与人员", "P": "报价规律", "G": "抱团与轮转", "T": "文件雷同", "E": "评审行为",
            "A": "招标人与代理",
        }[self.value]


#: The clause of an indicator that no law names: it leads to a question, never to a finding of fact.
CLUE_ONLY = "线索，非认定依据"


@dataclass(frozen=True)
class Indicator:
    """What is looked at, why, and what else may explain it; texts are read by supervisors without statistics."""

    code: str  # "P7": family and number
    family: Family
    name: str
    definition: str
    clause: str  # 条例40(三) …, or CLUE_ONLY
    innocent: tuple[str, ...]
    settles: str  # what would settle it: whom to ask, which record to pull
    minimum: int  # observations (bids, items, scores …) below which it is silent
    is_statutory: bool = False  # shown as a fact with its clause; the index is then at least 80


@dataclass(frozen=True)
class Fact:
    """One raw value as found, so that a reader can compare the parties side by side."""

    party: str  # firm or judge; "" for the tender itself
    label: str
    value: str
    source: str  # file and page, row and column, log line


@dataclass(frozen=True)
class Finding:
    """One indicator that spoke about some parties of one tender."""

    indicator: str  # code
    parties: tuple[str, ...]  # sorted; the coalition (or judge and firm) it is about, empty for the tender as a whole
    value: float  # in the indicator's own unit
    log_lr: float  # natural logarithm of the likelihood ratio; exoneration at least -1
    facts: tuple[Fact, ...]
    p: float | None = None  # chance of as much under the honest null, where there is one
    base_rate: float | None = None  # share of comparable honest tenders that show the same


@dataclass(frozen=True)
class Unknown:
    """An indicator that could not speak; never a sign of innocence or guilt."""

    indicator: str
    reason: str  # names what is missing, in Chinese


@dataclass(frozen=True)
class Said:
    """All that one family has to say about one tender."""

    findings: tuple[Finding, ...]
    unknown: tuple[Unknown, ...]
