"""A signed act counts only as it was signed: every difference has its own refusal."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from gongheng.crypto import canonical, hashing
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trust.certificates.actions import examine_certificate, register_certificate
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.moving import note
from gongheng.trust.signatures.acts import verify_act
from gongheng.trust.signatures.models import Nonce, Signature
from gongheng.trust.signatures.nonces import fresh_nonce
from gongheng.trust.signatures.queries import exported, signatures_on
from gongheng.ui import pages

pytestmark = pytest.mark.django_db
PERSON = "22222222-2222-4222-8222-222222222222"
LOT = "33333333-3333-4333-8333-333333333333"
SUBJECT = f"lot:{LOT}"
FIELDS = {"title": ["一标段"], "items": ["a", "b"]}


@pytest.fixture
def held(authority):
    one = authority.issue()
    one_row = register_certificate(examine_certificate(one.der, usage="sign", now=NOW))
    return SimpleNamespace(held=one, row=one_row)


def request_with(held, data: dict, *, kwargs=None):
    request = RequestFactory().post(f"/lots/{LOT}/file/", data)
    access = SimpleNamespace(name="lots.file")
    request.resolver_match = SimpleNamespace(
        func=SimpleNamespace(access=access), kwargs={"pk": LOT} if kwargs is None else kwargs
    )
    request.actor = Actor(PERSON, Role.SUPERVISOR)
    request.certificate = held.row
    return request


def signed(held, *, fields=None, files=None, nonce=None, verb="lots.file", subject=SUBJECT, **changes) -> dict:
    said = FIELDS if fields is None else fields
    return held.held.act(verb, subject, nonce or fresh_nonce(NOW), said, files, **changes)


def refused(held, data: dict, **more) -> str:
    with pytest.raises(Refusal) as caught:
        verify_act(request_with(held, data, **more))
    assert Nonce.objects.count() == 0
    return caught.value.rule


def test_a_true_act_is_accepted_and_kept_with_the_entry(held, platform):
    act = verify_act(request_with(held, signed(held) | FIELDS))
    actor = Actor(PERSON, Role.SUPERVISOR, act=act)
    with note("lots.file", SUBJECT, actor=actor, clock=platform.CLOCK) as step:
        pass
    kept = signatures_on(SUBJECT).get()
    assert (kept.signer, kept.certificate, kept.signed_at) == (PERSON, held.row, NOW)
    assert canonical.decode(bytes(step.entry.body))["facts"]["act"] == act.digest
    assert exported(kept)["certificate"] == canonical.b64(held.held.der)


def test_a_refused_deed_keeps_no_signature(held, platform):
    actor = Actor(PERSON, Role.SUPERVISOR, act=verify_act(request_with(held, signed(held) | FIELDS)))
    with pytest.raises(Refusal), note("lots.file", SUBJECT, actor=actor, clock=platform.CLOCK):
        raise Refusal("T3", "不可以。")
    assert not Signature.objects.exists()


def test_the_verifier_is_the_one_that_pages_use():
    assert pages.verify_act is verify_act


def test_the_same_act_twice_is_refused(held):
    data = signed(held) | FIELDS
    verify_act(request_with(held, data))
    with pytest.raises(Refusal) as caught:
        verify_act(request_with(held, data))
    assert caught.value.rule == "NONCE"


@pytest.mark.parametrize("posted", [
    FIELDS | {"title": ["二标段"]}, FIELDS | {"items": ["b", "a"]}, FIELDS | {"extra": ["1"]}, {"title": ["一标段"]},
])
def test_an_altered_field_is_refused(held, posted):
    assert refused(held, signed(held) | posted) == "ACT-FIELDS"


def test_line_ends_may_differ_and_nothing_else(held):
    verify_act(request_with(held, signed(held, fields={"note": ["一\n二"]}) | {"note": ["一\r\n二"]}))
    assert Nonce.objects.count() == 1


def test_a_file_must_be_the_signed_one(held):
    said = {"paper": [{"name": "a.pdf", "size": 3, "sm3": canonical.b64(hashing.digest(b"abc"))}]}
    data = signed(held, fields={}, files=said)
    assert refused(held, data | {"paper": SimpleUploadedFile("a.pdf", b"abd")}) == "ACT-FILES"
    assert refused(held, data) == "ACT-FILES"
    verify_act(request_with(held, data | {"paper": SimpleUploadedFile("a.pdf", b"abc")}))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"verb": "lots.return"}, "ACT-VERB"),
        ({"subject": "lot:44444444-4444-4444-8444-444444444444"}, "ACT-SUBJECT"),
        ({"origin": "http://localhost.example"}, "ORIGIN"),
        ({"at": canonical.timestamp(NOW - timedelta(minutes=11))}, "ACT-TIME"),
        ({"at": canonical.timestamp(NOW + timedelta(minutes=11))}, "ACT-TIME"),
        ({"at": "today"}, "ACT-FORM"),
        ({"v": 2}, "ACT-FORM"),
        ({"more": "1"}, "ACT-FORM"),
        ({"nonce": "AAAA"}, "NONCE"),
        ({"nonce": "!"}, "NONCE"),
    ],
)
def test_every_difference_in_the_act_is_refused(held, changes, rule):
    assert refused(held, signed(held, **changes) | FIELDS) == rule


def test_an_act_for_the_address_itself_is_accepted(held):
    act = verify_act(request_with(held, signed(held, subject=f"/lots/{LOT}/file/") | FIELDS))
    assert act.content["subject"] == f"/lots/{LOT}/file/"


def test_a_challenge_given_for_signing_in_is_refused(held):
    assert refused(held, signed(held, nonce=fresh_nonce(NOW, "login")) | FIELDS) == "NONCE"


def test_an_old_challenge_is_refused(held):
    assert refused(held, signed(held, nonce=fresh_nonce(NOW - timedelta(hours=5))) | FIELDS) == "NONCE"


def test_somebody_elses_signature_is_refused(held, authority):
    other = SimpleNamespace(held=authority.issue("王五"), row=None)
    assert refused(held, signed(other) | FIELDS) == "ACT-SIGNATURE"


def test_an_altered_act_is_refused(held):
    data = signed(held) | FIELDS
    act = canonical.decode(canonical.unb64(data["act"])) | {"fields": FIELDS | {"title": ["二标段"]}}
    data |= {"act": canonical.b64(canonical.encode(act)), "title": ["二标段"]}
    assert refused(held, data) == "ACT-SIGNATURE"


def test_an_unsigned_post_is_refused(held):
    assert refused(held, FIELDS) == "ACT-FORM"


def test_an_act_without_sign_in_is_refused(held):
    held.row = None
    assert refused(held, signed(held) | FIELDS) == "CERT-UNKNOWN"


def test_a_revoked_certificate_signs_nothing(held):
    held.row.revoked_at = NOW
    assert refused(held, signed(held) | FIELDS) == "CERT-REVOKED"


def test_an_expired_certificate_signs_nothing(authority, platform):
    short = authority.issue(not_after=NOW + timedelta(minutes=5))
    one = SimpleNamespace(held=short, row=register_certificate(examine_certificate(short.der, usage="sign", now=NOW)))
    data = signed(one) | FIELDS
    platform.CLOCK.advance_to(NOW + timedelta(minutes=6))
    assert refused(one, data) == "CERT-EXPIRED"
