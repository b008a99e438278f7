"""Certificates that people and organisations act with (数字证书)."""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedBinaryField, SealedTextField


class Certificate(models.Model):
    """A signing or encryption certificate as registered; a renewal adds a row, never overwrites."""

    class Usage(models.TextChoices):
        SIGN = "sign", "签名证书"
        ENC = "enc", "加密证书"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kid = models.CharField(max_length=22, unique=True)  # of the public key, crypto/labels
    serial = models.CharField(max_length=40)
    issuer = models.CharField(max_length=200)
    usage = models.CharField(max_length=4, choices=Usage)
    der = SealedBinaryField()  # carries the holder's name
    public_key = models.BinaryField()  # 65 bytes
    subject_name = SealedTextField()
    organisation_name = models.CharField(max_length=200, blank=True)
    uscc = models.CharField(max_length=18, blank=True, db_index=True)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "serial"], name="one_certificate_per_issuer_and_serial"),
            models.CheckConstraint(condition=models.Q(usage__in=["sign", "enc"]), name="certificate_has_known_usage"),
        ]
