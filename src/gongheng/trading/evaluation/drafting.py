"""Which of two versions of a typed field counts (草稿版本): no window overwrites what it never saw.

Every field of a form has a revision. A window sends text with its own next revision and the revision it built on
(``base``). Resending is harmless, a delayed older version is refused, and of two windows that typed at the same
time the first to arrive stands; the other is told and takes it over. So no two venues ever see different sheets.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from gongheng.kernel.refusal import Refusal

MOST_FIELDS = 200
MOST_TEXT = 500


@dataclass(frozen=True)
class Kept:
    """What the server has of one field."""

    revision: int
    window: str
    text: str


@dataclass(frozen=True)
class Change:
    """What a window typed into one field."""

    field: str
    base: int
    revision: int
    text: str


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    KNOWN = "known"
    STALE = "stale"


def verdict(kept: Kept | None, change: Change, window: str) -> Verdict:
    """Return what becomes of a change: taken, known already, or refused because another version stands."""
    if kept is None:
        return Verdict.ACCEPTED
    if change.revision <= kept.revision:
        is_same = (change.revision, window, change.text) == (kept.revision, kept.window, kept.text)
        return Verdict.KNOWN if is_same else Verdict.STALE
    return Verdict.ACCEPTED if kept.window == window or change.base == kept.revision else Verdict.STALE


def changes_of(rows: object) -> list[Change]:
    """Read the changes of one request. Raises Refusal DRAFT for anything but a short list of well-formed rows."""
    if not isinstance(rows, list) or len(rows) > MOST_FIELDS:
        raise Refusal("DRAFT", "自动保存的内容格式不正确，请刷新页面。")
    return [_change(row) for row in rows]


def _change(row: object) -> Change:
    if not isinstance(row, dict) or set(row) != {"field", "base", "revision", "text"}:
        raise Refusal("DRAFT", "自动保存的内容格式不正确，请刷新页面。")
    field, base, revision, text = row["field"], row["base"], row["revision"], row["text"]
    is_named = isinstance(field, str) and 0 < len(field) <= 40
    is_counted = type(base) is int and type(revision) is int and 0 <= base < revision < 2**31
    if not is_named or not is_counted or not isinstance(text, str) or len(text) > MOST_TEXT:
        raise Refusal("DRAFT", f"自动保存的内容格式不正确或超过{MOST_TEXT}字，请缩短后再试。")
    return Change(field, base, revision, text)


def points_of(text: str, name: str, field: str) -> Decimal | None:
    """Return the points that were typed, None for nothing; a comma typed by a Chinese keyboard is a point."""
    text = text.strip().replace("，", ".").replace("。", ".")
    if not text:
        return None
    try:
        points = Decimal(text)
    except InvalidOperation as error:
        raise Refusal("SCORE", f"“{name}”的得分“{text}”不是数字", field) from error
    if not points.is_finite() or abs(points) > 999:
        raise Refusal("SCORE", f"“{name}”的得分“{text}”不是有效的分值", field)
    return points
