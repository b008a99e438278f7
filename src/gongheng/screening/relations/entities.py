"""Who is who (主体识别): the unified social credit code first, names never alone."""

import re
import unicodedata
from collections.abc import Mapping

ORGANISATION = re.compile(r"[0-9A-Z]{8}-?[0-9A-Z]")
FORMS = re.compile(r"(股份有限公司|有限责任公司|有限公司|集团|公司|分公司|厂|院|所)")
PLACES = re.compile(r"^.{2,8}?(省|市|县|区)")


def entity(code: str) -> str:
    """One key per organisation: its nine-letter organisation code, which stands inside every credit code.

    A firm that changed its place of registration, or appears with its older code, keeps the key; what is no code at
    all stays as it was written.
    """
    bare = re.sub(r"\s", "", unicodedata.normalize("NFKC", code)).upper()
    if re.fullmatch(r"[0-9A-Z]{18}", bare):
        return bare[8:17]
    if ORGANISATION.fullmatch(bare):
        return bare.replace("-", "")
    return bare


def several_codes(codes: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Organisations that appear under more than one of the given codes (code → name)."""
    seen: dict[str, set[str]] = {}
    for code in codes:
        seen.setdefault(entity(code), set()).add(code)
    return {key: tuple(sorted(held)) for key, held in sorted(seen.items()) if len(held) > 1}


def place(address: str) -> str:
    """An address in one form, "" if it names no house number: a whole street or town is nobody's address."""
    bare = re.sub(r"[\s,，。.、（）()\-—#]", "", unicodedata.normalize("NFKC", address)).lower()
    return bare if re.search(r"\d", bare) and len(bare) >= 8 else ""


def core_name(name: str) -> str:
    """The distinguishing part of a firm's name: without place and legal form."""
    bare = re.sub(r"[\s（）()]", "", unicodedata.normalize("NFKC", name))
    return FORMS.sub("", PLACES.sub("", bare))
