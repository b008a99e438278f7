"""Seals and the close at the same instant: each bid is in the closing root or was refused, never between (D1)."""

import contextlib
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import THE_CLOCK
from gongheng.trading.bids import actions
from gongheng.trading.bids.models import Seal, Upload
from gongheng.trading.bids.tests.test_sealing import sealed_here
from gongheng.trading.projects.models import Lot
from gongheng.trust.evidence.models import Entry
from tools.bid import client

BIDS = 24
THREADS = 6


@dataclass
class RunningClock:
    """Legal time that runs, and reaches the deadline while the seals are under way."""

    start: datetime
    is_demonstration: bool = True

    def __post_init__(self):
        self.began = time.monotonic()

    def now(self) -> datetime:
        return self.start + timedelta(seconds=time.monotonic() - self.began)


@pytest.mark.django_db(transaction=True)
def test_no_bid_slips_in_after_the_close_has_counted(world):
    world.announce()
    player = world.bidder(1)
    ready = []
    for _ in range(BIDS):
        kept, container = sealed_here(world, player)
        upload = client.upload_parts(player.visitor, str(world.lot.pk), container)
        message = canonical.encode({"v": 1, "act": "seal", "lot": str(world.lot.pk), "D": kept.D})
        ready.append((upload, kept.D, signing.sign(kept.otk_private, message, labels.SEAL)))
    clock = RunningClock(world.lot.bids_due_at - timedelta(milliseconds=150))
    accepted, refused, unforeseen = [], [], []

    def hand_in(own):
        try:
            for upload, digest, signature in own:
                try:
                    actions.seal_bid(
                        Upload.objects.get(pk=upload), Lot.objects.get(pk=world.lot.pk),
                        digest=canonical.unb64(digest), otk_signature=signature, supersedes=None,
                        supersedes_signature=None, clock=clock,
                    )
                    accepted.append(canonical.unb64(digest))
                except Refusal as refusal:
                    refused.append(refusal.rule)
        except BaseException as error:
            unforeseen.append(error)
            raise
        finally:
            connection.close()

    def close():
        try:
            # Asking early is refused by T8; the first answer after the deadline closes.
            while Lot.objects.get(pk=world.lot.pk).closed_at is None:
                with contextlib.suppress(Refusal):
                    actions.close_lot(Lot.objects.get(pk=world.lot.pk), actor=THE_CLOCK, clock=clock)
        finally:
            connection.close()

    threads = [threading.Thread(target=hand_in, args=(ready[n::THREADS],)) for n in range(THREADS)]
    threads.append(threading.Thread(target=close))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not unforeseen
    lot = Lot.objects.get(pk=world.lot.pk)
    assert len(accepted) + len(refused) == BIDS
    assert set(refused) <= {"LATE"}
    assert bytes(lot.closing_root) == actions.closing_root(accepted)
    closing = Entry.objects.get(verb="lot.close").pk
    assert all(seal.entry_id < closing and seal.sealed_at < lot.bids_due_at for seal in Seal.objects.all())
