"""An exported recording: every byte, every link of every chain, every head in the log (录像核验)."""

import hashlib
from datetime import timedelta
from pathlib import Path

from gongheng.crypto import canonical, hashing, recordings
from gongheng.crypto.canonical import b64, parse_timestamp, unb64
from tools.verify.log import ENTRY_FIELDS, check_head, proof_row
from tools.verify.report import Broken, Report, only

RECORDING = ("v", "meeting", "reference", "title", "tracks", "lines", "gaps", "entries")
TRACK = ("track", "label", "kind", "follows", "segments")
LINE = ("n", "label", "at", "text", "link")
SEGMENT = ("n", "sm3", "sha256", "size", "begins", "ends", "link")

def verify_recording(path: Path, pinned: dict | None = None) -> Report:
    """Check the unpacked export of a meeting's recording; ``pinned`` is a policy from another source."""
    report = Report()
    try:
        said = only(_read(path / "recording.json"), *RECORDING)
        policy = _read(path / "policy.json") | (pinned or {})
    except (OSError, ValueError) as error:
        report.fault("recording.json", f"缺失或格式不符（{error}）")
        return report
    chains: dict[str, list[str]] = {}
    try:
        report.run("录像片段", _check_files, path, said)
        report.run("录像链", _check_chains, path, said, chains)
        report.run("文字发言", _check_lines, said)
        report.run("存证日志", _check_heads, said, policy, chains)
        report.run("中断", _check_gaps, said)
    except Broken:
        pass
    return report


def _check_files(path: Path, said: dict, report: Report) -> str:
    listed = {f"{track['track']}/{one['n']:06d}" for track in said["tracks"] for one in track["segments"]}
    there = {one.relative_to(path).as_posix() for one in path.glob("*/*") if one.is_file()}
    for name in sorted(listed - there):
        report.fault(name, "录像片段缺失")
    for name in sorted(there - listed):
        report.fault(name, "清单中没有此片段，是后来加入的")
    return f"录像片段：{len(listed)} 个齐全"


def _check_chains(path: Path, said: dict, chains: dict[str, list[str]], report: Report) -> str:
    """Recompute every digest and link; fill ``chains``: track → its links in order."""
    size = 0
    for track in said["tracks"]:
        name = only(track, *TRACK)["track"]
        if name in chains:
            report.fault(name, "同一录像轨列出两次")
            continue
        chains[name] = []
        previous = _start(track, chains, report)
        ends = ""
        for number, one in enumerate(track["segments"], 1):
            place = path / name / f"{only(one, *SEGMENT)['n']:06d}"
            data = place.read_bytes() if place.is_file() else b""
            size += len(data)
            if one["n"] != number or one["begins"] < ends or one["ends"] <= one["begins"]:
                report.fault(f"{name} 第 {one['n']} 段", "序号不连续或时间倒退")
            if (b64(hashing.digest(data)), b64(hashlib.sha256(data).digest()), len(data)) != (
                one["sm3"], one["sha256"], one["size"]
            ):
                report.fault(f"{name} 第 {one['n']} 段（{track['label']}）", "内容与摘要不符，已被改动")
            link = b64(recordings.link(
                name, number, previous, one["sm3"], one["sha256"], one["size"], one["begins"], one["ends"]
            ))
            if link != one["link"]:
                report.fault(f"{name} 第 {one['n']} 段（{track['label']}）", "链值与前一片段不衔接")
            chains[name].append(link)
            previous, ends = link, one["ends"]
    return f"录像链：{len(chains)} 条录像轨、{size / 2**20:.1f} MiB 逐段相符"


def _start(track: dict, chains: dict[str, list[str]], report: Report) -> str:
    if track["follows"] is None:
        return ""
    if not chains.get(track["follows"]):
        report.fault(track["track"], "所接续的录像轨不在导出之中，或排在其后")
        return ""
    return chains[track["follows"]][-1]


def _check_lines(said: dict, report: Report) -> str:
    """Recompute the chain of what was written in the room."""
    previous = ""
    for number, one in enumerate(said["lines"], 1):
        if only(one, *LINE)["n"] != number:
            report.fault(f"第 {one['n']} 条文字发言", "序号不连续")
        link = b64(recordings.line(said["meeting"], number, previous, one["label"], one["at"], one["text"]))
        if link != one["link"]:
            report.fault(f"第 {one['n']} 条文字发言（{one['label']}）", "链值与内容或前一条不符，已被改动")
        previous = one["link"]
    return f"文字发言：{len(said['lines'])} 条逐条相符"


def _check_heads(said: dict, policy: dict, chains: dict[str, list[str]], report: Report) -> str:
    """Check that the log fixed each head as it is now, and that nothing the log knew was taken away."""
    noted, covered, before, longest = 0, {}, None, timedelta(0)
    written, fixed = [one["link"] for one in said["lines"]], 0
    for proof in said["entries"]:
        where = f"第 {proof['index']} 条存证"
        heads = check_head(proof, policy)
        for algorithm in heads.holds(proof_row(proof)):
            report.fault(where, f"不在 {algorithm} 存证树中")
        entry = only(canonical.decode(unb64(proof["entry"])), *ENTRY_FIELDS)
        if entry["subject"] != f"meeting:{said['meeting']}":
            report.fault(where, "属于另一会议")
        at = parse_timestamp(entry["at"])
        before, longest = at, max(longest, at - (before or at))
        for head in entry["facts"].get("tracks", []):
            noted += 1
            links = chains.get(head["track"], [])
            covered[head["track"]] = max(head["n"], covered.get(head["track"], 0))
            if head["n"] and (len(links) < head["n"] or links[head["n"] - 1] != head["head"]):
                report.fault(f"{where}（{head['label']}）", f"存证的第 {head['n']} 段链头与导出不符：录像被删改")
        last = entry["facts"].get("lines", {"n": 0, "head": ""})
        fixed = max(fixed, last["n"])
        if last["n"] and (len(written) < last["n"] or written[last["n"] - 1] != last["head"]):
            report.fault(where, f"存证的第 {last['n']} 条文字发言与导出不符：发言被删改")
    if not said["entries"]:
        report.fault("存证日志", "没有链头存证")
    late = sum(len(links) - covered.get(name, 0) for name, links in chains.items())
    rest = f"；另有 {late} 段在最后一次存证之后到达，只由链值保护" if late else ""
    if len(written) > fixed:
        rest += f"；另有 {len(written) - fixed} 条文字发言在最后一次存证之后，只由链值保护"
    # Between two entries segments are protected by their chain alone; a longer time is said, not hidden.
    pause = f"，最长相隔 {longest.total_seconds():.0f} 秒"
    return f"存证日志：{len(said['entries'])} 条、链头 {noted} 个全部相符{pause}{rest}"


def _check_gaps(said: dict, report: Report) -> str:
    """Name the time between two chains of a seat that no gap accounts for."""
    for track in said["tracks"]:
        earlier = [
            one for one in said["tracks"]
            if (one["label"], one["kind"]) == (track["label"], track["kind"]) and one["segments"] and track["segments"]
            and one["segments"][0]["begins"] < track["segments"][0]["begins"]
        ]
        if track["follows"] is None and earlier and track["kind"] == "camera":
            end = max(one["segments"][-1]["ends"] for one in earlier)
            if not any(gap["label"] == track["label"] and gap["began"] <= end for gap in said["gaps"]):
                report.fault(track["track"], f"{track['label']}的录像在此之前中断，没有记载原因")
    causes = [f"{gap['label']} {gap['cause']}" for gap in said["gaps"]]
    return f"中断：{len(causes)} 处" + (f"（{'；'.join(causes)}）" if causes else "")


def _read(place: Path) -> dict:
    return canonical.decode(place.read_bytes())
