"""The small part of DER (X.690) that SM2 signatures, ciphertexts and certificates need (编码规则)."""

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8, PRINTABLE, UTC_TIME, GENERAL_TIME, SEQUENCE, SET = 0x0C, 0x13, 0x17, 0x18, 0x30, 0x31


class NotDer(ValueError):
    """Raised when bytes are not the one DER form of the structure expected."""


def tlv(tag: int, content: bytes) -> bytes:
    """Return tag, shortest length, content."""
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE of ready elements."""
    return tlv(SEQUENCE, b"".join(parts))


def integer(value: int) -> bytes:
    """Return a non-negative INTEGER."""
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    """Return an OBJECT IDENTIFIER of dotted text."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        group = [arc & 0x7F]
        while arc := arc >> 7:
            group.append(0x80 | arc & 0x7F)
        content += bytes(reversed(group))
    return tlv(OID, bytes(content))


class Reader:
    """Walks the elements of one constructed value, in order; raises NotDer at the first surprise."""

    def __init__(self, data: bytes):
        self._data = data
        self._at = 0

    def next(self, expected: int | None = None) -> tuple[int, bytes, bytes]:
        """Return (tag, content, whole element) of the next element."""
        data, start = self._data, self._at
        if len(data) - start < 2:
            raise NotDer("element missing")
        tag, size, at = data[start], data[start + 1], start + 2
        if tag & 0x1F == 0x1F:
            raise NotDer("long tag")
        if size & 0x80:
            count = size & 0x7F
            if not 1 <= count <= 4 or at + count > len(data):
                raise NotDer("length form")
            size = int.from_bytes(data[at : at + count], "big")
            if size < 0x80 or size.bit_length() <= 8 * (count - 1):
                raise NotDer("length not shortest")
            at += count
        if at + size > len(data):
            raise NotDer("element runs past its frame")
        if expected is not None and tag != expected:
            raise NotDer(f"tag {tag:#x} where {expected:#x} belongs")
        self._at = at + size
        return tag, data[at : self._at], data[start : self._at]

    def peek(self) -> int | None:
        """Return the tag of the next element, or None at the end."""
        return self._data[self._at] if self._at < len(self._data) else None

    def sub(self, expected: int = SEQUENCE) -> "Reader":
        """Step into the next constructed element."""
        return Reader(self.next(expected)[1])

    def integer(self) -> int:
        """Return the next INTEGER, which must not be negative."""
        content = self.next(INTEGER)[1]
        if not content or content[0] & 0x80 or (len(content) > 1 and content[0] == 0 and not content[1] & 0x80):
            raise NotDer("integer form")
        return int.from_bytes(content, "big")

    def end(self) -> None:
        """Refuse anything left over."""
        if self._at != len(self._data):
            raise NotDer("trailing bytes")


def one(data: bytes) -> Reader:
    """Return a reader inside the single SEQUENCE that fills `data`."""
    outer = Reader(data)
    inner = outer.sub()
    outer.end()
    return inner


def raw_signature(der: bytes) -> bytes:
    """Return r‖s, 64 bytes, of a DER signature."""
    reader = one(der)
    r, s = reader.integer(), reader.integer()
    reader.end()
    if max(r, s) >> 256:
        raise NotDer("signature number too long")
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def der_signature(raw: bytes) -> bytes:
    """Return the DER form of r‖s."""
    return sequence(integer(int.from_bytes(raw[:32], "big")), integer(int.from_bytes(raw[32:], "big")))
