"""What decides a draw: who is eligible, whether it can be guessed, who is passed over; no database."""

import math
from collections.abc import Collection, Iterable
from datetime import timedelta

from gongheng.crypto import drawing
from gongheng.kernel.refusal import Refusal

#: A draw held long before the session leaks; local practice is 24 to 48 hours (domain.md 5.3).
EARLIEST = timedelta(hours=48)
#: Within this time before the session only an urgent draw is possible, with the supervisor's reason (紧急抽取).
LATEST = timedelta(hours=2)
#: How long a drawn expert may think before the next in the list is asked.
ANSWER_TIME = timedelta(minutes=30)
URGENT_ANSWER_TIME = timedelta(minutes=10)
#: How often an expert is called who does not pick up, how long apart; then comes the SMS (domain.md 5.3).
CALLS = 3
REDIAL_AFTER = timedelta(minutes=3)
#: Why a seated member is lost while the session runs (补抽原因).
LOSSES = {
    "ABSENT": "未按时到场", "HEALTH": "身体原因不能继续", "NETWORK": "连接中断超过时限", "LEFT": "擅离职守",
    "OTHER": "其他原因",
}
#: Passed over for what was not yet so, or not yet known, when the pool was fixed; found by the draw service itself.
LATE_CAUSES = {
    "GONE": "已不在库", "SEAT": "同一时段已有其他评标任务", "LEAVE": "已登记请假", "TIE": "与投标人存在应当回避的关系",
}
#: How long the others wait for a party's number before they rebuild it (security.md 4.b step 5).
REVEAL_TIME = timedelta(seconds=60)
#: Reason codes of 回避单位 (法37, 条例46, 12号令12条).
AVOIDANCE_REASONS = {
    "1": "与投标人有利害关系", "2": "投标人或其主要负责人的近亲属", "3": "项目主管部门或者行政监督部门人员",
    "4": "与招标活动有经济利益关系", "5": "曾因招标投标违法行为受过处罚",
}


def eligible(rows: Iterable[dict], stratum: dict, avoided: Collection[str]) -> list[dict]:
    """Return the pool rows that may be drawn for a stratum, in the order given.

    ``rows`` are {pid, attributes, weight} with attributes {specialties, city, employer, past,
    is_in_pool, is_busy}; ``stratum`` has {specialty, lives_in, not_in}; ``avoided`` holds the
    tokens of the organisations to be avoided. Pure: whoever has the rows gets the same list.
    """
    return [row for row in rows if is_eligible(row["attributes"], stratum, avoided)]


def is_eligible(attributes: dict, stratum: dict, avoided: Collection[str]) -> bool:
    """Say whether one expert may be drawn for a stratum."""
    return (
        attributes["is_in_pool"]
        and not attributes["is_busy"]
        and any(code.startswith(stratum["specialty"]) for code in attributes["specialties"])
        and (not stratum["lives_in"] or attributes["city"] in stratum["lives_in"])
        and attributes["city"] not in stratum["not_in"]
        and attributes["employer"] not in avoided
        and not any(token in avoided for token in attributes["past"])
    )


def check_guess_bound(counts: list[tuple[int, int]]) -> int:
    """Return the whole bits a guesser of the committee faces; raise Refusal I6 when they are too few.

    ``counts`` holds (eligible, seats) per stratum. Lists of strata are drawn independently, so the
    number of equally likely committees is the product of C(eligible, seats).
    """
    for count, seats in counts:
        if count < drawing.POOL_FACTOR * seats:
            raise Refusal(
                "I6", f"某专业席位{seats}个，符合条件的专家只有{count}人，少于席位数的{drawing.POOL_FACTOR}倍，"
                "名单容易被猜中；请放宽专业、改换副场，或跨地区抽取。", "quotas",
            )
    lists = math.prod(math.comb(count, seats) for count, seats in counts)
    if lists < 1 << drawing.GUESS_BITS:
        raise Refusal(
            "I6", f"可能的名单少于2^{drawing.GUESS_BITS}种，名单容易被猜中；请放宽专业或跨地区抽取。", "quotas"
        )
    return lists.bit_length() - 1


def answer_time(kind: str) -> timedelta:
    """Return how long an expert may think in a draw of this kind."""
    return URGENT_ANSWER_TIME if kind == "urgent" else ANSWER_TIME


def skip_cause(pid: str, employer: str, reached: Collection[str], employers: Collection[str]) -> str | None:
    """Say why the next in a list is passed over, or None.

    ``reached``: pids that any list came to before; ``employers``: tokens of those who hold a seat now.
    """
    if pid in reached:
        return "已在其他专业中抽到"
    if employer in employers:
        return "与已抽中专家同一工作单位"
    return None
