"""The pack: several files in one envelope, with their names, sizes and digests (文件包).

Layout: "GGZYPACK1" ‖ u32 length ‖ canonical JSON [{name, size, sm3}] ‖ bodies one after the other. The digests
are plain SM3, without a label, so that anybody can recompute them with any tool.
"""

import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from .canonical import NotCanonical, b64, decode, encode
from .hazmat import sm3
from .refused import PackRefused

MAGIC = b"GGZYPACK1"
MAX_INDEX = 1 << 20
MAX_NAME = 200
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Entry:
    """One file of a pack: its name, size in bytes, SM3 as base64url, and where its body starts."""

    name: str
    size: int
    sm3: str
    offset: int


def write(out: BinaryIO, files: Iterable[tuple[str, BinaryIO]]) -> list[Entry]:
    """Write a pack of (name, seekable file) pairs and return its entries. Raises PackRefused for a bad name."""
    files = list(files)
    rows = [{"name": name, **_measure(file)} for name, file in files]
    index = encode(rows)
    entries = _entries(rows, len(MAGIC) + 4 + len(index))
    if len(index) > MAX_INDEX:
        raise PackRefused("PACK", "文件包内文件过多。")
    out.write(MAGIC + struct.pack(">I", len(index)) + index)
    for _, file in files:
        file.seek(0)
        while block := file.read(_BLOCK):
            out.write(block)
    return entries


def read(file: BinaryIO) -> list[Entry]:
    """Return the entries of a pack that fills a seekable file. Raises PackRefused."""
    file.seek(0)
    head = file.read(len(MAGIC) + 4)
    if len(head) != len(MAGIC) + 4 or not head.startswith(MAGIC):
        raise PackRefused("PACK", "不是有效的文件包：缺少包头。")
    size = struct.unpack(">I", head[-4:])[0]
    if size > MAX_INDEX:
        raise PackRefused("PACK", "文件包目录过大。")
    try:
        rows = decode(file.read(size))
    except NotCanonical as error:
        raise PackRefused("PACK", "文件包目录不是规范格式。") from error
    entries = _entries(rows, len(head) + size)
    end = entries[-1].offset + entries[-1].size if entries else len(head) + size
    if file.seek(0, os.SEEK_END) != end:
        raise PackRefused("PACK", "文件包长度与目录不符，内容缺失或多余。")
    return entries


def extract(file: BinaryIO, entry: Entry, out: BinaryIO) -> None:
    """Copy one file out of a pack. Raises PackRefused when its digest does not hold."""
    file.seek(entry.offset)
    state, left = sm3.new(), entry.size
    while left:
        block = file.read(min(_BLOCK, left))
        if not block:
            raise PackRefused("PACK", f"文件“{entry.name}”内容缺失。")
        state.update(block)
        out.write(block)
        left -= len(block)
    if b64(state.digest()) != entry.sm3:
        raise PackRefused("PACK", f"文件“{entry.name}”的摘要与目录不符。")


def _measure(file: BinaryIO) -> dict:
    file.seek(0)
    state, size = sm3.new(), 0
    while block := file.read(_BLOCK):
        state.update(block)
        size += len(block)
    return {"size": size, "sm3": b64(state.digest())}


def _entries(rows, offset: int) -> list[Entry]:
    if not isinstance(rows, list):
        raise PackRefused("PACK", "文件包目录格式不正确。")
    entries, seen = [], set()
    for row in rows:
        if not isinstance(row, dict) or set(row) != {"name", "size", "sm3"}:
            raise PackRefused("PACK", "文件包目录字段不正确。")
        name, size, digest = row["name"], row["size"], row["sm3"]
        if not isinstance(name, str) or not _is_name(name) or name.casefold() in seen:
            raise PackRefused("PACK-NAME", "文件名为空、过长、重复，或含路径分隔符、控制字符。")
        if type(size) is not int or size < 0 or not isinstance(digest, str):
            raise PackRefused("PACK", f"文件“{name}”的大小或摘要不正确。")
        seen.add(name.casefold())
        entries.append(Entry(name, size, digest, offset))
        offset += size
    return entries


def _is_name(name: str) -> bool:
    return (
        0 < len(name) <= MAX_NAME
        and name not in (".", "..")
        and name == name.strip()
        and not any(c in "/\\:" or not c.isprintable() for c in name)
    )
