"""Recomputing the whole log from its entries (存证日志全量核对): what a DBA changed comes out here."""

from collections.abc import Iterator

from django.apps import apps

from gongheng.crypto import canonical, merkle
from gongheng.trust.evidence import publishing, tiles
from gongheng.trust.evidence.models import Checkpoint, Entry, Head, Leaf, Moved, Pending, Tile
from gongheng.trust.evidence.moving import subject_of

_CHUNK = 2000


def fsck() -> list[str]:
    """Return every contradiction found, in Chinese; empty when the log is whole.

    Checks positions, columns against bodies, all tiles, the head, all checkpoints with their
    signatures and cosignatures, and waiting entries. What the log tells of states is ``replay``.
    """
    problems: list[str] = []
    leaves = _leaf_hashes(problems)
    for algorithm, hashes in leaves.items():
        problems += _tile_problems(algorithm, hashes)
    problems += _head_problems(leaves)
    problems += _waiting_problems()
    return problems


def replay() -> Iterator[str]:
    """Yield each thing whose stored state is not the one that its newest move in the log led to."""
    for model in apps.get_models():
        if not issubclass(model, Moved):
            continue
        targets = {model.lifecycle.verb(move.name): move.target for move in model.lifecycle.moves}
        for thing in model._base_manager.all().iterator(_CHUNK):
            told = Entry.objects.filter(subject=subject_of(thing)).order_by("-id")
            if not told.exists():
                yield f"{subject_of(thing)} 没有任何存证记录"
                continue
            verb = told.filter(verb__in=targets).values_list("verb", flat=True).first()
            expected = targets[verb] if verb else model.lifecycle.initial
            if thing.state != expected:
                yield f"{subject_of(thing)} 的状态为 {thing.state}，存证记录为 {expected}"


def _leaf_hashes(problems: list[str]) -> dict[str, list[bytes]]:
    hashes: dict[str, list[bytes]] = {algorithm: [] for algorithm in tiles.ALGORITHMS}
    for position, leaf in enumerate(Leaf.objects.order_by("index").select_related("entry").iterator(_CHUNK)):
        if leaf.index != position:
            problems.append(f"位次 {position} 缺失")
            break
        body = bytes(leaf.entry.body)
        for algorithm, known in hashes.items():
            known.append(merkle.leaf_hash(algorithm, body))
        if not _columns_agree(leaf.entry, body):
            problems.append(f"位次 {position} 的查询列与存证内容不一致")
    return hashes


def _columns_agree(entry: Entry, body: bytes) -> bool:
    try:
        told = canonical.decode(body)
    except canonical.NotCanonical:
        return False
    if told.get("t") == "c":
        return (entry.verb, entry.subject, entry.lot, entry.actor, entry.at) == (None,) * 5
    return (
        entry.verb == told["verb"]
        and entry.subject == told["subject"]
        and (str(entry.lot) if entry.lot else None) == told["lot"]
        and entry.actor == told["actor"]["id"]
        and canonical.timestamp(entry.at) == told["at"]
    )


def _tile_problems(algorithm: str, hashes: list[bytes]) -> Iterator[str]:
    expected = merkle.append(algorithm, 0, hashes, lambda level, number: b"")
    stored = {
        (level, number): bytes(tile)
        for level, number, tile in Tile.objects.filter(algorithm=algorithm).values_list("level", "number", "hashes")
    }
    for level, number in sorted(expected.keys() | stored.keys()):
        if expected.get((level, number)) != stored.get((level, number)):
            yield f"{algorithm} 瓦片 {level}/{number} 与存证内容不一致"


def _head_problems(leaves: dict[str, list[bytes]]) -> Iterator[str]:
    readers = {algorithm: merkle.from_leaves(algorithm, hashes) for algorithm, hashes in leaves.items()}
    count = len(leaves["sha256"])
    head = Head.objects.filter(one=True).first() or Head()
    if head.size != count:
        yield f"日志头为 {head.size} 条，实有 {count} 条"
    elif count and any(
        bytes(getattr(head, f"root_{algorithm}")) != merkle.root_at(algorithm, count, hash_at)
        for algorithm, hash_at in readers.items()
    ):
        yield f"日志头的根与 {count} 条内容不一致"
    for checkpoint in Checkpoint.objects.order_by("size"):
        if checkpoint.size > count:
            yield f"已签发 {checkpoint.size} 条处的日志头，实有 {count} 条"
            continue
        told = Head(
            size=checkpoint.size,
            root_sha256=merkle.root_at("sha256", checkpoint.size, readers["sha256"]),
            root_sm3=merkle.root_at("sm3", checkpoint.size, readers["sm3"]),
        )
        if not publishing.is_ours(checkpoint, told):
            yield f"{checkpoint.size} 条处的日志头签名无效或根不一致"
        if not publishing.is_cosigned(checkpoint):
            yield f"{checkpoint.size} 条处的见证签名无效"


def _waiting_problems() -> Iterator[str]:
    unplaced = set(Entry.objects.filter(leaf=None).values_list("pk", flat=True))
    waiting = set(Pending.objects.values_list("pk", flat=True))
    for pk in sorted(unplaced - waiting):
        yield f"记录 {pk} 没有位次，也不在待定序之列"
    for pk in sorted(waiting - unplaced):
        yield f"待定序记录 {pk} 不存在或已有位次"
