"""The public read side: a mirror rebuilds the tree from it, and learns nothing beyond the published head."""

import struct

import pytest
from django.http import Http404

from gongheng.crypto import cosigning, merkle
from gongheng.kernel.roles import ANYONE, Role
from gongheng.trust.evidence import api, publishing, sequencer, witnessing
from gongheng.trust.evidence.models import Checkpoint
from gongheng.trust.evidence.tests.conftest import sequence_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def get(rf):
    def fetched(view, *args):
        request = rf.get("/api/log/")
        request.actor = ANYONE
        return view(request, *args)

    return fetched


def bodies(data: bytes) -> list[bytes]:
    found = []
    while data:
        (length,) = struct.unpack(">H", data[:2])
        found.append(data[2 : 2 + length])
        data = data[2 + length :]
    return found


def test_a_mirror_rebuilds_the_signed_root_from_entries_and_from_tiles(get, write):
    for number in range(300):
        write(number=number)
    sequence_all()
    told = cosigning.parse(get(api.checkpoint).content.decode())[0]
    told_sm3 = cosigning.parse(get(api.checkpoint_sm3).content.decode())[0]
    mirrored = [body for bundle in range(2) for body in bodies(get(api.entries, bundle).content)]
    for algorithm, head in (("sha256", told), ("sm3", told_sm3)):
        assert merkle.root(algorithm, [merkle.leaf_hash(algorithm, body) for body in mirrored]) == head.root
        tiles = {place: get(api.tile, algorithm, *place).content for place in ((0, 0), (0, 1), (1, 0))}
        hash_at = merkle.from_tiles(algorithm, lambda level, number, tiles=tiles: tiles[level, number])
        assert merkle.root_at(algorithm, head.size, hash_at) == head.root


def test_nothing_is_served_before_its_head_is_published(get, write):
    write()
    for view, args in ((api.checkpoint, ()), (api.entries, (0,)), (api.tile, ("sha256", 0, 0))):
        with pytest.raises(Http404):
            get(view, *args)
    sequence_all()
    size = Checkpoint.objects.latest("size").size
    write()
    sequencer.sequence()
    assert len(bodies(get(api.entries, 0).content)) == size
    assert len(get(api.tile, "sha256", 0, 0).content) == 32 * size


def test_what_does_not_exist_is_not_found(get, write):
    write()
    sequence_all()
    for view, *args in (
        (api.tile, "md5", 0, 0),
        (api.tile, "sm3", 0, 9),
        (api.tile, "sm3", 9, 0),
        (api.entries, 1),
    ):
        with pytest.raises(Http404):
            get(view, *args)


def test_only_full_tiles_are_cached_for_ever(get, write):
    for number in range(260):
        write(number=number)
    sequence_all()
    assert "immutable" in get(api.tile, "sha256", 0, 0)["Cache-Control"]
    assert get(api.tile, "sha256", 0, 1)["Cache-Control"] == "no-store"


def test_the_checkpoint_carries_the_cosignatures_and_the_policy_the_keys(get, write, witness):
    write()
    sequence_all()
    witnessing.cosign(Checkpoint.objects.latest("size"))
    note = get(api.checkpoint).content.decode()
    key = cosigning.parse_key(publishing.policy()["witnesses"][0])
    assert cosigning.quorum_times(note, [key], 1)
    assert publishing.policy()["log"].encode() in get(api.policy).content


def test_every_view_is_public_and_reads_only():
    for view in (api.checkpoint, api.checkpoint_sm3, api.tile, api.entries, api.policy):
        assert view.access.roles == {Role.PUBLIC}
        assert view.access.methods == ("GET",)
