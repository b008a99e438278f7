"""Signed batches of outside pools: taken once, bad rows refused by name, nothing more than needed."""

import json
from datetime import date

import pytest

from gongheng.crypto import canonical, labels, signing
from gongheng.kernel.numbers import make_citizen_id, make_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.people.experts.actions import importing
from gongheng.people.experts.models import Batch, Expert, Specialty
from gongheng.people.experts.tests.test_pool import keeper_of
from gongheng.people.identity.models import Person
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db
EMPLOYER = make_uscc("9", "1", "370102", 70000010)


def row(number: int, **changes) -> dict:
    return {
        "id": f"SC-{number}", "state": "in_pool", "name": f"外库{number}", "phone": f"138{number:08d}",
        "citizen_id": make_citizen_id("370102", date(1975, 1, 1), number), "region": "370102",
        "employer_uscc": EMPLOYER, "employer_name": "某院", "title": "高级工程师", "years": 12, "main": "A08",
        "specialties": ["A08"],
    } | changes


class Outside:
    """The other side: a pool with its own key, writing against the interface alone."""

    def __init__(self, platform):
        for code in ("A08", "A06"):
            Specialty.objects.create(code=code, name=code)
        self.private, public = signing.generate()
        self.keeper, self.clock = keeper_of("370000"), platform.CLOCK
        self.pool = importing.register_pool("省外专家库", canonical.b64(public), actor=self.keeper, clock=self.clock)

    def signed(self, number: str, rows: list, private: bytes | None = None, **changes) -> tuple[bytes, bytes]:
        body = {"v": 1, "pool": str(self.pool.pk), "batch": number, "experts": rows} | changes
        message = canonical.encode(body)
        return message, signing.sign(private or self.private, message, labels.EXPERT_BATCH)

    def take(self, *arguments, **changes) -> Batch:
        return importing.take_batch(self.pool, *self.signed(*arguments, **changes), clock=self.clock)


@pytest.fixture
def outside(platform) -> Outside:
    return Outside(platform)


def test_a_batch_creates_updates_removes_and_refuses_row_by_row(outside):
    bad = [
        row(3, years=7), row(4, phone="1"), row(5, specialties=["Z9"]), row(6, citizen_id="1" * 18), {"id": "SC-7"},
        row(1), row(8, main="A06"), row(9, state="removed"), "text", row(10, specialties=[1]),
    ]
    done = outside.take("1", [row(1), row(2), *bad]).result
    assert (done["created"], done["updated"], done["removed"], done["unchanged"]) == (2, 0, 0, 0)
    assert [(one["id"], one["rule"]) for one in done["refused"]] == [
        ("SC-3", "YEARS"), ("SC-4", "PHONE"), ("SC-5", "SPECIALTY"), ("SC-6", "CITIZEN_ID"), ("SC-7", "ROW"),
        ("SC-1", "TWICE"), ("SC-8", "SPECIALTY"), ("SC-9", "ROW"), ("第 11 行", "ROW"), ("SC-10", "SPECIALTY"),
    ]
    again = outside.take("2", [row(1, title="教授"), row(2, state="removed")]).result
    assert (again["created"], again["updated"], again["removed"], again["refused"]) == (0, 1, 1, [])
    assert outside.take("3", [row(1, title="教授")]).result["unchanged"] == 1
    assert dict(Expert.objects.values_list("outside_id", "state")) == {"SC-1": "in_pool", "SC-2": "removed"}
    assert Expert.objects.get(outside_id="SC-1").title == "教授"
    logged = b"".join(bytes(body) for body in Entry.objects.values_list("body", flat=True)).decode()
    assert "外库" not in logged
    assert "138" + "0" * 7 not in logged


def test_the_same_batch_again_changes_nothing_and_is_answered_the_same(outside):
    first = outside.take("1", [row(1)])
    counted = Entry.objects.count(), Person.objects.count()
    assert outside.take("1", [row(1)]).pk == first.pk
    assert (Entry.objects.count(), Person.objects.count()) == counted
    with pytest.raises(Refusal, match="TWICE"):
        outside.take("1", [row(2)])


@pytest.mark.parametrize(("changes", "rule"), [
    ({"private": signing.generate()[0]}, "SIGNATURE"), ({"v": 2}, "BATCH"), ({"pool": "x"}, "BATCH"),
    ({"experts": []}, "BATCH"), ({"batch": ""}, "BATCH"), ({"more": 1}, "BATCH"),
])
def test_a_batch_that_is_not_the_pools_own_writes_nothing(outside, changes, rule):
    with pytest.raises(Refusal) as refused:
        outside.take("1", [row(1)], **changes)
    assert refused.value.rule == rule
    assert not Batch.objects.exists()
    assert not Expert.objects.exists()


def test_one_person_stands_in_the_pool_once(outside):
    outside.take("1", [row(1)])
    private, public = signing.generate()
    outside.private, clock = private, outside.clock
    outside.pool = importing.register_pool("另一专家库", canonical.b64(public), actor=outside.keeper, clock=clock)
    assert [one["rule"] for one in outside.take("1", [row(1)]).result["refused"]] == ["PERSON"]


def test_the_keeper_looks_first_and_confirms_then(outside):
    message, signature = outside.signed("1", [row(1), row(2, years=1)])
    batch = importing.receive_batch(outside.pool, message, signature, actor=outside.keeper, clock=outside.clock)
    plan = importing.plan_batch(outside.pool, canonical.decode(bytes(batch.body))).counts()
    assert not Expert.objects.exists()
    for actor in (keeper_of("370100"), keeper_of("370200")):
        with pytest.raises(Refusal, match="ROLE"):
            importing.confirm_batch(batch, actor=actor, clock=outside.clock)
    batch = importing.confirm_batch(batch, actor=outside.keeper, clock=outside.clock)
    assert (batch.result, batch.body) == (plan, None)
    assert Expert.objects.count() == 1
    with pytest.raises(Refusal, match="TWICE"):
        importing.confirm_batch(batch, actor=outside.keeper, clock=outside.clock)


def test_the_interface_answers_programs(outside, client):
    message, signature = outside.signed("1", [row(1)])
    sent = {"message": canonical.b64(message), "signature": canonical.b64(signature)}

    def post(body) -> tuple:
        answer = client.post("/api/experts/batches/", json.dumps(body), "application/json")
        return answer.status_code, answer.json()

    status, told = post(sent)
    assert (status, told["created"], told["batch"]) == (200, 1, "1")
    assert post(sent) == (200, told)
    assert post(sent | {"signature": canonical.b64(bytes(64))})[1]["rule"] == "SIGNATURE"
    assert post({})[1]["rule"] == "BATCH"
    stranger = canonical.encode({"v": 1, "pool": "00000000-0000-4000-8000-000000000000", "batch": "1", "experts": [1]})
    assert post(sent | {"message": canonical.b64(stranger)})[1]["rule"] == "POOL"
