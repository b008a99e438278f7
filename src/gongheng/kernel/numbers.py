"""The identifiers that public bodies issue and platforms must check (编码与校验)."""

from __future__ import annotations

import re
from datetime import date

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import PROVINCES

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_ORGAN_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
# GB 32100-2015 table 1: registering department -> kinds of body it registers.
_USCC_KINDS = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19",
    "9": "123", "A": "19", "N": "1239", "Y": "1",
}
_CITIZEN_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))
_CITIZEN_CHECKS = "10X98765432"
_MOD37 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"


# ------------------------------------------------------------------ organisations and persons

def organ_check(body: str) -> str:
    """Return the check character of an 8-character organisation code (组织机构代码), GB 11714."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, _ORGAN_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def uscc_check(body: str) -> str:
    """Return the 18th character for the first 17 of a unified social credit code, GB 32100."""
    total = sum(_USCC_ALPHABET.index(char) * weight for char, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return _USCC_ALPHABET[-total % 31]


def check_uscc(text: str, field: str | None = None) -> str:
    """Return the code normalised to capitals if it is a valid unified social credit code (统一社会信用代码).

    Raises Refusal "USCC" that says which part is wrong.
    """
    code = text.strip().upper()

    def refuse(reason: str) -> Refusal:
        return Refusal("USCC", f"统一社会信用代码{reason}，请对照营业执照或登记证书核对", field)

    if len(code) != 18:
        raise refuse(f"应为 18 位，现为 {len(code)} 位")
    for position, char in enumerate(code, 1):
        if char not in _USCC_ALPHABET:
            raise refuse(f"第 {position} 位“{char}”不是允许的字符（不使用字母 I、O、S、V、Z）")
    if code[0] not in _USCC_KINDS:
        raise refuse(f"第 1 位“{code[0]}”不是登记管理部门代码")
    if code[1] not in _USCC_KINDS[code[0]]:
        raise refuse(f"第 2 位“{code[1]}”不是登记管理部门 {code[0]} 的机构类别")
    if not _is_region(code[2:8]) and code[2:8] != "100000":
        raise refuse(f"第 3—8 位“{code[2:8]}”不是行政区划代码")
    # The table of the organ code has I, O, S, V, Z too, but a USCC never shows them, so int(…, 36) is right here.
    if organ_check(code[8:16]) != code[16]:
        raise refuse(f"第 9—17 位（主体标识码）“{code[8:17]}”的校验位不符")
    if uscc_check(code[:17]) != code[17]:
        raise refuse(f"第 18 位校验码“{code[17]}”不符")
    return code


def make_uscc(department: str, kind: str, region: str, sequence: int | str) -> str:
    """Return a valid unified social credit code for test and demonstration bodies.

    ``sequence`` is a number below 10^8 or the 8 characters of the organisation code.
    """
    body = sequence if isinstance(sequence, str) else f"{sequence:08d}"
    first = f"{department}{kind}{region}{body}{organ_check(body)}"
    return check_uscc(first + uscc_check(first))


def check_citizen_id(text: str, field: str | None = None) -> str:
    """Return the citizen number normalised if it is valid (公民身份号码), GB 11643.

    Raises Refusal "CITIZEN_ID"; the message never repeats the number, which is personal data.
    """
    number = text.strip().upper()

    def refuse(reason: str) -> Refusal:
        return Refusal("CITIZEN_ID", f"公民身份号码{reason}，请对照居民身份证核对", field)

    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise refuse("应为 17 位数字加 1 位数字或 X")
    if not _is_region(number[:6]):
        raise refuse("前 6 位不是行政区划代码")
    if _date(number[6:14]) is None:
        raise refuse("第 7—14 位不是有效的出生日期")
    if citizen_check(number[:17]) != number[17]:
        raise refuse("第 18 位校验码不符")
    return number


def citizen_check(body: str) -> str:
    """Return the check character for the first 17 digits of a citizen number."""
    total = sum(int(char) * weight for char, weight in zip(body, _CITIZEN_WEIGHTS, strict=True))
    return _CITIZEN_CHECKS[total % 11]


def make_citizen_id(region: str, born: date, sequence: int) -> str:
    """Return a valid citizen number for test and demonstration persons; odd sequences are men."""
    body = f"{region}{born:%Y%m%d}{sequence:03d}"
    return check_citizen_id(body + citizen_check(body))


def mask_citizen_id(number: str) -> str:
    """Return the number with the date of birth hidden, as pages may show it."""
    return number[:6] + "*" * 8 + number[14:]


# ------------------------------------------------------------------ the unified deal code

def mod37_2(body: str) -> str:
    """Return the ISO 7064 MOD 37-2 check character, "*" included, for capitals and digits."""
    product = 0
    for char in body:
        if char not in _MOD37[:36]:
            raise ValueError(f"not a digit or capital letter: {char!r}")
        product = (product + _MOD37.index(char)) * 2 % 37
    return _MOD37[(38 - product) % 37]


def make_udc(classification: str, operator_uscc: str, created: date, sequence: int) -> str:
    """Return the 40-character unified deal code of a lot (统一交易标识码).

    ``classification`` is the 3-character project class such as A01, ``created`` the Shanghai day.
    """
    parts = [classification, operator_uscc, f"{created:%Y%m%d}", f"{sequence:06d}"]
    return check_udc("-".join([*parts, mod37_2("".join(parts))]))


def check_udc(text: str, field: str | None = None) -> str:
    """Return the code if all five parts of the unified deal code hold; raise Refusal "UDC" otherwise."""
    code = text.strip().upper()

    def refuse(reason: str) -> Refusal:
        return Refusal("UDC", f"统一交易标识码{reason}，请从交易平台复制完整编码", field)

    parts = code.split("-")
    if len(code) != 40 or [len(part) for part in parts] != [3, 18, 8, 6, 1]:
        raise refuse("应为 40 位，格式为“分类-平台运营机构代码-日期-流水号-校验码”")
    if not re.fullmatch(r"[A-Z][0-9]{2}", parts[0]):
        raise refuse(f"的项目分类代码“{parts[0]}”应为 1 位字母加 2 位数字")
    try:
        check_uscc(parts[1])
    except Refusal as refusal:
        raise refuse(f"中的平台运营机构代码有误（{refusal.message}）") from refusal
    if _date(parts[2]) is None:
        raise refuse(f"中的日期“{parts[2]}”无效")
    if not re.fullmatch(r"[0-9]{6}", parts[3]):
        raise refuse(f"中的流水号“{parts[3]}”应为 6 位数字")
    if mod37_2("".join(parts[:4])) != parts[4]:
        raise refuse(f"的校验码“{parts[4]}”不符")
    return code


# ------------------------------------------------------------------ project, lot and document numbers

def make_project_code(letter: str, region: str, platform: str, sequence: int) -> str:
    """Return the 17-character project code (项目编号): type letter, region, platform number, sequence."""
    return check_project_code(f"{letter}{region}{platform}{sequence:06d}")


def make_tender_code(project_code: str, sequence: int) -> str:
    """Return the 20-character tender project code (招标项目编号); a new round takes the next sequence."""
    return check_tender_code(f"{project_code}{sequence:03d}")


def make_lot_code(tender_code: str, sequence: int) -> str:
    """Return the 23-character lot code (标段编号)."""
    return check_lot_code(f"{tender_code}{sequence:03d}")


def make_document_number(lot_code: str, version: int) -> str:
    """Return the 26-character document number (文件编号) of one version of a lot's document."""
    return check_document_number(f"{lot_code}{version:03d}")


def check_project_code(text: str, field: str | None = None) -> str:
    """Return the project code if well formed; raise Refusal "CODE" otherwise."""
    return _check_code(text, "项目编号", 0, field)


def check_tender_code(text: str, field: str | None = None) -> str:
    """Return the tender project code if well formed; raise Refusal "CODE" otherwise."""
    return _check_code(text, "招标项目编号", 1, field)


def check_lot_code(text: str, field: str | None = None) -> str:
    """Return the lot code if well formed; raise Refusal "CODE" otherwise."""
    return _check_code(text, "标段编号", 2, field)


def check_document_number(text: str, field: str | None = None) -> str:
    """Return the document number if well formed; raise Refusal "CODE" otherwise."""
    return _check_code(text, "文件编号", 3, field)


def check_investment_code(text: str, field: str | None = None) -> str:
    """Return the 24-character investment project code (投资项目统一代码) if well formed.

    The first group is written as a year or, in codes issued later, as year and month.
    """
    code = text.strip()
    match = re.fullmatch(r"([0-9]{4})-([0-9]{6})-[0-9]{2}-[0-9]{2}-[0-9]{6}", code)
    if match is None:
        raise Refusal("CODE", "投资项目统一代码应为 24 位，格式为“年份-区划-2 位-2 位-6 位”，请对照立项批复核对", field)
    year_or_month = match[1]
    if not (2014 <= int(year_or_month) <= 2099 or 1 <= int(year_or_month[2:]) <= 12):
        raise Refusal("CODE", f"投资项目统一代码的前 4 位“{year_or_month}”不是年份或年月，请对照立项批复核对", field)
    if not _is_region(match[2]) and match[2] != "000000":
        raise Refusal("CODE", f"投资项目统一代码中的“{match[2]}”不是行政区划代码，请对照立项批复核对", field)
    return code


def _check_code(text: str, title: str, suffixes: int, field: str | None) -> str:
    code, length = text.strip().upper(), 17 + 3 * suffixes
    if not re.fullmatch(rf"[A-Z][0-9]{{{length - 1}}}", code):
        raise Refusal("CODE", f"{title}应为 {length} 位：1 位类别字母加 {length - 1} 位数字，请核对", field)
    if not _is_region(code[1:7]):
        raise Refusal("CODE", f"{title}第 2—7 位“{code[1:7]}”不是行政区划代码，请核对", field)
    for index in range(suffixes):
        if code[17 + 3 * index:20 + 3 * index] == "000":
            raise Refusal("CODE", f"{title}中的顺序号从 001 开始，不能为 000，请核对", field)
    return code


def _is_region(code: str) -> bool:
    return re.fullmatch(r"[0-9]{6}", code) is not None and code[:2] in PROVINCES


def _date(digits: str) -> date | None:
    if not re.fullmatch(r"[0-9]{8}", digits) or digits[0] not in "12":
        return None
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None
