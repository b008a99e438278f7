"""How long a draw of 7 from 60,000 experts takes, contributions included: ``./gongheng bench draw``."""

import secrets
import sys
import time
from collections.abc import Callable

from gongheng.crypto import drawing, signing
from gongheng.trading.draws import rules

EXPERTS = 60_000
CITIES = [f"37{number:02d}00" for number in range(1, 17)]
SPECIALTIES = [f"A08{number:02d}01" for number in range(1, 6)] + ["A060101", "A050101", "A040102", "A030101", "A070101"]
STRATA = [
    {"name": "370100/A0801", "specialty": "A0801", "seats": 5, "lives_in": [], "not_in": ["370200"], "within": CITIES},
    {"name": "370200/A0801", "specialty": "A0801", "seats": 2, "lives_in": ["370200"], "not_in": [], "within": CITIES},
]


def main() -> int:
    rows = sorted(_row() for _ in range(EXPERTS))
    root, took_root = _timed(lambda: drawing.root_of_lines(rules.encoded(rows)))
    found, took_eligible = _timed(lambda: [rules.sift(rows, one, {})[0] for one in STRATA])
    bits = rules.check_guess_bound([(len(one), stratum["seats"]) for one, stratum in zip(found, STRATA, strict=True)])
    context = drawing.DrawContext("bench", root, drawing.order_digest({"v": 1, "strata": STRATA}), 1)
    scalars, took_parties = _timed(lambda: _contributions(context))
    lists, took_lists = _timed(lambda: _lists(drawing.seed_of(context, scalars), found))
    seats = [pid for drawn, stratum in zip(lists, STRATA, strict=True) for pid in drawn[: stratum["seats"]]]
    assert len(set(seats)) == 7
    for title, took in (
        ("候选库根（60,000 行 SM3 Merkle）", took_root), ("资格筛选", took_eligible),
        ("三方承诺、份额、核对、揭示、一方重建", took_parties),
        (f"种子与两层全序（{'、'.join(str(len(one)) for one in found)} 人）", took_lists),
    ):
        print(f"{title}：{took * 1000:.0f} ms")
    total = took_root + took_eligible + took_parties + took_lists
    print(f"从 60,000 名专家中抽取 7 人，共 {total:.2f} s；可能的名单不少于 2^{bits} 种")
    return 0


def _row() -> rules.Row:
    return rules.Row(
        pid=secrets.token_urlsafe(32), specialties=(secrets.choice(SPECIALTIES),), city=secrets.choice(CITIES),
        employer=secrets.token_urlsafe(32), past=(), is_in_pool=True, busy="",
    )


def _contributions(context: drawing.DrawContext) -> list[int]:
    """All three parties play all phases; the third never reveals and is rebuilt by the others."""
    keys = {index: signing.generate() for index in (1, 2, 3)}
    publics = {index: public for index, (_, public) in keys.items()}
    made = {index: drawing.Contribution.make(index, 3) for index in keys}
    commits = {index: one.commit(context) for index, one in made.items()}
    wrapped = {index: one.wrapped(context, {to: publics[to] for to in one.shares}) for index, one in made.items()}
    held: dict[int, dict[int, int]] = {index: {} for index in keys}
    for sender, one in made.items():
        drawing.check_points(context, sender, one.points, commits[sender])
        for receiver, blob in wrapped[sender].items():
            private = keys[receiver][0]
            held[sender][receiver] = drawing.receive_share(context, sender, receiver, one.points, blob, private)
    for index in (1, 2):
        drawing.check_reveal(index, made[index].points, made[index].r)
    return [made[1].r, made[2].r, drawing.rebuild(3, made[3].points, held[3])]


def _lists(seed: bytes, found: list[list[dict]]) -> list[list[str]]:
    return [
        drawing.order_of(seed, stratum["name"], [(row.pid, 1) for row in rows])
        for stratum, rows in zip(STRATA, found, strict=True)
    ]


def _timed(work: Callable) -> tuple:
    start = time.perf_counter()
    made = work()
    return made, time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
