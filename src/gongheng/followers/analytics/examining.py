"""Letting the engine look at tenders (筛查计算): what each family is given, and what is kept of what it says.

The engine's modules are imported only here and only when it runs: the web process stays light.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from gongheng.crypto import canonical, labels
from gongheng.followers.analytics.models import TenderRecord
from gongheng.screening import combination
from gongheng.screening.findings import Family, Said

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
    texts = _indicator_texts()
    return [_examined(one, everything, texts) for one in tenders]


def encoded(value) -> bytes:
    """Return JSON bytes in one fixed form; floats were rounded by the engine."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _examined(record: TenderRecord, everything, texts: Mapping[str, dict]) -> Examined:
    said, inputs = everything.say(record)
    from gongheng.followers.analytics.comparing import richness_json

    found = everything.compared(record)
    index = combination.index(said, prior=PRIOR).to_json()
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
