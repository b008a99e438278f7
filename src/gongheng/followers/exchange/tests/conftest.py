"""Systems of a centre and an agency over the scene of coordination (接口测试场景)."""

from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from django.test import Client

from gongheng.crypto import canonical, exchange, signing
from gongheng.followers.exchange import actions
from gongheng.followers.exchange.models import OutsideSystem
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.trading.coordination.tests.scene import Scene, organisation, scene
from gongheng.trust.certificates.tests.issuing import authority, platform
from tools.city.client import Exchange, Key

__all__ = ["authority", "platform", "scene"]

PERIOD = timedelta(hours=6)


class OverDjango(httpx.BaseTransport):
    """Hands requests to Django's test client: everything but the socket."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
        answer = Client().generic(
            request.method, request.url.raw_path.decode(), request.read(), "application/json", **headers
        )
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


@dataclass
class Joined:
    """An outside system with the client that it uses."""

    system: OutsideSystem
    client: Exchange

    def refreshed(self) -> OutsideSystem:
        self.system.refresh_from_db()
        return self.system


@dataclass
class Hub:
    """The provincial centre, and how it lets systems in."""

    scene: Scene
    actor: Actor

    def join(self, of: Actor, kind: str, *, algorithm: str = "sm2", **more) -> Joined:
        private, public = signing.generate()
        given = {"public_key": canonical.b64(public)} if algorithm == exchange.SM2 else {}
        system, secret = actions.register_system(
            Organisation.objects.get(pk=of.organisation), name="某系统", kind=kind, algorithm=algorithm,
            **given | {"notify_origin": "http://127.0.0.1:1"} | more, actor=self.actor, clock=self.scene.clock,
        )
        http = httpx.Client(base_url="http://testserver", transport=OverDjango())
        key = Key(algorithm, secret or private)
        return Joined(system, Exchange("", system.system_no, key, now=self.scene.clock.now, http=http))


@pytest.fixture
def hub(scene) -> Hub:
    province = organisation(9, "山东省公共资源交易中心", "370000", Role.CENTRE)
    return Hub(scene, Actor("p-hub", Role.CENTRE, str(province.pk)))


@pytest.fixture
def agency(hub) -> Joined:
    return hub.join(hub.scene.agency, "trading")


@pytest.fixture
def jinan(hub) -> Joined:
    return hub.join(hub.scene.jinan, "venue")


@pytest.fixture
def qingdao(hub) -> Joined:
    return hub.join(hub.scene.qingdao, "venue", algorithm="hmac-sm3")
