"""The pool serves the draw without names, and shows a name only for a reason that is logged."""

import uuid
from datetime import date

import pytest

from gongheng.kernel.numbers import make_citizen_id, make_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.experts import queries, rules
from gongheng.people.experts.actions import keeping
from gongheng.people.experts.models import Expert, PastEmployment, Practice, Specialty
from gongheng.people.identity.models import Person
from gongheng.people.identity.tests.test_sign_in import employ, sign_in
from gongheng.people.parties.models import Organisation
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.nonces import fresh_nonce

pytestmark = pytest.mark.django_db
PROVINCE = make_uscc("1", "2", "370000", 70000005)
EMPLOYER, FORMER, LONG_AGO = (make_uscc("9", "1", "370102", 70000010 + number) for number in range(3))


@pytest.fixture
def expert(platform):
    for code, parent in (("A", None), ("A08", "A"), ("A0801", "A08"), ("A080101", "A0801"), ("A06", "A")):
        Specialty.objects.create(code=code, name=f"专业{code}", parent_id=parent)
    person = Person.objects.create(name="欧阳某", phone="13900000000", registered_at=NOW)
    made = Expert.objects.create(
        person=person, citizen_id=make_citizen_id("370102", date(1975, 1, 1), 1), region="370102",
        employer_uscc=EMPLOYER, employer_name="某设计院", title="高级工程师", years=20, entered_at=NOW,
    )
    for code in ("A080101", "A06"):
        Practice.objects.create(expert=made, specialty_id=code, is_main=code == "A06")
    PastEmployment.objects.create(expert=made, employer_uscc=FORMER, ended_on=date(2023, 6, 1))
    PastEmployment.objects.create(expert=made, employer_uscc=LONG_AGO, ended_on=date(2022, 6, 1))
    return made


def keeper_of(region: str) -> Actor:
    organisation = Organisation.objects.create(
        uscc=make_uscc("1", "2", region, 70000020), name="中心", region=region, roles=["centre"],
        legal_representative="甲", registered_at=NOW, state="active",
    )
    return Actor("c", Role.CENTRE, str(organisation.pk))


def test_rows_for_the_draw_have_attributes_and_no_name(expert):
    (row,) = queries.pool_rows(NOW.date())
    assert row == (str(expert.pk), ("A06", "A080101"), "370102", EMPLOYER, (FORMER,), "in_pool")


def test_rows_cost_three_queries_whatever_the_size(expert, django_assert_num_queries):
    with django_assert_num_queries(3):
        list(queries.pool_rows(NOW.date()))


def test_figures_count_an_expert_once_per_specialty_and_city(expert):
    assert [(one["code"], one["count"]) for one in queries.by_specialty()] == [("A06", 1), ("A08", 1)]
    assert [(one["name"], one["count"]) for one in queries.by_region()] == [("济南市", 1)]


def test_the_employment_of_three_years_counts_to_the_day():
    assert rules.counts_for_avoidance(date(2023, 3, 2), date(2026, 3, 2))
    assert not rules.counts_for_avoidance(date(2023, 3, 1), date(2026, 3, 2))
    assert rules.counts_for_avoidance(date(2024, 2, 29), date(2027, 2, 28))


@pytest.mark.parametrize(("practised", "wanted", "does"), [
    (["A080101"], "A08", True), (["A080101"], "A080101", True), (["A08"], "A080101", False), ([], "A", False),
])
def test_a_specialty_matches_within_the_wanted_one(practised, wanted, does):
    assert rules.matches(practised, wanted) is does


def test_a_specialty_names_the_ones_above_it():
    assert rules.specialty_levels("A080101") == ["A080101", "A0801", "A08", "A"]


def test_only_the_pool_keeper_sees_experts(expert):
    assert list(queries.visible_to(keeper_of("370000"))) == [expert]
    assert not queries.visible_to(keeper_of("370100")).exists()
    assert not queries.visible_to(Actor("b", Role.BIDDER, str(uuid.uuid4()))).exists()
    assert list(queries.visible_to(Actor(str(expert.person_id), Role.EXPERT))) == [expert]


def test_a_look_is_logged_with_its_reason_and_without_the_name(expert, platform):
    keeper = keeper_of("370000")
    for actor, reason in ((keeper, " "), (keeper_of("370100"), "核对证书信息")):
        with pytest.raises(Refusal):
            keeping.look_at_expert(expert, reason=reason, actor=actor, clock=platform.CLOCK)
    assert not Entry.objects.exists()
    seen = keeping.look_at_expert(expert, reason="核对证书信息", actor=keeper, clock=platform.CLOCK)
    assert seen.person.name == "欧阳某"
    body = bytes(Entry.objects.get(verb="experts.look").body).decode()
    assert "核对证书信息" in body
    assert "欧阳某" not in body


def test_the_page_shows_the_name_only_after_a_signed_reason(expert, client, authority):
    held = authority.issue("库管", "省中心", PROVINCE)
    employ(held, Role.CENTRE, uscc=PROVINCE)
    Organisation.objects.filter(uscc=PROVINCE).update(region="370000")
    sign_in(client, held)
    path = f"/experts/{expert.pk}/"
    for page in ("/experts/", "/experts/rows/", path):
        assert "欧阳某" not in client.get(page).content.decode()
    assert "欧**" in client.get("/experts/rows/?specialty=A08").content.decode()
    fields = {"reason": ["核对证书信息"]}
    answer = client.post(path, fields | held.act("experts.look", path, fresh_nonce(NOW), fields))
    assert "欧阳某" in answer.content.decode()
    assert "13900000000" in answer.content.decode()


def test_a_citys_centre_finds_no_list(expert, client, authority):
    held = authority.issue("经办", "市中心", PROVINCE)
    employ(held, Role.CENTRE, uscc=PROVINCE)
    sign_in(client, held)
    assert client.get("/experts/").status_code == 200
    assert client.get("/experts/rows/").status_code == client.get(f"/experts/{expert.pk}/").status_code == 404


def test_an_expert_in_the_pool_has_a_capacity_and_a_suspended_one_none(expert):
    assert [one.role for one in queries.capacities(expert.person)] == [Role.EXPERT]
    Expert.objects.update(state=Expert.State.SUSPENDED)
    assert queries.capacities(expert.person) == []
