"""Entries are written inside the act's transaction, in one canonical form, and hide what must be hidden."""

import uuid

import pytest
from django.db import transaction

from gongheng.crypto import canonical
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.recording import MOST_BYTES, phase_key, record, record_blinded, unblind
from gongheng.trust.evidence.tests.conftest import AGENT

LOT, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_nothing_is_written(clock):
    with pytest.raises(RuntimeError):
        record("lot.file", "lot:1", lot=LOT, actor=AGENT, at=clock.now(), facts={})
    assert not Entry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("facts", [{"long": "x" * MOST_BYTES}, {"price": 1.5}, {"at": None, "n": 2**53}])
def test_what_canonical_json_or_a_bundle_cannot_hold_is_refused(clock, facts):
    with pytest.raises(ValueError, match=r"bytes|canonical|float|integer|2\^53"), transaction.atomic():
        record("lot.file", "lot:1", lot=LOT, actor=AGENT, at=clock.now(), facts=facts)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_the_body_is_canonical_and_the_columns_repeat_it(clock):
    with transaction.atomic():
        entry = record("lot.file", "lot:1", lot=LOT, actor=AGENT, at=clock.now(), facts={"编号": "A"})
    body = canonical.decode(bytes(entry.body))
    assert body["facts"] == {"编号": "A"}
    assert body["lot"] == str(LOT)
    assert body["actor"]["role"] == "agency"
    assert (entry.verb, entry.subject, entry.lot, entry.actor) == ("lot.file", "lot:1", LOT, "p-agent")


@pytest.mark.django_db
def test_an_opaque_entry_tells_nothing_and_opens_only_with_its_lots_key(clock):
    entries = [
        record_blinded(verb, lot=LOT, at=clock.now(), facts={"D": "d"}, phase_key=phase_key(LOT))
        for verb in ("bid.seal", "bid.seal")
    ]
    first = entries[0]
    assert (first.verb, first.subject, first.lot, first.actor, first.at) == (None,) * 5
    assert set(canonical.decode(bytes(first.body))) == {"t", "h"}
    assert entries[0].body != entries[1].body
    assert len(entries[0].body) == len(entries[1].body)
    assert unblind(first, phase_key(OTHER)) is None
    _, hidden = unblind(first, phase_key(LOT))
    assert hidden["verb"] == "bid.seal"
    assert hidden["facts"] == {"D": "d"}
