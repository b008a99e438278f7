"""Sealed bids (投标): until opening these tables tell neither who bids, nor on which lot, nor how many."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gongheng.kernel.sealed_field import SealedTextField
from gongheng.people.parties.models import Organisation
from gongheng.trading.projects.models import Lot


class TrusteeKey(models.Model):
    """The key pair that one trustee made for one lot; the private half never leaves the trustee."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="trustee_keys")
    index = models.PositiveSmallIntegerField()  # 1 centre, 2 supervisor, 3 notary
    trustee = models.CharField(max_length=20)
    kid = models.CharField(max_length=22, unique=True)
    public_key = models.BinaryField()
    signature = models.BinaryField()  # by the trustee's identity key
    enrolled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "index"], name="one_key_per_trustee_and_lot"),
            models.CheckConstraint(condition=models.Q(index__in=[1, 2, 3]), name="there_are_three_trustees"),
        ]


class Upload(models.Model):
    """A container on its way in; its manifest names the lot and is stored under the lot's phase key.

    The other columns are what the last act needs: everything slow was checked when the upload began.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    manifest_sealed = models.BinaryField()
    digest = models.BinaryField()  # D
    otk_public = models.BinaryField()  # the container's one-time key, 65 bytes
    parts_wanted = models.PositiveIntegerField()
    parts_mark = models.BinaryField()  # keyed digest of the part roots: a copied container is refused
    fit = models.BinaryField()  # keyed digest of lot and version of the tender document it was made for
    started_at = models.DateTimeField()


class Part(models.Model):
    """One uploaded part of at most 1 MiB of sealed chunks; stored under a random name."""

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="parts")
    envelope = models.CharField(max_length=2)
    number = models.PositiveIntegerField()
    object_name = models.UUIDField(default=uuid.uuid4)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "envelope", "number"], name="a_part_is_stored_once")]


class Seal(models.Model):
    """A container handed in before the deadline (封标). There is no owner column, on purpose."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot_blind = models.BinaryField(db_index=True)  # HMAC-SM3(index key, lot)
    digest = models.BinaryField(unique=True)  # D
    upload = models.OneToOneField(Upload, models.PROTECT)
    parts_mark = models.BinaryField(unique=True)  # keyed digest of the part roots: a copied container is refused
    sealed_at = models.DateTimeField()
    superseded_by = models.BinaryField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    entry_id = models.BigIntegerField()  # its opaque evidence entry


class ShareCheck(models.Model):
    """A trustee's word that its share of a container is sound (兜底份额校验)."""

    digest = models.BinaryField(db_index=True)
    trustee = models.CharField(max_length=20)
    is_sound = models.BooleanField()
    signature = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["digest", "trustee"], name="one_check_per_trustee")]


class Cover(models.Model):
    """A container that a trustee struck after the close as its own cover (掩护件)."""

    digest = models.BinaryField(primary_key=True)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="covers")
    trustee = models.CharField(max_length=20)
    signature = models.BinaryField()  # by the container's one-time key
    struck_at = models.DateTimeField()


class CoverReport(models.Model):
    """A trustee's word that all its covers of a lot are struck (掩护件声明完毕)."""

    lot = models.ForeignKey(Lot, models.PROTECT, related_name="cover_reports")
    trustee = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lot", "trustee"], name="one_cover_report_per_trustee")]


class Bid(models.Model):
    """A bid as known from its opening on (投标)."""

    class State(models.TextChoices):
        SEALED = "sealed", "待解密"
        OPENED = "opened", "已开启"
        SUPERSEDED = "superseded", "已被后一份替代"
        MALFORMED = "malformed", "无法开启"
        LAPSED = "lapsed", "未解密（视为撤销）"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="bids")
    digest = models.BinaryField(unique=True)
    position = models.BigIntegerField()  # of its seal in the log
    sealed_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State)
    way = models.CharField(max_length=10, blank=True)  # own | fallback
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="bids")
    bidder_name = models.CharField(max_length=200, blank=True)
    uscc = models.CharField(max_length=18, blank=True)
    contact = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    total = models.DecimalField(max_digits=20, decimal_places=2, null=True)  # 元
    duration_days = models.PositiveIntegerField(null=True)
    quality = models.CharField(max_length=200, blank=True)
    manager = models.CharField(max_length=40, blank=True)
    hall_nonce = models.BinaryField(null=True)
    device = SealedTextField(null=True)  # [[kind, value]]: what the client said of its machine; null: nothing
    problem = models.CharField(max_length=300, blank=True)
    opened_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="opened") | models.Q(total__isnull=False, organisation__isnull=False),
                name="opened_bid_has_bidder_and_price",
            ),
            models.UniqueConstraint(
                fields=["lot", "organisation"], condition=models.Q(state="opened"), name="one_opened_bid_per_bidder"
            ),
        ]

    def __str__(self) -> str:
        return self.bidder_name


class BidFile(models.Model):
    """A file that was inside an opened envelope E1 or E2."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="files")
    envelope = models.CharField(max_length=2)
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    digest = models.CharField(max_length=43)  # in the file store
    kind = models.CharField(max_length=10)  # unknown until inspected, then pdf docx xlsx png jpeg text other
    pages = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)  # why it cannot be read
    flags = ArrayField(models.CharField(max_length=20), default=list)

    class Meta:
        ordering = ["envelope", "number"]
        constraints = [models.UniqueConstraint(fields=["bid", "envelope", "number"], name="bid_files_are_numbered")]
