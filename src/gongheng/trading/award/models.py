"""From the report to the winner: candidates, their publicity, objections, the decision (候选人公示与定标)."""

import uuid

from django.db import models

from gongheng.people.parties.models import Organisation
from gongheng.trading.bids.models import Bid
from gongheng.trading.notices.models import Notice
from gongheng.trading.projects.models import Hold, Lot
from gongheng.trust.documents.models import Document


class Publicity(models.Model):
    """The publicity of the candidates (中标候选人公示), at least three days (条例54)."""

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="publicity")
    starts_at = models.DateTimeField()
    notice = models.OneToOneField(Notice, models.PROTECT, related_name="+")


class Candidate(models.Model):
    """A recommended candidate (中标候选人), at most three, ranked (条例53)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="candidates")
    rank = models.PositiveSmallIntegerField()
    bid = models.OneToOneField(Bid, models.PROTECT, related_name="candidacy")
    technical = models.DecimalField(max_digits=6, decimal_places=2)
    price_score = models.DecimalField(max_digits=6, decimal_places=2)
    total = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["lot", "rank"], name="candidates_of_a_lot_are_ranked"),
            models.CheckConstraint(
                condition=models.Q(rank__gte=1, rank__lte=3), name="there_are_at_most_three_candidates"
            ),
        ]


class ResultObjection(models.Model):
    """An objection to the result during the publicity (对评标结果的异议); it holds the lot until answered."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="result_objections")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    text = models.TextField()
    raised_at = models.DateTimeField()
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="+")
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)


class Award(models.Model):
    """The tenderer's decision (定标): the first-ranked candidate, or the next on a stated ground (条例55)."""

    class Ground(models.TextChoices):
        FIRST = "first", "排名第一的中标候选人"
        GAVE_UP = "gave_up", "前序候选人放弃中标"
        FORCE_MAJEURE = "force_majeure", "前序候选人因不可抗力不能履行合同"
        NO_BOND = "no_bond", "前序候选人未按要求提交履约保证金"
        ILLEGAL = "illegal", "前序候选人被查实存在影响中标结果的违法行为"

    lot = models.OneToOneField(Lot, models.PROTECT, related_name="award")
    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="award")
    ground = models.CharField(max_length=14, choices=Ground, default=Ground.FIRST)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()
    award_notice = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    noticed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ground="first") | ~models.Q(reason=""), name="passing_over_a_candidate_has_a_reason"
            )
        ]
