"""A sealed bid opens to the same bytes on both paths, and only with the keys it was made for (封标测试)."""

import io

import pytest

from gongheng.crypto import canonical, envelopes, pack, sealing, signing
from gongheng.crypto.refused import ContainerRefused, PackRefused

from . import bidder

ENVELOPES = ("E0", "E1", "E2", "E3")


@pytest.fixture(scope="module")
def someone():
    return bidder.Bidder()


@pytest.fixture(scope="module")
def sealed(someone):
    data, bid = someone.seal()
    return sealing.Container.read(io.BytesIO(data)), bid


def refused(code):
    return pytest.raises(ContainerRefused, match=rf"^\[{code}\] \S")


def test_own_path_and_fall_back_give_the_same_secret(someone, sealed):
    container, bid = sealed
    container.check()
    assert container.D == bid.D
    for env in ENVELOPES:
        own = sealing.own_secret(container.core, env, someone.encryption[0], someone.device[0])
        shares = {
            i: sealing.check_fallback_share(container.core, env, i, someone.trustees[i - 1][0]) for i in (1, 2, 3)
        }
        for absent in (1, 2, 3):
            held = {i: share for i, share in shares.items() if i != absent}
            assert sealing.secret_of_shares(container.core, env, held) == own == bid.secrets[env]


def test_the_content_comes_back(sealed):
    container, bid = sealed
    identity = sealing.check_identity(container, bidder.opened(container, "E0", bid.secrets["E0"]))
    assert identity["name"] == "某某建设有限公司"
    assert sealing.check_price(bidder.opened(container, "E3", bid.secrets["E3"])) == bidder.PRICE
    for env in ("E1", "E2"):
        file = io.BytesIO(bidder.opened(container, env, bid.secrets[env]))
        bodies = {}
        for entry in pack.read(file):
            out = io.BytesIO()
            pack.extract(file, entry, out)
            bodies[entry.name] = out.getvalue()
        assert bodies == bidder.FILES[env]


def test_the_outside_names_nobody_and_the_price_size_says_nothing(someone):
    data, _ = someone.seal()
    assert bidder.USCC.encode() not in data
    assert "某某".encode() not in data
    small = sealing.Container.read(io.BytesIO(data)).envelope("E3")["size"]
    price = canonical.encode(bidder.PRICE | {"items": ["分项" * 20000]})
    other, _ = someone.seal(envelopes={"E1": b"", "E2": b"", "E3": price})
    assert sealing.Container.read(io.BytesIO(other)).envelope("E3")["size"] == small == 262144 + 4 * 32
    with refused("SIZE"):
        someone.seal(envelopes={"E1": b"", "E2": b"", "E3": bytes(262144 - 7)})


def test_the_certificate_alone_opens_where_the_tender_allows_it(someone):
    data, bid = someone.seal(with_device=False)
    container = sealing.Container.read(io.BytesIO(data))
    container.check()
    assert sealing.own_secret(container.core, "E3", someone.encryption[0]) == bid.secrets["E3"]


def test_no_single_key_opens(someone, sealed):
    container, _ = sealed
    with refused("WRAP"):
        sealing.own_secret(container.core, "E3", someone.encryption[0])
    with refused("WRAP"):
        sealing.own_secret(container.core, "E3", someone.encryption[0], someone.encryption[0])
    with refused("WRAP"):
        sealing.own_secret(container.core, "E3", someone.device[0], someone.device[0])
    one = sealing.check_fallback_share(container.core, "E3", 1, someone.trustees[0][0])
    with refused("SHARE"):
        sealing.secret_of_shares(container.core, "E3", {1: one})
    with refused("SHARE"):
        sealing.secret_of_shares(container.core, "E3", {1: one, 2: one})
    with refused("WRAP"):
        sealing.check_fallback_share(container.core, "E3", 2, someone.trustees[0][0])
    with refused("SHARE"):
        sealing.check_fallback_share(container.core, "E3", 4, someone.trustees[0][0])


@pytest.mark.parametrize("length", [0, 1, 65528, 65529, 131064, 1048568, 1048569])
def test_every_length_at_the_edges_of_chunks_and_parts_comes_back(someone, length):
    content = bytes(i % 251 for i in range(1024)) * (length // 1024 + 1)
    data, bid = someone.seal(envelopes={"E1": content[:length], "E2": b"", "E3": b"{}"})
    container = sealing.Container.read(io.BytesIO(data))
    container.check()
    assert bidder.opened(container, "E1", bid.secrets["E1"]) == content[:length]


@pytest.mark.parametrize("size", [8, 9, 100, 1023, 65537, 10_000_019, 123_456_789])
def test_padding_costs_at_most_twelve_percent(size):
    padded = envelopes.padme(size)
    assert size <= padded <= size * 1.12
    assert envelopes.padme(padded) == padded
    assert envelopes.plain_size("E1", envelopes.sealed_size(padded)) == padded


def test_parts_kept_elsewhere_make_the_same_container(someone):
    data, bid = someone.seal()
    whole = sealing.Container.read(io.BytesIO(data))
    stored = {(env, n): whole.part(env, n) for env in ENVELOPES for n in range(len(whole.envelope(env)["parts"]))}
    container = sealing.Container(whole.manifest_bytes, whole.signature, lambda env, n: stored[env, n])
    container.check()
    head = sealing.frame(whole.manifest_bytes, whole.signature)
    assert head + b"".join(stored[key] for key in sorted(stored)) == data
    assert bidder.opened(container, "E2", bid.secrets["E2"]) == bidder.packed(bidder.FILES["E2"])


@pytest.mark.parametrize("key", ["level", "trustees", "identity", "envelopes"])
def test_the_sealer_refuses_impossible_arguments(someone, key):
    wrong = {"level": "H", "trustees": [], "identity": {"name": "x"}, "envelopes": {"E1": b""}}
    arguments = {"identity": None} if key != "identity" else {"identity": {"surplus": "x"}}
    if key != "identity":
        arguments[key] = wrong[key]
    with pytest.raises(ValueError, match="seal needs"):
        someone.seal(**arguments)


def test_identity_of_another_certificate_or_signature_is_refused(someone):
    cases = [
        ({"uscc": "91420100MA4KXXXX2B"}, None, "IDENTITY"),
        ({"certificate": [canonical.b64(someone.certificate(usage="enc"))]}, None, "IDENTITY"),
        ({"certificate": ["AAAA"]}, None, "IDENTITY"),
        ({"certificate": []}, None, "IDENTITY"),
        ({"hall_nonce": "AA"}, None, "IDENTITY"),
        ({"phone": 1}, None, "IDENTITY"),
        ({}, lambda message: signing.sign(someone.signer[0], message + b"x", "ggzy/bid-inner/v1"), "INNER"),
        ({}, lambda message: signing.sign(someone.signer[0], message, "ggzy/act/v1"), "INNER"),
    ]
    for identity, sign_inner, code in cases:
        data, bid = someone.seal(identity=identity, sign_inner=sign_inner)
        container = sealing.Container.read(io.BytesIO(data))
        plain = bidder.opened(container, "E0", bid.secrets["E0"])
        with refused(code):
            sealing.check_identity(container, plain)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"total_fen": 0}, "PRICE"), ({"total_fen": True}, "PRICE"), ({"duration_days": "180"}, "PRICE"),
        ({"manager": None}, "PRICE"), ({"items": {}}, "PRICE"), ({"v": 2}, "FIELDS"), ({"more": 1}, "FIELDS"),
    ],
)  # fmt: skip
def test_prices_out_of_form_are_refused(change, code):
    with refused(code):
        sealing.check_price(canonical.encode(bidder.PRICE | change))
    with refused("CANONICAL"):
        sealing.check_price(b'{"total_fen": 1.5}')


@pytest.mark.parametrize("name", ["", "a/b", "a\\b", "..", ".", "x" * 201, "a\nb", " a", "c:d", "a\u202eb"])
def test_file_names_that_could_escape_or_deceive_are_refused(name):
    with pytest.raises(PackRefused, match="PACK-NAME"):
        bidder.packed({name: b""})


def test_packs_that_lie_are_refused():
    data = bidder.packed({"甲.pdf": b"first", "乙.pdf": b"second"})
    for bad in (b"", data[:-1], data + b"x", b"X" + data[1:], data[:20] + b"\x00" + data[21:]):
        with pytest.raises(PackRefused):
            pack.read(io.BytesIO(bad))
    altered = io.BytesIO(data[:-1] + b"D")
    entries = pack.read(altered)
    pack.extract(altered, entries[0], io.BytesIO())
    with pytest.raises(PackRefused, match="乙"):
        pack.extract(altered, entries[1], io.BytesIO())
    with pytest.raises(PackRefused, match="PACK-NAME"):
        bidder.packed({"A.pdf": b"", "a.pdf": b""})
