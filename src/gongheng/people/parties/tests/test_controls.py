"""Which organisations belong to one group, who says so, and that the State alone makes none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongheng.kernel.numbers import make_uscc
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.people.identity.tests.test_sign_in import employ
from gongheng.people.parties import actions, queries, rules
from gongheng.people.parties.models import Control, Organisation
from gongheng.people.parties.sentences import SENTENCES
from gongheng.people.parties.tests.test_registration import USCC, sign_in, signed_post
from gongheng.trust.certificates.tests.issuing import NOW
from gongheng.trust.evidence.models import Entry

MOTHER, SISTER, OFFICE = (
    make_uscc("9", "1", "370102", 70000011), make_uscc("9", "1", "370102", 70000012),
    make_uscc("1", "1", "370100", 70000013),
)
codes = st.sampled_from([f"9{letter}" for letter in "abcdef"])


@given(st.sets(codes, max_size=3), st.lists(st.tuples(codes, codes), max_size=8))
def test_a_group_holds_its_own_is_closed_and_the_same_from_every_member(usccs, controls):
    group = rules.group_of(usccs, controls)
    assert usccs <= group
    assert rules.group_of(group, controls) == group
    assert all((upper in group) == (lower in group) for upper, lower in controls)


def test_firms_are_not_related_by_the_state_that_owns_them():
    controls = [(OFFICE, MOTHER), (OFFICE, SISTER)]
    assert rules.group_of({MOTHER}, controls) == {MOTHER, OFFICE}
    assert rules.group_of({OFFICE}, controls) == {OFFICE}


@pytest.mark.django_db
class TestDeclaring:
    @pytest.fixture
    def firm(self, platform) -> Organisation:
        return Organisation.objects.create(
            uscc=USCC, name="济南恒筑建设有限公司", region="370102", roles=["bidder"], legal_representative="甲",
            registered_at=NOW, state="active",
        )

    def test_a_relation_is_declared_once_by_the_firm_itself_and_ended(self, firm, platform):
        own = Actor("p", Role.BIDDER, str(firm.pk))
        said = {"other_uscc": MOTHER, "other_name": "母公司", "is_upper": True, "kind": "holding", "actor": own,
                "clock": platform.CLOCK}
        made = actions.declare_control(firm, **said)
        assert (made.upper_uscc, made.lower_uscc) == (MOTHER, USCC)
        assert queries.group_of({USCC}) == {USCC, MOTHER}
        entries = Entry.objects.count()
        for changes, rule in (
            ({}, "TWICE"), ({"other_uscc": USCC}, "CONTROL"), ({"other_uscc": "123"}, "USCC"),
            ({"kind": "x"}, "CONTROL"), ({"actor": Actor("q", Role.BIDDER, None)}, "PARTY"),
        ):
            with pytest.raises(Refusal, match=rule):
                actions.declare_control(firm, **said | changes)
        assert (Control.objects.count(), Entry.objects.count()) == (1, entries)
        actions.end_control(made, actor=own, clock=platform.CLOCK)
        assert queries.group_of({USCC}) == {USCC}
        with pytest.raises(Refusal, match="STATE"):
            actions.end_control(made, actor=own, clock=platform.CLOCK)
        assert {"parties.control", "parties.end_control"} <= set(SENTENCES)

    def test_the_firm_finds_the_form_on_its_page_and_the_public_the_relation(self, client, firm, authority):
        held = authority.issue("张三", firm.name, USCC)
        employ(held, Role.BIDDER, uscc=USCC)
        page = f"/parties/{firm.pk}/"
        assert "登记控股、管理关系" not in client.get(page).content.decode()
        sign_in(client, held)
        assert "登记控股、管理关系" in client.get(page).content.decode()
        fields = {"side": ["upper"], "kind": ["holding"], "other_uscc": [MOTHER], "other_name": ["母公司"]}
        answer = signed_post(client, held, f"{page}controls/", "parties.control", fields)
        assert answer.status_code == 302, answer.content.decode()
        client.cookies.clear()
        assert MOTHER in client.get(page).content.decode()
