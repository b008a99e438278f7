"""Letting the engine look at tenders (筛查计算): what each family is given, and what is kept of what it says.

The engine's modules are imported only here and only when it runs: the web process stays light.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics import queries
from gongheng.followers.analytics.models import TenderRecord
from gongheng.screening import combination, priors
from gongheng.screening.findings import Family, Said
from gongheng.screening.markets import Tender

MODEL_VERSION = combination.MODEL
#: Share of tenders taken to be rigged while too few were adjudicated here to say (collusion.md 5.1).
PRIOR = 0.01


@dataclass(frozen=True)
class Examined:
    """What came out for one tender, in plain JSON values."""

    tender: TenderRecord
    inputs_digest: str
    result: dict


def examine(tenders: Iterable[TenderRecord], as_of: datetime) -> list[Examined]:
    """Return what the engine says of each tender as of a moment; the same rows give the same bytes."""
    tenders = list(tenders)
    if not tenders:
        return []
    # The engine's libraries weigh a hundred megabytes; only the follower loads them.
    from gongheng.followers.analytics.families import Everything

    everything = Everything(tenders, as_of)
    texts, known = _indicator_texts(), priors.fitted(queries.outcomes(), PRIOR)
    return [_examined(one, everything, texts, known.of(one.trade)) for one in tenders]


def reckon(market: Sequence[Tender]) -> dict:
    """Return what the engine says of many tenders as a whole, with the firms' names, in plain JSON values."""
    from gongheng.screening import communities

    groups, losers, apart = (
        each(market) for each in (communities.communities, communities.losers, communities.divisions)
    )
    firms = {firm for one in groups for firm in one.firms} | {one.firm for one in losers}
    names = queries.firm_names(firms | {firm for one in apart for firm in (one.left, one.right)})
    return {
        "groups": [
            {"firms": list(one.firms), "names": [names[firm] for firm in one.firms], "together": one.tenders,
             "cohesion": round(one.cohesion, 4), "exclusivity": round(one.exclusivity, 4),
             "wins": [dict(one.wins).get(firm, 0) for firm in one.firms]}
            for one in groups
        ],
        "losers": [
            {"uscc": one.firm, "name": names[one.firm], "bids": one.bids, "wins": one.wins,
             "expected": round(one.expected, 4), "p": float(f"{one.p:.3g}")} for one in losers
        ],
        "divisions": [
            {"firms": [one.left, one.right], "names": [names[one.left], names[one.right]],
             "expected": round(one.expected, 4), "p": float(f"{one.p:.3g}")} for one in apart
        ],
    }


def encoded(value) -> bytes:
    """Return JSON bytes in one fixed form; floats were rounded by the engine."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _examined(record: TenderRecord, everything, texts: Mapping[str, dict], prior: float) -> Examined:
    said, inputs = everything.say(record)
    from gongheng.followers.analytics.comparing import richness_json

    found = everything.compared(record)
    index = combination.index(said, prior=prior).to_json()
    return Examined(
        record, canonical.b64(labels.digest(labels.FILE, encoded(inputs))),
        {
            "index": index, "said": _said(said), "indicators": _indicators(said, texts),
            "passages": found.passages if found else [], "richness": richness_json(found),
        },
    )


def _said(said: Mapping[Family, Said]) -> dict:
    return {
        family.value: {
            "findings": [combination.finding_json(one) for one in each.findings],
            "unknown": [dict(vars(one)) for one in each.unknown],
        }
        for family, each in sorted(said.items())
    }


def _indicators(said: Mapping[Family, Said], texts: Mapping[str, dict]) -> dict:
    """Return the texts of every indicator that is named, as they stood: a later edit must not change what was shown."""
    codes = {one.indicator for each in said.values() for one in (*each.findings, *each.unknown)}
    return {code: texts[code] for code in sorted(codes)}


def _indicator_texts() -> dict[str, dict]:
    from gongheng.screening.catalogue import indicators

    return {
        code: asdict(one) | {"family": one.family.value, "innocent": list(one.innocent)}
        for code, one in indicators().items()
    }
