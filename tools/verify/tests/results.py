"""The result of an evaluation as the platform writes it, worked out in decimals (测试评标结果)."""

from decimal import ROUND_HALF_UP, Decimal


def result(method: dict, lot: str, ceiling: str, bids: dict[str, dict], sheets: dict, coefficient: str) -> dict:
    """Return evaluation.json's result for at least four bids that passed and differ in total, under seven experts."""
    rules, prices = method["price"], {uscc: Decimal(row["total_fen"]) / 100 for uscc, row in bids.items()}
    pool = sorted(prices, key=lambda uscc: prices[uscc])
    kept = [prices[uscc] for uscc in pool[1:-1]]
    mean = _cents(sum(kept) / len(kept))
    base = _cents(mean * (100 - Decimal(coefficient)) / 100)
    technical, rows = {}, []
    for uscc in sorted(bids):
        totals = {pid: sum(map(Decimal, sheet[uscc].values())) for pid, sheet in sheets.items()}
        score = _cents(sum(totals.values()) / len(totals))
        technical[uscc] = {
            "totals": {pid: str(total) for pid, total in totals.items()},
            "dropped": [],
            "score": str(score),
        }
    for uscc in pool:
        delta = _cents((prices[uscc] - base) / base * 100)
        slope = rules["above"] if delta > 0 else rules["below"]
        score = min(
            max(_cents(Decimal(rules["full_score"]) - abs(delta) * Decimal(slope)), Decimal("0.00")), Decimal(60)
        )
        rows.append(
            {
                "bidder": uscc,
                "price": str(_cents(prices[uscc])),
                "delta": str(delta),
                "slope": slope,
                "score": f"{score:.2f}",
            }
        )
    scores = {row["bidder"]: Decimal(row["score"]) for row in rows}
    total = {uscc: scores[uscc] + Decimal(technical[uscc]["score"]) for uscc in bids}
    ranking = [
        {
            "rank": rank,
            "bidder": uscc,
            "technical": technical[uscc]["score"],
            "price_score": f"{scores[uscc]:.2f}",
            "total": f"{total[uscc]:.2f}",
            "price": str(_cents(prices[uscc])),
            "decided_by": "FIRST" if rank == 1 else "TOTAL",
        }
        for rank, uscc in enumerate(sorted(bids, key=lambda uscc: -total[uscc]), start=1)
    ]
    return {
        "v": 1,
        "lot": lot,
        "method": method,
        "ceiling": ceiling,
        "coefficient": coefficient,
        "sheets": sheets,
        "bids": {
            uscc: {"name": row["name"], "digest": row["D"], "price": str(_cents(prices[uscc])), "passed": True}
            for uscc, row in bids.items()
        },
        "technical": technical,
        "ties": [],
        "ranking": ranking,
        "price": {
            "parameters": rules,
            "k": coefficient,
            "mean": str(mean),
            "base": str(base),
            "trimmed": [pool[-1], pool[0]],
            "pool": [[uscc, str(_cents(prices[uscc]))] for uscc in pool],
            "rows": rows,
        },
    }


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
