"""Who may be where in the evaluation area of a centre, and who passed which gate (智能门禁)."""

import uuid

from django.db import models

from gongheng.places.access.lifecycle import VISIT, VisitState
from gongheng.places.access.rules import Alarm, Result
from gongheng.places.venues.models import Centre
from gongheng.trust.evidence.models import Moved


class Visit(Moved):
    """One person's permit for one occasion: identity check, zones, window, locker of the phone (准入许可)."""

    lifecycle = VISIT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="visits")
    reference = models.UUIDField(db_index=True)  # the occasion, as the caller names it
    subject = models.CharField(max_length=43)  # pseudonym given by the caller; no name is kept here
    label = models.CharField(max_length=20)  # 专家 工作人员
    permit = models.CharField(max_length=43, unique=True)  # what the gate reads; random
    zones = models.JSONField()
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Result])
    score = models.PositiveIntegerField(null=True)  # 0 to 10000; None = no comparison
    decision = models.CharField(max_length=200, blank=True)  # of the person who admitted or refused by hand
    locker = models.CharField(max_length=10, blank=True)  # where the phone lies
    checked_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=VisitState.values), name="visit_has_known_state"),
            models.CheckConstraint(
                condition=models.Q(state="checking") | models.Q(result="PASS") | ~models.Q(decision=""),
                name="what_no_machine_passed_a_person_decided",
            ),
            models.UniqueConstraint(
                fields=["centre", "locker"], condition=models.Q(state="admitted") & ~models.Q(locker=""),
                name="a_locker_holds_one_phone",
            ),
        ]


class GateKey(models.Model):
    """One gate's right to report (门禁密钥); the key itself is derived from this row's id and kept nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="gate_keys")
    gate = models.CharField(max_length=20)
    enrolled_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["revoked_at", "gate"]
        constraints = [
            models.UniqueConstraint(
                fields=["centre", "gate"], condition=models.Q(revoked_at=None), name="a_gate_has_one_live_key"
            )
        ]


class Passage(models.Model):
    """One event of one gate (通行记录); ``number`` is the gate's own, so that a resent event counts once."""

    centre = models.ForeignKey(Centre, models.PROTECT, related_name="passages")
    gate = models.CharField(max_length=20)
    number = models.CharField(max_length=40)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="passages")
    zone = models.CharField(max_length=20)
    is_inward = models.BooleanField()
    passed_at = models.DateTimeField()
    alarm = models.CharField(max_length=20, blank=True, choices=[(one.value, one.value) for one in Alarm])

    class Meta:
        ordering = ["passed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["centre", "gate", "number"], name="an_event_of_a_gate_counts_once")
        ]
