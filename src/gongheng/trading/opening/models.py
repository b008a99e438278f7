"""An opening session, what was said in it, and who signed its record (开标)."""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedBinaryField
from gongheng.trading.bids.models import Bid
from gongheng.trading.opening.lifecycle import OPENING, State
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Moved


class Opening(Moved):
    """The opening of one lot."""

    lifecycle = OPENING

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.OneToOneField(Lot, models.PROTECT, related_name="opening")
    host = models.CharField(max_length=40)  # person id
    host_name = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    decrypt_until = models.DateTimeField()
    session_public = models.BinaryField()  # trustees encrypt released shares to it
    session_private = SealedBinaryField()
    coefficient = models.CharField(max_length=10, blank=True)  # percent, drawn in public
    platform_nonce = models.BinaryField(null=True)  # revealed with the coefficient
    reveal = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")  # salts of the sealed phase
    record = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    signed_record = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")  # with all signatures
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="opening_has_known_state")
        ]


class Secret(models.Model):
    """The secret number of one envelope, public proof from the opening on (信封密钥)."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="secrets")
    envelope = models.CharField(max_length=2)
    value = models.BinaryField()  # 32 bytes

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bid", "envelope"], name="one_secret_per_envelope")]


class FallbackRequest(models.Model):
    """A request that the trustees open a bid in the bidder's stead (兜底开启)."""

    class Ground(models.TextChoices):
        BIDDER = "on_bidder_request", "投标人申请"
        PLATFORM = "on_platform_fault", "平台故障"

    bid = models.OneToOneField(Bid, models.PROTECT, related_name="fallback_request")
    ground = models.CharField(max_length=20, choices=Ground)
    reason = models.CharField(max_length=300)
    proof = models.JSONField()  # that the asker holds the bid: {"otk_signature"} or {"salt"}; {} for a platform fault
    requested_at = models.DateTimeField()


class ReleasedShare(models.Model):
    """A trustee's shares of one bid, as it released them: encrypted to the session key, signed (份额释放)."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="released_shares")
    trustee = models.CharField(max_length=20)
    shares = models.JSONField()  # envelope → base64url of the SM2 ciphertext of 32 bytes
    signature = models.BinaryField()
    released_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bid", "trustee"], name="one_release_per_trustee")]


class Attendance(models.Model):
    """A bidder who signed in to the hall (签到)."""

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="attendances")
    organisation = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+")
    person_name = models.CharField(max_length=40)
    signed_in_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "organisation"], name="a_bidder_signs_in_once")]


class Objection(models.Model):
    """An objection raised on the spot and answered on the spot (开标异议, 条例44)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    opening = models.ForeignKey(Opening, models.PROTECT, related_name="objections")
    organisation = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+")
    text = models.TextField()
    raised_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)


class RecordSignature(models.Model):
    """A signature under the opening record (开标记录确认)."""

    opening = models.ForeignKey(Opening, models.PROTECT, related_name="signatures")
    person = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    organisation = models.ForeignKey("parties.Organisation", models.PROTECT, related_name="+")
    role = models.CharField(max_length=10)
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opening", "person"], name="a_person_signs_the_record_once")]
