"""A remote evaluation session: who runs it, what went wrong, what is handed over and paid after it (评标场次)."""

import uuid

from django.db import models

from gongheng.people.experts.models import Expert
from gongheng.places.venues.models import Centre
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.evaluation.models import Evaluation
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trading.sessions.lifecycle import (
    FEE,
    HAND_OVER,
    INCIDENT,
    SESSION,
    FeeState,
    HandOverState,
    IncidentState,
    SessionState,
)
from gongheng.trading.sessions.rules import HAND_OVER_ITEMS
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Moved


class Session(Moved):
    """One session of a lot at the venues of one confirmed order (评标场次); only its main venue runs it."""

    lifecycle = SESSION

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="sessions")
    order = models.OneToOneField(VenueOrder, models.PROTECT, related_name="session")
    evaluation = models.OneToOneField(Evaluation, models.PROTECT, null=True, related_name="session")
    room = models.UUIDField(null=True)  # reference of the meeting of the committee as it is now
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # ended, postponed or aborted

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=SessionState.values), name="session_has_known_state")
        ]


class Incident(Moved):
    """Something that disturbs a session (突发情况), from the first suspicion to its end."""

    class Cause(models.TextChoices):
        POWER = "POWER", "停电"
        NETWORK = "NETWORK", "网络中断"
        DEVICE = "DEVICE", "设备故障"
        SYSTEM = "SYSTEM", "系统故障"
        HEALTH = "HEALTH", "人员突发疾病"
        OTHER = "OTHER", "其他"

    lifecycle = INCIDENT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="incidents")
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")  # the venue where it happens
    cause = models.CharField(max_length=10, choices=Cause)
    description = models.CharField(max_length=500)
    is_before_start = models.BooleanField()
    reported_at = models.DateTimeField()
    degraded_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    limit_at = models.DateTimeField(null=True)  # until when one waits for the repair
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=500, blank=True)  # of the one who ended it
    paper = models.OneToOneField(Document, models.PROTECT, null=True, related_name="+")  # 处置决定书

    class Meta:
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=IncidentState.values), name="incident_has_known_state"),
            models.CheckConstraint(
                condition=~models.Q(state="paused") | models.Q(hold__isnull=False, limit_at__isnull=False),
                name="a_paused_incident_holds_the_lot_and_has_a_limit",
            ),
        ]

    def lot_in_question(self):
        return self.session.lot


class HandOver(Moved):
    """One kind of files that a sub venue hands to the main venue (资料移交)."""

    lifecycle = HAND_OVER

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="hand_overs")
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")  # the sub venue that hands over
    item = models.CharField(max_length=12, choices=list(HAND_OVER_ITEMS.items()))
    due_at = models.DateTimeField()
    contents = models.CharField(max_length=500, blank=True)  # what was handed over, how many pieces
    handed_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    remark = models.CharField(max_length=300, blank=True)  # why it was returned

    class Meta:
        ordering = ["centre", "item"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=HandOverState.values), name="files_have_known_state"),
            models.UniqueConstraint(fields=["session", "centre", "item"], name="each_kind_of_files_goes_over_once"),
        ]

    def lot_in_question(self):
        return self.session.lot


class Fee(Moved):
    """What one expert is paid for one session (专家劳务费)."""

    lifecycle = FEE

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="fees")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+")
    label = models.CharField(max_length=10)  # 评委N
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")  # the venue where he sat
    terms_of = models.ForeignKey(Centre, models.PROTECT, related_name="+")  # whose terms paid more
    since = models.DateTimeField()
    until = models.DateTimeField()
    hours = models.DecimalField(max_digits=5, decimal_places=1)
    base = models.DecimalField(max_digits=10, decimal_places=2)
    overtime = models.DecimalField(max_digits=10, decimal_places=2)
    remote = models.DecimalField(max_digits=10, decimal_places=2)
    total = models.DecimalField(max_digits=10, decimal_places=2)
    receipt = models.CharField(max_length=40, blank=True)  # the bank's
    problem = models.CharField(max_length=200, blank=True)  # why the bank did not pay
    paid_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["session", "label"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=FeeState.values), name="fee_has_known_state"),
            models.UniqueConstraint(fields=["session", "expert"], name="an_expert_is_paid_once_per_session"),
            models.CheckConstraint(
                condition=models.Q(total=models.F("base") + models.F("overtime") + models.F("remote")),
                name="a_fee_is_the_sum_of_its_parts",
            ),
        ]

    def lot_in_question(self):
        return self.session.lot
