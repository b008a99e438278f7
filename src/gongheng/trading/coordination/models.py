"""Which venues evaluate a lot, and when: one main venue, one or more sub venues (主场与副场)."""

import uuid

from django.db import models

from gongheng.places.venues.models import Centre
from gongheng.trading.coordination.lifecycle import OFFER, ORDER, OfferState, OrderState
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.models import Moved


class VenueOrder(Moved):
    """An order for seats at a main venue and sub venues for one session (要约单)."""

    lifecycle = ORDER

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="venue_orders")
    number = models.CharField(max_length=20, unique=True)  # SQyyyymmddNNNNNN
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    contact = models.CharField(max_length=40)
    phone = models.CharField(max_length=20)
    requested_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OrderState.values), name="venue_order_has_known_state"),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="session_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["lot"], condition=models.Q(state__in=["requested", "offered", "confirmed"]),
                name="one_live_venue_order_per_lot",
            ),
        ]


class Offer(Moved):
    """What one centre is asked for (要约): so many seats; answered by exactly so many, or refused."""

    lifecycle = OFFER

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(VenueOrder, models.PROTECT, related_name="offers")
    centre = models.ForeignKey(Centre, models.PROTECT, related_name="offers")
    is_main = models.BooleanField()
    seats_wanted = models.PositiveSmallIntegerField()
    confirm_by = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of a refusal

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=OfferState.values), name="offer_has_known_state"),
            models.UniqueConstraint(fields=["order", "centre"], name="a_centre_is_asked_once_per_order"),
            models.UniqueConstraint(
                fields=["order"], condition=models.Q(is_main=True), name="an_order_has_one_main_venue"
            ),
        ]

    def lot_in_question(self):
        return self.order.lot
