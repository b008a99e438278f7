"""The public read side of the log (日志公开接口): everything a verifier, mirror or witness needs."""

import struct

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from gongheng.crypto import merkle
from gongheng.kernel.roles import Role
from gongheng.trust.evidence import publishing, tiles
from gongheng.trust.evidence.models import Checkpoint, Entry
from gongheng.trust.evidence.queries import newest_checkpoint
from gongheng.ui.pages import page


@page("evidence.checkpoint", Role.PUBLIC, is_api=True)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """Give the newest head of the SHA-256 tree with the witness's cosignatures (C2SP tlog-checkpoint)."""
    return _text(publishing.cosigned_note(_newest()))


@page("evidence.checkpoint_sm3", Role.PUBLIC, is_api=True)
def checkpoint_sm3(request: HttpRequest) -> HttpResponse:
    """Give the newest head of the SM3 tree."""
    return _text(_newest().note_sm3)


@page("evidence.tile", Role.PUBLIC, is_api=True)
def tile(request: HttpRequest, algorithm: str, level: int, number: int) -> HttpResponse:
    """Give one tile as far as the newest head reaches: 32 bytes per hash."""
    if algorithm not in tiles.ALGORITHMS:
        raise Http404
    width = _width((_newest().size >> merkle.TILE_HEIGHT * level) - number * merkle.TILE_WIDTH)
    return _bytes(tiles.fetch(algorithm, level, number)[: 32 * width], width)


@page("evidence.entries", Role.PUBLIC, is_api=True)
def entries(request: HttpRequest, number: int) -> HttpResponse:
    """Give up to 256 entries from position 256·n, each after its length in two bytes (C2SP entry bundle)."""
    first = number * merkle.TILE_WIDTH
    width = _width(_newest().size - first)
    placed = Entry.objects.filter(leaf__index__gte=first, leaf__index__lt=first + width).order_by("leaf__index")
    bodies = [bytes(body) for body in placed.values_list("body", flat=True)]
    return _bytes(b"".join(struct.pack(">H", len(body)) + body for body in bodies), width)


@page("evidence.policy", Role.PUBLIC, is_api=True)
def policy(request: HttpRequest) -> JsonResponse:
    """Give the keys by which heads and cosignatures are verified; a verifier keeps them from elsewhere."""
    return JsonResponse(publishing.policy())


def _newest() -> Checkpoint:
    newest = newest_checkpoint()
    if newest is None:
        raise Http404
    return newest


def _width(left: int) -> int:
    if left <= 0:
        raise Http404
    return min(left, merkle.TILE_WIDTH)


def _text(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})


def _bytes(data: bytes, width: int) -> HttpResponse:
    # A full tile never changes again; an unfinished one does.
    lasting = "public, max-age=31536000, immutable" if width == merkle.TILE_WIDTH else "no-store"
    return HttpResponse(data, content_type="application/octet-stream", headers={"Cache-Control": lasting})
