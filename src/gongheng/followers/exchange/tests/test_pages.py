"""The pages of outside systems and of the interface."""

import pytest
from django.contrib.messages.storage.base import BaseStorage
from django.http import Http404
from django.test import Client, RequestFactory

from gongheng.crypto import canonical
from gongheng.followers.exchange import views
from gongheng.followers.exchange.models import OutsideSystem
from gongheng.followers.exchange.operations import EVENTS, OPERATIONS
from gongheng.kernel.roles import ANYONE
from gongheng.people.parties.models import Organisation


class Silent(BaseStorage):
    def _get(self, *args, **kwargs):
        return [], True

    def _store(self, messages, response, *args, **kwargs):
        return []


@pytest.fixture
def answer(monkeypatch):
    """Call a view as an actor; what was signed is for trust/signatures to check."""
    monkeypatch.setattr("gongheng.ui.pages.verify_act", lambda request: None)

    def call(view, actor, data: dict | None = None, **kwargs):
        factory = RequestFactory()
        request = factory.get("/") if data is None else factory.post("/", data)
        request.actor, request._messages = actor, Silent(None)
        return view(request, **kwargs)

    return call


def form(of, **changes) -> dict:
    return {
        "uscc": Organisation.objects.get(pk=of.organisation).uscc, "name": "济南场地系统", "kind": "venue",
        "algorithm": "hmac-sm3", "public_key": "", "notify_origin": "http://127.0.0.1:9000", **changes,
    }


def test_a_shared_secret_is_shown_once(hub, answer):
    shown = answer(views.register, hub.actor, form(hub.scene.jinan))
    system = OutsideSystem.objects.get()
    secret = canonical.b64(system.key)
    assert secret in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    page = answer(views.system, hub.actor, pk=system.pk).content.decode()
    assert system.system_no in page
    assert secret not in page


@pytest.mark.parametrize(("changes", "said"), [
    ({"uscc": "123"}, "没有登记该统一社会信用代码的单位"), ({"kind": "trading"}, "交易系统应属于"),
    ({"algorithm": "sm2"}, "公钥应为 65 字节"), ({"notify_origin": "127.0.0.1"}, "网址格式不符"),
])
def test_what_is_wrong_in_a_registration_stands_at_the_field(hub, answer, changes, said):
    assert said in answer(views.register, hub.actor, form(hub.scene.jinan, **changes)).content.decode()
    assert not OutsideSystem.objects.exists()


def test_only_the_registrar_gets_to_the_form(hub, answer):
    assert answer(views.register, hub.scene.jinan).status_code == 302
    assert "签名并登记" in answer(views.register, hub.actor).content.decode()
    assert "登记接入" not in answer(views.systems, hub.scene.jinan).content.decode()


def test_a_system_is_seen_and_revoked_by_its_own_side_only(hub, jinan, answer):
    pk = jinan.system.pk
    jinan.client.call("hall", {})
    page = answer(views.system, hub.scene.jinan, pk=pk).content.decode()
    assert "hall" in page
    assert 'verb="exchange.revoke"' in page
    with pytest.raises(Http404):
        answer(views.system, hub.scene.qingdao, pk=pk)
    with pytest.raises(Http404):
        answer(views.revoke, hub.scene.qingdao, {"reason": "x"}, pk=pk)
    answer(views.revoke, hub.scene.jinan, {"reason": "密钥遗失"}, pk=pk)
    assert jinan.refreshed().state == "revoked"
    assert 'verb="exchange.revoke"' not in answer(views.system, hub.scene.jinan, pk=pk).content.decode()


def test_the_interface_is_public_and_names_everything(platform, answer, db):
    page = answer(views.interface, ANYONE).content.decode()
    for name in (*OPERATIONS, *EVENTS):
        assert f"<code>{name}</code>" in page
    assert "sub_venues[].region" in page


def test_the_document_is_served_as_it_is_drawn(platform, db):
    told = Client().get("/api/exchange/openapi.json").json()
    assert set(told["paths"]) == {f"/api/exchange/{name}" for name in OPERATIONS}
    assert Client().get("/api/exchange/hall").status_code == 405
