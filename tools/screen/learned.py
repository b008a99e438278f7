"""``gongheng screen train`` and ``evaluate``: models of adjudicated tenders (学习与评估), thin over the engine.

A model is not kept in a file: fitted again from the same labelled tenders it is the same to the byte, and no program
has to load trees that somebody else wrote.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from gongheng.screening import evaluation, features, learning, splits
from gongheng.screening.markets import Tender
from gongheng.screening.past import History
from tools.screen.refusing import Unreadable
from tools.screen.sources import Source, source
from tools.screen.tables import write

_WIDE = 160
_SPLITS = {"by_tender": "按项目", "forward": "按先后", "unseen_firms": "陌生企业"}


def train(options) -> int:
    """Learn from the labelled tenders of a file and write the probability of those without a label."""
    from rich.console import Console

    known = source(options.bids, declared=options.schema, history=options.history, as_of=options.as_of)
    labelled = _labelled(known, options.bids)
    if options.on:
        others = source(options.on, declared=options.on_schema or options.schema, history=None, as_of=options.as_of)
        # Judging what it was taught would flatter the model.
        taught = {_same(one) for one in labelled}
        judged = [one for one in others.market.tenders if _same(one) not in taught]
        inputs = (*known.inputs, *others.inputs)
    else:
        judged, inputs = [one for one in known.market.tenders if one.label is None], known.inputs
    if not judged:
        raise Unreadable(
            f"{options.bids.name}", "没有要判断的项目：全部项目都有标签或已用于学习",
            "用 --on 文件 给出要判断的项目，或运行 evaluate",
        )
    rows = features.of([*labelled, *judged], _history([*known.pool, *judged]))
    count = len(labelled)
    try:
        model = learning.train(
            rows.only(_range(0, count)), [bool(one.label) for one in labelled], groups=splits.bid_vectors(labelled)
        )
    except learning.TooFewLabels as error:
        raise Unreadable(f"{options.bids.name} 的标签列", str(error), "补充已核查的项目后重试") from error
    p = model.probabilities(rows.only(_range(count, count + len(judged))), prior=options.prior)
    ranked = sorted(zip(judged, p.tolist(), strict=True), key=lambda each: (-each[1], each[0].id))
    meaning = (
        f"按先验 {options.prior:.2%} 换算的概率" if options.prior
        else f"与受训项目同样挑选的项目中的概率（受训项目中查实占 {model.base_rate:.0%}），不是全部项目中的概率"
    )
    told = {
        "model": learning.MODEL, "learned_from": count, "positives": sum(bool(one.label) for one in labelled),
        "base_rate": round(model.base_rate, 6), "prior": options.prior, "meaning": meaning,
        "features": list(model.names), "signs": list(model.signs),
        "inputs": [{"file": name, "sha256": digest} for name, digest in inputs],
        "tenders": [{"id": one.id, "probability": round(each, 6)} for one, each in ranked],
    }
    write(options.out / "trained.json", _json(told))
    Console(stderr=True).print(f"学自 {count} 个有标签的项目，判断 {len(judged)} 个；数字是{meaning}。")
    Console().print(f"已写 {options.out / 'trained.json'}")
    return 0


def evaluate(options) -> int:
    """Judge the model on tenders that it never saw, in every split that the data allow."""
    from rich.console import Console
    from rich.table import Table

    known = source(options.bids, declared=options.schema, history=options.history, as_of=options.as_of)
    labelled = _labelled(known, options.bids)
    labels = [bool(one.label) for one in labelled]
    if min(sum(labels), len(labels) - sum(labels)) < learning.LEAST:
        raise Unreadable(
            f"{options.bids.name} 的标签列", f"查实与排除各满 {learning.LEAST} 件才能评估，现有 {sum(labels)} 件和 "
            f"{len(labels) - sum(labels)} 件", "补充已核查的项目后重试",
        )
    told = Console(stderr=True)
    with told.status("评估") as status:
        found = evaluation.evaluate(
            labelled, features.of(labelled, _history(known.pool)), seeds=range(options.seeds),
            progress=lambda text: status.update(f"评估 {text}"),
        )
    table = Table("划分", "种子", "项目", "查实", "AUC", "折内 AUC", "平均精度", "校准误差", *(
        f"前 {one:.2%} 的精度" for one in evaluation.BUDGETS
    ))
    for one in found.results:
        table.add_row(
            _SPLITS.get(one.split, one.split), f"{one.seed}", f"{one.judged}", f"{one.positives}", f"{one.auc:.3f}",
            f"{one.auc_within:.3f}", f"{one.average_precision:.3f}", f"{one.ece:.3f}",
            *(f"{each:.2f}" for each in one.precision_at),
        )
    out = Console()
    if not out.is_terminal:
        out = Console(width=_WIDE)  # into a file the table goes whole
    out.print(table)
    out.print(f"打乱标签后的 AUC（应为 .50 左右）：{'、'.join(f'{one:.3f}' for one in found.shuffled)}")
    for one in (*found.skipped, *found.warnings):
        out.print(f"· {one}")
    if options.out:
        inputs = [{"file": name, "sha256": digest} for name, digest in known.inputs]
        write(options.out / "evaluation.json", _json(found.to_json() | {"inputs": inputs}))
        out.print(f"已写 {options.out / 'evaluation.json'}")
    return 0


def _labelled(known: Source, path: Path) -> list[Tender]:
    found = [one for one in known.market.tenders if one.label is not None]
    if not found:
        raise Unreadable(f"{path.name}", "没有标签：列映射中没有 label，或该列全空", "在 [columns] 中写明 label 的列名")
    return found


def _history(pool: Sequence[Tender]) -> History | None:
    """Who bid with whom, where firms and dates are known; otherwise prices alone are learned."""
    if any(one.opened is not None and any(bid.firm for bid in one.bids) for one in pool):
        return History({_same(one): one for one in pool}.values())
    return None


def _same(tender: Tender) -> tuple:
    """Two files may number their tenders alike; the same tender has the same bids too."""
    return tender.id, tender.opened, tuple(sorted(bid.value for bid in tender.bids))


def _range(start: int, end: int):
    import numpy as np

    return np.arange(start, end)


def _json(told: dict) -> bytes:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
