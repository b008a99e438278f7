"""What decides a draw: who is eligible, whether it can be guessed, who is passed over; no database."""

import functools
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from gongheng.crypto import drawing
from gongheng.kernel.refusal import Refusal
from gongheng.people.experts.rules import BUSY

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
#: Why an expert of the right specialty and place is not drawn (回避与排除依据): the first that holds counts.
GROUNDS = {
    "STATE": "不在库或者暂停", **BUSY, "TRAVEL": "交通用时超过上限",
    "STAFF": "本项目工作人员", "NAMED": "招标人说明理由提出回避",
    "EMPLOYER": "任职单位应当回避", "PAST": "近三年任职单位或者有利害关系的单位应当回避",
    "BIDDER": "与投标人有任职或者利害关系", "GROUP": "有关单位属于应当回避单位的关联企业",
}
#: Grounds that concern a person, whose being an expert must not show.
PERSONAL = ("STAFF", "NAMED")
#: One way to the venue, the start included (交通用时上限); an urgent draw leaves less (domain.md 5.3).
LONGEST_TRAVEL = timedelta(hours=6)
#: How many persons a host may name, and for what (回避专家): more would be choosing by leaving out.
MOST_NAMED = 10
NAMING_REASONS = {
    "1": "本项目工作人员", "2": "参与过本项目前期咨询、勘察、设计或者监理", "3": "与招标人或者招标代理机构有利害关系",
    "4": "与招标人有未了结的争议",
}


def travel_time(kind: str, starts_at: datetime, now: datetime) -> timedelta:
    """Return how long the way to the venue may take: an expert of an urgent draw sets out when he has answered."""
    if kind != "urgent":
        return LONGEST_TRAVEL
    return min(LONGEST_TRAVEL, starts_at - now - URGENT_ANSWER_TIME)


class Row(NamedTuple):
    """One expert of the pool as a draw sees him (候选库中的一行): tokens and codes, no name."""

    pid: str
    specialties: tuple[str, ...]
    city: str
    employer: str
    past: tuple[str, ...]
    is_in_pool: bool
    busy: str  # reason code, "" when free


def sift(rows: Iterable[Row], stratum: dict, avoided: Mapping[str, str]) -> tuple[list[Row], dict[str, int]]:
    """Return who may be drawn for a stratum, in the order given, and how many each ground kept out.

    ``stratum`` has {specialty, lives_in, not_in, within}; ``avoided`` gives the ground of each token of an
    organisation and of each pid that is to be avoided. Only who has the specialty and lives where the
    stratum looks is counted. Pure: whoever has the rows gets the same lists.
    """
    found: list[Row] = []
    kept_out: Counter[str] = Counter()
    # Few lists of specialties and few cities stand in 60,000 rows: each is looked at once.
    is_of = functools.cache(lambda codes: any(code.startswith(stratum["specialty"]) for code in codes))
    is_there = functools.cache(lambda city: lives_where_asked(city, stratum))
    for row in rows:
        if is_of(row.specialties) and is_there(row.city):
            ground = barred_by(row, stratum, avoided)
            if ground is None:
                found.append(row)
            else:
                kept_out[ground] += 1
    return found, dict(kept_out)


def lives_where_asked(city: str, stratum: dict) -> bool:
    """Say whether a stratum looks for experts in a city."""
    return (not stratum["lives_in"] or city in stratum["lives_in"]) and city not in stratum["not_in"]


def barred_by(row: Row, stratum: dict, avoided: Mapping[str, str]) -> str | None:
    """Return the ground (a key of GROUNDS) on which an expert is kept out of a stratum, or None."""
    if not row.is_in_pool:
        return "STATE"
    if row.busy:
        return row.busy
    if row.city not in stratum["within"]:
        return "TRAVEL"
    if row.pid in avoided:
        return avoided[row.pid]
    if row.employer in avoided:
        return avoided[row.employer]
    for token in row.past:
        if token in avoided:
            return "PAST" if avoided[token] == "EMPLOYER" else avoided[token]
    return None


def encoded(rows: list[Row]) -> list[bytes]:
    """Return the canonical bytes of each row as it is published: {pid, attributes, weight}.

    Every text in a row is a code, a digit or base64url, so the form can be written down once; a test
    holds it against canonical.encode. The general way took as long as all the rest of a snapshot.
    """
    texts = functools.cache(lambda listed: '"' + '","'.join(listed) + '"' if listed else "")
    return [
        (
            f'{{"attributes":{{"busy":"{busy}","city":"{city}","employer":"{employer}",'
            f'"is_busy":{"true" if busy else "false"},"is_in_pool":{"true" if is_in_pool else "false"},'
            f'"past":[{texts(past)}],"specialties":[{texts(specialties)}]}},"pid":"{pid}","weight":1}}'
        ).encode("ascii")
        for pid, specialties, city, employer, past, is_in_pool, busy in rows
    ]


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
