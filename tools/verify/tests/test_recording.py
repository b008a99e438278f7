"""Every way to spoil an exported recording is found and named (录像核验)."""

import hashlib
import json
from datetime import timedelta

import pytest

from gongheng.crypto import canonical, hashing, recordings
from gongheng.crypto.canonical import b64, timestamp
from tools.verify.__main__ import main
from tools.verify.recording import verify_recording
from tools.verify.tests.platform import START, Platform

MEETING = "99999999-2222-4333-8444-555555555555"
FIRST, SECOND, THIRD = (f"{n}0000000-0000-4000-8000-000000000000" for n in (1, 2, 3))


def chain(track: str, previous: str, contents: list[bytes], start) -> list[dict]:
    rows = []
    for number, data in enumerate(contents, 1):
        row = {
            "n": number, "sm3": b64(hashing.digest(data)), "sha256": b64(hashlib.sha256(data).digest()),
            "size": len(data), "begins": timestamp(start), "ends": timestamp(start + timedelta(seconds=5)),
        }
        previous = b64(recordings.link(
            track, number, previous, row["sm3"], row["sha256"], row["size"], row["begins"], row["ends"]
        ))
        rows.append(row | {"link": previous})
        start += timedelta(seconds=5)
    return rows


def written(said: list[tuple[str, str]]) -> list[dict]:
    """Chain what was written in the room, a minute apart."""
    rows, previous = [], ""
    for number, (label, text) in enumerate(said, 1):
        at = timestamp(START + timedelta(minutes=number))
        previous = b64(recordings.line(MEETING, number, previous, label, at, text))
        rows.append({"n": number, "label": label, "at": at, "text": text, "link": previous})
    return rows


@pytest.fixture
def recording(tmp_path):
    """A seat's track, its continuation, and a new chain after a named gap; heads noted twice."""
    platform = Platform()
    contents = {FIRST: [b"one", b"two"], SECOND: [b"three"], THIRD: [b"four"]}
    first = chain(FIRST, "", contents[FIRST], START)
    second = chain(SECOND, first[-1]["link"], contents[SECOND], START + timedelta(seconds=10))
    third = chain(THIRD, "", contents[THIRD], START + timedelta(seconds=60))
    tracks = [
        {"track": name, "label": "评委1", "kind": "camera", "follows": follows, "segments": rows}
        for name, follows, rows in ((FIRST, None, first), (SECOND, FIRST, second), (THIRD, None, third))
    ]
    words = written([("评委1", "资格文件齐全"), ("评委2", "同意")])
    entries = [
        platform.note(
            "meeting.watch", subject=f"meeting:{MEETING}", role="clock", tracks=[
                {"track": one["track"], "label": "评委1", "kind": "camera", "n": len(one["segments"][:most]),
                 "head": one["segments"][:most][-1]["link"]}
                for one in tracks
            ], lines={"n": most, "head": words[most - 1]["link"]},
        )
        for most in (1, 2)
    ]
    gap = {
        "label": "评委1", "kind": "recording", "cause": "页面重新打开", "began": second[-1]["ends"],
        "ended": third[0]["begins"],
    }
    said = {
        "v": 1, "meeting": MEETING, "reference": MEETING, "title": "会议", "tracks": tracks, "lines": words,
        "gaps": [gap], "entries": [platform.proof(index) for index in entries],
    }
    (tmp_path / "policy.json").write_bytes(canonical.encode(platform.log_policy()))
    write(tmp_path, said)
    for track, parts in contents.items():
        (tmp_path / track).mkdir()
        for number, data in enumerate(parts, 1):
            (tmp_path / track / f"{number:06d}").write_bytes(data)
    return tmp_path


def write(folder, said: dict) -> None:
    (folder / "recording.json").write_bytes(canonical.encode(said))


def read(folder) -> dict:
    return json.loads((folder / "recording.json").read_text())


def test_an_honest_recording_verifies(recording, capsys):
    report = verify_recording(recording)
    assert report.is_clean, report.text()
    assert main(["recording", str(recording)]) == 0
    shown = capsys.readouterr().out
    assert "录像链：3 条录像轨" in shown
    assert "文字发言：2 条" in shown


def changed_bytes(folder):
    (folder / FIRST / "000002").write_bytes(b"twO")


def lost_segment(folder):
    (folder / SECOND / "000001").unlink()


def added_segment(folder):
    (folder / FIRST / "000003").write_bytes(b"more")


def rehashed_segment(folder):
    """Change a segment and recompute its whole chain: only the log knows better."""
    said = read(folder)
    (folder / THIRD / "000001").write_bytes(b"FOUR")
    said["tracks"][2]["segments"] = chain(THIRD, "", [b"FOUR"], START + timedelta(seconds=60))
    write(folder, said)


def cut_end(folder):
    said = read(folder)
    (folder / FIRST / "000002").unlink()
    del said["tracks"][0]["segments"][1]
    write(folder, said)


def dropped_track(folder):
    said = read(folder)
    (folder / THIRD / "000001").unlink()
    del said["tracks"][2]
    write(folder, said)


def hidden_gap(folder):
    write(folder, read(folder) | {"gaps": []})


def changed_line(folder):
    said = read(folder)
    said["lines"][0]["text"] = "资格文件不齐全"
    write(folder, said)


def rewritten_lines(folder):
    """Change a line and chain all anew: only the log knows better."""
    write(folder, read(folder) | {"lines": written([("评委1", "资格文件不齐全"), ("评委2", "同意")])})


def dropped_line(folder):
    said = read(folder)
    del said["lines"][1]
    write(folder, said)


def forged_entry(folder):
    said = read(folder)
    entry = canonical.decode(canonical.unb64(said["entries"][0]["entry"]))
    entry["facts"]["tracks"] = []
    said["entries"][0]["entry"] = b64(canonical.encode(entry))
    write(folder, said)


def no_entries(folder):
    write(folder, read(folder) | {"entries": []})


def other_meeting(folder):
    write(folder, read(folder) | {"meeting": FIRST})


def not_json(folder):
    (folder / "recording.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (changed_bytes, "第 2 段（评委1）：内容与摘要不符"), (lost_segment, "录像片段缺失"),
        (added_segment, "后来加入"), (rehashed_segment, "录像被删改"), (cut_end, "录像被删改"),
        (dropped_track, "录像被删改"), (hidden_gap, "没有记载原因"), (forged_entry, "存证树"),
        (changed_line, "第 1 条文字发言（评委1）"), (rewritten_lines, "发言被删改"), (dropped_line, "发言被删改"),
        (no_entries, "没有链头存证"), (other_meeting, "属于另一会议"), (not_json, "格式不符"),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_spoiled_recording_is_found_out(recording, spoil, named):
    spoil(recording)
    report = verify_recording(recording)
    assert not report.is_clean
    assert any(named in fault for fault in report.faults), report.text()


def test_keys_from_another_source_outrank_those_inside(recording):
    assert not verify_recording(recording, Platform().log_policy()).is_clean
