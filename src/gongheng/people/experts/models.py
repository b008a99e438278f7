"""The pool of evaluation experts (评标专家库)."""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedTextField
from gongheng.people.identity.models import Person


class Specialty(models.Model):
    """A node of 《评标专家专业分类标准》: letter + up to three levels, 3 to 7 characters."""

    code = models.CharField(primary_key=True, max_length=7)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True)


class Expert(models.Model):
    """A person in the pool; who he is never appears in an entry or a document before the award."""

    class State(models.TextChoices):
        IN_POOL = "in_pool", "在库"
        SUSPENDED = "suspended", "暂停"
        REMOVED = "removed", "退出"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, models.PROTECT, related_name="expert")
    citizen_id = SealedTextField()
    region = models.CharField(max_length=6)  # GB/T 2260 of the place where the expert lives
    employer_uscc = models.CharField(max_length=18, db_index=True)
    employer_name = models.CharField(max_length=200)
    title = models.CharField(max_length=30)  # 职称
    years = models.PositiveSmallIntegerField()  # 从业年限, at least 8 (法37)
    state = models.CharField(max_length=10, choices=State, default=State.IN_POOL)
    entered_at = models.DateTimeField()


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
