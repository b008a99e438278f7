"""Signing in: a true signature lets in and leaves no trace; every false one is refused."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongheng.crypto import canonical, certs
from gongheng.kernel.roles import Role
from gongheng.people.identity import actions
from gongheng.people.identity.models import EndedSession, Person
from gongheng.people.parties.models import Membership, Organisation
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.actions import row_of
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.certificates.tests.issuing import NOW, TestAuthority
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.models import Nonce, Signature
from gongheng.trust.signatures.nonces import fresh_nonce

pytestmark = pytest.mark.django_db


def employ(held, *roles, state="active", uscc="91370100MA3C0000X1") -> Person:
    """Register the holder of a certificate and let him act for one organisation in the roles."""
    # Its own authority made it: no need of the child process that parses foreign ones.
    row = row_of(certs.parse(held.der), trusted.roots()[0])
    person = actions.register_person(row.subject_name, "13900000000", row, now=NOW)
    organisation, _ = Organisation.objects.get_or_create(
        uscc=uscc, defaults={
            "name": row.organisation_name, "region": "370102", "roles": [str(role) for role in roles],
            "legal_representative": "甲", "registered_at": NOW, "state": state,
        },
    )
    for role in roles:
        Membership.objects.create(person=person, organisation=organisation, role=role, since=NOW)
    return person


def sign_in(client, held, *, to="", **changes):
    nonce = changes.pop("nonce", None) or client.get("/sign-in/nonce/").json()["nonce"]
    return post(client, held.login(nonce, **changes), to)


def post(client, data: dict, to=""):
    return client.post(f"/sign-in/submit/{to}", json.dumps(data), content_type="application/json")


def is_in(client) -> bool:
    return client.get("/sign-in/me/").status_code == 200


def refusal(client, answer) -> str:
    assert answer.status_code == 422
    assert not is_in(client)
    return answer.json()["rule"]


def test_a_good_signature_signs_in(client, authority):
    held = authority.issue()
    person = employ(held, Role.BIDDER)
    answer = sign_in(client, held)
    assert (answer.status_code, answer.json()) == (200, {"next": "/desk/"})
    shown = client.get("/sign-in/me/")
    assert shown.wsgi_request.actor.role == Role.BIDDER
    assert shown.wsgi_request.actor.id == str(person.pk)
    assert "张三" in shown.content.decode()


def test_signing_in_leaves_no_trace_of_who_came(client, authority):
    """A dump of the database must not tell who was at work in the sealed phase."""
    held = authority.issue()
    employ(held, Role.BIDDER)
    nonce = client.get("/sign-in/nonce/").json()["nonce"]
    with CaptureQueriesContext(connection, ) as queries:
        post(client, held.login(nonce))
        client.get("/sign-in/me/")
    writes = [one["sql"] for one in queries if one["sql"].split()[0] in ("INSERT", "UPDATE", "DELETE")]
    assert len(writes) == 1
    assert 'INTO "signatures_nonce"' in writes[0]
    assert Entry.objects.count() == Signature.objects.count() == 0


def test_the_same_signature_twice_is_refused(client, authority):
    held = authority.issue()
    employ(held, Role.BIDDER)
    data = held.login(client.get("/sign-in/nonce/").json()["nonce"])
    assert post(Client(), data).status_code == 200
    assert refusal(client, post(client, data)) == "NONCE"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"origin": "http://localhost:8000.example"}, "ORIGIN"),
        ({"at": canonical.timestamp(NOW - timedelta(minutes=11))}, "LOGIN-TIME"),
        ({"nonce": "AAAA"}, "NONCE"),
        ({"certificate": "A" * 22}, "LOGIN-SIGNATURE"),
        ({"v": 2}, "LOGIN-FORM"),
        ({"password": "1"}, "LOGIN-FORM"),
    ],
)
def test_every_difference_is_refused(client, authority, changes, rule):
    held = authority.issue()
    employ(held, Role.BIDDER)
    assert refusal(client, sign_in(client, held, **changes)) == rule
    assert Nonce.objects.count() == 0


def test_a_challenge_given_for_an_act_is_refused(client, authority):
    held = authority.issue()
    employ(held, Role.BIDDER)
    assert refusal(client, sign_in(client, held, nonce=fresh_nonce(NOW, "act"))) == "NONCE"


def test_an_old_challenge_is_refused(client, authority):
    held = authority.issue()
    employ(held, Role.BIDDER)
    old = fresh_nonce(NOW - timedelta(minutes=11), "login")
    assert refusal(client, sign_in(client, held, nonce=old)) == "NONCE"


def test_somebody_elses_certificate_is_refused(client, authority):
    """The rival's certificate is public; without his key it is worth nothing."""
    mine, rival = authority.issue("我"), authority.issue("对手")
    employ(rival, Role.BIDDER)
    data = mine.login(client.get("/sign-in/nonce/").json()["nonce"], certificate=rival.kid)
    data["certificate"] = canonical.b64(rival.der)
    assert refusal(client, post(client, data)) == "LOGIN-SIGNATURE"


@pytest.mark.parametrize("data", [{}, {"message": 1}, {"message": "!", "signature": "", "certificate": ""}, []])
def test_nonsense_is_refused(client, platform, data):
    assert refusal(client, post(client, data)) == "LOGIN-FORM"


def test_a_strangers_certificate_is_refused(client, authority):
    assert refusal(client, sign_in(client, TestAuthority("别处").issue())) == "CERT-ISSUER"


def test_an_encryption_certificate_does_not_sign_in(client, authority):
    assert refusal(client, sign_in(client, authority.issue(usage="enc"))) == "CERT-USAGE"


def test_an_expired_certificate_is_refused_and_ends_the_session(client, authority, platform):
    held = authority.issue(not_after=NOW + timedelta(minutes=5))
    employ(held, Role.BIDDER)
    sign_in(client, held)
    assert is_in(client)
    platform.CLOCK.advance_to(NOW + timedelta(minutes=6))
    assert not is_in(client)
    later = canonical.timestamp(platform.CLOCK.now())
    assert refusal(client, sign_in(client, held, at=later)) == "CERT-EXPIRED"


def test_a_revocation_ends_the_session_with_the_next_request(client, authority):
    held = authority.issue()
    employ(held, Role.BIDDER)
    sign_in(client, held)
    path = f"/sign-in/me/{held.kid}/loss/"
    done = client.post(path, held.act("identity.report_loss", path, fresh_nonce(NOW), {}))
    assert done.status_code == 302
    assert Certificate.objects.get(kid=held.kid).revoked_at == NOW
    assert refusal(client, sign_in(client, held)) == "CERT-REVOKED"


def test_nobody_revokes_anothers_certificate(client, authority):
    held, other = authority.issue(), authority.issue("李四")
    employ(held, Role.BIDDER)
    employ(other, Role.BIDDER)
    sign_in(client, held)
    path = f"/sign-in/me/{other.kid}/loss/"
    client.post(path, held.act("identity.report_loss", path, fresh_nonce(NOW), {}))
    assert Certificate.objects.get(kid=other.kid).revoked_at is None
    assert not Signature.objects.exists()


def test_a_disabled_person_is_refused(client, authority):
    held = authority.issue()
    person = employ(held, Role.BIDDER)
    Person.objects.filter(pk=person.pk).update(disabled_at=NOW)
    assert refusal(client, sign_in(client, held)) == "LOGIN-DISABLED"


def test_a_suspended_organisation_gives_no_capacity(client, authority):
    held = authority.issue()
    employ(held, Role.BIDDER, state="suspended")
    assert sign_in(client, held).json() == {"next": "/parties/mine/"}
    assert client.get("/sign-in/me/").wsgi_request.actor.role == Role.PUBLIC


def test_with_several_roles_one_is_chosen_and_others_cannot_be_taken(client, authority):
    held = authority.issue()
    employ(held, Role.TENDERER, Role.BIDDER)
    assert sign_in(client, held).json()["next"].startswith("/sign-in/role/")
    shown = client.get("/sign-in/role/").wsgi_request
    assert shown.actor.role == Role.PUBLIC
    bidder = next(one for one in shown.capacities if one.role == Role.BIDDER)
    client.post("/sign-in/role/", {"capacity": bidder.key})
    assert client.get("/sign-in/me/").wsgi_request.actor.role == Role.BIDDER
    client.post("/sign-in/role/", {"capacity": "membership:99999999-9999-4999-8999-999999999999"})
    assert client.get("/sign-in/me/").wsgi_request.actor.role == Role.BIDDER


def test_a_program_may_name_its_role(client, authority):
    held = authority.issue()
    employ(held, Role.TENDERER, Role.BIDDER)
    data = held.login(client.get("/sign-in/nonce/").json()["nonce"]) | {"role": "bidder"}
    assert post(client, data).json() == {"next": "/desk/"}
    assert client.get("/sign-in/me/").wsgi_request.actor.role == Role.BIDDER


def test_after_signing_out_a_copied_cookie_is_worthless(client, authority, settings):
    held = authority.issue()
    employ(held, Role.BIDDER)
    sign_in(client, held)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_in(thief)
    client.post("/sign-in/out/")
    assert not is_in(client)
    assert not is_in(thief)
    assert EndedSession.objects.count() == 1


@pytest.mark.parametrize(
    ("wanted", "given"), [("/lots/x/", "/lots/x/"), ("//evil.example/", "/desk/"), ("https://evil.example/", "/desk/")]
)
def test_the_way_back_stays_on_the_site(client, authority, wanted, given):
    held = authority.issue()
    employ(held, Role.BIDDER)
    assert sign_in(client, held, to=f"?next={wanted}").json() == {"next": given}


def test_the_sign_in_page_offers_the_cabinet_only_in_a_demonstration(client, platform):
    platform.IS_DEMONSTRATION = False
    assert "demonstration" not in client.get("/sign-in/").content.decode()
    platform.IS_DEMONSTRATION = True
    assert 'cabinet-url="/demonstration/cabinet/"' in client.get("/sign-in/").content.decode()
