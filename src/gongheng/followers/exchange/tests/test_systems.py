"""Registering, revoking and looking at outside systems."""

import pytest

from gongheng.crypto import canonical
from gongheng.followers.exchange import actions, queries
from gongheng.followers.exchange.models import OutsideSystem
from gongheng.kernel.refusal import Refusal
from gongheng.people.parties.models import Organisation
from gongheng.trust.evidence.models import Entry


def refused(call, *arguments, **named) -> tuple[str, str | None]:
    before = OutsideSystem.objects.count(), Entry.objects.count()
    with pytest.raises(Refusal) as caught:
        call(*arguments, **named)
    assert (OutsideSystem.objects.count(), Entry.objects.count()) == before
    return caught.value.rule, caught.value.field


def register(hub, of, **changes):
    asked = {
        "name": "某系统", "kind": "venue", "algorithm": "hmac-sm3", "actor": hub.actor, "clock": hub.scene.clock,
    }
    return actions.register_system(Organisation.objects.get(pk=of.organisation), **asked | changes)


def test_only_the_provincial_centre_registers(hub):
    assert refused(register, hub, hub.scene.jinan, actor=hub.scene.jinan)[0] == "ROLE"
    assert refused(register, hub, hub.scene.jinan, actor=hub.scene.supervisor)[0] == "ROLE"


@pytest.mark.parametrize(("whose", "changes", "expected"), [
    ("agency", {}, ("PARTY", "uscc")),
    ("jinan", {"kind": "trading"}, ("PARTY", "uscc")),
    ("jinan", {"algorithm": "sm2", "public_key": "AAAA"}, ("KEY", "public_key")),
    ("jinan", {"algorithm": "sm2", "public_key": "?"}, ("KEY", "public_key")),
    ("jinan", {"notify_origin": "https://venues.example/path"}, ("URL", "notify_origin")),
])
def test_what_cannot_be_registered(hub, whose, changes, expected):
    assert refused(register, hub, getattr(hub.scene, whose), **changes) == expected


def test_an_organisation_that_is_not_verified_gets_no_system(hub):
    Organisation.objects.filter(pk=hub.scene.jinan.organisation).update(state="suspended")
    assert refused(register, hub, hub.scene.jinan)[0] == "PARTY"


def test_numbers_differ_and_no_secret_reaches_the_log(hub):
    (first, secret), (second, other) = register(hub, hub.scene.jinan), register(hub, hub.scene.qingdao)
    assert first.system_no == "370100-V001"
    assert second.system_no == "370200-V002"
    assert secret != other
    entry = Entry.objects.get(verb="outside_system.register", subject=f"outside_system:{first.pk}")
    assert canonical.b64(secret) not in bytes(entry.body).decode()
    assert OutsideSystem.objects.get(pk=first.pk).key == secret


def test_who_may_revoke(hub, jinan):
    doing = {"reason": "密钥遗失", "clock": hub.scene.clock}
    assert refused(actions.revoke_system, jinan.system, actor=hub.scene.qingdao, **doing)[0] == "PARTY"
    assert refused(actions.revoke_system, jinan.system, actor=hub.scene.jinan, **doing | {"reason": " "}) == (
        "REASON", "reason",
    )
    actions.revoke_system(jinan.system, actor=hub.scene.jinan, **doing)
    assert jinan.refreshed().revoked_at is not None
    assert refused(actions.revoke_system, jinan.system, actor=hub.actor, **doing)[0] == "STATE"


def test_who_sees_which_systems(hub, agency, jinan):
    scene = hub.scene
    assert set(queries.visible_to(hub.actor)) == {agency.system, jinan.system}
    assert set(queries.visible_to(scene.jinan)) == {jinan.system}
    assert set(queries.visible_to(scene.agency)) == {agency.system}
    assert not queries.visible_to(scene.supervisor).exists()


def test_an_agency_acts_as_agency_and_a_tenderer_as_tenderer(hub, agency):
    assert agency.system.actor.role == "agency"
    assert hub.join(hub.scene.tenderer, "trading").system.actor.role == "tenderer"
