"""From an unregistered company's certificate to a verified organisation, through HTTP."""

from datetime import timedelta

import pytest
from django.test import Client

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.identity.models import Person
from gongheng.people.identity.tests.test_sign_in import employ, sign_in
from gongheng.people.parties import actions, queries, rules
from gongheng.people.parties.lifecycle import ORGANISATION, State
from gongheng.people.parties.models import Membership, Organisation
from gongheng.people.parties.sentences import SENTENCES
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry
from gongheng.trust.signatures.models import Signature
from gongheng.trust.signatures.nonces import fresh_nonce

pytestmark = pytest.mark.django_db
USCC = make_uscc("9", "1", "370102", 70000001)
CENTRE_USCC = make_uscc("1", "2", "370100", 70000002)
FIELDS = {
    "roles": ["tenderer", "bidder"], "region": ["370102"], "legal_representative": ["赵六"], "address": ["经十路1号"],
    "contact": ["钱七"], "phone": ["0531-8000000"],
}


def signed_post(client, held, path: str, verb: str, fields: dict, at=NOW):
    return client.post(path, fields | held.act(verb, path, fresh_nonce(NOW), fields))


@pytest.fixture
def applicant(client, authority):
    held = authority.issue("张三", "济南恒筑建设有限公司", USCC)
    assert sign_in(client, held).json() == {"next": "/parties/register/"}
    return held


@pytest.fixture
def centre(authority):
    held = authority.issue("中心经办", "济南市公共资源交易中心", CENTRE_USCC)
    employ(held, Role.CENTRE, uscc=CENTRE_USCC)
    desk = Client()
    sign_in(desk, held)
    return desk, held


def register(client, held):
    answer = signed_post(client, held, "/parties/register/", "parties.register", FIELDS)
    assert answer.status_code == 302, answer.content.decode()
    return Organisation.objects.get(uscc=USCC)


def test_before_registering_the_applicant_leaves_no_row(client, applicant):
    page = client.get("/parties/register/").content.decode()
    assert USCC in page
    assert "济南恒筑建设有限公司" in page
    assert Certificate.objects.count() == Person.objects.count() == 0


def test_registration_takes_code_and_name_from_the_certificate(client, applicant):
    organisation = register(client, applicant)
    assert (organisation.name, organisation.state) == ("济南恒筑建设有限公司", State.SUBMITTED)
    entry = Entry.objects.get(verb="organisation.register")
    person = Person.objects.get()
    kept = Signature.objects.get()
    assert entry.actor == kept.signer == str(person.pk)
    assert kept.certificate.kid == applicant.kid
    assert client.get("/parties/mine/").url == f"/parties/{organisation.pk}/"
    assert "待核验" in client.get(f"/parties/{organisation.pk}/").content.decode()


def test_a_form_that_forgets_something_writes_nothing(client, applicant):
    fields = {name: value for name, value in FIELDS.items() if name != "roles"} | {"phone": ["12"]}
    answer = signed_post(client, applicant, "/parties/register/", "parties.register", fields)
    assert answer.status_code == 200
    assert "联系电话" in answer.content.decode()
    assert Organisation.objects.count() == Person.objects.count() == Signature.objects.count() == 0


def test_an_organisation_registers_once(client, applicant, authority):
    register(client, applicant)
    second = Client()
    other = authority.issue("李四", "济南恒筑建设有限公司", USCC)
    sign_in(second, other)
    answer = signed_post(second, other, "/parties/register/", "parties.register", FIELDS)
    assert "PARTY-EXISTS" in answer.content.decode()
    assert Person.objects.count() == Organisation.objects.count() == 1


@pytest.mark.parametrize("uscc", [None, "91370102MA00000001"])
def test_a_certificate_without_a_valid_code_registers_nothing(client, authority, uscc):
    held = authority.issue("张三", "某公司", uscc)
    sign_in(client, held)
    answer = signed_post(client, held, "/parties/register/", "parties.register", FIELDS)
    assert answer.status_code == 200
    assert ("USCC" if uscc else "CERT-PARTY") in answer.content.decode()
    assert not Organisation.objects.exists()


def test_without_a_certificate_nobody_registers(client, platform):
    assert client.get("/parties/register/").url.startswith("/sign-in/")
    client.post("/parties/register/", FIELDS)
    assert not Organisation.objects.exists()


def test_accepted_by_the_centre_it_may_act(client, applicant, centre):
    organisation = register(client, applicant)
    desk, keeper = centre
    assert organisation.name in desk.get("/parties/").content.decode()
    path = f"/parties/{organisation.pk}/accept/"
    signed_post(desk, keeper, path, "parties.accept", {})
    organisation.refresh_from_db()
    assert organisation.state == State.ACTIVE
    roles = {one.role for one in client.get("/sign-in/me/").wsgi_request.capacities}
    assert roles == {Role.TENDERER, Role.BIDDER}


def test_returned_with_a_reason_it_is_corrected_and_handed_in_again(client, applicant, centre):
    organisation = register(client, applicant)
    desk, keeper = centre
    path = f"/parties/{organisation.pk}/return/"
    signed_post(desk, keeper, path, "parties.return", {"reason": [""]})
    organisation.refresh_from_db()
    assert organisation.state == State.SUBMITTED
    signed_post(desk, keeper, path, "parties.return", {"reason": ["请更正住所"]})
    again = f"/parties/{organisation.pk}/resubmit/"
    assert "请更正住所" in client.get(again).content.decode()
    signed_post(client, applicant, again, "parties.resubmit", FIELDS | {"roles": ["bidder"], "address": ["经十路2号"]})
    organisation.refresh_from_db()
    assert (organisation.state, organisation.roles, organisation.address) == (State.SUBMITTED, ["bidder"], "经十路2号")
    assert [one.role for one in Membership.objects.filter(ended_at=None, organisation=organisation)] == ["bidder"]


def test_an_unsigned_acceptance_changes_nothing(client, applicant, centre):
    organisation = register(client, applicant)
    desk, _ = centre
    desk.post(f"/parties/{organisation.pk}/accept/")
    organisation.refresh_from_db()
    assert organisation.state == State.SUBMITTED


def test_another_citys_centre_is_not_competent(client, applicant, authority):
    organisation = register(client, applicant)
    uscc = make_uscc("1", "2", "370200", 70000003)
    held = authority.issue("青岛经办", "青岛市公共资源交易中心", uscc)
    employ(held, Role.CENTRE, uscc=uscc)
    Organisation.objects.filter(uscc=uscc).update(region="370200")
    desk = Client()
    sign_in(desk, held)
    signed_post(desk, held, f"/parties/{organisation.pk}/accept/", "parties.accept", {})
    organisation.refresh_from_db()
    assert organisation.state == State.SUBMITTED


def test_a_rival_cannot_see_or_verify_a_registration(client, applicant, authority):
    organisation = register(client, applicant)
    rival = authority.issue("对手", "对手公司")
    employ(rival, Role.BIDDER)
    other = Client()
    sign_in(other, rival)
    assert other.get(f"/parties/{organisation.pk}/").status_code == 404
    path = f"/parties/{organisation.pk}/accept/"
    assert signed_post(other, rival, path, "parties.accept", {}).status_code == 404
    Organisation.objects.filter(pk=organisation.pk).update(state=State.ACTIVE)
    shown = other.get(f"/parties/{organisation.pk}/").content.decode()
    assert USCC in shown
    assert "0531-8000000" not in shown


def test_a_colleague_joins_by_a_certificate_of_the_same_organisation(authority, platform):
    held = authority.issue("张三", "甲公司", USCC)
    person = employ(held, Role.BIDDER, uscc=USCC)
    organisation = Organisation.objects.get(uscc=USCC)
    actor = Actor(str(person.pk), Role.BIDDER, str(organisation.pk))
    colleague = authority.issue("李四", "甲公司", USCC)
    joined = actions.add_member(organisation, colleague.der, phone="", actor=actor, clock=platform.CLOCK)
    renewed = actions.add_member(
        organisation, authority.issue("李四", "甲公司", USCC).der, phone="", actor=actor, clock=platform.CLOCK
    )
    assert joined == renewed
    assert joined.bindings.count() == 2
    before = (Person.objects.count(), Certificate.objects.count(), Entry.objects.count())
    strange = authority.issue("王五", "乙公司", CENTRE_USCC).der
    with pytest.raises(Refusal, match="CERT-PARTY"):
        actions.add_member(organisation, strange, phone="", actor=actor, clock=platform.CLOCK)
    with pytest.raises(Refusal, match="CERT-EXPIRED"):
        actions.add_member(
            organisation, authority.issue("王五", "甲公司", USCC, not_after=NOW - timedelta(days=1)).der, phone="",
            actor=actor, clock=platform.CLOCK,
        )
    own = Membership.objects.get(person=person)
    with pytest.raises(Refusal, match="PARTY-SELF"):
        actions.end_membership(own, actor=actor, clock=platform.CLOCK)
    assert before == (Person.objects.count(), Certificate.objects.count(), Entry.objects.count())
    actions.end_membership(Membership.objects.get(person=joined), actor=actor, clock=platform.CLOCK)
    assert queries.capacities(joined) == []


def test_a_suspended_organisation_and_its_return(authority, platform):
    held = authority.issue("张三", "甲公司", USCC)
    person = employ(held, Role.BIDDER, uscc=USCC)
    organisation = Organisation.objects.get(uscc=USCC)
    supervisor = Actor("s", Role.SUPERVISOR)
    with pytest.raises(Refusal, match="REASON"):
        actions.suspend_organisation(organisation, reason=" ", actor=supervisor, clock=platform.CLOCK)
    actions.suspend_organisation(organisation, reason="围标", actor=supervisor, clock=platform.CLOCK)
    assert queries.capacities(person) == []
    assert queries.last_reason(organisation) == "围标"
    with pytest.raises(Refusal, match="ROLE"):
        actions.resume_organisation(organisation, actor=Actor("b", Role.BIDDER), clock=platform.CLOCK)
    actions.resume_organisation(organisation, actor=supervisor, clock=platform.CLOCK)
    assert len(queries.capacities(person)) == 1


@pytest.mark.parametrize("roles", [[], ["supervisor"], ["bidder", "centre"]])
def test_roles_of_public_bodies_cannot_be_asked_for(roles):
    with pytest.raises(Refusal, match="PARTY-ROLE"):
        rules.check_roles(roles)


def test_every_cell_of_the_lifecycle_that_the_table_leaves_out_is_refused():
    for move in ORGANISATION.moves:
        for state in State.values:
            for role in Role:
                thing = Organisation(state=state)
                refusal = ORGANISATION.refusal(thing, move.name, role, NOW)
                assert (refusal is None) == (state in move.source and role in move.by)


def test_every_verb_has_its_sentence():
    assert {ORGANISATION.verb(move.name) for move in ORGANISATION.moves} | {"organisation.register"} <= set(SENTENCES)
