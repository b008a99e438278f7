"""Which venues evaluate a lot, and when: one main venue, one or more sub venues (主场与副场)."""

import uuid

from django.db import models

from gongheng.places.venues.models import Centre
from gongheng.trading.coordination.lifecycle import OFFER, ORDER, OfferState, OrderKind, OrderState
from gongheng.trading.projects.models import Lot
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence.models import Moved


class VenueOrder(Moved):
    """An order for seats at a main venue and sub venues for one session (要约单), or to change or cancel one."""

    lifecycle = ORDER

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="venue_orders")
    kind = models.CharField(max_length=2, choices=OrderKind, default=OrderKind.VENUES)
    original = models.ForeignKey("self", models.PROTECT, null=True, related_name="changes")  # of a BG or QX
    reason = models.TextField(blank=True)  # of a BG or QX
    number = models.CharField(max_length=20, unique=True)  # SQ|BG|QX + yyyymmdd + NNNNNN
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    contact = models.CharField(max_length=40)
    phone = models.CharField(max_length=20)
    reroute_limit = models.PositiveSmallIntegerField(default=0)  # 0 = a sub venue that declines fails the order
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OrderState.values), name="venue_order_has_known_state"),
            models.CheckConstraint(condition=models.Q(kind__in=OrderKind.values), name="venue_order_has_known_kind"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="session_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=OrderKind.VENUES, original=None)
                | (~models.Q(kind=OrderKind.VENUES) & models.Q(original__isnull=False) & ~models.Q(reason="")),
                name="a_change_or_cancellation_names_its_original_and_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=OrderKind.CANCELLATION, state=OrderState.CONFIRMED),
                name="a_cancellation_never_gives_seats",
            ),
            models.UniqueConstraint(
                fields=["lot"], condition=models.Q(state=OrderState.CONFIRMED), name="one_confirmed_venue_order_per_lot"
            ),
            models.UniqueConstraint(
                fields=["lot"], condition=models.Q(state__in=["requested", "offered"]),
                name="one_pending_venue_order_per_lot",
            ),
        ]


class Offer(Moved):
    """What one centre is asked for (要约): so many seats; answered by exactly so many, or refused.

    A sub venue that declines leaves its order at once: whoever reads ``order.offers`` meets only
    venues that are in it, and the centre that left sees nothing of the session any more.
    """

    lifecycle = OFFER

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    asked_for = models.ForeignKey(VenueOrder, models.PROTECT, related_name="asked")
    order = models.ForeignKey(VenueOrder, models.PROTECT, null=True, related_name="offers")
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="offers")
    is_main = models.BooleanField()
    seats_wanted = models.PositiveSmallIntegerField()  # 0 = agree to a cancellation
    confirm_by = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of a refusal
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replacement")
    ranking = models.JSONField(default=list)  # what the published order looked at when it chose this centre
    kept_seats = models.JSONField(default=list)  # of a change: seats that the original holds until it takes effect

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OfferState.values), name="offer_has_known_state"),
            models.CheckConstraint(
                condition=models.Q(order__isnull=False, order=models.F("asked_for"))
                | models.Q(order=None, is_main=False, state__in=["refused", "expired"]),
                name="only_a_sub_venue_that_declined_leaves_its_order",
            ),
            models.UniqueConstraint(fields=["asked_for", "centre"], name="a_centre_is_asked_once_per_order"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(is_main=True), name="an_order_has_one_main_venue"
            ),
        ]

    def lot_in_question(self):
        return self.asked_for.lot


class MonthlyReport(models.Model):
    """The monthly report of offers as it was issued (要约统计月报); made again, it is a further row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    month = models.DateField()  # its first day
    document = models.OneToOneField(Document, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(month__day=1), name="a_report_is_of_a_whole_month"),
        ]
