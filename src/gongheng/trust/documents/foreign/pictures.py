"""Embedded pictures as digest, size and a coarse grey image: enough to compare them, too little to show (内嵌图片)."""

import re
from base64 import b64encode
from typing import BinaryIO

import pypdfium2
from cryptography.hazmat.primitives import hashes
from pypdfium2 import raw

from gongheng.crypto.canonical import b64
from gongheng.trust.documents.foreign import archives, images
from gongheng.trust.documents.foreign.pdf import opened
from gongheng.trust.documents.foreign.verdict import Unfit

#: Smaller ones are logos, seals and bullets; nobody compares them.
SMALLEST = 120
MEDIA = re.compile(r"(word|xl)/media/[^/]+\.(png|jpe?g)", re.IGNORECASE)
#: What one file may cost: pictures looked at, bytes read, pixels decoded.
MOST_PICTURES, MOST_BYTES, MOST_PIXELS = 3000, 400 * 2**20, 150_000_000
#: The grey image has SIDE × SIDE tiles; each is the mean of DOTS × DOTS of its pixels.
SIDE, DOTS = 32, 4

#: [page from 1, digest, width, height, grey tiles in base64 or ""]
Row = list


def of_pdf(file: BinaryIO) -> tuple[list[Row], bool]:
    """Every picture of the document once, where it first stands; and whether the limits cut the list short."""
    found: dict[str, Row] = {}
    looked = read = decoded = 0
    with opened(file) as document:
        for number in range(len(document)):
            page = document[number]
            for one in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
                width, height = one.get_px_size()
                if min(width, height) < SMALLEST:
                    continue
                body = bytes(one.get_data())
                looked, read = looked + 1, read + len(body)
                if looked > MOST_PICTURES or read > MOST_BYTES:
                    return list(found.values()), True
                digest = _digest(body)
                if digest not in found:
                    is_dear = decoded + width * height > MOST_PIXELS
                    decoded += 0 if is_dear else width * height
                    found[digest] = [number + 1, digest, width, height, "" if is_dear else _tiles(one)]
            page.close()
    return list(found.values()), False


def of_office(file: BinaryIO) -> list[Row]:
    """Pictures of a DOCX or XLSX by their bytes: an office file has no pages, and nothing here decodes PNG."""
    found: dict[str, Row] = {}
    for _, body in sorted(archives.contents(file, MEDIA)[1].items()):
        for row in of_picture(body):
            found.setdefault(row[1], row)
    return list(found.values())[:MOST_PICTURES]


def of_picture(body: bytes) -> list[Row]:
    """A picture file by itself; empty when it is small or damaged."""
    try:
        width, height = (images.inspect_png if body.startswith(images.PNG) else images.inspect_jpeg)(body)
    except Unfit:
        return []
    return [[1, _digest(body), width, height, ""]] if min(width, height) >= SMALLEST else []


def _digest(body: bytes) -> str:
    state = hashes.Hash(hashes.SM3())
    state.update(body)
    return b64(state.finalize())


def _tiles(one: pypdfium2.PdfImage) -> str:
    """Sample the decoded pixels; a coarse mean is all that the comparison needs. "" where nothing can be decoded."""
    try:
        bitmap = one.get_bitmap()
    except pypdfium2.PdfiumError:
        return ""
    channels, stride = bitmap.n_channels, bitmap.stride
    pixels = memoryview(bitmap.buffer).cast("B")
    colours = min(channels, 3)
    across, down = _dots(bitmap.width), _dots(bitmap.height)
    tiles = bytearray()
    for row in range(SIDE):
        for column in range(SIDE):
            total = sum(
                pixels[y * stride + x * channels + colour]
                for y in down[row * DOTS : row * DOTS + DOTS] for x in across[column * DOTS : column * DOTS + DOTS]
                for colour in range(colours)
            )
            tiles.append(total // (DOTS * DOTS * colours))
    return b64encode(bytes(tiles)).decode()


def _dots(length: int) -> list[int]:
    """The places of the sampled pixels along one side, evenly spread."""
    wanted = SIDE * DOTS
    return [(2 * place + 1) * length // (2 * wanted) for place in range(wanted)]
