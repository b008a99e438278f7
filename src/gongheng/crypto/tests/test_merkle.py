"""Trees, proofs and tiles agree with RFC 6962's public test tree and with pymerkle (默克尔树测试)."""

import secrets

import pymerkle
import pytest

from gongheng.crypto import merkle

# The eight leaves and the roots of the Certificate Transparency reference tests.
LEAVES = [
    bytes.fromhex(x)
    for x in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def tiled(alg, leaves, steps):
    """Return the tiles of a tree that grew in the given steps."""
    tiles, size = {}, 0
    for step in steps:
        tiles.update(merkle.append(alg, size, leaves[size : size + step], lambda level, n: tiles[level, n]))
        size += step
    return tiles


def test_roots_of_the_reference_tree():
    hashes = [merkle.leaf_hash("sha256", leaf) for leaf in LEAVES]
    for size, expected in ROOTS.items():
        assert merkle.root("sha256", hashes[:size]).hex() == expected


def test_pymerkle_agrees_on_roots_and_proofs():
    tree, hashes = pymerkle.InmemoryTree(algorithm="sha256"), []
    for size in range(1, 70):
        entry = secrets.token_bytes(9)
        tree.append_entry(entry)
        hashes.append(merkle.leaf_hash("sha256", entry))
        root = merkle.root("sha256", hashes)
        assert root == tree.get_root()
        index = secrets.randbelow(size)
        path = merkle.inclusion_proof("sha256", index, size, merkle.from_leaves("sha256", hashes))
        theirs = tree.prove_inclusion(index + 1, size)
        pymerkle.verify_inclusion(hashes[index], root, theirs)
        assert [hashes[index].hex(), *(item.hex() for item in path)] == theirs.serialize()["path"]


@pytest.mark.parametrize("alg", ["sha256", "sm3"])
def test_every_proof_of_small_trees_holds_and_no_altered_one(alg):
    hashes = [merkle.leaf_hash(alg, bytes([i])) for i in range(19)]
    hash_at = merkle.from_leaves(alg, hashes)
    roots = [merkle.root(alg, hashes[:size]) for size in range(20)]
    for size in range(1, 20):
        assert merkle.root_at(alg, size, hash_at) == roots[size]
        for index in range(size):
            proof = merkle.inclusion_proof(alg, index, size, hash_at)
            assert merkle.verify_inclusion(alg, hashes[index], index, size, proof, roots[size])
            assert not merkle.verify_inclusion(alg, hashes[index], index + 1, size, proof, roots[size])
            assert not merkle.verify_inclusion(alg, hashes[index], index, size, [*proof, roots[0]], roots[size])
            assert not merkle.verify_inclusion(alg, hashes[index], index, size, proof, roots[size - 1])
            for i in range(len(proof)):
                bad = [*proof[:i], roots[0], *proof[i + 1 :]]
                assert not merkle.verify_inclusion(alg, hashes[index], index, size, bad, roots[size])
        for old in range(size + 1):
            proof = merkle.consistency_proof(alg, old, size, hash_at)
            assert merkle.verify_consistency(alg, old, size, roots[old], roots[size], proof)
            assert not merkle.verify_consistency(alg, old, size, roots[old], roots[size], [*proof, roots[0]])
            if 0 < old < size:
                assert not merkle.verify_consistency(alg, old, size, roots[old - 1], roots[size], proof)
                assert not merkle.verify_consistency(alg, old, size, roots[old], roots[size - 1], proof)
                assert not merkle.verify_consistency(alg, old, size, roots[old], roots[size], proof[:-1])


@pytest.mark.parametrize("alg", ["sha256", "sm3"])
def test_tiles_do_not_depend_on_how_the_tree_grew(alg):
    total = 256 * 256 + 300
    hashes = [merkle.leaf_hash(alg, i.to_bytes(4, "big")) for i in range(total)]
    at_once = tiled(alg, hashes, [total])
    in_steps = tiled(alg, hashes, [1, 255, 1, 300, 256 * 200, total - 557 - 256 * 200])
    assert at_once == in_steps
    assert len(at_once[2, 0]) == 32
    hash_at = merkle.from_tiles(alg, lambda level, n: at_once[level, n])
    assert merkle.root_at(alg, total, hash_at) == merkle.root(alg, hashes)
    for index in (0, 255, 256, 65535, 65536, total - 1):
        proof = merkle.inclusion_proof(alg, index, total, hash_at)
        assert merkle.verify_inclusion(alg, hashes[index], index, total, proof, merkle.root(alg, hashes))
    old = 65536 - 3
    proof = merkle.consistency_proof(alg, old, total, hash_at)
    assert merkle.verify_consistency(alg, old, total, merkle.root(alg, hashes[:old]), merkle.root(alg, hashes), proof)


def test_impossible_requests_are_refused():
    hash_at = merkle.from_leaves("sha256", [bytes(32)])
    with pytest.raises(merkle.BadProof):
        merkle.inclusion_proof("sha256", 1, 1, hash_at)
    with pytest.raises(merkle.BadProof):
        merkle.consistency_proof("sha256", 2, 1, hash_at)
    with pytest.raises(merkle.BadProof):
        merkle.append("sha256", 3, [bytes(32)], lambda level, n: bytes(64))
    with pytest.raises(merkle.BadProof):
        merkle.root_at("sha256", 3, merkle.from_tiles("sha256", lambda level, n: bytes(64)))
