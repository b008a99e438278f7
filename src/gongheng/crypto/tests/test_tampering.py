"""Every alteration of a container is refused under the right code, signed anew by its maker or not (篡改测试)."""

import copy
import io

import pytest

from gongheng.crypto import canonical, envelopes, labels, sealing, signing
from gongheng.crypto.canonical import b64, unb64
from gongheng.crypto.refused import ContainerRefused

from . import bidder

SEALED = envelopes.SEALED_CHUNK


@pytest.fixture(scope="module")
def someone():
    return bidder.Bidder()


@pytest.fixture(scope="module")
def made(someone):
    data, bid = someone.seal()
    return sealing.Container.read(io.BytesIO(data)), bid, data


def refused(code):
    return pytest.raises(ContainerRefused, match=rf"^\[{code}\] \S")


class Forger:
    """A malicious bidder: takes a container apart, alters it, and signs it again with the true one-time key."""

    def __init__(self, container, bid):
        self.manifest = copy.deepcopy(container.manifest)
        self.bodies = {
            row["id"]: b"".join(container.part(row["id"], n) for n in range(len(row["parts"])))
            for row in container.manifest["envelopes"]
        }
        self.bid = bid

    @property
    def core(self):
        return self.manifest["core"]

    def container(self) -> sealing.Container:
        """Return the altered container with digests, roots and outer signature that fit."""
        for row in self.manifest["envelopes"]:
            body = self.bodies[row["id"]]
            parts = [body[i : i + envelopes.SEALED_PART] for i in range(0, len(body), envelopes.SEALED_PART)]
            digests = [sealing.part_digest(part) for part in parts]
            row |= {"size": len(body), "parts": [b64(d) for d in digests], "root": b64(sealing.parts_root(digests))}
        data = canonical.encode(self.manifest)
        signature = signing.sign(self.bid.otk_private, labels.digest(labels.BID_MANIFEST, data), labels.BID_OTK)
        whole = sealing.frame(data, signature) + b"".join(self.bodies.values())
        return sealing.Container.read(io.BytesIO(whole))


def sealed_price(forger, plain: bytes, *, chunks: int) -> bytes:
    """Return a price body whose maker believes it to have `chunks` chunks."""
    core, size = forger.core, envelopes.CHUNK
    digest = envelopes.core_digest(core)
    cipher = envelopes.ChunkCipher(forger.bid.secrets["E3"], digest, unb64(core["salt"]), core["lot"], "E3", chunks)
    return b"".join(cipher.seal(i, plain[i * size : (i + 1) * size]) for i in range(4))


@pytest.fixture
def forger(made):
    return Forger(made[0], made[1])


def test_the_forger_without_forgery_is_accepted(forger, made):
    again = forger.container()
    again.check()
    assert again.D == made[0].D


def test_no_bit_of_the_file_can_be_turned(made):
    _, _, data = made
    head = len(data) - sum(row["size"] for row in made[0].manifest["envelopes"])
    places = [*range(0, head, 37), head - 1, head, head + 5, len(data) // 2, len(data) - 1]
    for place in places:
        altered = bytearray(data)
        altered[place] ^= 1
        with pytest.raises(ContainerRefused):
            sealing.Container.read(io.BytesIO(altered)).check()


@pytest.mark.parametrize("cut", [0, 7, 11, 500, -1, -65568])
def test_a_shortened_file_is_refused(made, cut):
    with pytest.raises(ContainerRefused):
        sealing.Container.read(io.BytesIO(made[2][:cut]))


def test_bytes_after_the_end_are_refused(made):
    with refused("SIZE"):
        sealing.Container.read(io.BytesIO(made[2] + b"\x00"))


def test_a_foreign_outer_signature_is_refused(made):
    other = signing.sign(signing.generate()[0], made[0].digest, labels.BID_OTK)
    with refused("SIGNATURE"):
        sealing.Container(made[0].manifest_bytes, other, made[0].part).check()


def test_parts_swapped_repeated_or_altered_are_refused(made):
    container = made[0]
    count = len(container.envelope("E2")["parts"])
    assert count >= 3
    tampered = {
        "swapped": lambda env, n: container.part(env, 1 - n) if env == "E2" and n < 2 else container.part(env, n),
        "repeated": lambda env, n: container.part(env, 0) if env == "E2" and n == 1 else container.part(env, n),
        "short": lambda env, n: container.part(env, n)[:-1],
        "other": lambda env, n: container.part(env, n)[:-1] + b"\x00",
    }
    for read_part in tampered.values():
        with refused("PART"):
            sealing.Container(container.manifest_bytes, container.signature, read_part).check()


CORE_CHANGES = {
    "SUITE": [lambda c: c.update(suite="INT1"), lambda c: c.update(suite="GM0"), lambda c: c.pop("suite")],
    "LEVEL": [lambda c: c.update(level="H")],
    "FIELDS": [
        lambda c: c.update(v=2), lambda c: c.update(v=True), lambda c: c.update(extra=1), lambda c: c.pop("salt"),
        lambda c: c.update(corrigendum=-1), lambda c: c.update(corrigendum="1"), lambda c: c.update(salt="AA"),
        lambda c: c.update(lot=""), lambda c: c.update(lot=5), lambda c: c.update(notice_digest="=="),
        lambda c: c["trustees"].update(k=1), lambda c: c["trustees"].update(keys=c["trustees"]["keys"][:2]),
        lambda c: c["trustees"].update(keys=[c["trustees"]["keys"][0]] * 3), lambda c: c["env"].reverse(),
        lambda c: c["env"].pop(), lambda c: c["env"][0]["fall"].reverse(), lambda c: c["env"][0]["fall"].pop(),
        lambda c: c["env"][0].update(own=[]), lambda c: c["env"][0].update(own=[1]),
        lambda c: c["env"][0]["own"][0].update(mode="cert"), lambda c: c["env"][0]["own"][0].update(mode=[]),
        lambda c: c["env"][0]["own"][0].update(blob="A" * 800), lambda c: c["env"][0]["fall"][0].update(index=True),
        lambda c: c["env"][0].update(C=c["env"][0]["C"][:1]),
    ],
    "POINT": [
        lambda c: c["env"][0]["C"].__setitem__(0, b64(b"\x04" + bytes(64))),
        lambda c: c["env"][3].update(C=c["env"][0]["C"]),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("code", "n"), [(code, n) for code, items in CORE_CHANGES.items() for n in range(len(items))])
def test_a_core_out_of_form_is_refused_though_signed_anew(forger, code, n):
    CORE_CHANGES[code][n](forger.core)
    with refused(code):
        forger.container()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "technical"}, "FIELDS"), ({"id": "E2"}, "FIELDS"), ({"part_size": 1}, "FIELDS"), ({"x": 1}, "FIELDS"),
        ({"size": True}, "SIZE"), ({"size": 10}, "SIZE"), ({"size": "9"}, "SIZE"), ({"parts": []}, "FIELDS"),
        ({"root": b64(bytes(32))}, "ROOT"), ({"parts": [b64(bytes(32))]}, "ROOT"), ({"parts": ["x"]}, "FIELDS"),
    ],
)  # fmt: skip
def test_an_envelope_row_out_of_form_is_refused(made, change, code):
    manifest = copy.deepcopy(made[0].manifest)
    manifest["envelopes"][1] |= change
    with refused(code):
        sealing.parse_manifest(canonical.encode(manifest))


def test_a_manifest_that_is_not_canonical_or_too_long_is_refused(made):
    with refused("CANONICAL"):
        sealing.parse_manifest(made[0].manifest_bytes + b" ")
    with refused("SIZE"):
        sealing.parse_manifest(bytes((1 << 20) + 1))
    for value in (None, [], 5, {"core": {}}):
        with refused("FIELDS"):
            sealing.parse_manifest(canonical.encode(value))


def test_a_lot_or_salt_changed_by_the_maker_unbinds_wraps_and_chunks(forger, someone):
    forger.core["lot"] = "T2026-001-2"
    container = forger.container()
    with refused("WRAP"):
        sealing.check_fallback_share(container.core, "E3", 1, someone.trustees[0][0])
    with refused("CHUNK"):
        bidder.opened(container, "E3", forger.bid.secrets["E3"])


def test_a_wrap_moved_to_another_envelope_is_refused(forger, someone):
    rows = forger.core["env"]
    rows[3]["fall"], rows[0]["fall"] = rows[0]["fall"], rows[3]["fall"]
    rows[3]["own"], rows[0]["own"] = rows[0]["own"], rows[3]["own"]
    container = forger.container()
    with refused("WRAP"):
        sealing.check_fallback_share(container.core, "E3", 1, someone.trustees[0][0])
    with refused("WRAP"):
        sealing.own_secret(container.core, "E3", someone.encryption[0], someone.device[0])


def test_points_swapped_between_envelopes_are_refused(forger, someone):
    rows = forger.core["env"]
    rows[3]["C"], rows[2]["C"] = rows[2]["C"], rows[3]["C"]
    container = forger.container()
    with refused("WRAP"):
        sealing.check_fallback_share(container.core, "E3", 1, someone.trustees[0][0])
    with refused("SECRET"):
        bidder.opened(container, "E3", forger.bid.secrets["E3"])


def test_two_secrets_for_one_envelope_are_impossible(forger, someone):
    row = forger.core["env"][3]
    kid = row["own"][0]["kid"]
    binding = envelopes.wrap_binding(forger.core["tender"], forger.core["lot"], "E3", kid, row["C"][0])
    other = envelopes.wrap(someone.encryption[1], 12345, binding)
    row["own"] = [{"kid": kid, "mode": "cert", "blob": b64(other)}]
    with refused("SECRET"):
        sealing.own_secret(forger.container().core, "E3", someone.encryption[0])
    fall = row["fall"][1]
    binding = envelopes.wrap_binding(forger.core["tender"], forger.core["lot"], "E3", fall["kid"], row["C"][0])
    fall["blob"] = b64(envelopes.wrap(someone.trustees[1][1], 12345, binding))
    container = forger.container()
    with refused("SHARE"):
        sealing.check_fallback_share(container.core, "E3", 2, someone.trustees[1][0])
    with refused("SECRET"):
        bidder.opened(container, "E3", 12345)


def test_chunks_swapped_repeated_or_cut_by_the_maker_are_named(forger):
    body = forger.bodies["E2"]
    forger.bodies["E2"] = body[SEALED : 2 * SEALED] + body[:SEALED] + body[2 * SEALED :]
    with refused("CHUNK"):
        bidder.opened(forger.container(), "E2", forger.bid.secrets["E2"])
    forger.bodies["E2"] = body[: 5 * SEALED] + body[4 * SEALED : 5 * SEALED] + body[6 * SEALED :]
    with pytest.raises(ContainerRefused, match="信封 E2 第 6 块"):
        bidder.opened(forger.container(), "E2", forger.bid.secrets["E2"])


@pytest.mark.parametrize(("flagged", "named"), [(2, "第 2 块"), (3, "第 3 块"), (5, "第 4 块")])
def test_a_moved_final_flag_is_refused(forger, flagged, named):
    forger.bodies["E3"] = sealed_price(forger, bytes(envelopes.PRICE_SIZE), chunks=flagged)
    with pytest.raises(ContainerRefused, match=named):
        bidder.opened(forger.container(), "E3", forger.bid.secrets["E3"])


def test_an_envelope_cut_at_a_lawful_size_is_refused(forger):
    cut = envelopes.sealed_size(envelopes.padme(8 * envelopes.CHUNK))
    forger.bodies["E2"] = forger.bodies["E2"][:cut]
    with refused("PADDING"):
        bidder.opened(forger.container(), "E2", forger.bid.secrets["E2"])


def test_an_envelope_taken_from_another_bid_is_refused(forger, someone):
    data, _ = someone.seal()
    other = sealing.Container.read(io.BytesIO(data))
    forger.bodies["E3"] = other.part("E3", 0)
    with refused("CHUNK"):
        bidder.opened(forger.container(), "E3", forger.bid.secrets["E3"])


def test_an_envelope_changed_after_the_inner_signature_is_refused(made, someone):
    container, bid, _ = made
    data, other = someone.seal()
    foreign = sealing.Container.read(io.BytesIO(data))
    plain = bidder.opened(container, "E0", bid.secrets["E0"])
    with refused("INNER"):
        sealing.check_identity(foreign, plain)
    assert other.D != bid.D


@pytest.mark.parametrize("spoil", ["length", "filling"])
def test_false_padding_is_refused(forger, spoil):
    plain = bytearray((3).to_bytes(8, "big") + b"abc" + bytes(envelopes.PRICE_SIZE - 11))
    if spoil == "length":
        plain[:8] = (envelopes.PRICE_SIZE - 7).to_bytes(8, "big")
    else:
        plain[-1] = 1
    forger.bodies["E3"] = sealed_price(forger, bytes(plain), chunks=4)
    with refused("PADDING"):
        bidder.opened(forger.container(), "E3", forger.bid.secrets["E3"])
