"""A bidder checks the receipt alone: the platform's promise, the place in the log, the trustees' words."""

import json

import pytest

from gongheng.crypto import canonical, labels, signing
from gongheng.crypto.canonical import b64
from tools.verify.__main__ import main
from tools.verify.tests.platform import LOT


@pytest.fixture
def receipt(tender) -> dict:
    sealed = tender.sealed["丙"]
    revealed = tender.platform.reveals[sealed.position]
    promise = {"v": 1, "lot": LOT, "D": sealed.bid.D, "t": sealed.at}
    signature = signing.sign(tender.platform.platform[0], canonical.encode(promise), labels.RECEIPT)
    proof = tender.platform.proof(sealed.position)
    word = {"v": 1, "lot": LOT, "D": sealed.bid.D, "ok": True}
    signed = signing.sign(tender.platform.trustees["centre"][0], canonical.encode(word), labels.SHARE_CHECK)
    return {
        "v": 1,
        "promise": promise,
        "signature": b64(signature),
        "t": sealed.at,
        "D": sealed.bid.D,
        "lot": LOT,
        "position": sealed.position,
        "entry": proof["entry"],
        "salt": revealed["salt"],
        "hidden": revealed["hidden"],
        "proof": proof,
        "share_checks": [{"trustee": "centre", "ok": True, "signature": b64(signed)}],
    }


@pytest.fixture
def check(tender, tmp_path):
    policy = tmp_path / "policy.json"
    policy.write_bytes(canonical.encode(tender.platform.policy()))

    def run(receipt: dict) -> int:
        place = tmp_path / "receipt.json"
        place.write_text(json.dumps(receipt, indent=2))
        return main(["receipt", str(place), "--policy", str(policy)])

    return run


def test_a_sound_receipt_passes(receipt, check, capsys):
    assert check(receipt) == 0
    assert "1 家见证方联署" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("t", "2026-03-02T01:00:00.000Z", "承诺"),
        ("salt", b64(bytes(32)), "承诺不符"),
        ("position", 0, "位次"),
        ("signature", b64(bytes(64)), "签名无效"),
        ("D", b64(bytes(32)), "承诺"),
        ("share_checks", [{"trustee": "centre", "ok": False, "signature": b64(bytes(64))}], "份额校验"),
    ],
)
def test_each_false_part_is_told(receipt, check, capsys, field, value, word):
    assert check(receipt | {field: value}) == 1
    assert word in capsys.readouterr().out


def test_a_receipt_needs_keys_from_elsewhere(receipt, tmp_path, capsys):
    place = tmp_path / "receipt.json"
    place.write_text(json.dumps(receipt))
    assert main(["receipt", str(place)]) == 2
