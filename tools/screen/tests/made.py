"""A small made market: thirty-some honest tenders and a ring of three that takes turns at even steps."""

import csv
import io
import random
from pathlib import Path

RING = ("R1", "R2", "R3")
HEAD = ("tender", "firm", "value", "opened", "ceiling", "won", "region", "trade", "buyer", "label")
EVIL = '=<script>alert("x")</script>'


def rows() -> list[tuple]:
    """Return the bids of all tenders in order of opening."""
    chance = random.Random(20260)
    made = []
    for number in range(72):
        day = f"2024-{1 + number // 6:02d}-{1 + number % 6 * 4:02d}"
        is_rigged = number % 3 == 2
        ceiling = round(chance.uniform(2e6, 9e6), 2)
        if is_rigged:
            base = ceiling * 0.95
            firms = [*RING[number % 9 // 3:], *RING[:number % 9 // 3]]
            values = [round(base * (1 + 0.01 * step), 2) for step in range(3)]
        else:
            firms = chance.sample([f"H{one:02d}" for one in range(24)], 4)
            values = sorted(round(ceiling * chance.uniform(0.7, 0.98), 2) for _ in firms)
        tender = EVIL if number == 71 else f"T{number:03d}"
        for place, (firm, value) in enumerate(zip(firms, values, strict=True)):
            made.append((tender, firm, value, day, ceiling, int(place == 0), "省城", "房建", f"B{number % 4}",
                         int(is_rigged)))
    return made


def bad_rows() -> list[tuple]:
    """Return rows of which each is wrong in its own way."""
    return [
        ("T000", "H98", "-5", "2024-01-01", "", 0, "省城", "房建", "B0", 0),
        ("T001", "H99", "面议", "2024-01-05", "", 0, "省城", "房建", "B1", 0),
        ("", "H99", "5000000", "2024-01-05", "", 0, "省城", "房建", "B1", 0),
        ("ONE", "H97", "5000000", "2024-02-01", "", 1, "省城", "房建", "B1", 0),
        ("WHEN", "H97", "5000000", "9999-99-99", "", 1, "省城", "房建", "B1", 0),
    ]


def write(path: Path, made: list[tuple], head: tuple[str, ...] = HEAD) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([head, *made])
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def ocds(made: list[tuple]) -> dict:
    """Return the same bids as an OCDS release package."""
    releases: dict[str, dict] = {}
    for tender, firm, value, day, ceiling, won, region, trade, buyer, _ in made:
        one = releases.setdefault(tender, {
            "ocid": tender, "date": f"{day}T00:00:00Z",
            "tender": {"bidOpening": {"date": f"{day}T00:00:00Z"}, "mainProcurementCategory": trade,
                       "value": {"amount": ceiling, "currency": "CNY"}},
            "buyer": {"id": buyer, "address": {"region": region}}, "bids": {"details": []}, "awards": [],
        })
        one["bids"]["details"].append({
            "id": f"{tender}-{firm}", "status": "valid", "value": {"amount": value, "currency": "CNY"},
            "tenderers": [{"id": firm}],
        })
        if won:
            one["awards"].append({"id": f"{tender}-A", "status": "active", "suppliers": [{"id": firm}]})
    return {"releases": list(releases.values())}
