"""Seal, hand in, withdraw and open a bid over HTTP, exactly as the browser's islands do (投标客户端).

Everything readable stays here; what a bidder must keep until the opening is in ``KeptBid``.
"""

import io
import json
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from gongheng.crypto import canonical, labels, pack, sealing, signing
from gongheng.crypto.sealing import Container, part_digest
from tools.visitor import Refused, SoftCertificate, Visitor

ENVELOPES = ("E0", "E1", "E2", "E3")


@dataclass(frozen=True)
class Offer:
    """What a bidder offers: price in 分, duration in days, and who answers for it."""

    total_fen: int
    duration_days: int
    quality: str
    manager: str
    contact: str
    phone: str
    guarantee: str = ""


@dataclass
class KeptBid:
    """What a bidder keeps of a sealed bid; the one-time key and the device key are secret."""

    lot: str
    D: str
    manifest: str
    otk_private: str
    device_private: str | None
    promise: dict
    promise_signature: str
    receipt: dict | None = None

    def save(self, file: Path) -> None:
        """Write to a file that only its owner reads."""
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            json.dump(asdict(self), out, ensure_ascii=False, indent=1)

    @classmethod
    def load(cls, file: Path) -> "KeptBid":
        return cls(**json.loads(file.read_text()))


def sealing_rules(session: Visitor, lot: str) -> dict:
    """Ask what a container for the lot must contain now."""
    return session.get_json(f"/bids/{lot}/rules/")


def seal_and_submit(
    session: Visitor, rules: dict, key: SoftCertificate, offer: Offer, qualification: list[tuple[str, BinaryIO]],
    technical: list[tuple[str, BinaryIO]], *, with_device: bool = True, replaces: KeptBid | None = None,
    copy_to: BinaryIO | None = None, machine: Sequence[tuple[str, str]] = (),
) -> KeptBid:
    """Seal the files and the price here, upload the ciphertext and hand it in; returns what to keep.

    Raises Refused with the platform's rule and words. ``copy_to`` receives the container file (.gbid);
    ``machine`` is what is told of this machine (``machine.py``), sealed beside the qualification files.
    """
    device = signing.generate() if with_device else None
    with tempfile.TemporaryFile() as file:
        bid = _seal(file, rules, key, offer, qualification, technical, device, machine)
        container = Container.read(file)
        upload = upload_parts(session, rules["lot"], container)
        answer = hand_in(session, rules["lot"], upload, bid.D, bid.otk_private, replaces)
        if copy_to is not None:
            file.seek(0)
            copy_to.write(file.read())
    if answer["promise"]["D"] != bid.D:
        raise Refused(200, "平台回执与本次封标文件的摘要不一致")
    return KeptBid(
        rules["lot"], bid.D, canonical.b64(bid.manifest), canonical.b64(bid.otk_private),
        canonical.b64(device[0]) if device else None, answer["promise"], answer["signature"],
    )


def upload_parts(session: Visitor, lot: str, container: Container) -> str:
    """Bring the manifest and every missing part to the platform; returns the upload's id."""
    base = f"/bids/{lot}/uploads"
    upload = session.post_json(base, {
        "manifest": canonical.b64(container.manifest_bytes), "signature": canonical.b64(container.signature),
    })["upload"]
    for envelope, number in session.get_json(f"{base}/{upload}/missing")["missing"]:
        data = container.part(envelope, number)
        session.put_bytes(
            f"{base}/{upload}/{envelope}/{number}", data,
            {"X-Part-Digest": canonical.b64(part_digest(data)), "Content-Type": "application/octet-stream"},
        )
    return upload


def hand_in(
    session: Visitor, lot: str, upload: str, digest: str, otk_private: bytes, replaces: KeptBid | None = None
) -> dict:
    """Send the last, tiny message that seals an upload; returns {promise, signature}."""
    message = _message("seal", lot, digest, **({"supersedes": replaces.D} if replaces else {}))
    body = {"upload": upload, "D": digest, "otk_signature": _signed(otk_private, message)}
    if replaces:
        old = canonical.unb64(replaces.otk_private)
        body |= {"supersedes": replaces.D, "supersedes_signature": _signed(old, message)}
    return session.post_json(f"/bids/{lot}/seal", body)


def fetch_receipt(session: Visitor, kept: KeptBid, *, patience: float = 0) -> dict | None:
    """Fetch the full receipt into ``kept``; None when no witness has cosigned within ``patience`` seconds."""
    end = time.monotonic() + patience
    while True:
        body = session.get_json(f"/bids/{kept.lot}/receipt?d={kept.D}")
        if "proof" in body:
            kept.receipt = body
            return body
        if time.monotonic() >= end:
            return None
        time.sleep(0.3)


def withdraw(session: Visitor, kept: KeptBid) -> None:
    """Withdraw a sealed bid before the deadline."""
    message = _message("withdraw", kept.lot, kept.D)
    session.post_json(
        f"/bids/{kept.lot}/withdraw",
        {"D": kept.D, "otk_signature": _signed(canonical.unb64(kept.otk_private), message)},
    )


def open_own(session: Visitor, kept: KeptBid, key: SoftCertificate) -> dict:
    """Open the own bid at the opening: derive the secrets from the kept header and send only them."""
    core = canonical.decode(canonical.unb64(kept.manifest))["core"]
    device = canonical.unb64(kept.device_private) if kept.device_private else None
    secrets = {
        envelope: canonical.b64(sealing.own_secret(core, envelope, key.private_enc, device).to_bytes(32, "big"))
        for envelope in ENVELOPES
    }
    return session.post_json(f"/opening/{kept.lot}/open-own/", {"D": kept.D, "secrets": secrets})


def request_fallback(session: Visitor, kept: KeptBid, reason: str = "other") -> None:
    """Ask the trustees to open the bid, proving by the one-time key that it is ours."""
    message = _message("fallback", kept.lot, kept.D)
    proof = _signed(canonical.unb64(kept.otk_private), message)
    session.post_json(f"/opening/{kept.lot}/fallback/", {"D": kept.D, "reason": reason, "otk_signature": proof})


def _seal(file, rules, key, offer, qualification, technical, device, machine=()):
    price = {
        "v": 1, "total_fen": offer.total_fen, "duration_days": offer.duration_days, "quality": offer.quality,
        "manager": offer.manager, "items": [],
    }
    told = [("device.json", io.BytesIO(json.dumps(machine).encode()))] if machine else []
    with tempfile.TemporaryFile() as e1, tempfile.TemporaryFile() as e2:
        pack.write(e1, [*qualification, *told])
        pack.write(e2, technical)
        return sealing.seal(
            file, tender=rules["tender"], lot=rules["lot"], notice_digest=rules["notice_digest"],
            corrigendum=rules["corrigendum"],
            trustees=[(one["kid"], canonical.unb64(one["public"])) for one in rules["trustees"]],
            own_certificate_public=signing.public_of(key.private_enc),
            # Constant names: a real key id in the header would tell a thief of the phase key who bids.
            own_cert_kid="cert", device_public=device[1] if device else None, device_kid="device" if device else None,
            identity={
                "certificate": [canonical.b64(key.certificate_sign)], "uscc": key.uscc, "name": key.organisation,
                "contact": offer.contact, "phone": offer.phone, "guarantee": offer.guarantee,
                "hall_nonce": canonical.b64(os.urandom(32)),
            },
            sign_inner=lambda message: signing.sign(key.private_sign, message, labels.BID_INNER),
            envelopes={"E1": e1, "E2": e2, "E3": io.BytesIO(canonical.encode(price))},
        )


def _message(act: str, lot: str, digest: str, **more: str) -> bytes:
    return canonical.encode({"v": 1, "act": act, "lot": lot, "D": digest, **more})


def _signed(otk_private: bytes, message: bytes) -> str:
    return canonical.b64(signing.sign(otk_private, message, labels.SEAL))
