"""Outside systems, what they called, and what is sent to them (外部系统、调用、回调)."""

import uuid

from django.db import models

from gongheng.crypto.exchange import HMAC_SM3, SM2
from gongheng.followers.exchange.lifecycle import OUTSIDE_SYSTEM, ROLES, Kind, SystemState
from gongheng.kernel.roles import Actor, Role
from gongheng.kernel.sealed_field import SealedBinaryField
from gongheng.people.parties.models import Organisation
from gongheng.trust.evidence.models import Moved


class OutsideSystem(Moved):
    """A system of one organisation that joins by the interface, with the key that proves its messages."""

    lifecycle = OUTSIDE_SYSTEM

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system_no = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="outside_systems")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    algorithm = models.CharField(max_length=10, choices=[(SM2, "SM2 签名"), (HMAC_SM3, "HMAC-SM3")])
    public_key = models.BinaryField(max_length=65, null=True)
    secret = SealedBinaryField(null=True)
    notify_origin = models.CharField(max_length=200, blank=True)  # scheme://host:port that the registrar checked
    notify_url = models.CharField(max_length=300, blank=True)  # below that origin; empty = no callbacks
    is_sandbox = models.BooleanField(default=False)
    registered_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=SystemState.values), name="outside_system_has_known_state"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="outside_system_has_known_kind"),
            models.CheckConstraint(
                condition=models.Q(algorithm=SM2, public_key__isnull=False, secret=None)
                | models.Q(algorithm=HMAC_SM3, public_key=None, secret__isnull=False),
                name="outside_system_has_the_key_of_its_algorithm",
            ),
        ]

    @property
    def key(self) -> bytes:
        """Return what proves its messages: the public key (SM2) or the shared secret (HMAC-SM3)."""
        return bytes(self.public_key if self.algorithm == SM2 else self.secret)

    @property
    def actor(self) -> Actor:
        """Return the system as it acts for its organisation."""
        roles = ROLES[Kind(self.kind)]
        role = next((one for one in roles if one in self.organisation.roles), Role.PUBLIC)
        return Actor(f"system-{self.system_no}", role, str(self.organisation_id), self.name)


class Nonce(models.Model):
    """A number that a system used once; forgotten when a message that carries it would be too old anyway."""

    system = models.ForeignKey(OutsideSystem, models.PROTECT, related_name="nonces")
    nonce = models.CharField(max_length=64)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "nonce"], name="a_nonce_is_used_once")]


class Call(models.Model):
    """A call that was answered (调用), with both proofs; its id never gets a second answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(OutsideSystem, models.PROTECT, related_name="calls")
    call_id = models.UUIDField()
    op = models.CharField(max_length=20)
    content = models.CharField(max_length=43)  # digest of operation and data: what a retry must equal
    request = SealedBinaryField()  # it may name a contact and a phone
    signature = models.BinaryField(max_length=64)
    reply = SealedBinaryField()
    reply_signature = models.BinaryField(max_length=64)
    rule = models.CharField(max_length=20, blank=True)  # of a refusal
    is_rehearsal = models.BooleanField()  # a sandbox's call: computed, then rolled back
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ["-answered_at"]
        constraints = [models.UniqueConstraint(fields=["system", "call_id"], name="a_call_is_answered_once")]


class Callback(models.Model):
    """Something that happened and that a system is told (回调) until it acknowledges; nothing personal in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(OutsideSystem, models.PROTECT, related_name="callbacks")
    event = models.CharField(max_length=20)
    data = models.JSONField()
    made_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)  # that failed
    problem = models.CharField(max_length=100, blank=True)  # of the last failed try
    delivered_at = models.DateTimeField(null=True)
    sent = models.BinaryField(null=True)  # the bytes that were acknowledged
    acknowledgement = models.BinaryField(null=True)  # empty where the receiver answered 2xx without a valid proof
    acknowledgement_signature = models.BinaryField(null=True)

    class Meta:
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["system", "made_at"], condition=models.Q(delivered_at=None), name="callback_to_send")
        ]
