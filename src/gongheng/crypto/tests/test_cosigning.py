"""Checkpoints and cosignatures hold for one log, one size, one root and one key, and for nothing else (检查点测试)."""

import base64
import os

import pytest

from gongheng.crypto import cosigning, signing
from gongheng.crypto.refused import ProofRefused

ORIGIN = "log.example/2026"
ROOT = bytes(range(32))
LOG, WITNESS = bytes(31) + b"\x01", bytes(31) + b"\x02"
WITNESS_KEY = cosigning.witness_key("witness.example/w1", WITNESS)


@pytest.fixture
def note():
    return cosigning.sign_checkpoint(ORIGIN, 20852163, ROOT, ORIGIN, LOG)


def test_the_text_is_that_of_c2sp(note):
    lines = note.split("\n")
    assert lines[:4] == [ORIGIN, "20852163", base64.b64encode(ROOT).decode(), ""]
    assert lines[4].startswith(f"— {ORIGIN} ")
    assert lines[5:] == [""]
    assert len(base64.b64decode(lines[4].split(" ")[2])) == 4 + 64


def test_keys_follow_the_signed_note_reference():
    # The key of golang.org/x/mod/sumdb/note's documentation.
    text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    key = cosigning.parse_key(text)
    assert key.text() == text
    assert key.kind == cosigning.ED25519


def test_keys_come_back_from_their_text():
    for key in (
        cosigning.log_key(ORIGIN, LOG),
        WITNESS_KEY,
        cosigning.sm3_log_key(ORIGIN + "/sm3", signing.generate()[1]),
    ):
        assert cosigning.parse_key(key.text()) == key
        for bad in (key.text()[:-4], key.text().replace(".example", ".sample"), "x", "", key.text() + "AAAA"):
            with pytest.raises(ProofRefused):
                cosigning.parse_key(bad)


def test_a_checkpoint_verifies_for_its_log_and_key_only(note):
    key = cosigning.log_key(ORIGIN, LOG)
    checkpoint = cosigning.verify(note, key, ORIGIN)
    assert (checkpoint.size, checkpoint.root) == (20852163, ROOT)
    with pytest.raises(ProofRefused, match="ORIGIN"):
        cosigning.verify(note, key, "log.example/2027")
    with pytest.raises(ProofRefused, match="SIGNATURE"):
        cosigning.verify(note, cosigning.log_key(ORIGIN, WITNESS), ORIGIN)
    with pytest.raises(ProofRefused, match="SIGNATURE"):
        cosigning.verify(note.replace("20852163", "20852164"), key, ORIGIN)
    # A witness key of the same bytes has another type and may not stand in for the log.
    with pytest.raises(ProofRefused, match="SIGNATURE"):
        cosigning.verify(note, cosigning.witness_key(ORIGIN, LOG), ORIGIN)


def test_the_sm3_tree_is_signed_with_sm2():
    private, public = signing.generate()
    origin = ORIGIN + "/sm3"
    note = cosigning.sign_checkpoint_sm3(origin, 5, ROOT, origin, private)
    key = cosigning.parse_key(cosigning.sm3_log_key(origin, public).text())
    assert cosigning.verify(note, key, origin).size == 5
    with pytest.raises(ProofRefused, match="SIGNATURE"):
        cosigning.verify(note.replace("\n5\n", "\n6\n"), key, origin)


def test_cosignatures_carry_their_time(note):
    checkpoint, _ = cosigning.parse(note)
    line = cosigning.cosign(checkpoint, "witness.example/w1", WITNESS, 1_780_000_000)
    assert cosigning.verify_cosignature(checkpoint, line, WITNESS_KEY) == 1_780_000_000
    cosigning.verify(note + line, cosigning.log_key(ORIGIN, LOG), ORIGIN)
    other = cosigning.Checkpoint(ORIGIN, checkpoint.size + 1, ROOT)
    with pytest.raises(ProofRefused, match="SIGNATURE"):
        cosigning.verify_cosignature(other, line, WITNESS_KEY)
    data = bytearray(base64.b64decode(line.split(" ")[2]))
    data[11] ^= 1
    later = f"— witness.example/w1 {base64.b64encode(data).decode()}\n"
    with pytest.raises(ProofRefused, match="SIGNATURE"):
        cosigning.verify_cosignature(checkpoint, later, WITNESS_KEY)


def test_a_quorum_counts_distinct_witnesses(note):
    checkpoint, _ = cosigning.parse(note)
    secrets = {f"w{i}.example": os.urandom(32) for i in range(3)}
    keys = [cosigning.witness_key(name, secret) for name, secret in secrets.items()]
    lines = [cosigning.cosign(checkpoint, name, secret, 100 + i) for i, (name, secret) in enumerate(secrets.items())]
    assert cosigning.quorum_times(note + "".join(lines[:2]), keys, 2) == {"w0.example": 100, "w1.example": 101}
    with pytest.raises(ProofRefused, match="QUORUM"):
        cosigning.quorum_times(note + lines[0] + lines[0], keys, 2)
    with pytest.raises(ProofRefused, match="QUORUM"):
        cosigning.quorum_times(note + lines[0], keys, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        "a\n1\nAA==\n\n— a AAAA\n",
        "a\n01\nROOT\n\n— a AAAA\n",
        "a\n-1\nROOT\n\n— a AAAA\n",
        "a\n1\nROOT\n\n- a AAAA\n",
        "a\n1\nROOT\n\n— a AAAA",
        "a\n1\nROOT\nmore\n\n— a AAAA\n",
        "a b\n1\nROOT\n\n— a AAAA\n",
        "a\n1\nROOT\n\n",
    ],
)
def test_notes_out_of_form_are_refused(text):
    with pytest.raises(ProofRefused, match="NOTE"):
        cosigning.parse(text.replace("ROOT", base64.b64encode(ROOT).decode()))
