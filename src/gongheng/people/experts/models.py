"""The pool of evaluation experts (评标专家库)."""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedBinaryField, SealedTextField
from gongheng.people.experts.lifecycle import EXPERT, ExpertState
from gongheng.people.identity.models import Person
from gongheng.trust.evidence.models import Moved


class Specialty(models.Model):
    """A node of 《评标专家专业分类标准》: letter + up to three levels, 3 to 7 characters."""

    code = models.CharField(primary_key=True, max_length=7)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True)


class OutsidePool(models.Model):
    """A pool kept elsewhere whose experts come in by signed batches (外部专家库)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    public_key = models.BinaryField()  # SM2, 65 bytes
    registered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class Expert(Moved):
    """A person in the pool; who he is never appears in an entry or a document before the award."""

    State = ExpertState
    lifecycle = EXPERT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, models.PROTECT, related_name="expert")
    citizen_id = SealedTextField()
    region = models.CharField(max_length=6)  # GB/T 2260 of the place where the expert lives
    employer_uscc = models.CharField(max_length=18, db_index=True)
    employer_name = models.CharField(max_length=200)
    title = models.CharField(max_length=30)  # 职称
    years = models.PositiveSmallIntegerField()  # 从业年限, at least 8 (法37)
    state = models.CharField(max_length=20, choices=ExpertState, default=ExpertState.IN_POOL)
    entered_at = models.DateTimeField()
    suspended_until = models.DateTimeField(null=True)
    pool = models.ForeignKey(OutsidePool, models.PROTECT, null=True, related_name="experts")
    outside_id = models.CharField(max_length=64, blank=True, default="")  # how the outside pool knows him

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ExpertState.values), name="expert_has_known_state"),
            models.UniqueConstraint(
                fields=["pool", "outside_id"], condition=models.Q(pool__isnull=False),
                name="an_outside_pool_names_an_expert_once",
            ),
        ]


class Practice(models.Model):
    """A specialty in which an expert evaluates (参评专业)."""

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="practices")
    specialty = models.ForeignKey(Specialty, models.PROTECT)
    is_main = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["expert", "specialty"], name="one_practice_per_specialty")]


class PastEmployment(models.Model):
    """An employer of the last years, a ground for avoidance for three years (12号令12条)."""

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="past_employments")
    employer_uscc = models.CharField(max_length=18)
    ended_on = models.DateField()


class Tie(models.Model):
    """Another relation to an organisation that stands in the way of judging it (利害关系)."""

    class Kind(models.TextChoices):
        DIRECTOR = "director", "董事、监事"
        OWNER = "owner", "控股股东或实际控制人"
        RELATIVE = "relative", "主要负责人的近亲属"
        ECONOMIC = "economic", "其他经济利益"
        PUNISHED = "punished", "曾在其项目中因违法行为受处罚"

    expert = models.ForeignKey(Expert, models.CASCADE, related_name="ties")
    uscc = models.CharField(max_length=18)
    kind = models.CharField(max_length=10, choices=Kind)
    recorded_at = models.DateTimeField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["director", "owner", "relative", "economic", "punished"]),
                name="tie_has_known_kind",
            ),
            models.UniqueConstraint(fields=["expert", "uscc", "kind"], name="a_tie_is_told_once"),
        ]


class Leave(models.Model):
    """Days on which an expert is not to be drawn, entered by himself (请假)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    expert = models.ForeignKey(Expert, models.CASCADE, related_name="leaves")
    first_day = models.DateField()
    last_day = models.DateField()
    entered_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-first_day"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_day__gte=models.F("first_day")), name="leave_ends_after_it_begins"
            )
        ]


class Batch(models.Model):
    """A signed delivery of an outside pool (导入批次): looked at first when uploaded, taken once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pool = models.ForeignKey(OutsidePool, models.PROTECT, related_name="batches")
    number = models.CharField(max_length=64)  # the outside pool's own
    digest = models.CharField(max_length=43)
    body = SealedBinaryField(null=True)  # the signed message while it waits for confirmation, then gone
    received_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    result = models.JSONField(null=True)  # {created, updated, unchanged, removed, refused: [{id, rule, message}]}

    class Meta:
        ordering = ["-received_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["pool", "number"], condition=models.Q(taken_at__isnull=False), name="a_batch_is_taken_once"
            )
        ]
