"""A platform that tampers and signs its manifest anew is found out too: entries, keys and arithmetic disagree."""

import copy
import os
import random

import pytest

from gongheng.crypto import canonical
from gongheng.crypto.canonical import b64
from tools.verify.__main__ import main, verify

#: What no entry speaks of: words for people, the moment of the export, and which clock it ran on.
UNPROVED = {
    ("bundle", "tender_name"),
    ("bundle", "made_at"),
    ("bundle", "clock"),
    ("draw", "draws", "*", "contributions", "*", "enc_public"),
    ("documents", "documents", "*", "title"),
    ("documents", "documents", "*", "kind"),
}
CHANGES = int(os.environ.get("GONGHENG_FLIPS", "16"))


def leaves(value, path=()):
    if isinstance(value, dict):
        yield (*path, "+")
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from leaves(one, (*path, number))
    else:
        yield path


def shape(path) -> tuple:
    return tuple("*" if isinstance(key, int) else key for key in path)


def changed(value, path):
    """Return the value with one leaf changed, or one member added where the path ends in "+"."""
    value = copy.deepcopy(value)
    place = value
    for key in path[:-1]:
        place = place[key]
    key, old = path[-1], None if path[-1] == "+" else place[path[-1]]
    if key == "+":
        place["zz"] = 1
    elif isinstance(old, bool):
        place[key] = not old
    elif isinstance(old, int):
        place[key] = old + 1
    else:
        old = old or ""
        place[key] = old[:3] + ("A" if old[3:4] != "A" else "B") + old[4:]
    return value


def rewrite(bundle, tender, name, change) -> list[str]:
    """Change a file's value, sign the folder anew, and return what the verifier finds with pinned keys."""
    path = bundle / f"{name}.json"
    value = canonical.decode(path.read_bytes())
    path.write_bytes(canonical.encode(change(value)))
    tender.platform.seal_folder(bundle)
    return verify(bundle, tender.platform.policy()).faults


def test_any_changed_field_is_found_although_the_manifest_is_signed_anew(written, bundle, tender):
    rng = random.Random(7)
    for number in range(CHANGES):
        name = ("bundle", "log", "acts", "tender", "bids", "draw", "evaluation", "documents")[number % 8]
        original = (written / f"{name}.json").read_bytes()
        value = canonical.decode(original)
        shapes: dict[tuple, list] = {}
        for path in leaves(value):
            if (name, *shape(path)) not in UNPROVED:
                shapes.setdefault(shape(path), []).append(path)
        path = rng.choice(shapes[rng.choice(sorted(shapes, key=str))])
        assert rewrite(bundle, tender, name, lambda value, path=path: changed(value, path)), (name, path)
        (bundle / f"{name}.json").write_bytes(original)


@pytest.mark.parametrize("name", ["bids", "documents"])
def test_a_changed_container_or_document_is_found_and_named(written, bundle, tender, name):
    kinds = {path.name: path for path in sorted((written / name).rglob("*")) if path.is_file()}
    for original in list(kinds.values())[:8]:
        place = original.relative_to(written)
        data = bytearray(original.read_bytes())
        data[len(data) // 2] ^= 1
        (bundle / place).write_bytes(data)
        tender.platform.seal_folder(bundle)
        faults = verify(bundle, tender.platform.policy()).faults
        assert any(place.parent.as_posix() in fault for fault in faults), (place, faults)
        (bundle / place).write_bytes(original.read_bytes())


def row_of(tender, name: str) -> str:
    return tender.sealed[name].bid.D


def test_a_bid_left_out_is_missed_at_the_close(bundle, tender):
    digest = row_of(tender, "丙")

    def drop(value):
        return value | {"bids": [row for row in value["bids"] if row["D"] != digest]}

    assert f"投标容器 {digest}：截标时有效的容器与开标记录、掩护件名单不一致" in rewrite(bundle, tender, "bids", drop)


def test_a_bid_passed_off_as_a_cover_is_found(bundle, tender):
    digest = row_of(tender, "丙")

    def disguise(value):
        cover = {"D": digest, "trustee": "notary", "signature": b64(bytes(64))}
        rows = [row for row in value["bids"] if row["D"] != digest]
        return value | {"bids": rows, "covers": [*value["covers"], cover]}

    faults = rewrite(bundle, tender, "bids", disguise)
    assert f"bids/{digest}：掩护件声明的签名无效" in faults


def test_a_changed_price_is_told_with_both_figures(bundle, tender):
    def cheaper(value):
        for row in value["bids"]:
            if row["D"] == row_of(tender, "甲"):
                row["total_fen"] = 90_000_000
        return value

    faults = rewrite(bundle, tender, "bids", cheaper)
    assert any("90000000" in fault and "98000000" in fault for fault in faults)


def test_a_score_changed_after_the_lock_is_found(bundle, tender):
    def raise_score(value):
        sheet = next(iter(value["result"]["sheets"].values()))
        next(iter(sheet.values()))["F1"] = "30.00"
        return value

    faults = rewrite(bundle, tender, "evaluation", raise_score)
    assert any("评分表与其提交时的存证摘要不符" in fault for fault in faults)
    assert any("技术分应为" in fault for fault in faults)


def test_another_order_of_the_committee_list_is_found(bundle, tender):
    def swap(value):
        listed = next(iter(value["draws"][0]["lists"].values()))
        listed[0], listed[1] = listed[1], listed[0]
        return value

    assert any("名单次序与重算的结果不符" in fault for fault in rewrite(bundle, tender, "draw", swap))


def test_a_public_bundle_passes_without_technical_files_and_experts_acts(tender, tmp_path):
    folder = tender.write(tmp_path / "public", mode="public")
    assert not list(folder.rglob("E1.bin"))
    assert not list(folder.rglob("E2.bin"))
    report = verify(folder, tender.platform.policy())
    assert report.faults == []


def test_a_draw_alone_can_be_replayed(bundle, tender, tmp_path, capsys):
    assert main(["draw", str(bundle / "draw.json")]) == 0
    value = canonical.decode((bundle / "draw.json").read_bytes())
    value["draws"][0]["contributions"][0]["number"] = b64(bytes(31) + b"\x05")
    place = tmp_path / "draw.json"
    place.write_bytes(canonical.encode(value))
    assert main(["draw", str(place)]) == 1
    assert "随机数" in capsys.readouterr().out
