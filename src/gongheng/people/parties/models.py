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


class Control(models.Model):
    """One organisation holds or manages another (控股、管理关系); both may be unregistered here."""

    class Kind(models.TextChoices):
        HOLDING = "holding", "控股"
        MANAGEMENT = "management", "管理"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upper_uscc = models.CharField(max_length=18)
    upper_name = models.CharField(max_length=200)
    lower_uscc = models.CharField(max_length=18)
    lower_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    declared_by = models.ForeignKey(Organisation, models.PROTECT, related_name="declared_controls")
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["upper_uscc", "lower_uscc"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["holding", "management"]), name="control_has_known_kind"
            ),
            models.CheckConstraint(
                condition=~models.Q(upper_uscc=models.F("lower_uscc")), name="no_organisation_controls_itself"
            ),
            models.UniqueConstraint(
                fields=["upper_uscc", "lower_uscc", "kind"], condition=models.Q(ended_at=None),
                name="a_standing_control_is_told_once",
            ),
        ]


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
