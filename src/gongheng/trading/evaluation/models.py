"""An evaluation committee at work: who sits where, marks, sheets, votes and signatures (评标)."""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedTextField
from gongheng.people.experts.models import Expert
from gongheng.places.access.models import Visit
from gongheng.places.venues.models import Centre, Seat
from gongheng.trading.bids.models import Bid
from gongheng.trading.evaluation.lifecycle import EVALUATION, State
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Moved


class Evaluation(Moved):
    """The evaluation of one lot by one committee; after a postponement another attempt (次) begins from zero."""

    lifecycle = EVALUATION

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="evaluations")
    attempt = models.PositiveSmallIntegerField(default=1)
    leader = models.ForeignKey("Member", models.PROTECT, null=True, related_name="+")
    ballot_round = models.PositiveSmallIntegerField(default=1)
    opinion = models.TextField(blank=True)  # the committee's words in the report
    report = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    result = models.JSONField(null=True)  # canonical strings: everything the report's figures follow from
    started_at = models.DateTimeField()
    reported_at = models.DateTimeField(null=True)
    sign_by = models.DateTimeField(null=True)  # later than two hours after the report by the time an incident took
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="evaluation_has_known_state"),
            models.UniqueConstraint(fields=["lot", "attempt"], name="attempts_of_an_evaluation_are_numbered"),
            models.UniqueConstraint(
                fields=["lot"], condition=~models.Q(state="dissolved"), name="one_live_evaluation_per_lot"
            ),
        ]


class Member(models.Model):
    """A committee member who checked in at a seat (评委签到)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="members")
    expert = models.ForeignKey(Expert, models.PROTECT, related_name="+")
    pid = models.CharField(max_length=43)  # the pseudonym of the draw; evidence entries know only this
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")
    seat = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()  # 评委1 … in order of check-in
    checked_in_at = models.DateTimeField()
    # Digest of the login session that the seat's device vouched for; null = the seat has no program, he typed its code.
    device_session = models.BinaryField(max_length=32, null=True)
    promised_at = models.DateTimeField(null=True)  # signed the promise that no ground for avoidance exists
    preliminary_locked_at = models.DateTimeField(null=True)
    technical_locked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "expert"], name="an_expert_sits_once"),
            models.UniqueConstraint(fields=["evaluation", "seat"], name="a_seat_holds_one_member"),
            models.UniqueConstraint(fields=["evaluation", "number"], name="members_are_numbered"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return f"评委{self.number}"


class Arrival(models.Model):
    """An expert who came to his venue, was identified there, and for whom a seat was drawn (到场)."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="arrivals")
    pid = models.CharField(max_length=43)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="+")
    seat = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+")  # drawn after the identity check
    arrived_at = models.DateTimeField()
    is_gone = models.BooleanField(default=False)  # stepped aside or was replaced: the seat is free again

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["evaluation", "pid"], condition=models.Q(is_gone=False), name="an_expert_arrives_once"
            ),
            models.UniqueConstraint(
                fields=["evaluation", "seat"], condition=models.Q(is_gone=False), name="a_seat_is_drawn_once"
            ),
        ]


class Presence(models.Model):
    """When a member's seat was last heard of (心跳), while he sits at it."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="presence")
    seen_at = models.DateTimeField()


class Draft(models.Model):
    """What a member typed into one field, revision by revision (草稿); the server's copy is the one that counts."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="drafts")
    form = models.CharField(max_length=60)  # "scores-<alias>" or "marks-<bid>"
    field = models.CharField(max_length=40)
    revision = models.PositiveIntegerField()
    window = models.CharField(max_length=40)  # which browser window wrote it
    text = SealedTextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "form", "field"], name="one_draft_per_field")]


class PageLog(models.Model):
    """How long each page beside one form lay open before a member (逐页阅看); sealed: page counts tell bids apart."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="page_logs")
    form = models.CharField(max_length=60)  # as in Draft
    seconds = SealedTextField()  # {"file-page": seconds}; page 0 for a file without pages
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "form"], name="one_page_log_per_form")]


class SealedWork(models.Model):
    """What a replaced member or a dissolved committee had entered (封存数据); void, kept, and readable by nobody."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="sealed_work")
    pid = models.CharField(max_length=43, blank=True)  # empty = the whole committee's
    body = SealedTextField()  # canonical JSON with a salt, so that its digest tells nothing
    digest = models.CharField(max_length=43)
    reason = models.CharField(max_length=300)
    sealed_at = models.DateTimeField()


class Ballot(models.Model):
    """A vote for the leader (推选组长)."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="ballots")
    round = models.PositiveSmallIntegerField()
    voter = models.ForeignKey(Member, models.PROTECT, related_name="+")
    choice = models.ForeignKey(Member, models.PROTECT, related_name="+")
    cast_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["voter", "round"], name="one_ballot_per_round")]


class Mark(models.Model):
    """A member's pass or fail on one item of one bid (初步评审意见); missing = not marked yet."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="marks")
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="+")
    item = models.CharField(max_length=10)
    passes = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "bid", "item"], name="one_mark_per_member_bid_item"),
            models.CheckConstraint(
                condition=models.Q(passes=True) | ~models.Q(reason=""), name="a_failing_mark_has_a_reason"
            ),
        ]


class Conclusion(models.Model):
    """What the committee concluded about one item of one bid (初步评审结论)."""

    #: The item that no member marks: the law itself rejects a price above the ceiling (条例51).
    CEILING = "CEILING"

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="conclusions")
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="conclusions")
    item = models.CharField(max_length=10)
    passes = models.BooleanField()
    against = models.PositiveSmallIntegerField()
    reasons = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "bid", "item"], name="one_conclusion_per_bid_and_item")
        ]


class CompetitionVote(models.Model):
    """A member's word on whether fewer than three valid bids still compete (竞争性判断)."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="competition_vote")
    competes = models.BooleanField()
    reason = models.CharField(max_length=500)


class Alias(models.Model):
    """Under which name a member sees a bid's technical file (暗标编号); which bid it is stays sealed."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="aliases")
    label = models.CharField(max_length=4)  # 甲 乙 丙 …
    bid_sealed = SealedTextField()  # bid id; the column key is outside the database
    comment = models.CharField(max_length=500, blank=True)  # 评审意见

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "label"], name="aliases_of_a_member_differ")]


class Score(models.Model):
    """A member's points for one factor under one alias, saved as typed (技术评分草稿与终稿)."""

    alias = models.ForeignKey(Alias, models.PROTECT, related_name="scores")
    factor = models.CharField(max_length=10)
    points = models.DecimalField(max_digits=5, decimal_places=2)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["alias", "factor"], name="one_score_per_alias_and_factor")]


class DeviationReason(models.Model):
    """Why a member's total lies far from the others' (评分偏差说明)."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="deviation_reasons")
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "bid"], name="one_reason_per_member_and_bid")]


class ReportSignature(models.Model):
    """A member's signature under the report, or the written dissent (签署或保留意见, 条例53)."""

    member = models.OneToOneField(Member, models.PROTECT, related_name="report_signature")
    agrees = models.BooleanField()
    dissent = models.TextField(blank=True)
    is_deemed = models.BooleanField(default=False)  # neither signed nor dissented in time: 视为同意
    signed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(agrees=True) | ~models.Q(dissent=""), name="dissent_is_written_down"
            )
        ]
