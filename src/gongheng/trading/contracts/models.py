"""The contract and the report to the supervisor (合同与书面报告)."""

import uuid

from django.db import models

from gongheng.trading.award.models import Award
from gongheng.trading.contracts.lifecycle import CONTRACT, State
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Moved


class Contract(Moved):
    """The contract between tenderer and winner (合同), data set 512; its terms are the bid's."""

    lifecycle = CONTRACT

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.OneToOneField(Lot, models.PROTECT, related_name="contract")
    award = models.OneToOneField(Award, models.PROTECT, related_name="contract")
    number = models.CharField(max_length=60, unique=True)
    price = models.DecimalField(max_digits=20, decimal_places=2)  # 元
    duration_days = models.PositiveIntegerField()
    quality = models.CharField(max_length=200)
    manager = models.CharField(max_length=40)
    performance_bond = models.DecimalField(max_digits=20, decimal_places=2)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")  # the text that both sign
    signed_document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")  # with both signatures
    tenderer_signed_at = models.DateTimeField(null=True)
    tenderer_signer = models.CharField(max_length=40, blank=True)
    tenderer_serial = models.CharField(max_length=40, blank=True)
    winner_signed_at = models.DateTimeField(null=True)
    winner_signer = models.CharField(max_length=40, blank=True)
    winner_serial = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="contract_has_known_state"),
            models.CheckConstraint(
                condition=~models.Q(state="concluded")
                | models.Q(tenderer_signed_at__isnull=False, winner_signed_at__isnull=False),
                name="concluded_contract_has_both_signatures",
            ),
        ]


class SupervisionReport(models.Model):
    """The written report on the tender to the supervising department (招标投标情况书面报告, T13)."""

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="supervision_report")
    summary = models.TextField()
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")
    due_at = models.DateTimeField()  # T13, with the holds that stopped it
    submitted_at = models.DateTimeField()
