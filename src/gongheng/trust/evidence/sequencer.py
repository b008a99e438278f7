"""The sequencer (定序器) gives committed entries their gapless positions and signs the grown trees.

The order is always: append, re-read, commit, sign, publish. A head is signed only after it is
durable, and nothing is appended to a head that is not signed yet; so a crash between any two
steps leaves either nothing or a head that the next start signs, never two heads of one size.
"""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from gongheng.crypto import canonical, merkle
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trust.evidence import publishing, tiles, witnessing
from gongheng.trust.evidence.models import Checkpoint, Entry, Head, Leaf, Pending
from gongheng.trust.evidence.publishing import LogDamaged
from gongheng.trust.evidence.recording import record

log = logging.getLogger("gongheng.sequencer")

BATCH = 1024
IDLE_SECONDS = 0.05
RETRY_SECONDS = 1.0
#: The verb of the entry that carries an SM3 checkpoint into the SHA-256 tree.
CHECKPOINT_VERB = "log.checkpoint"


def run(stop) -> None:
    """Work until ``stop`` (an Event) is set; raises LogDamaged when signing would fork the log.

    A second sequencer on the same database does no harm: the lock on the head row makes them
    take turns. A second database is what the guard against the witness is for.
    """
    with ThreadPoolExecutor(1, "witness") as pool:
        if not _guarded(stop):
            return
        cosigner = pool.submit(witnessing.run, stop)
        is_busy = True
        while not stop.is_set() and not cosigner.done():
            try:
                # An idle log is asked one cheap question; whatever a crash left unsigned was published before.
                is_busy = step() if is_busy or Pending.objects.exists() else False
            except (OperationalError, InterfaceError) as error:
                log.warning("the database is away: %s", type(error).__name__)
                connection.close()
                stop.wait(RETRY_SECONDS)
                # What comes back may be a restored backup.
                if not _guarded(stop):
                    break
                is_busy = True
                continue
            if not is_busy:
                stop.wait(IDLE_SECONDS)
        if cosigner.done():
            cosigner.result()


def step() -> bool:
    """Publish what an earlier crash left unsigned, append one batch, publish it; True if any was done."""
    late = publish()
    if not sequence():
        return late
    return publish()


def sequence(limit: int = BATCH) -> int:
    """Append waiting entries to both trees in one transaction and return how many.

    Raises LogDamaged when the stored head or tiles are not those that were signed.
    """
    with transaction.atomic():
        head = _locked_head()
        waiting = list(Pending.objects.order_by("entry_id").values_list("entry_id", flat=True)[:limit])
        if not waiting or not _is_signed(head):
            return 0
        bodies = dict(Entry.objects.filter(pk__in=waiting).values_list("pk", "body"))
        _place(head.size, waiting)
        for algorithm in tiles.ALGORITHMS:
            leaves = [merkle.leaf_hash(algorithm, bytes(bodies[pk])) for pk in waiting]
            tiles.append(algorithm, head.size, leaves)
            _grow(head, algorithm, head.size + len(waiting))
        head.size += len(waiting)
        head.save()
        return len(waiting)


def publish() -> bool:
    """Sign the committed head in both suites and store it; False when it is signed already.

    The SM3 checkpoint becomes an entry, so that the witnesses of the SHA-256 tree cover it too;
    not when the head tells of nothing but such an entry, or the log would feed itself for ever.
    """
    with transaction.atomic():
        head = _locked_head()
        if _is_signed(head):
            return False
        before = newest_size()
        note, note_sm3 = publishing.sign(head)
        now = settings.CLOCK.now()
        Checkpoint.objects.create(size=head.size, note=note, note_sm3=note_sm3, signed_at=now)
        # Opaque entries, which have no verb, count as news: Django's exclude keeps NULL.
        if Leaf.objects.filter(index__gte=before).exclude(entry__verb=CHECKPOINT_VERB).exists():
            facts = {"size": head.size, "root": canonical.b64(bytes(head.root_sm3)), "note": note_sm3}
            record(CHECKPOINT_VERB, "log", lot=None, actor=THE_CLOCK, at=now, facts=facts)
        return True


def newest_size() -> int:
    """Return the size of the newest published head, 0 before the first."""
    return Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0


def guard() -> None:
    """Refuse to go on after a restored backup: the witness has seen more, or other, than we hold.

    Raises LogDamaged; raises witnessing.WitnessAway while the witness does not answer, because
    nobody else can tell. Without a configured witness there is nothing to compare with.
    """
    seen = witnessing.newest()
    if seen is None:
        return
    head = Head.objects.filter(one=True).first() or Head()
    if head.size < seen.size:
        raise LogDamaged(
            f"本地日志只有 {head.size} 条，见证方已见证 {seen.size} 条：数据库可能由旧备份恢复，拒绝继续签名。"
        )
    if merkle.root_at("sha256", seen.size, tiles.reader("sha256")) != seen.root:
        raise LogDamaged(f"本地日志前 {seen.size} 条与见证方所见不一致，拒绝继续签名。")


def _guarded(stop) -> bool:
    told = False
    while not stop.is_set():
        try:
            guard()
            return True
        except (witnessing.WitnessAway, OperationalError, InterfaceError) as error:
            if not told:
                log.warning("nothing is signed before the witness and the database answer: %s", error)
                told = True
            connection.close()
            stop.wait(RETRY_SECONDS)
    return False


def _locked_head() -> Head:
    Head.objects.get_or_create(one=True)
    return Head.objects.select_for_update().get(one=True)


def _is_signed(head: Head) -> bool:
    """Say whether the newest published head is this one; LogDamaged when they contradict each other."""
    newest = Checkpoint.objects.order_by("-size").first()
    size = newest.size if newest else 0
    if size > head.size:
        raise LogDamaged(f"已签发的日志头有 {size} 条，数据库中的日志头只有 {head.size} 条，拒绝继续签名。")
    if newest is not None and size == head.size and not publishing.is_ours(newest, head):
        raise LogDamaged(f"数据库中 {size} 条处的日志头与已签发的不一致，拒绝继续签名。")
    return size == head.size


def _place(first: int, waiting: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO evidence_leaf (index, entry_id) "
            "SELECT %s + place - 1, id FROM unnest(%s::bigint[]) WITH ORDINALITY AS waiting (id, place)",
            [first, waiting],
        )
        cursor.execute("DELETE FROM evidence_pending WHERE entry_id = ANY(%s)", [waiting])


def _grow(head: Head, algorithm: str, size: int) -> None:
    """Derive the new root from the stored tiles and prove that it continues the signed one."""
    column = f"root_{algorithm}"
    hash_at = tiles.reader(algorithm)
    root = merkle.root_at(algorithm, size, hash_at)
    before = bytes(getattr(head, column)) or merkle.empty_root(algorithm)
    proof = merkle.consistency_proof(algorithm, head.size, size, hash_at)
    if not merkle.verify_consistency(algorithm, head.size, size, before, root, proof):
        raise LogDamaged(f"{algorithm} 树由 {head.size} 条增至 {size} 条时不一致，拒绝继续签名。")
    setattr(head, column, root)
