"""Signatures on legal acts and documents, kept with all that is needed to check them again (签名)."""

import uuid

from django.db import models

from gongheng.trust.certificates.models import Certificate


class Nonce(models.Model):
    """A challenge that was used up; it names nobody, so a dump does not tell who was at work."""

    digest = models.BinaryField(primary_key=True)
    used_at = models.DateTimeField()


class Signature(models.Model):
    """A signature over a legal act: the canonical act, the 64-byte r‖s and the certificate."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=80, db_index=True)
    act = models.BinaryField()  # canonical JSON that was signed
    value = models.BinaryField()  # 64 bytes
    certificate = models.ForeignKey(Certificate, models.PROTECT)
    signer = models.CharField(max_length=40)  # pseudonymous person id
    signed_at = models.DateTimeField()
