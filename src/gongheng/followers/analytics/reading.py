"""A stored screening in the words and rows of a page (筛查结果的展示); nothing is computed again here."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gongheng.screening.findings import Family

#: Comparable tenders below which no share is shown.
PEERS = 30


@dataclass(frozen=True)
class Grid:
    """Raw values side by side: one row per kind of value, one cell per party, each with its source."""

    parties: list[str]
    rows: list[dict]


@dataclass(frozen=True)
class Reason:
    """One finding as a supervisor reads it."""

    code: str
    name: str
    family: str
    log_lr: float
    shown: str  # "+2.9"
    definition: str
    clause: str
    is_statutory: bool
    settles: str
    base_rate: str
    p: str
    grid: Grid
    parties: list[str]
    explanations: list[dict]  # key, text, ticked by whom


def reasons(
    result: dict, names: dict[str, str], ticks: dict, peers: int = 0, shown: Mapping[str, int] = MappingProxyType({})
) -> list[Reason]:
    """Return the findings about the worst coalition, the weightiest first; ``shown`` of ``peers`` had the same sign."""
    found = [
        (part["family"], one) for part in result["index"]["families"] for one in part["findings"]
    ]
    found.sort(key=lambda pair: (-pair[1]["log_lr"], pair[1]["indicator"], pair[1]["parties"]))
    seen: set[str] = set()
    rows = []
    for family, one in found:
        rate = _rate(one["base_rate"], peers, shown.get(one["indicator"], 0))
        rows.append(_reason(family, one, result["indicators"][one["indicator"]], names, ticks, seen, rate))
        seen.add(one["indicator"])
    return rows


def _reason(family: str, one: dict, known: dict, names: dict, ticks: dict, seen: set[str], rate: str) -> Reason:
    code = one["indicator"]
    return Reason(
        code=code, name=known["name"], family=Family(family).label, log_lr=one["log_lr"], shown=signed(one["log_lr"]),
        definition=known["definition"], clause=known["clause"], is_statutory=known["is_statutory"],
        settles=known["settles"],
        base_rate=rate,
        p="" if one["p"] is None else _probability(one["p"]),
        grid=grid(one["facts"], names), parties=[names.get(party, party) for party in one["parties"]],
        # An indicator that spoke twice has its explanations once.
        explanations=[] if code in seen else [
            {"key": f"{code}-{place}", "text": text, "by": ticks.get(f"{code}-{place}")}
            for place, text in enumerate(known["innocent"])
        ],
    )


def _rate(told: float | None, peers: int, shown: int) -> str:
    """Return how common a sign is: by the engine's own stratum, and by the year's comparable tenders."""
    parts = [] if told is None else [f"同类 {100 * told:.1f}%"]
    if peers >= PEERS:
        parts.append(f"近一年同专业 {peers} 个项目中 {shown} 个（{100 * shown / peers:.1f}%）")
    return "；".join(parts) or f"近一年同专业项目不足 {PEERS} 个，尚无统计"


def grid(facts: list[dict], names: dict[str, str]) -> Grid:
    """Return facts as rows by label and columns by party; what is about the tender as a whole comes last."""
    parties = sorted({fact["party"] for fact in facts}, key=lambda party: (not party, names.get(party, party)))
    cells: dict[str, dict[str, list[dict]]] = {}
    for fact in facts:
        cells.setdefault(fact["label"], {}).setdefault(fact["party"], []).append(fact)
    return Grid(
        [names.get(party, party) or "项目整体" for party in parties],
        [{"label": _named(label, names), "cells": [
            [fact | {"value": _named(fact["value"], names)} for fact in by_party.get(party, [])] for party in parties
        ]} for label, by_party in cells.items()],
    )


def _named(text: str, names: dict[str, str]) -> str:
    """Return a text of the engine with names in the place of the codes it knows parties by."""
    for code, name in names.items():
        text = text.replace(code, name)
    return text


def completeness(result: dict) -> dict:
    """Return which families could look, and why others could not, each reason once."""
    told = result["index"]["completeness"]
    return {
        "percent": round(100 * told["share"]),
        "looked": [Family(one).label for one in told["looked"]],
        "absent": [Family(one).label for one in told["absent"]],
        "unknown": [
            {"family": Family(family).label, "reasons": _by_reason(rows, result["indicators"])}
            for family, rows in told["unknown"].items()
        ],
    }


def _by_reason(rows: list[dict], known: dict) -> list[dict]:
    grouped: dict[str, list[str]] = {}
    for row in rows:
        name = known[row["indicator"]]["name"] if row["indicator"] in known else row["indicator"]
        grouped.setdefault(row["reason"], []).append(name)
    return [{"reason": reason, "names": "、".join(sorted(set(names)))} for reason, names in grouped.items()]


def counterfactuals(result: dict) -> list[dict]:
    """Return what the index would be had one family said nothing, the weightiest first."""
    value = result["index"]["value"]
    rows = [
        {"family": Family(family).label, "value": round(without), "by": round(value - without)}
        for family, without in result["index"]["without"].items()
    ]
    return sorted(rows, key=lambda row: row["value"])


def signed(log_lr: float) -> str:
    return f"{log_lr:+.1f}" if math.isfinite(log_lr) else "—"


def _probability(p: float) -> str:
    return "p<0.001" if p < 0.001 else f"p={p:.3f}"
