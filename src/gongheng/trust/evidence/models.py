"""The evidence log (存证日志): entries, the tree over them, signed heads; security.md 4.c."""

from django.db import models

from gongheng.kernel.lifecycle import Lifecycle


class Entry(models.Model):
    """One thing that happened, written inside the transaction that did it; never changed.

    ``body`` is what the tree commits to: canonical JSON. In the sealed phase it is the opaque
    shape ``{"t":"c","h":…}`` and the query columns below stay empty, so that nothing tells a
    seal from a cover; ``salt_sealed`` then holds what will be revealed at opening, encrypted
    under the lot's phase key.
    """

    id = models.BigAutoField(primary_key=True)
    body = models.BinaryField()
    verb = models.CharField(max_length=60, null=True)
    subject = models.CharField(max_length=80, null=True)
    lot = models.UUIDField(null=True)
    actor = models.CharField(max_length=40, null=True)
    at = models.DateTimeField(null=True)
    salt_sealed = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["lot", "id"], name="entry_by_lot"),
            models.Index(fields=["subject", "id"], name="entry_by_subject"),
            models.Index(fields=["verb", "id"], name="entry_by_verb"),
        ]


class Pending(models.Model):
    """An entry that committed and awaits its position; filled by a trigger, emptied by the sequencer."""

    entry_id = models.BigIntegerField(primary_key=True)


class Leaf(models.Model):
    """The gapless position of an entry in the log (位次), given after commit."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="leaf")


class Tile(models.Model):
    """Up to 256 hashes of one level of one tree (C2SP tlog-tiles)."""

    algorithm = models.CharField(max_length=6)  # "sha256" | "sm3"
    level = models.PositiveSmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["algorithm", "level", "number"], name="one_tile_per_place"),
            models.CheckConstraint(
                condition=models.Q(algorithm__in=["sha256", "sm3"]), name="tile_has_known_algorithm"
            ),
        ]


class Head(models.Model):
    """How far the trees have grown; exactly one row, whose lock lets only one sequencer append."""

    one = models.BooleanField(primary_key=True, default=True)
    size = models.BigIntegerField(default=0)
    root_sha256 = models.BinaryField(default=b"")
    root_sm3 = models.BinaryField(default=b"")

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="log_has_one_head")]


class Checkpoint(models.Model):
    """A signed head that was published, with the witnesses' cosignatures gathered so far."""

    size = models.BigIntegerField(primary_key=True)
    note = models.TextField()  # the SHA-256 checkpoint, signed
    note_sm3 = models.TextField()
    signed_at = models.DateTimeField()
    cosignatures = models.JSONField(default=list)  # signature lines of the witness: the first and the latest
    cosigned_at = models.DateTimeField(null=True)  # the witness's own time in the latest line


class Cursor(models.Model):
    """How far a follower has read (游标); committed together with what its handler wrote."""

    follower = models.CharField(max_length=60, primary_key=True)
    position = models.BigIntegerField(default=0)  # index of the next leaf to handle


class Moved(models.Model):
    """What every thing with a lifecycle carries: its state, its clock and its last entry."""

    lifecycle: Lifecycle

    state = models.CharField(max_length=20)
    next_due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    last_entry = models.ForeignKey(Entry, models.PROTECT, null=True, editable=False, related_name="+")

    class Meta:
        abstract = True

    @property
    def state_label(self) -> str:
        return self.lifecycle.states(self.state).label

    def lot_in_question(self):
        """Return the lot whose lock and holds govern this thing; None outside a tender."""
        return getattr(self, "lot", None)
