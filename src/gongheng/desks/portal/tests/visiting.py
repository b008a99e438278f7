"""People who use the pages in tests: signed in with a certificate, sending plain and signed forms (测试用户)."""

from dataclasses import dataclass

from django.test import Client

from gongheng.crypto import canonical
from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Actor
from gongheng.people.identity.tests.test_sign_in import employ, sign_in
from gongheng.trading.projects.tests.building import of
from gongheng.trust.certificates.tests.issuing import Held, TestAuthority
from gongheng.trust.signatures.nonces import fresh_nonce


@dataclass
class Visitor:
    """One person's browser with his certificate."""

    client: Client
    held: Held
    clock: Clock

    def get(self, path: str, **query):
        return self.client.get(path, query)

    def text(self, path: str, **query) -> str:
        answer = self.get(path, **query)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def post(self, path: str, **fields):
        return self.client.post(path, fields)

    def sign(self, path: str, verb: str, **fields):
        """Send a signed form; a field's value is text or a list of texts."""
        values = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
        act = self.held.act(
            verb, path, fresh_nonce(self.clock.now()), values, at=canonical.timestamp(self.clock.now())
        )
        return self.client.post(path, values | act)


def visitor(authority: TestAuthority, one: Actor, clock: Clock) -> Visitor:
    """Sign in somebody who acts for the organisation and in the role of ``one``."""
    organisation = of(one)
    held = authority.issue("某人", organisation.name, organisation.uscc)
    employ(held, one.role, uscc=organisation.uscc)
    client = Client()
    assert sign_in(client, held).status_code == 200
    return Visitor(client, held, clock)
