"""Which certificates the platform accepts, and when."""

from datetime import timedelta

import pytest

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trust.certificates import actions, trusted
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.certificates.tests.issuing import NOW, TestAuthority
from gongheng.trust.evidence.models import Entry

pytestmark = pytest.mark.django_db
SELF = Actor("11111111-1111-4111-8111-111111111111", Role.PUBLIC)


def refused(der: bytes, usage: str = "sign") -> str:
    with pytest.raises(Refusal) as caught:
        actions.examine_certificate(der, usage=usage, now=NOW)
    return caught.value.rule


def test_a_good_certificate_becomes_a_row(authority):
    held = authority.issue("李四", "某公司", "91370100MA3C0000X1")
    row = actions.register_certificate(actions.examine_certificate(held.der, usage="sign", now=NOW))
    stored = Certificate.objects.get(kid=held.kid)
    assert (stored.subject_name, stored.uscc, stored.issuer, bytes(stored.der)) == (
        "李四", "91370100MA3C0000X1", "测试认证机构", held.der,
    )
    trusted.verify(row, NOW)


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        ({"not_after": NOW - timedelta(seconds=1)}, "CERT-EXPIRED"),
        ({"not_before": NOW + timedelta(seconds=1)}, "CERT-EARLY"),
        ({"usage": "enc"}, "CERT-USAGE"),
    ],
)
def test_a_certificate_that_does_not_hold_is_refused(authority, made, rule):
    assert refused(authority.issue(**made).der) == rule


def test_an_unknown_issuer_is_refused(authority):
    assert refused(TestAuthority("别处的认证机构").issue().der) == "CERT-ISSUER"


def test_an_issuer_that_only_bears_the_name_of_a_trusted_one_is_refused(authority):
    assert refused(TestAuthority().issue().der) == "CERT-SIGNATURE"


def test_without_any_trusted_root_nothing_is_accepted(platform):
    assert refused(TestAuthority().issue().der) == "CERT-ISSUER"


@pytest.mark.parametrize("der", [b"", b"\x30\x03\x02\x01", b"\x30" * 200, b"\x06" * 20_000])
def test_bytes_that_are_no_certificate_are_refused(authority, der):
    assert refused(der) == "CERT-FORM"


def test_one_flipped_bit_is_refused(authority):
    der = bytearray(authority.issue().der)
    der[-20] ^= 1
    assert refused(bytes(der)) in ("CERT-SIGNATURE", "CERT-FORM")


def test_a_certificate_is_registered_once(authority):
    held = authority.issue()
    actions.register_certificate(actions.examine_certificate(held.der, usage="sign", now=NOW))
    with pytest.raises(Refusal, match="CERT-TAKEN"):
        actions.register_certificate(actions.examine_certificate(held.der, usage="sign", now=NOW))
    assert Certificate.objects.count() == 1


def test_a_revoked_certificate_holds_before_and_not_after(authority, platform):
    row = actions.register_certificate(actions.examine_certificate(authority.issue().der, usage="sign", now=NOW))
    actions.revoke_certificate(row, actor=SELF, clock=platform.CLOCK)
    trusted.verify(row, NOW - timedelta(seconds=1))
    with pytest.raises(Refusal, match="CERT-REVOKED"):
        trusted.verify(row, NOW)
    with pytest.raises(Refusal, match="CERT-REVOKED"):
        actions.revoke_certificate(row, actor=SELF, clock=platform.CLOCK)
    assert Entry.objects.filter(verb="certificates.revoke").count() == 1


def test_a_row_whose_certificate_was_swapped_is_refused(authority):
    """A database administrator cannot give somebody else's key another name."""
    mine, other = (
        actions.register_certificate(actions.examine_certificate(authority.issue().der, usage="sign", now=NOW))
        for _ in range(2)
    )
    mine.der = other.der
    with pytest.raises(Refusal, match="CERT-FORM"):
        trusted.verify(mine, NOW)
