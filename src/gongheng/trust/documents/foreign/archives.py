"""Open zip containers within limits that are counted while reading, never believed (压缩包检查)."""

import re
import stat
import zipfile
import zlib
from typing import BinaryIO

from gongheng.trust.documents.foreign.verdict import Unfit

MAX_FILES = 5000
MAX_RATIO = 100
MAX_TOTAL = 300 * 2**20
MAX_KEPT = 100 * 2**20
SMALL = 2**20  # below this a high ratio is harmless (XML of blanks)


def contents(file: BinaryIO, keep: re.Pattern) -> tuple[list[str], dict[str, bytes]]:
    """All names, and the bytes of the members whose name matches ``keep``; every member is read and counted."""
    size = file.seek(0, 2)
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file)
        members = archive.infolist()
        _check_members(members, size)
        kept: dict[str, bytes] = {}
        total = 0
        for member in members:
            total, body = _read(archive, member, total, bool(keep.fullmatch(member.filename)), size)
            if body is not None:
                kept[member.filename] = body
                if sum(map(len, kept.values())) > MAX_KEPT:
                    raise Unfit("文件解压后的正文过大。", "bomb")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Unfit("文件的压缩结构损坏，不能打开，请重新导出后上传。", "structure") from error
    return [m.filename for m in members], kept


def _check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    if len(members) > MAX_FILES:
        raise Unfit(f"压缩结构内的文件超过 {MAX_FILES} 个。", "bomb")
    names = set()
    for member in members:
        name = member.filename
        if (
            name != member.orig_filename
            or re.search(r"[\x00-\x1f\\:]", name)
            or name.startswith("/")
            or ".." in name.split("/")
        ):
            raise Unfit("压缩结构内的文件名不合规（绝对路径、上级目录或控制字符）。", "traversal")
        if name.lower() in names:
            raise Unfit("压缩结构内有重名文件。", "duplicate")
        names.add(name.lower())
        if stat.S_ISLNK(member.external_attr >> 16):
            raise Unfit("压缩结构内含有符号链接。", "traversal")
        if member.flag_bits & 1:
            raise Unfit("文件已加密，请去除密码后上传。", "encrypted")
    # Two entries over one body are how 42 kB become 5 GB.
    end = 0
    for member in sorted(members, key=lambda m: m.header_offset):
        if member.header_offset < end:
            raise Unfit("压缩结构内的文件互相重叠。", "bomb")
        end = member.header_offset + 30 + len(member.orig_filename) + member.compress_size
    if end > size:
        raise Unfit("文件不完整，可能未传输完整。", "truncated")


def _read(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: int, wanted: bool, size: int
) -> tuple[int, bytes | None]:
    """Read one member block by block; return the new running total and the body if wanted."""
    count, blocks = 0, []
    with archive.open(member) as stream:
        while block := stream.read(65536):
            count += len(block)
            total += len(block)
            if total > MAX_TOTAL or (total > SMALL and total > MAX_RATIO * size):
                raise Unfit("文件解压后异常膨胀，疑似压缩炸弹，已拒绝。", "bomb")
            if wanted:
                blocks.append(block)
    # zipfile stops at the promised size; a body that goes on, or ends before, has lied.
    if count != member.file_size:
        raise Unfit("压缩结构内的文件大小与声明不符。", "lying-size")
    return total, b"".join(blocks) if wanted else None
