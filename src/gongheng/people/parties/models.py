"""Organisations and who acts for them in which role (交易主体)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.people.identity.models import Person
from gongheng.people.parties.lifecycle import ORGANISATION, State
from gongheng.trust.evidence.models import Moved


class Organisation(Moved):
    """A legal person known by its 统一社会信用代码."""

    lifecycle = ORGANISATION

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    uscc = models.CharField(max_length=18, unique=True)
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=6)
    roles = ArrayField(models.CharField(max_length=10))  # Role values it may act in
    legal_representative = models.CharField(max_length=20)
    address = models.CharField(max_length=300, blank=True)
    contact = models.CharField(max_length=20, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="organisation_has_known_state")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def role_names(self) -> str:
        return "、".join(ROLE_NAMES[Role(role)] for role in self.roles)


class Membership(models.Model):
    """A person who acts for an organisation in one role."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "role"],
                condition=models.Q(ended_at=None),
                name="one_open_membership_per_person_organisation_role",
            )
        ]
