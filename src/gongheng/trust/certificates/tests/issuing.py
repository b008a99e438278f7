"""Certificates for tests: an authority of its own, and people who hold keys (测试证书)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gongheng.crypto import canonical, certs, labels, signing
from gongheng.kernel.clock import SettableClock
from gongheng.kernel.keyring import Keyring
from gongheng.trust.certificates.actions import row_of
from gongheng.trust.certificates.models import Certificate

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Held:
    """A certificate together with the private key that belongs to it."""

    private: bytes
    der: bytes

    @property
    def kid(self) -> str:
        return signing.kid(signing.public_of(self.private))

    def signed(self, value: dict, label: str) -> tuple[str, str]:
        body = canonical.encode(value)
        return canonical.b64(body), canonical.b64(signing.sign(self.private, body, label))

    def login(self, nonce: str, **changes) -> dict:
        """Return the JSON of a sign-in as the island sends it."""
        said = {
            "v": 1, "nonce": nonce, "origin": "http://localhost:8000", "at": canonical.timestamp(NOW),
            "certificate": self.kid, **changes,
        }
        message, signature = self.signed(said, labels.LOGIN)
        return {"message": message, "signature": signature, "certificate": canonical.b64(self.der)}

    def act(self, verb: str, subject: str, nonce: str, fields: dict, files: dict | None = None, **changes) -> dict:
        """Return form data with the signed act, as the island fills it in."""
        said = {
            "v": 1, "verb": verb, "subject": subject, "fields": fields, "files": files or {}, "nonce": nonce,
            "origin": "http://localhost:8000", "at": canonical.timestamp(NOW), **changes,
        }
        act, signature = self.signed(said, labels.ACT)
        return {"act": act, "act_signature": signature}


@dataclass
class TestAuthority:
    """An issuer that the platform under test trusts, unless it was made as a stranger."""

    __test__ = False
    name: str = "测试认证机构"
    private: bytes = field(default_factory=lambda: signing.generate()[0])
    serial: int = 1

    def root(self) -> bytes:
        names = certs.Subject(self.name, self.name)
        return certs.issue(
            self.private, names, names, signing.public_of(self.private), "ca", 1, NOW - timedelta(days=900),
            NOW + timedelta(days=9000),
        )

    def issue(
        self, name="张三", organisation="济南恒筑建设有限公司", uscc=None, usage="sign",
        not_before=NOW - timedelta(days=30), not_after=NOW + timedelta(days=300),
    ) -> Held:
        private, public = signing.generate()
        self.serial += 1
        subject = certs.Subject(name, organisation, uscc, None)
        issuer = certs.Subject(self.name, self.name)
        der = certs.issue(self.private, issuer, subject, public, usage, self.serial, not_before, not_after)
        return Held(private, der)

    def row(self, held: Held) -> Certificate:
        """Return the unsaved row of an own certificate; only foreign ones need the child process that parses them."""
        return row_of(certs.parse(held.der), certs.parse(self.root()))


def set_up(settings, folder: Path):
    """Make ``settings`` those of a platform with its own state folder, keys and a clock at a Monday morning."""
    folder.mkdir(exist_ok=True)
    settings.VAR = folder
    settings.FILES = folder / "files"
    settings.KEYRING = Keyring(folder / "keys")
    settings.CLOCK = SettableClock(NOW)
    settings.ORIGIN = "http://localhost:8000"
    settings.CSRF_TRUSTED_ORIGINS = ["http://localhost:8000"]
    settings.SESSION_COOKIE_SECURE = False
    return settings


def trusting(settings) -> TestAuthority:
    """Return the one issuer that the platform trusts."""
    made = TestAuthority()
    folder = settings.VAR / "ca"
    folder.mkdir()
    (folder / "root.der").write_bytes(made.root())
    return made


@pytest.fixture
def platform(settings, tmp_path: Path):
    """Settings of a platform of the test's own."""
    return set_up(settings, tmp_path)


@pytest.fixture
def authority(platform) -> TestAuthority:
    """The one trusted issuer."""
    return trusting(platform)
