"""Electronic fingerprints (电子指纹): bids of rivals that came from one machine, one file or one hand."""

import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from gongheng.screening.findings import Fact, Finding, Indicator, Said, Unknown
from gongheng.screening.fingerprints.cleaning import HASHED, SECRET_KINDS, cleaned, hashed
from gongheng.screening.fingerprints.indicators import (
    ADDRESS,
    AGENT,
    CERTIFICATE,
    CONTACT,
    FILE_IDENTITY,
    HARDWARE,
    INDICATORS,
    KINDS,
    LABELS,
    LOCK,
    MAC,
    METADATA,
    SEQUENCE,
)

__all__ = ["INDICATORS", "KINDS", "SECRET_KINDS", "Saving", "Trace", "Usage", "cleaned", "findings", "hashed"]

#: Starting likelihood ratios (design, 4.1), before the discount for frequent values.
LR = {LOCK: 500, HARDWARE: 300, MAC: 150, FILE_IDENTITY: 200, ADDRESS: 8, CERTIFICATE: 300, CONTACT: 300, AGENT: 300}
METADATA_LR, METADATA_TWICE_LR, SEQUENCE_LR = 5, 15, 20
#: A name that more of all bids carry is a template's or an installation's.
COMMON_METADATA = 0.005
#: An address on which so many firms were ever seen is a way out for many: it weighs nothing.
PUBLIC_ADDRESS = 100
#: Traces that this many bidders (and at least half) of one tender share come from the place, the tool or a form.
EVERYBODY = 4
#: Below this number of earlier bids shares are no frequencies yet.
ENOUGH_BIDS = 200
#: Less than this is no sign worth a reader's time.
LEAST = 2.0
FONTS, SECONDS, PARTS = 3, 2, 2


@dataclass(frozen=True)
class Trace:
    """One value that a firm's bid left behind: ``kind`` as in KINDS, ``source`` the file or log line."""

    firm: str
    kind: str
    value: str
    source: str


@dataclass(frozen=True)
class Saving:
    """When a firm first uploaded and last saved one file, and which earlier files it descends from."""

    firm: str
    source: str
    first_uploaded_at: datetime
    last_saved_at: datetime
    ancestors: frozenset[str]


@dataclass(frozen=True)
class Usage:
    """How common values were before (以往投标): number of bids, bids per value, firms ever seen per value.

    Keys are (kind, cleaned or hashed value).
    """

    bids: int = 0
    held: Mapping[tuple[str, str], int] = field(default_factory=dict)
    firms: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def share(self, kind: str, value: str) -> float:
        return self.held.get((kind, value), 0) / self.bids if self.bids >= ENOUGH_BIDS else 0.0


def findings(
    traces: Sequence[Trace], *, savings: Sequence[Saving] = (), usage: Usage | None = None,
    known: Collection[tuple[str, str]] = (),
) -> Said:
    """What rivals' bids have in common; ``known``: (kind, value) of the tender's own files, which prove nothing."""
    usage = usage or Usage()
    tender = {(kind, cleaned(kind, value)) for kind, value in known}
    held: dict[str, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for trace in sorted(traces, key=lambda trace: (trace.kind, trace.firm, trace.value, trace.source)):
        value = cleaned(trace.kind, trace.value)
        if value and (trace.kind, value) not in tender:
            held[trace.kind][value].setdefault(trace.firm, trace.source)
    bidders = len({trace.firm for trace in traces})
    found = []
    for indicator in INDICATORS:
        kinds = [kind for kind, one in KINDS.items() if one is indicator]
        found += _weigh(indicator, {kind: held[kind] for kind in kinds}, usage, bidders)
    found += _sequence(savings, {value for kind, value in tender if kind == "ancestor"})
    return Said(tuple(found), tuple(_unknown(traces, savings, held, usage)))


def _unknown(traces, savings, held, usage: Usage) -> list[Unknown]:
    unknown = []
    for indicator in INDICATORS:
        kinds = [kind for kind, one in KINDS.items() if one is indicator]
        given = {trace.firm for trace in traces if trace.kind in kinds}
        told = {firm for kind in kinds for firms in held[kind].values() for firm in firms}
        names = "、".join(LABELS[kind] for kind in kinds)
        if indicator is SEQUENCE:
            if len({one.firm for one in savings}) < 2:
                unknown.append(Unknown(SEQUENCE.code, "没有两家以上文件的保存、上传时间和修订祖先。"))
        elif len(given) < 2:
            unknown.append(Unknown(indicator.code, f"不足两家投标人留有{names}。"))
        elif len(told) < 2:
            unknown.append(Unknown(indicator.code, f"{names}均为缺省、虚拟或无效值，不能比较。"))
    if usage.bids < ENOUGH_BIDS:
        reason = f"以往投标不足{ENOUGH_BIDS}份，尚不能按常见程度剔除作者信息。"
        unknown.append(Unknown(METADATA.code, reason))
    return unknown


def _weigh(
    indicator: Indicator, held: Mapping[str, Mapping[str, Mapping[str, str]]], usage: Usage, bidders: int,
) -> list[Finding]:
    """One finding per group of firms: all values that exactly this group shares, weighed together."""
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    for kind, values in held.items():
        for value, firms in sorted(values.items()):
            if len(firms) < 2 or _is_common(indicator, kind, value, len(firms), usage, bidders):
                continue
            # Hardware and file signs add up per pair; a group of three shares each of its pairs.
            whole = tuple(sorted(firms))
            for group in combinations(whole, 2) if indicator in (HARDWARE, FILE_IDENTITY) else [whole]:
                groups[group].append((kind, value))
    found = []
    for group, shared in sorted(groups.items()):
        ratio = _ratio(indicator, shared, usage)
        if ratio >= LEAST:
            facts = [
                Fact(firm, LABELS[kind], _shown(kind, value), held[kind][value][firm])
                for kind, value in shared for firm in group
            ]
            rate = max(usage.share(kind, value) for kind, value in shared) if usage.bids >= ENOUGH_BIDS else None
            found.append(_finding(indicator, group, float(len(shared)), ratio, facts, rate))
    return found


def _is_common(indicator: Indicator, kind: str, value: str, firms: int, usage: Usage, bidders: int) -> bool:
    if indicator is METADATA and usage.share(kind, value) > COMMON_METADATA:
        return True
    return indicator in (METADATA, ADDRESS, FILE_IDENTITY) and firms >= EVERYBODY and 2 * firms >= bidders


def _ratio(indicator: Indicator, shared: Sequence[tuple[str, str]], usage: Usage) -> float:
    """The likelihood ratio of what a group shares; at most 1 when it is too little to speak."""
    kinds = [kind for kind, _ in shared]
    if indicator is HARDWARE and len(set(kinds)) < PARTS:
        return 1.0
    if indicator is FILE_IDENTITY:
        strong = [one for one in shared if one[0] in ("pdf_id", "ancestor")]
        if not strong and kinds.count("font") < FONTS and kinds.count("created") < SECONDS:
            return 1.0
    if indicator is ADDRESS:
        return max(_of_address(value, max(2, usage.firms.get((kind, value), 2)), usage, kind) for kind, value in shared)
    start = LR.get(indicator, METADATA_TWICE_LR if len(set(kinds)) > 1 else METADATA_LR)
    # Each value alone could be the rare one: the rarest decides; hardware needs its second rarest as well.
    rates = sorted(discounted(start, usage.share(kind, value)) for kind, value in shared)
    return rates[-2] if indicator is HARDWARE else rates[-1]


def discounted(ratio: float, share: float) -> float:
    """LR / (1 + m·LR): a value that a share m of honest bids hold can say no more than 1/m."""
    return ratio / (1 + share * ratio)


def _of_address(value: str, firms: int, usage: Usage, kind: str) -> float:
    """Two firms ever seen on an address keep the whole weight, a hundred none; logarithmic in between."""
    weight = max(0.0, 1 - math.log(firms / 2) / math.log(PUBLIC_ADDRESS / 2))
    return discounted(LR[ADDRESS] ** weight, usage.share(kind, value))


def _sequence(savings: Sequence[Saving], tender: Collection[str]) -> list[Finding]:
    found: dict[tuple[str, str], list[Fact]] = {}
    ordered = sorted(savings, key=lambda one: (one.first_uploaded_at, one.firm, one.source))
    for earlier in ordered:
        for later in ordered:
            shared = sorted((earlier.ancestors & later.ancestors) - set(tender))
            if earlier.firm != later.firm and shared and later.last_saved_at > earlier.first_uploaded_at:
                found.setdefault((earlier.firm, later.firm), []).extend([
                    Fact(earlier.firm, "首次上传", earlier.first_uploaded_at.isoformat(), earlier.source),
                    Fact(later.firm, "最后保存", later.last_saved_at.isoformat(), later.source),
                    Fact("", "共同祖先", _shown("ancestor", shared[0]), f"{earlier.source}；{later.source}"),
                ])
    return [
        _finding(SEQUENCE, tuple(sorted(pair)), 1.0, SEQUENCE_LR, facts, None) for pair, facts in sorted(found.items())
    ]


def _shown(kind: str, value: str) -> str:
    """Enough to compare side by side, nothing to look somebody up by; the whole stands in the source."""
    if value.startswith(HASHED):
        return f"{value[:14]}…"
    return f"{value[:3]}…{value[-4:]}" if kind in SECRET_KINDS else value


def _finding(indicator: Indicator, parties: tuple[str, ...], value: float, ratio: float, facts, rate) -> Finding:
    rate = round(rate, 8) if rate is not None else None
    return Finding(indicator.code, parties, value, round(math.log(ratio), 6), tuple(facts), base_rate=rate)
