"""From the venue order to the approved draw through HTTP: sign in, fill in the page's own form, sign, send."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.test import Client
from lxml import html

from gongheng.crypto import canonical
from gongheng.kernel.clock import SHANGHAI
from gongheng.people.identity.actions import register_person
from gongheng.people.identity.tests.test_sign_in import sign_in
from gongheng.people.parties.models import Membership
from gongheng.trading.coordination.tests.scene import ENDS, STARTS
from gongheng.trading.draws.models import Draw
from gongheng.trust.certificates.tests.issuing import NOW, Held
from gongheng.trust.signatures.models import Signature

pytestmark = pytest.mark.urls("gongheng.trading.coordination.tests.routes")


@dataclass
class Browser:
    """A signed-in person who does what <signed-form> does."""

    client: Client
    held: Held

    def act(self, page: str, verb: str, **fields) -> str:
        """Fill in the form of ``verb`` on ``page``, sign it, send it; return where it leads."""
        shown = self.client.get(page)
        assert shown.status_code == 200, page
        signer = html.fromstring(shown.content).xpath(f"//signed-form[@verb='{verb}']")[0]
        form = signer.find("form")
        values: dict[str, list[str]] = {}
        for name, value in form.form_values():
            values.setdefault(name, []).append(value)
        values |= {name: [str(value)] for name, value in fields.items()}
        unsigned = ("act", "act_signature", "csrfmiddlewaretoken")
        signed = {name: value for name, value in values.items() if name not in unsigned}
        act = self.held.act(verb, signer.get("subject"), signer.get("nonce"), signed)
        answer = self.client.post(form.get("action") or page, signed | act, HTTP_REFERER=page)
        assert answer.status_code == 302, answer.content.decode()
        return answer["Location"]


@pytest.fixture
def browsers(scene, pool, authority) -> dict[str, Browser]:
    made = {}
    for name in ("agency", "supervisor", "jinan", "qingdao"):
        actor = getattr(scene, name)
        held = authority.issue(name=f"经办{name}")
        person = register_person(f"经办{name}", "1", authority.row(held), now=NOW)
        Membership.objects.create(person=person, organisation_id=actor.organisation, role=actor.role, since=NOW)
        made[name] = Browser(Client(), held)
        assert sign_in(made[name].client, held).status_code == 200
    return made


def test_venues_and_draw_are_ordered_answered_and_approved_by_signed_forms(scene, browsers):
    local = "%Y-%m-%dT%H:%M"
    order = browsers["agency"].act(
        f"/coordination/lots/{scene.lot.pk}/order/", "coordination.order",
        starts_at=STARTS.astimezone(SHANGHAI).strftime(local), ends_at=ENDS.astimezone(SHANGHAI).strftime(local),
        main_seats=3, sub_venue=scene.sub.pk, sub_seats=2, contact="李四", phone="13800000000",
    )
    assert "待主场确认" in browsers["agency"].client.get(order).content.decode()
    for name, main in (("jinan", True), ("qingdao", False)):
        offer = scene.lot.venue_orders.get().offers.get(is_main=main)
        browsers[name].act(f"/coordination/offers/{offer.pk}/", "coordination.confirm")
    assert scene.lot.venue_orders.get().state == "confirmed"
    page = browsers["agency"].act(f"/draws/lots/{scene.lot.pk}/order/", "draws.order")
    browsers["supervisor"].act(page, "draws.approve")
    draw = Draw.objects.get()
    assert draw.state == "committing"
    verbs = [canonical.decode(bytes(one.act))["verb"] for one in Signature.objects.order_by("signed_at", "pk")]
    assert {"coordination.order", "coordination.confirm", "draws.order", "draws.approve"} == set(verbs)


def test_a_refused_act_shows_its_rule_and_changes_nothing(scene, browsers):
    page = f"/coordination/lots/{scene.lot.pk}/order/"
    late = (STARTS + timedelta(days=2)).astimezone(SHANGHAI)
    with pytest.raises(AssertionError, match="规则 DAY"):
        browsers["agency"].act(
            page, "coordination.order", starts_at=STARTS.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
            ends_at=late.strftime("%Y-%m-%dT%H:%M"), main_seats=3, sub_venue=scene.sub.pk, sub_seats=2, contact="李四",
            phone="1",
        )
    assert not scene.lot.venue_orders.exists()
    assert browsers["qingdao"].client.get(page).status_code == 404
