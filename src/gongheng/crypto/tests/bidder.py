"""A bidder with certificate, device, trustees and a sealed container, made for these tests (测试投标人)."""

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gongheng.crypto import canonical, certs, labels, pack, sealing, signing
from gongheng.crypto.canonical import b64

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
AUTHORITY = certs.Subject("公衡演示签发机构", "公衡")
USCC = "91420100MA4KXXXX1A"
PRICE = {"v": 1, "total_fen": 123456700, "duration_days": 180, "quality": "合格", "manager": "李四", "items": []}
FILES = {"E1": {"营业执照.pdf": b"%PDF-1.7 licence"}, "E2": {"技术标.pdf": bytes(range(256)) * 9000, "图.dwg": b""}}


@dataclass
class Bidder:
    """Keys of one bidder and of three trustees; `seal` makes a container with them."""

    authority: tuple[bytes, bytes] = field(default_factory=signing.generate)
    signer: tuple[bytes, bytes] = field(default_factory=signing.generate)
    encryption: tuple[bytes, bytes] = field(default_factory=signing.generate)
    device: tuple[bytes, bytes] = field(default_factory=signing.generate)
    trustees: list[tuple[bytes, bytes]] = field(default_factory=lambda: [signing.generate() for _ in range(3)])

    def certificate(self, *, usage: str = "sign", uscc: str = USCC) -> bytes:
        """Return the DER of the bidder's certificate."""
        subject = certs.Subject("张三", "某某建设有限公司", uscc, "湖北省")
        return certs.issue(self.authority[0], AUTHORITY, subject, self.signer[1], usage, 7, BEGIN, END)

    def seal(self, *, with_device: bool = True, files=FILES, identity=None, sign_inner=None, **changes):
        """Return (container bytes, SealedBid)."""
        arguments = {
            "tender": "T2026-001", "lot": "T2026-001-1", "notice_digest": b64(bytes(32)), "corrigendum": 1,
            "trustees": [(signing.kid(public), public) for _, public in self.trustees],
            "own_certificate_public": self.encryption[1], "own_cert_kid": signing.kid(self.encryption[1]),
            "identity": {
                "certificate": [b64(self.certificate())], "uscc": USCC, "name": "某某建设有限公司", "contact": "王五",
                "phone": "13800000000", "guarantee": "BH-1", "hall_nonce": b64(b"n" * 32), **(identity or {}),
            },
            "sign_inner": sign_inner or (lambda message: signing.sign(self.signer[0], message, labels.BID_INNER)),
            "envelopes": {**{env: packed(content) for env, content in files.items()}, "E3": canonical.encode(PRICE)},
        }  # fmt: skip
        if with_device:
            arguments |= {"device_public": self.device[1], "device_kid": signing.kid(self.device[1])}
        out = io.BytesIO()
        bid = sealing.seal(out, **arguments | changes)
        return out.getvalue(), bid


def packed(files: dict[str, bytes]) -> bytes:
    """Return a pack of the files as bytes."""
    out = io.BytesIO()
    pack.write(out, [(name, io.BytesIO(body)) for name, body in files.items()])
    return out.getvalue()


def opened(container: sealing.Container, env: str, secret: int) -> bytes:
    """Return the content of an envelope."""
    out = io.BytesIO()
    size = sealing.open_envelope(container, env, secret, out)
    assert size == len(out.getvalue())
    return out.getvalue()
