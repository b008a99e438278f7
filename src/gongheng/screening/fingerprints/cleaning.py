"""Which device values mean anything (指纹清洗): defaults, virtual cards and fill-ins are dropped before comparing.

Device numbers are personal data in effect: ``hashed`` keeps them comparable within a year and unreadable after.
"""

import hashlib
import hmac
import ipaddress
import re
import unicodedata

HASHED = "h:"
#: Kinds whose values identify a machine or a person and are stored only hashed.
SECRET_KINDS = frozenset(("cpu", "disk", "board", "mac", "phone", "email", "agent", "contact"))

EMPTY = frozenset((
    "", "-", "--", "/", "\\", "无", "none", "null", "nil", "n/a", "na", "unknown", "default", "defaultstring",
    "tobefilled", "tobefilledbyo.e.m.", "tobefilledbyoem", "systemserialnumber", "baseboardserialnumber",
    "notspecified",
    "notapplicable", "oem", "o.e.m.", "123456789", "1234567890", "0123456789", "undefined", "未知", "空",
))
#: Names that programs, scanners and untouched installations write.
DEFAULT_NAMES = frozenset((
    "user", "users", "admin", "administrator", "administrators", "owner", "guest", "root", "pc", "lenovo", "dell", "hp",
    "asus", "huawei", "thinkpad", "acer", "windowsuser", "windows用户", "microsoft", "microsoftoffice", "microsoftword",
    "microsoftoffice用户", "微软中国", "微软用户", "微软", "china", "用户", "hpuser", "home", "office", "wps",
    "wpsoffice",
    "kingsoft", "adobeacrobat", "acrobat", "canon", "ricoh", "konicaminolta", "xerox", "fujixerox", "epson", "scanner",
    "camscanner", "扫描全能王", "python-docx", "openpyxl", "apachepoi", "pdffactory", "雨林木风", "深度技术",
    "番茄花园",
    "系统之家", "sky123.org", "mc system", "mcsystem", "temp", "test", "作者", "author",
))
#: First three octets of cards that virtual machines, containers and tunnels invent.
VIRTUAL_CARDS = frozenset((
    "000569", "000c29", "001c14", "005056",  # VMware
    "00155d", "0003ff",  # Hyper-V, Virtual PC
    "080027", "0a0027",  # VirtualBox
    "001c42",  # Parallels
    "525400",  # QEMU/KVM
    "00163e",  # Xen
    "0242ac",  # Docker
    "00ff00", "00ffaa", "00059a",  # TAP, VPN clients
    "020054", "7a7919",  # tunnel adapters
))
#: Word numbers its font subsets from here on in every document: equal tags of this form mean nothing.
WORD_FONT_TAG = re.compile(r"[A-Z]{2,4}[DEFG]EE|[A-Z]?BCDEE+")


def cleaned(kind: str, value: str) -> str:
    """The value in one form, or "" when it identifies nothing; an already hashed one stays."""
    if value.startswith(HASHED):
        return value
    value = unicodedata.normalize("NFKC", value).strip()
    bare = re.sub(r"\s+", "", value).lower()
    if bare in EMPTY or len(set(re.sub(r"[\W_]", "", bare))) <= 1:  # all zeros, all F, one letter over and over
        return ""
    return FORMS[kind](value, bare) if kind in FORMS else bare


def hashed(kind: str, value: str, *, secret: bytes) -> str:
    """The cleaned value under the year's secret: equal values stay equal, nobody reads them; "" stays ""."""
    value = cleaned(kind, value)
    if not value or value.startswith(HASHED):
        return value
    return HASHED + hmac.new(secret, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def _mac(value: str, bare: str) -> str:
    digits = re.sub(r"[^0-9a-f]", "", bare)
    if len(digits) != 12 or digits[:6] in VIRTUAL_CARDS:
        return ""
    first = int(digits[:2], 16)
    # Locally administered (randomised or invented) and group addresses belong to no card.
    return "" if first & 0b11 else digits


def _name(value: str, bare: str) -> str:
    return "" if bare in DEFAULT_NAMES or re.fullmatch(r"(pc|desktop|laptop|win)-?[0-9a-z]*|\d{1,4}", bare) else bare


def _address(value: str, bare: str) -> str:
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return ""
    return str(address) if address.is_global else ""


def _phone(value: str, bare: str) -> str:
    digits = re.sub(r"\D", "", bare).removeprefix("0086").removeprefix("86")
    return digits if len(digits) >= 7 else ""


def _font_tag(value: str, bare: str) -> str:
    tag = bare[:6].upper()
    return "" if WORD_FONT_TAG.fullmatch(tag) or not re.fullmatch(r"[A-Z]{6}", tag) else tag


def _moment(value: str, bare: str) -> str:
    """A creation time to the second; midnight and the epochs of programs are fill-ins."""
    digits = re.sub(r"\D", "", bare)[:14]
    is_filled_in = len(digits) < 14 or digits[8:] == "000000" or digits[:4] in ("1601", "1970", "1980", "1899")
    return "" if is_filled_in else digits


def _long(value: str, bare: str) -> str:
    return bare if len(bare) >= 6 else ""


FORMS = {
    "mac": _mac, "author": _name, "modifier": _name, "company": _name, "ip": _address, "phone": _phone,
    "font": _font_tag, "created": _moment, "lock": _long, "licence": _long, "cpu": _long, "disk": _long, "board": _long,
    "pdf_id": _long, "ancestor": _long, "certificate": _long, "session": _long,
}
