"""Check PNG and JPEG structure and size from their bytes, without decoding a pixel (图片检查)."""

import struct
import zlib

from gongheng.trust.documents.foreign.verdict import Unfit

MAX_PIXELS = 40_000_000
PNG = b"\x89PNG\r\n\x1a\n"


def inspect_png(data: bytes) -> tuple[int, int]:
    """Width and height; every chunk must be whole and nothing may follow the last."""
    place, size, ended = len(PNG), None, False
    while place < len(data) and not ended:
        if place + 12 > len(data):
            raise Unfit("图片不完整，可能未传输完整。", "truncated")
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        if len(body) != length or place + 12 + length > len(data):
            raise Unfit("图片不完整，可能未传输完整。", "truncated")
        if struct.unpack_from(">I", data, place + 8 + length)[0] != zlib.crc32(kind + body):
            raise Unfit("图片数据校验失败，文件已损坏。", "structure")
        if size is None:
            if kind != b"IHDR" or length != 13:
                raise Unfit("图片结构损坏。", "structure")
            size = struct.unpack(">II", body[:8])
        ended = kind == b"IEND"
        place += 12 + length
    if not ended or size is None:
        raise Unfit("图片不完整，可能未传输完整。", "truncated")
    return _checked(size, data[place:])


def inspect_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height from the frame header; the end mark must be there and nothing may follow it."""
    place, size = 2, None
    while size is None:
        if place + 4 > len(data) or data[place] != 0xFF:
            raise Unfit("图片结构损坏。", "structure")
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        length = struct.unpack_from(">H", data, place + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            if place + 9 > len(data):
                raise Unfit("图片不完整，可能未传输完整。", "truncated")
            high, across = struct.unpack_from(">HH", data, place + 5)
            size = (across, high)
        elif marker in (0xD9, 0xDA) or length < 2:
            raise Unfit("图片结构损坏。", "structure")
        place += 2 + length
    end = data.rfind(b"\xff\xd9")
    if end < place:
        raise Unfit("图片不完整，可能未传输完整。", "truncated")
    return _checked(size, data[end + 2 :])


def _checked(size: tuple[int, int], rest: bytes) -> tuple[int, int]:
    if 0 in size or size[0] * size[1] > MAX_PIXELS:
        raise Unfit("图片超过 4000 万像素或尺寸为零，请压缩后上传。", "huge-image")
    if rest.strip(b"\0\r\n"):
        raise Unfit("图片末尾附有其他数据，请重新导出后上传。", "polyglot")
    return size
