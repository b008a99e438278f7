"""The demonstration province loads once, is lawful data, and everybody in it can sign in."""

import json
from collections import Counter
from datetime import timedelta
from hashlib import pbkdf2_hmac
from random import Random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import Client

from gongheng.crypto import canonical, signing
from gongheng.kernel.numbers import check_citizen_id, check_uscc
from gongheng.kernel.roles import Role
from gongheng.people.experts.models import Expert, Practice
from gongheng.people.identity.tests.test_sign_in import post
from gongheng.people.parties.models import Organisation
from gongheng.places.venues import queries as venues
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.certificates.tests.issuing import NOW, Held
from gongheng.trust.certificates.tests.theatre import platform, theatre
from gongheng.trust.evidence.models import Entry
from tools.demonstration import cabinet, names, organisations, province, specialties

__all__ = ["platform", "theatre"]

pytestmark = pytest.mark.django_db
EXPERTS = 60


@pytest.fixture(scope="module")
def filled(theatre):
    theatre.settings.IS_DEMONSTRATION = True
    assert province.load(theatre.settings.VAR, theatre.settings, experts=EXPERTS)


@pytest.fixture
def loaded(filled, platform):
    return platform


def unlock(answer, pin=cabinet.PIN) -> Held:
    file = json.loads(answer.content)
    box = file["box"]
    wrap = pbkdf2_hmac("sha256", pin.encode(), canonical.unb64(box["salt"]), box["iterations"], 32)
    keys = canonical.decode(AESGCM(wrap).decrypt(canonical.unb64(box["iv"]), canonical.unb64(box["data"]), None))
    return Held(canonical.unb64(keys["sign"]), canonical.unb64(file["certificate_sign"]))


def test_it_loads_once_and_the_log_tells_how_everybody_came_in(loaded):
    counts = Organisation.objects.count(), Certificate.objects.count(), Entry.objects.count()
    assert not province.load(loaded.VAR, loaded, experts=EXPERTS)
    assert counts == (Organisation.objects.count(), Certificate.objects.count(), Entry.objects.count())
    verbs = Counter(one.verb for one in Entry.objects.all())
    assert verbs == {
        "province.loaded": 1, "organisation.accept": Organisation.objects.count(), "expert.admit": EXPERTS,
    }


def test_the_numbers_of_its_world_are_right(loaded):
    by_role = {role: Organisation.objects.filter(roles__contains=[role]).count() for role in Role}
    assert (by_role[Role.TENDERER], by_role[Role.AGENCY], by_role[Role.BIDDER]) == (8, 6, 41)
    assert (by_role[Role.CENTRE], by_role[Role.SUPERVISOR]) == (17, 17)
    assert (by_role[Role.NOTARY], by_role[Role.TRUSTEE]) == (1, 3)
    for one in Organisation.objects.all():
        check_uscc(one.uscc)
    for one in Expert.objects.all():
        check_citizen_id(one.citizen_id)
        assert one.years >= 8
    assert Expert.objects.count() == EXPERTS
    for centre in venues.with_capacity():
        assert (centre.room_count, centre.mixed_count, centre.seat_count, centre.total_count) == (10, 8, 46, 46)
        assert venues.fee_rule(centre, NOW.date()) is not None


def test_building_trades_have_enough_experts_in_the_full_pool():
    share = sum(count for code, count in specialties.MAIN.items() if code[:3] in ("A06", "A08"))
    assert sum(specialties.MAIN.values()) == 1_000
    assert share * province.EXPERTS // 1_000 >= 600
    assert all(specialties.parent_of(code) in (None, *specialties.ROWS) for code in specialties.ROWS)


def test_some_experts_work_for_those_who_trade(loaded):
    traders = {row.uscc for row in organisations.traders()}
    assert Expert.objects.filter(employer_uscc__in=traders).exists()
    assert not Practice.objects.exclude(specialty_id__in=specialties.MAIN).exists()


@pytest.mark.parametrize("role", ["tenderer", "agency", "bidder", "expert", "centre", "supervisor", "notary"])
def test_somebody_of_every_role_signs_in_with_the_cabinets_certificate(loaded, client, role):
    who = client.get(f"/demonstration/cabinet/role/{role}/").json()[0]
    held = unlock(client.get(f"/demonstration/cabinet/{who['id']}.gkey"))
    answer = post(client, held.login(client.get("/sign-in/nonce/").json()["nonce"]))
    assert answer.json() == {"next": "/desk/"}
    shown = client.get("/sign-in/me/")
    assert shown.wsgi_request.actor.role == role
    assert who["name"] in shown.content.decode()


def test_an_unregistered_company_is_led_to_registration(loaded, client):
    who = client.get("/demonstration/cabinet/role/applicant/").json()[0]
    held = unlock(client.get(f"/demonstration/cabinet/of/{who['id']}/{who['id']}.gkey"))
    answer = post(client, held.login(client.get("/sign-in/nonce/").json()["nonce"]))
    assert answer.json() == {"next": "/parties/register/"}
    assert who["organisation"] in client.get("/parties/register/").content.decode()


def test_the_cabinets_keys_belong_to_its_certificates(loaded, client):
    for one in cabinet.holders(loaded.VAR / "cabinet")[:5]:
        held = unlock(client.get(f"/demonstration/cabinet/{one.id}.gkey"))
        assert Certificate.objects.get(kid=held.kid).subject_name == one.name
        assert signing.public_of(held.private) == bytes(Certificate.objects.get(kid=held.kid).public_key)


def test_search_needs_every_word(loaded):
    folder = loaded.VAR / "cabinet"
    found = cabinet.search(folder, "投标人 恒筑")
    assert found
    assert all("恒筑" in one.organisation for one in found)
    assert cabinet.search(folder, "没有这个人") == []
    expert = cabinet.search(folder, role="expert", most=1)[0]
    assert cabinet.search(folder, expert.phone) == [expert]


@pytest.mark.parametrize("path", ["", "cabinet/", "clock/", "cabinet/11111111-1111-4111-8111-111111111111.gkey"])
def test_outside_a_demonstration_nothing_of_it_exists(client, platform, path):
    platform.IS_DEMONSTRATION = False
    assert client.get(f"/demonstration/{path}").status_code == 404


def test_the_clock_goes_forward_with_an_entry_and_never_back(loaded, client):
    def ask(moment):
        return client.post("/demonstration/clock/", json.dumps({"at": moment}), content_type="application/json")

    later = canonical.timestamp(NOW + timedelta(days=20))
    assert ask(later).json() == client.get("/demonstration/clock/").json() == {"now": later}
    for wrong in (canonical.timestamp(NOW), "tomorrow", None):
        answer = ask(wrong)
        assert (answer.status_code, answer.json()["rule"]) == (422, "CLOCK")
    assert loaded.CLOCK.now() == NOW + timedelta(days=20)
    assert Entry.objects.filter(verb="clock.advance").count() == 1


def test_a_person_moves_the_clock_in_beijing_time(loaded, client):
    assert client.post("/demonstration/clock/", {"moment": "2026-03-03T09:30"}).status_code == 302
    assert canonical.timestamp(loaded.CLOCK.now()) == "2026-03-03T01:30:00.000Z"


def test_the_page_shows_people_of_every_role(loaded):
    page = Client().get("/demonstration/?q=恒筑").content.decode()
    for title in ("招标人", "评标专家", "公证机构", "未登记单位"):
        assert title in page


def test_names_have_two_or_three_characters():
    random = Random(1)
    assert {len(names.person_name(random)) for _ in range(200)} == {2, 3}
