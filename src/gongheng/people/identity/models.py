"""People and the certificates they sign in with (人员与身份)."""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedTextField
from gongheng.trust.certificates.models import Certificate


class Person(models.Model):
    """A natural person; entries of the log know only the id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = SealedTextField()
    phone = SealedTextField()
    registered_at = models.DateTimeField()
    disabled_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Binding(models.Model):
    """A certificate bound to a person (证书绑定)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="bindings")
    certificate = models.OneToOneField(Certificate, models.PROTECT, related_name="binding")
    bound_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class EndedSession(models.Model):
    """A session that was signed out before it expired; only its digest, naming nobody."""

    digest = models.BinaryField(primary_key=True)
    ended_at = models.DateTimeField()
