"""Canonical JSON: the one byte form of a value that is hashed or signed (规范化编码).

The order of keys and the escapes are those of RFC 8785; values are limited to strings, booleans, null,
integers below 2^53, lists and objects, so that Python and the browser cannot disagree about a number.
"""

import base64
import binascii
import json
import re
import unicodedata
from datetime import UTC, datetime

LIMIT = 1 << 53
DEPTH = 64
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
#: Escapes of RFC 8785 are those of Python's encoder; order and types are settled before it runs.
_dumps = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


class NotCanonical(ValueError):
    """Raised when a value or its bytes have no single canonical form."""


def encode(value) -> bytes:
    """Return the canonical UTF-8 bytes of `value`; text becomes NFC. Raises NotCanonical."""
    try:
        return _dumps(_plain(value, 0)).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("text holds a lone surrogate") from error


def decode(data: bytes):
    """Return the value of canonical bytes; anything whose encoding differs by one byte is refused."""
    try:
        value = json.loads(
            bytes(data).decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except RecursionError as error:
        raise NotCanonical("nested too deeply") from error
    except ValueError as error:
        raise NotCanonical(str(error)) from error
    if encode(value) != bytes(data):
        raise NotCanonical("bytes are not in canonical form")
    return value


def b64(data: bytes) -> str:
    """Return base64url text without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Return the bytes of base64url text without padding; refuses every second spelling of the same bytes."""
    if not isinstance(text, str) or not _BASE64URL.fullmatch(text):
        raise NotCanonical("not base64url text without padding")
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise NotCanonical("not base64url text") from error
    # Spare low bits would let two texts mean one value, and a digest be written in four ways.
    if b64(data) != text:
        raise NotCanonical("base64url text has stray bits")
    return data


def timestamp(moment: datetime) -> str:
    """Return "YYYY-MM-DDThh:mm:ss.mmmZ" of an aware datetime, cut (not rounded) to milliseconds."""
    if moment.tzinfo is None:
        raise NotCanonical("a moment needs a time zone")
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}-{utc:%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def parse_timestamp(text: str) -> datetime:
    """Return the UTC datetime of a canonical timestamp. Raises NotCanonical."""
    if not isinstance(text, str) or not _TIMESTAMP.fullmatch(text):
        raise NotCanonical("not a timestamp of the form YYYY-MM-DDThh:mm:ss.mmmZ")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise NotCanonical("no such moment") from error


def _plain(value, depth: int):
    """Return the value with NFC text and keys in canonical order, ready for the C encoder; refuse all else."""
    # A pool of experts is 60,000 rows of short ASCII text: the commonest case comes first and cheapest.
    if type(value) is str and value.isascii():
        return value
    if depth > DEPTH:
        raise NotCanonical("nested too deeply")
    if isinstance(value, str):
        return _nfc(value)
    if value is None or value is True or value is False:
        return value
    if isinstance(value, int):
        if not -LIMIT < value < LIMIT:
            raise NotCanonical("integer beyond 2^53")
        return int(value)
    if isinstance(value, list | tuple):
        # Thousands of pseudonyms are one such list: looked at as a whole, not one by one.
        if set(map(type, value)) == {str} and "".join(value).isascii():
            return value
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return _members(value, depth + 1)
    raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _members(value: dict, depth: int) -> dict:
    if all([type(key) is str and key.isascii() for key in value]):
        return {name: _plain(value[name], depth) for name in sorted(value)}
    named = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotCanonical("object keys must be text")
        name = _nfc(key)
        if name in named:
            raise NotCanonical("two keys are the same text")
        named[name] = item
    return {name: _plain(named[name], depth) for name in sorted(named, key=_utf16)}


def _nfc(text: str) -> str:
    # A subclass (an enum's member) would be written by its own repr; plain text is what is meant.
    return str.__str__(text) if text.isascii() else unicodedata.normalize("NFC", text)


def _utf16(text: str) -> bytes:
    # RFC 8785 sorts by UTF-16 code units, as browsers do; big-endian bytes have that order.
    return text.encode("utf-16-be")


def _object(pairs):
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotCanonical("duplicate key")
    return value


def _no_float(text):
    raise NotCanonical(f"{text} is not an integer")
