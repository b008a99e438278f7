"""Scores and ranking by an implementation of its own, in exact fractions (评标结果复算), domain.md 3.1–3.3."""

from decimal import Decimal
from fractions import Fraction

from gongheng.crypto import canonical, drawing, labels
from gongheng.crypto.canonical import b64
from tools.verify.bids import Case
from tools.verify.log import Line, Log
from tools.verify.report import Report, only

#: From this many experts on one highest and one lowest total leave the mean.
TRIMMING_COMMITTEE = 7
#: Above this many prices one highest and one lowest leave the mean.
UNTRIMMED_POOL = 3


def check_scores(case: Case, evaluation: dict, draws: dict, report: Report) -> str:
    """Compute totals, base price, price scores and ranking again from the sheets and the opened prices."""
    result = only(evaluation, "v", "result", "aliases")["result"]
    line = standing_report(case.log)
    if b64(labels.digest(labels.DOCUMENT, canonical.encode(result))) != line.facts["result"]:
        report.fault("evaluation.json", f"评标结果与第 {line.index} 条存证（evaluation.report）的摘要不符")
    _check_inputs(case, result, report)
    _check_committee(case, evaluation, draws, report)
    technical = check_technical(result, report)
    prices = check_prices(result, report)
    check_ranking(result, technical, prices, _seed(case), report)
    winner = result["ranking"][0]
    award = case.log.one("lot.award")
    told = result["ranking"][award.facts["rank"] - 1]
    if result["bids"][told["bidder"]]["digest"] != award.facts["bid"]:
        report.fault(award.place, "中标人与其所报名次不符")
    return (
        f"评标：{len(result['sheets'])} 份评分表、{len(result['ranking'])} 家排名复算一致，第一名总分 {winner['total']}"
    )


def standing_report(log: Log) -> Line:
    """Return the entry of the one report that stands; LookupError when none or several do.

    A report is void when its committee was dissolved afterwards: the entry of that names the same evaluation.
    """
    dissolved = {line.subject for line in log.all("evaluation.dissolve")}
    standing = [line for line in log.all("evaluation.report") if line.subject not in dissolved]
    if len(standing) != 1:
        raise LookupError(f"log.json 中应恰有一份有效的评标报告，现有 {len(standing)} 份")
    return standing[0]


def _check_inputs(case: Case, result: dict, report: Report) -> None:
    version = case.tender["versions"][-1]
    coefficient = case.log.one("opening.end_decryption").facts["coefficient"]
    if (result["method"], result["coefficient"], result["lot"]) != (version["method"], coefficient, case.bundle["lot"]):
        report.fault("evaluation.json", "评标办法、系数或标段与招标文件、开标存证不符")
    if Fraction(result["ceiling"]) != Fraction(version["ceiling"]):
        report.fault("evaluation.json", "最高投标限价与招标文件不符")
    opened = {row["uscc"]: row for row in case.record["bids"] if row["state"] == "opened"}
    if set(opened) != set(result["bids"]):
        report.fault("evaluation.json", "参加评标的投标人与开标记录不符")
        return
    for uscc, bid in result["bids"].items():
        row = opened[uscc]
        if (bid["name"], bid["digest"], Fraction(bid["price"]) * 100) != (row["name"], row["D"], row["total_fen"]):
            report.fault(f"evaluation.json 投标人 {uscc}", "名称、容器或报价与开标记录不符")
        if bid["passed"] and Fraction(bid["price"]) > Fraction(result["ceiling"]):
            report.fault(f"evaluation.json 投标人 {uscc}", "报价高于最高投标限价却通过初步评审")


def _check_committee(case: Case, evaluation: dict, draws: dict, report: Report) -> None:
    """Members are the experts drawn, and the sheets those that each of them locked."""
    result, log = evaluation["result"], case.log
    seated = {one["pid"] for draw in draws["draws"][-1:] for one in draw["picks"] if one["state"] == "accepted"}
    if set(result["sheets"]) != seated or {line.facts["pid"] for line in log.all("evaluation.check_in")} < seated:
        report.fault("evaluation.json", "评标委员会成员与抽取结果或签到不符")
    locked = {line.facts["pid"]: line for line in log.all("sheet.lock")}
    if set(evaluation["aliases"]) != set(result["sheets"]):
        report.fault("evaluation.json", "暗标编号对照表与评分表的评委不符")
    for pid, sheet in result["sheets"].items():
        labelled = {label: sheet[uscc] for label, uscc in evaluation["aliases"][pid].items()}
        digest = b64(labels.digest(labels.DOCUMENT, canonical.encode(labelled)))
        if pid not in locked or len(labelled) != len(sheet) or locked[pid].facts["sheet"] != digest:
            report.fault(f"evaluation.json 评委 {pid}", "评分表与其提交时的存证摘要不符")


def check_technical(result: dict, report: Report) -> dict[str, Fraction]:
    """Add up every sheet, drop extremes, take the mean; return the technical score of each bid that passed."""
    factors = {one["id"]: one for one in result["method"]["factors"]}
    passed = {uscc for uscc, bid in result["bids"].items() if bid["passed"]}
    scores = {}
    if set(result["technical"]) != passed:
        report.fault("evaluation.json", "技术评分的投标人与通过初步评审的不符")
    for uscc in sorted(passed):
        where, totals = f"evaluation.json 投标人 {uscc}", {}
        for pid, sheet in result["sheets"].items():
            points = {name: Fraction(value) for name, value in sheet[uscc].items()}
            if set(points) != set(factors) or not all(
                _is_lawful(factors[name], value) for name, value in points.items()
            ):
                report.fault(f"{where} 评委 {pid}", "评分因素缺失或分值超出范围")
            totals[pid] = sum(points.values(), Fraction(0))
        ordered, dropped = sorted(totals, key=lambda pid: (totals[pid], pid)), []
        if result["method"]["drops_extremes"] and len(ordered) >= TRIMMING_COMMITTEE:
            dropped, ordered = [ordered[-1], ordered[0]], ordered[1:-1]
        scores[uscc] = _cents(sum((totals[pid] for pid in ordered), Fraction(0)) / len(ordered))
        told = result["technical"][uscc]
        held = (
            {pid: Fraction(value) for pid, value in told["totals"].items()},
            told["dropped"],
            Fraction(told["score"]),
        )
        if held != (totals, dropped, scores[uscc]):
            report.fault(where, f"技术分应为 {_text(scores[uscc])}，记为 {told['score']}")
    return scores


def _is_lawful(factor: dict, value: Fraction) -> bool:
    most = Fraction(factor["max"])
    return 0 <= value <= most and (value * 100).denominator == 1 and (factor["kind"] == "RANGE" or value in (0, most))


def check_prices(result: dict, report: Report) -> dict[str, Fraction]:
    """Make the base price from the pool and score each price by its deviation; return the price scores."""
    table, rules = result["price"], result["method"]["price"]
    prices = {uscc: Fraction(bid["price"]) for uscc, bid in result["bids"].items()}
    passed = {uscc for uscc, bid in result["bids"].items() if bid["passed"]}
    pool = sorted(prices if rules["base_pool"] == "OPENED" else passed, key=lambda uscc: (prices[uscc], uscc))
    trimmed = [pool[-1], pool[0]] if len(pool) > UNTRIMMED_POOL else []
    kept = [prices[uscc] for uscc in pool if uscc not in trimmed]
    mean = _cents(sum(kept, Fraction(0)) / len(kept))
    base = _cents(mean * (100 - Fraction(result["coefficient"])) / 100)
    told = (
        [[uscc, Fraction(price)] for uscc, price in table["pool"]],
        table["trimmed"],
        Fraction(table["mean"]),
        Fraction(table["base"]),
        table["parameters"],
    )
    if told != ([[uscc, prices[uscc]] for uscc in pool], trimmed, mean, base, rules):
        report.fault("evaluation.json", f"评标基准价应为 {_text(base)}（均值 {_text(mean)}），记为 {table['base']}")
    full, scores = Fraction(rules["full_score"]), {}
    rows = {row["bidder"]: row for row in table["rows"]}
    if set(rows) != passed or len(rows) != len(table["rows"]):
        report.fault("evaluation.json", "报价得分表的投标人与通过初步评审的不符")
    for uscc in sorted(passed):
        delta = _cents((prices[uscc] - base) / base * 100)
        slope = Fraction(rules["above"] if delta > 0 else rules["below"])
        scores[uscc] = min(max(_cents(full - abs(delta) * slope), Fraction(0)), full)
        row = rows[uscc]
        held = tuple(Fraction(row[name]) for name in ("price", "delta", "slope", "score"))
        if held != (prices[uscc], delta, slope, scores[uscc]):
            report.fault(f"evaluation.json 投标人 {uscc}", f"报价得分应为 {_text(scores[uscc])}，记为 {row['score']}")
    return scores


def check_ranking(result: dict, technical: dict, price_scores: dict, seed: bytes, report: Report) -> None:
    """Rank again: total, lower price, higher technical score, then lots from a seed fixed at the deadline."""
    prices = {uscc: Fraction(bid["price"]) for uscc, bid in result["bids"].items()}
    merits = {uscc: (-(technical[uscc] + price_scores[uscc]), prices[uscc], -technical[uscc]) for uscc in technical}
    groups: dict[tuple, list[str]] = {}
    for uscc in sorted(merits):
        groups.setdefault(merits[uscc], []).append(uscc)
    ties = _lots(seed, [names for _, names in sorted(groups.items()) if len(names) > 1])
    if ties != result["ties"]:
        report.fault("evaluation.json", "并列投标人的抽签次序与公开种子重算的结果不符")
    place = {uscc: number for order in ties for number, uscc in enumerate(order, start=1)}
    ordered = sorted(merits, key=lambda uscc: (*merits[uscc], place.get(uscc, 0)))
    expected = []
    for rank, uscc in enumerate(ordered, start=1):
        above = merits[ordered[rank - 2]] if rank > 1 else None
        expected.append(
            {
                "rank": rank,
                "bidder": uscc,
                "technical": _text(technical[uscc]),
                "price_score": _text(price_scores[uscc]),
                "total": _text(-merits[uscc][0]),
                "price": _text(prices[uscc]),
                "decided_by": _decided(above, merits[uscc]),
            }
        )
    if expected != result["ranking"]:
        for right, told in zip(expected, result["ranking"], strict=False):
            if right != told:
                report.fault("evaluation.json", f"第 {right['rank']} 名应为 {right}，记为 {told}")
                return
        report.fault("evaluation.json", "排名的家数不符")


def _seed(case: Case) -> bytes:
    end, close = case.log.one("opening.end_decryption"), case.log.one("lot.close")
    body = [case.bundle["lot"], close.facts["closing_root"], end.facts["platform_nonce"], "ties"]
    return labels.digest(labels.COEFFICIENT, canonical.encode(body))


def _lots(seed: bytes, groups: list[list[str]]) -> list[list[str]]:
    return [
        drawing.order_of(seed, f"ties-{number}", [(name, 1) for name in group])
        for number, group in enumerate(groups, 1)
    ]


def _decided(above: tuple | None, below: tuple) -> str:
    if above is None:
        return "FIRST"
    reasons = zip(("TOTAL", "PRICE", "TECHNICAL"), above, below, strict=True)
    return next((reason for reason, left, right in reasons if left != right), "LOTS")


def _cents(value: Fraction) -> Fraction:
    """Round to two decimals, halves away from zero."""
    whole = int(abs(value) * 100 + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 100)


def _text(value: Fraction) -> str:
    return f"{Decimal(value.numerator) / Decimal(value.denominator):.2f}"
