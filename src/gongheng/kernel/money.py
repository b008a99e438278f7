"""Amounts of money in 元: read, written with separators, and in capital words (大写金额)."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from gongheng.kernel.refusal import Refusal

CENT = Decimal("0.01")
# numeric(20,6) of the data specification leaves fourteen digits before the point.
LIMIT = Decimal(10) ** 14
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
# The group of 万亿 says 万 only; the 亿 that it shares follows with (or without) the next group.
_GROUP_ENDS = ("", "万", "亿", "万")


def yuan(text: str, unit: str = "元", field: str | None = None) -> Decimal:
    """Return the amount in 元 that a person typed, e.g. "1,234.50", "￥88 元" or "123.4万元".

    ``unit`` ("元" or "万元") holds when the text names none. Raises Refusal "MONEY" when the text
    is no amount, is negative, is finer than a 分 or has more than fourteen digits.
    """
    clean = re.sub(r"[\s¥]", "", unicodedata.normalize("NFKC", text))
    match = re.fullmatch(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?(元|万元|万)?", clean)
    if match is None:
        raise Refusal("MONEY", f"金额“{text}”无法识别，请填写数字，如 1234567.89 或 123.45 万元", field)
    amount = Decimal(match[1].replace(",", "") + (match[2] or ""))
    if (match[3] or unit).startswith("万"):
        amount *= 10000
    if amount != amount.quantize(CENT, ROUND_HALF_UP):
        raise Refusal("MONEY", f"金额“{text}”精确到分为止，小数点后多余的位数请自行取舍后填写", field)
    if amount >= LIMIT:
        raise Refusal("MONEY", f"金额“{text}”超过 14 位整数的上限，请核对单位是否误填", field)
    return amount.quantize(CENT)


def cents(amount: Decimal) -> Decimal:
    """Return the amount rounded to 0.01 元, halves up."""
    return amount.quantize(CENT, ROUND_HALF_UP)


def to_fen(amount: Decimal) -> int:
    """Return the amount as a whole number of 分; ValueError if it is finer than that."""
    fen = amount * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"finer than one fen: {amount}")
    return int(fen)


def from_fen(fen: int) -> Decimal:
    """Return the amount in 元 of a whole number of 分."""
    return (Decimal(fen) / 100).quantize(CENT)


def formatted(amount: Decimal) -> str:
    """Return the amount with thousands separators and two decimals, e.g. 1,234,567.80."""
    return f"{cents(amount):,.2f}"


def formatted_wan(amount: Decimal) -> str:
    """Return the amount in 万元 with as many decimals as it needs and at least two, at most six."""
    whole, fraction = f"{cents(amount) / 10000:,.6f}".split(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"


def capitals(amount: Decimal) -> str:
    """Return the amount in capital words (人民币大写) as cheques and bid letters write it.

    One 零 stands for any run of zeros between digits; 整 ends an amount without 分.
    Raises ValueError below zero, at or above 10^14 元, or finer than a 分.
    """
    if not 0 <= amount < LIMIT:
        raise ValueError(f"out of range: {amount}")
    whole, fen = divmod(to_fen(amount), 100)
    jiao, fen = divmod(fen, 10)
    words = _whole_words(whole) + "元" if whole or not (jiao or fen) else ""
    if not jiao and not fen:
        return words + "整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif whole:
        words += "零"
    return words + (_DIGITS[fen] + "分" if fen else "整")


def from_capitals(text: str, field: str | None = None) -> Decimal:
    """Return the amount that capital words name; raise Refusal "MONEY" if they are not well formed.

    The prefix 人民币, 圆 for 元, 正 for 整 and optional 零 are accepted.
    """
    clean = re.sub(r"\s", "", text).removeprefix("人民币").replace("圆", "元").replace("正", "整")
    digit = "零?([壹贰叁肆伍陆柒捌玖])"
    match = re.fullmatch(f"(?:([^元角分整]+)元)?(?:{digit}角)?(?:{digit}分)?整?", clean)
    amount = None
    if match is not None and any(match.groups()):
        whole = _whole_number(match[1]) if match[1] else 0
        if whole is not None:
            jiao, fen = (_DIGITS.index(word) if word else 0 for word in match.groups()[1:])
            amount = from_fen(whole * 100 + jiao * 10 + fen)
    # Writing it back and comparing without 零 rejects every order of words that no clerk would write.
    if amount is None or amount >= LIMIT or _bare(capitals(amount)) != _bare(clean):
        raise Refusal("MONEY", f"大写金额“{text}”书写不规范，请按“壹万贰仟叁佰元整”的格式填写", field)
    return amount


def _bare(words: str) -> str:
    return words.removesuffix("整").replace("零", "")


def _whole_words(number: int) -> str:
    if number == 0:
        return "零"
    words, gap = "", False
    for power in (3, 2, 1, 0):
        group = number // 10000**power % 10000
        if not group:
            # 万亿 keeps its 亿 even when the group of 亿 itself is empty.
            words, gap = words + ("亿" if power == 2 and words else ""), bool(words)
            continue
        for place in (3, 2, 1, 0):
            digit = group // 10**place % 10
            if digit:
                words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = not digit
        # Zeros that end a group are not written when the next group is full: 壹拾万壹仟元.
        words, gap = words + _GROUP_ENDS[power], False
    return words


def _whole_number(words: str) -> int | None:
    """Return the value of words without 元, or None when a character is foreign."""
    total = section = digit = 0
    for word in words:
        if word in _DIGITS:
            digit = _DIGITS.index(word)
        elif word in _PLACES[1:]:
            section += digit * 10 ** _PLACES.index(word)
            digit = 0
        elif word == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif word == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        else:
            return None
    return total + section + digit
