"""Cover containers (掩护件): random content in the very shape of a bid, so that counting tells nothing."""

import io
import os
import secrets
from dataclasses import dataclass
from datetime import datetime

from gongheng.crypto import canonical, labels, sealing, signing
from gongheng.crypto.sealing import Container, part_digest
from tools.trustee.platform import Platform

#: Random files weigh between 16 KiB and 8 MiB, each size class as likely as the next: as bids do.
#: A larger envelope is a bid for certain; docs/trust.md says so.
SMALLEST, DOUBLINGS = 16 * 1024, 9


def plan(rules: dict, now: datetime) -> dict:
    """Decide in secret how often (0–4 times) this lot gets a cover, and when."""
    due = canonical.parse_timestamp(rules["deadline"])
    left = max((due - now).total_seconds() * 0.9, 0)
    # Milliseconds from a secure source: a guessable plan would uncover the covers.
    moments = [secrets.randbelow(int(left * 1000) + 1) / 1000 for _ in range(secrets.randbelow(5))]
    return {"due": [now.timestamp() + moment for moment in moments], "made": []}


@dataclass(frozen=True)
class Cover:
    """A cover sealed here and not handed in yet."""

    D: str
    otk_private: bytes
    container: Container


def seal(rules: dict) -> Cover:
    """Seal random content exactly as a bid is sealed; nobody ever opens it."""
    certificate, device = signing.generate(), signing.generate()
    file = io.BytesIO()
    bid = sealing.seal(
        file, tender=rules["tender"], lot=rules["lot"], notice_digest=rules["notice_digest"],
        corrigendum=rules["corrigendum"],
        trustees=[(one["kid"], canonical.unb64(one["public"])) for one in rules["trustees"]],
        own_certificate_public=certificate[1], own_cert_kid="cert", device_public=device[1], device_kid="device",
        identity={
            # Of the lengths that real identities have, so that the padded envelope tells nothing.
            "certificate": [canonical.b64(os.urandom(485 + secrets.randbelow(25)))], "uscc": "0" * 18,
            "name": "掩" * (10 + secrets.randbelow(8)), "contact": "掩" * (2 + secrets.randbelow(2)), "phone": "0" * 11,
            "guarantee": "0" * secrets.randbelow(16), "hall_nonce": canonical.b64(os.urandom(32)),
        },
        sign_inner=lambda message: signing.sign(certificate[0], message, labels.BID_INNER),
        envelopes={
            "E1": os.urandom(_size()), "E2": os.urandom(_size()), "E3": os.urandom(600),
        },
    )
    return Cover(bid.D, bid.otk_private, Container.read(file))


def choose_old(made: list[dict]) -> dict | None:
    """Choose by lot an own cover that still stands, or None to send one more.

    Bidders replace and withdraw; if covers never did, every replaced container would be a bid.
    """
    gone = {one.get("replaces") for one in made}
    standing = [one for one in made if one["D"] not in gone and not one.get("withdrawn")]
    return secrets.choice(standing) if standing and secrets.randbelow(2) else None


def withdraw(platform: Platform, lot: str, cover: dict) -> None:
    """Withdraw a cover before the deadline, as a bidder withdraws a bid."""
    message = canonical.encode({"v": 1, "act": "withdraw", "lot": lot, "D": cover["D"]})
    platform.post(
        f"/api/trustees/{platform.name}/{lot}/withdraw", {"D": cover["D"], "otk_signature": _signed(cover, message)}
    )


def hand_in(platform: Platform, lot: str, cover: Cover, old: dict | None = None) -> None:
    """Bring a cover in through the bidders' doors, in place of an old one if given."""
    base, container = f"/api/trustees/{platform.name}/{lot}", cover.container
    upload = platform.post(
        f"{base}/uploads",
        {"manifest": canonical.b64(container.manifest_bytes), "signature": canonical.b64(container.signature)},
    )["upload"]
    for envelope, number in platform.get(f"{base}/uploads/{upload}/missing")["missing"]:
        data = container.part(envelope, number)
        platform.put(
            f"{base}/uploads/{upload}/{envelope}/{number}", data,
            {"X-Part-Digest": canonical.b64(part_digest(data)), "Content-Type": "application/octet-stream"},
        )
    replaced = {"supersedes": old["D"]} if old else {}
    message = canonical.encode({"v": 1, "act": "seal", "lot": lot, "D": cover.D, **replaced})
    body = {
        "upload": upload, "D": cover.D,
        "otk_signature": canonical.b64(signing.sign(cover.otk_private, message, labels.SEAL)),
    }
    if old:
        body |= replaced | {"supersedes_signature": _signed(old, message)}
    platform.post(f"{base}/seal", body)


def strike(platform: Platform, lot: str, cover: dict) -> None:
    """Own up to a cover after the close, by the signature only its maker can give."""
    message = canonical.encode({"v": 1, "act": "cover", "lot": lot, "D": cover["D"]})
    signature = signing.sign(canonical.unb64(cover["otk"]), message, labels.COVER)
    platform.post(
        f"/api/trustees/{platform.name}/{lot}/strike", {"D": cover["D"], "signature": canonical.b64(signature)}
    )


def _signed(cover: dict, message: bytes) -> str:
    return canonical.b64(signing.sign(canonical.unb64(cover["otk"]), message, labels.SEAL))


def _size() -> int:
    bound = SMALLEST << secrets.randbelow(DOUBLINGS)
    return bound + secrets.randbelow(bound)
