"""Proofs that an outsider checks without us (存证证明): inclusion, consistency, a lot's whole log."""

import uuid

from gongheng.crypto import canonical, merkle
from gongheng.trust.evidence import publishing, tiles
from gongheng.trust.evidence.models import Checkpoint, Entry, Leaf
from gongheng.trust.evidence.queries import newest_checkpoint
from gongheng.trust.evidence.recording import phase_key, unblind


class NotYetProved(LookupError):
    """An entry has no position, or no cosigned head covers it yet; it will within seconds."""


def proof_of(entry: Entry, checkpoint: Checkpoint | None = None) -> dict | None:
    """Return the inclusion proof of an entry in both trees as JSON, None while no published head covers it.

    Without a chosen head it is the first cosigned one, whose witness time is the earliest, else
    the first published one. Paths are base64url hashes, leaf side first.
    """
    index = Leaf.objects.filter(entry=entry).values_list("index", flat=True).first()
    if index is None:
        return None
    if checkpoint is None:
        covering = Checkpoint.objects.filter(size__gt=index).order_by("size")
        checkpoint = covering.filter(cosigned_at__isnull=False).first() or covering.first()
    if checkpoint is None or checkpoint.size <= index:
        return None
    return {"v": 1} | _head(checkpoint) | _paths(entry, index, checkpoint.size, _readers())


def consistency(old: int, new: int) -> dict:
    """Return the proofs that the tree of size ``new`` continues the one of size ``old``."""
    readers = _readers()
    return {
        "old": old,
        "new": new,
        "proof": _texts(merkle.consistency_proof("sha256", old, new, readers["sha256"])),
        "proof_sm3": _texts(merkle.consistency_proof("sm3", old, new, readers["sm3"])),
    }


def export_lot(lot: uuid.UUID, *, reveal: bool = False) -> dict:
    """Return every entry of a lot with its proofs under one cosigned head, for the offline bundle.

    ``reveal`` adds the opaque entries of the lot's sealed phase with the salt and content they
    commit to; ask for it only after the opening. Raises NotYetProved.
    """
    entries = list(Entry.objects.filter(lot=lot).order_by("id"))
    revealed = _opaque_entries(lot) if reveal else {}
    entries += [entry for entry, _ in revealed.values()]
    positions = dict(Leaf.objects.filter(entry__in=entries).values_list("entry_id", "index"))
    checkpoint = newest_checkpoint(is_cosigned=publishing.is_witnessed())
    if len(positions) < len(entries):
        raise NotYetProved(f"{len(entries) - len(positions)} entries of the lot have no position yet")
    if checkpoint is None or any(index >= checkpoint.size for index in positions.values()):
        raise NotYetProved("no cosigned head covers the lot yet")
    readers = _readers()
    rows = [
        _paths(entry, positions[entry.pk], checkpoint.size, readers)
        | ({"reveal": revealed[entry.pk][1]} if entry.pk in revealed else {})
        for entry in sorted(entries, key=lambda entry: positions[entry.pk])
    ]
    return {"v": 1, "lot": str(lot), "policy": publishing.policy()} | _head(checkpoint) | {"entries": rows}


def _opaque_entries(lot: uuid.UUID) -> dict[int, tuple[Entry, dict]]:
    """Find a lot's opaque entries by trying its key on all: nothing else tells whose they are."""
    key, found = phase_key(lot), {}
    for entry in Entry.objects.filter(salt_sealed__isnull=False).iterator():
        opened = unblind(entry, key)
        if opened is not None:
            salt, hidden = opened
            found[entry.pk] = entry, {"salt": canonical.b64(salt), "hidden": hidden}
    return found


def _head(checkpoint: Checkpoint) -> dict:
    return {"checkpoint": publishing.cosigned_note(checkpoint), "checkpoint_sm3": checkpoint.note_sm3}


def _paths(entry: Entry, index: int, size: int, readers: dict[str, merkle.HashAt]) -> dict:
    return {
        "index": index,
        "entry": canonical.b64(bytes(entry.body)),
        "path": _texts(merkle.inclusion_proof("sha256", index, size, readers["sha256"])),
        "path_sm3": _texts(merkle.inclusion_proof("sm3", index, size, readers["sm3"])),
    }


def _readers() -> dict[str, merkle.HashAt]:
    return {algorithm: tiles.reader(algorithm) for algorithm in tiles.ALGORITHMS}


def _texts(hashes: list[bytes]) -> list[str]:
    return [canonical.b64(one) for one in hashes]
