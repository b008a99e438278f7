"""Who may hear, see and do what in a meeting, and how long its recording is kept; no database (会议规则)."""

import enum
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.refusal import Refusal

#: How long a join ticket lives (security.md 4.f).
TICKET_LIVES = timedelta(seconds=60)
#: How often the heads of all tracks are noted in the evidence log, and silence is looked for.
WATCH_EVERY = timedelta(seconds=30)
#: A seat records a segment every five seconds; silence of this length is a gap. Together with WATCH_EVERY
#: a gap is alarmed before it is a minute old.
SILENT_AFTER = timedelta(seconds=30)
#: A presence that has not been seen for so long is shown as cut off.
CUT_OFF_AFTER = timedelta(seconds=15)
LARGEST_SEGMENT = 8 * 2**20
#: A segment lasts five seconds; one that claims to last longer hides something.
LONGEST_SEGMENT = timedelta(seconds=30)
#: How far a browser's reading of the platform's time may run ahead.
CLOCK_TOLERANCE = timedelta(seconds=10)


class Part(enum.StrEnum):
    """What somebody is in a meeting (参会身份)."""

    EXPERT = "expert"
    HOST = "host"
    AGENCY = "agency"
    SUPERVISOR = "supervisor"
    WITNESS = "witness"


PART_NAMES = {
    Part.EXPERT: "评标专家", Part.HOST: "主持席", Part.AGENCY: "代理机构", Part.SUPERVISOR: "监督",
    Part.WITNESS: "见证",
}


@dataclass(frozen=True)
class Invitee:
    """Somebody whom the caller lets into a meeting; ``person`` is opaque, ``label`` is what others read ("评委3")."""

    person: str
    label: str
    part: Part
    seat: str = ""
    device: str = ""  # thumbprint of the seat's device key; empty: the first device that joins is kept


@dataclass(frozen=True)
class Rights:
    """What a part may do; ``speaks`` and ``shows`` are to the room, a call is a supervisor's own way to speak."""

    speaks: bool = False
    shows: bool = False
    chats: bool = False
    is_recorded: bool = False
    leads: bool = False  # turns the pages of the shared document
    mutes: bool = False
    calls: bool = False
    admits: bool = False  # lets the agency in for questions, releases a pinned device
    reviews: bool = False  # plays the recording back


RIGHTS = {
    #                        speaks shows  chats recorded leads mutes calls admits reviews
    Part.EXPERT: Rights(     True,  True,  True,  True,   True, False, False, False, False),
    Part.HOST: Rights(       True,  True,  True,  True,   True, True,  True,  True,  True),
    Part.AGENCY: Rights(     True,  True,  True,  True,   False, False, False, False, False),
    Part.SUPERVISOR: Rights( False, False, True,  False,  False, True, True,  True,  True),
    Part.WITNESS: Rights(    False, False, False, False,  False, False, False, False, False),
}  # fmt: skip

EVERYBODY = "all"


@dataclass(frozen=True)
class Standing:
    """What the rules need to know of one participant at this moment."""

    id: str
    part: Part
    is_muted: bool = False
    is_let_in: bool = False
    calls: str = ""  # EVERYBODY, the id of the one called, or nothing


def is_outside(one: Standing) -> bool:
    """Say whether the agency waits at the door: it gets and gives nothing until let in for questions."""
    return one.part == Part.AGENCY and not one.is_let_in


def hears(listener: Standing, speaker: Standing) -> bool:
    """Say whether the speaker's voice goes to the listener."""
    if listener.id == speaker.id or speaker.is_muted or is_outside(listener) or is_outside(speaker):
        return False
    return RIGHTS[speaker.part].speaks or speaker.calls in (EVERYBODY, listener.id)


def sees(viewer: Standing, shown: Standing) -> bool:
    """Say whether the picture of ``shown`` goes to the viewer."""
    return viewer.id != shown.id and RIGHTS[shown.part].shows and not is_outside(viewer) and not is_outside(shown)


def may(one: Standing, right: str) -> bool:
    """Say whether a participant has a right now; at the door nobody has any."""
    return getattr(RIGHTS[one.part], right) and not is_outside(one)


def demand(one: Standing, right: str, what: str) -> None:
    """Raise Refusal "RIGHT" when the participant may not do ``what``."""
    if not may(one, right):
        raise Refusal("RIGHT", f"{PART_NAMES[one.part]}在会议中不能{what}。")


def check_invitees(invitees: list[Invitee]) -> None:
    """Raise Refusal when the closed list names a person or a label twice, or nobody who can host."""
    for name, values in (("人员", [one.person for one in invitees]), ("称呼", [one.label for one in invitees])):
        if repeated := [value for value, times in Counter(values).items() if times > 1 or not value]:
            raise Refusal("INVITEES", f"参会名单中{name}重复或为空（{len(repeated)}处），请逐一核对。", "participants")
    if not any(one.part == Part.HOST for one in invitees):
        raise Refusal("INVITEES", "参会名单中没有主持席，会议无人主持。", "participants")


@dataclass(frozen=True)
class Retention:
    """How many years a recording is kept, from which day on the rule holds, and why (保存期限)."""

    kind: str
    years: int
    valid_from: date
    basis: str


RETENTIONS = (
    Retention("construction", 10, date(2000, 1, 1), "工程建设项目电子档案，保管期限不少于10年（DA/T 103）"),
    Retention("procurement", 15, date(2003, 1, 1), "政府采购文件，自采购结束之日起至少保存15年（政府采购法42）"),
)


def retention(kind: str, now: datetime) -> Retention:
    """Return the rule in force; Refusal "RETENTION" when there is none."""
    day = now.astimezone(SHANGHAI).date()
    rows = [row for row in RETENTIONS if row.kind == kind and row.valid_from <= day]
    if not rows:
        raise Refusal("RETENTION", "没有适用的录音录像保存期限，请选择工程建设或政府采购。", "retention")
    return max(rows, key=lambda row: row.valid_from)


def keep_until(rule: Retention, closed_at: datetime) -> date:
    """Return the last day on which the recording must still be there."""
    day = closed_at.astimezone(SHANGHAI).date()
    leap = day.month == 2 and day.day == 29
    return date(day.year + rule.years, 3, 1) if leap else day.replace(year=day.year + rule.years)


def is_silent(heard_at: datetime, now: datetime) -> bool:
    """Say whether a recording has been silent for so long that it is a gap."""
    return now - heard_at >= SILENT_AFTER


def check_times(begins: datetime, ends: datetime, previous: datetime | None, now: datetime) -> None:
    """Raise Refusal "TIMES" unless a segment is short, follows the one before it, and is not of the future."""
    if not timedelta(0) < ends - begins <= LONGEST_SEGMENT or ends > now + CLOCK_TOLERANCE:
        raise Refusal("TIMES", "录像片段的起止时间不合理，请校准平台时间后重新进入会议。", "begins")
    if previous is not None and begins < previous:
        raise Refusal("TIMES", "录像片段早于前一片段的结束时间。", "begins")
