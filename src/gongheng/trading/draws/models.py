"""A draw of evaluation experts, what its parties contributed, and whom its lists came to (专家抽取).

Nothing here names an expert: rows hold pseudonyms that only a key outside the database resolves.
"""

import uuid

from django.db import models

from gongheng.kernel.sealed_field import SealedTextField
from gongheng.places.venues.models import Centre
from gongheng.trading.coordination.models import VenueOrder
from gongheng.trading.draws.lifecycle import CALL, DRAW, PICK, CallState, DrawState, PickState
from gongheng.trading.draws.rules import NAMING_REASONS
from gongheng.trading.projects.models import Lot
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Entry, Moved


class Draw(Moved):
    """One attempt (次) at drawing the committee of a lot."""

    class Kind(models.TextChoices):
        APPOINTMENT = "appointment", "预约抽取"
        URGENT = "urgent", "紧急抽取"

    lifecycle = DRAW

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="draws")
    attempt = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.APPOINTMENT)
    venue_order = models.ForeignKey(VenueOrder, models.PROTECT, related_name="draws")
    order = models.JSONField()  # 抽取申请, canonical JSON: parties, strata, organisations to avoid, reason of a redraw
    order_digest = models.CharField(max_length=43)
    ordered_at = models.DateTimeField()
    pool_root = models.CharField(max_length=43, blank=True)
    pool_count = models.PositiveIntegerField(null=True)
    pool_file = models.CharField(max_length=43, blank=True)  # the snapshot in the store, encrypted
    eligible_file = models.CharField(max_length=43, blank=True, default="")  # who is eligible of it, encrypted
    key_digest = models.CharField(max_length=43, blank=True)
    rules_digest = models.CharField(max_length=43, blank=True)
    avoided = models.JSONField(null=True)  # {token or pid: ground}, bidders included once they are known
    kept_out = models.JSONField(null=True)  # {stratum: {ground: how many}}
    consent = models.CharField(max_length=300, blank=True, default="")  # the supervisor's reason for an urgent draw
    eligible = models.JSONField(null=True)  # {stratum: [how many, digest of their pids]}
    reveal_by = models.DateTimeField(null=True)
    seed = models.BinaryField(null=True)
    lists = models.JSONField(null=True)  # {stratum: [[pid, token of the employer], …]} in drawn order
    drawn_at = models.DateTimeField(null=True)
    record = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(max_length=300, blank=True)  # of an abort or a voidance

    class Meta:
        ordering = ["lot", "attempt"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=DrawState.values), name="draw_has_known_state"),
            models.UniqueConstraint(fields=["lot", "attempt"], name="attempts_of_a_draw_are_numbered"),
            models.UniqueConstraint(
                fields=["lot"], condition=~models.Q(state__in=["aborted", "void"]), name="one_live_draw_per_lot"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["ordered", "aborted"]) | ~models.Q(pool_root=""),
                name="approved_draw_has_fixed_pool",
            ),
        ]

    @property
    def seats(self) -> int:
        return sum(stratum["seats"] for stratum in self.order["strata"])


class NamedPerson(models.Model):
    """A person whom the host asked to keep out of a draw, with the reason (招标人提出回避的人员).

    Read by host and supervisor; neither learns whether the pool has such a person.
    """

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="named")
    uscc = models.CharField(max_length=18)  # of the employer
    name = SealedTextField()
    reason = models.CharField(max_length=1)  # a key of rules.NAMING_REASONS
    explanation = SealedTextField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=list(NAMING_REASONS)), name="a_person_is_named_for_a_known_reason"
            )
        ]

    @property
    def ground(self) -> str:
        return "STAFF" if self.reason == "1" else "NAMED"


class Contribution(models.Model):
    """What one party gave to the joint seed, phase by phase (随机贡献)."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="contributions")
    party = models.PositiveSmallIntegerField()  # 1 centre, 2 supervisor, 3 host
    person = models.CharField(max_length=40)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="+")
    enc_public = models.BinaryField()  # to which the others wrap their shares
    commit = models.CharField(max_length=43)
    committed_at = models.DateTimeField()
    commit_entry = models.ForeignKey(Entry, models.PROTECT, related_name="+")
    points = models.JSONField(null=True)  # {"points": [b64, …], "shares": {receiver: b64}}
    acknowledged = models.JSONField(null=True)  # numbers of the parties whose share was good
    number = models.CharField(max_length=43, blank=True)  # r_j, once revealed or rebuilt
    is_rebuilt = models.BooleanField(default=False)
    rebuilding = models.JSONField(null=True)  # {silent party: share} that this party handed over
    messages = models.JSONField(default=dict)  # phase -> {"message", "signature"}, as sent

    class Meta:
        ordering = ["party"]
        constraints = [models.UniqueConstraint(fields=["draw", "party"], name="a_party_contributes_once_per_draw")]


class Pick(Moved):
    """A place in a list that was reached (抽中): invited, or passed over for a stated cause."""

    lifecycle = PICK

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draw = models.ForeignKey(Draw, models.PROTECT, related_name="picks")
    stratum = models.CharField(max_length=20)
    rank = models.PositiveIntegerField()  # place in the stratum's list, from 1
    pid = models.CharField(max_length=43, db_index=True)
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="+")  # the venue of the seat
    employer = models.CharField(max_length=43)  # token
    # The expert's id, sealed anew in every row: a dump links no two seats, while calls and the caps can be kept.
    expert = SealedTextField(null=True)
    cause = models.CharField(max_length=100, blank=True)
    invited_at = models.DateTimeField(null=True)
    answer_by = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["draw", "stratum", "rank"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=PickState.values), name="pick_has_known_state"),
            models.UniqueConstraint(fields=["draw", "stratum", "rank"], name="a_place_in_a_list_is_reached_once"),
            models.UniqueConstraint(
                fields=["draw", "pid"], condition=models.Q(state__in=["invited", "accepted"]),
                name="an_expert_holds_one_seat",
            ),
        ]

    def lot_in_question(self):
        return self.draw.lot


class Call(Moved):
    """One call to a drawn expert (语音通知), with what the carrier says about it."""

    lifecycle = CALL

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    pick = models.ForeignKey(Pick, models.PROTECT, related_name="calls")
    number = models.PositiveSmallIntegerField()  # 1 to rules.CALLS
    look_at = models.DateTimeField()  # when to dial, then when to ask how it went
    carrier_id = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=20, blank=True, default="")
    digest = models.CharField(max_length=43, blank=True, default="")  # of the carrier's events, keys pressed included

    class Meta:
        ordering = ["pick", "number"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=CallState.values), name="call_has_known_state"),
            models.UniqueConstraint(fields=["pick", "number"], name="calls_to_an_expert_are_numbered"),
        ]

    def lot_in_question(self):
        return self.pick.draw.lot
