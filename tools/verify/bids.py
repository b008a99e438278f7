"""The sealed phase and every container, from seal to opening record (封标期与投标文件)."""

import io
import tempfile
from dataclasses import dataclass

from gongheng.crypto import canonical, certs, contents, drawing, labels, merkle, pack, sealing, signing
from gongheng.crypto.canonical import b64, unb64
from gongheng.crypto.envelopes import SEALED_PART
from gongheng.crypto.refused import CertificateRefused, ContainerRefused, PackRefused, Refused
from tools.verify.folder import Folder
from tools.verify.log import Line, Log, deadline
from tools.verify.report import Report, only
from tools.verify.tender import in_force
from tools.verify.trustees import check_fallback, kids

ENVELOPES = ("E0", "E1", "E2", "E3")
WITHHELD = ("E1", "E2")
#: The one reason for refusal that no outsider can recompute: the register of revoked certificates.
REVOKED = "封标所用的签名证书在封标时已经挂失或吊销。"
UNREGISTERED = "投标人未在交易平台登记为投标人。"
_FACTS = ("name", "total_fen", "duration_days", "quality", "manager")
_SPOOL = 32 << 20


@dataclass
class Case:
    """What the checks of bids share."""

    folder: Folder
    bundle: dict
    record: dict
    tender: dict
    log: Log
    roots: list[certs.Certificate]

    @property
    def is_public(self) -> bool:
        return self.bundle["mode"] == "public"


def check_sealed_phase(case: Case, report: Report) -> str:
    """Recompute which containers stood at the close and compare with the closing root and the record."""
    log, record = case.log, only(case.record, "v", "covers", "bids")
    close, due = log.one("lot.close"), deadline(log)
    live: dict[str, Line] = {}
    for line in log.lines:
        if line.is_opaque and line.verb != "bid.share_check":
            if line.index > close.index or line.at >= due:
                report.fault(line.place, "封标期的存证排在截标之后，或不早于投标截止时间")
            live.pop(line.facts.get("supersedes", line.facts["D"]), None)
            if line.verb == "bid.seal":
                live[line.facts["D"]] = line
    root = merkle.root("sm3", [merkle.leaf_hash("sm3", digest) for digest in sorted(unb64(text) for text in live)])
    if b64(root) != close.facts["closing_root"]:
        report.fault(close.place, "截标根与封标存证重算的结果不符")
    covers, bids = {row["D"] for row in record["covers"]}, {row["D"] for row in record["bids"]}
    for digest in sorted((covers | bids) ^ set(live)):
        report.fault(f"投标容器 {digest}", "截标时有效的容器与开标记录、掩护件名单不一致")
    if covers & bids or len(covers) + len(bids) != len(record["covers"]) + len(record["bids"]):
        report.fault("bids.json", "同一容器出现两次")
    if sorted(bids) != log.one("opening.start").facts["digests"]:
        report.fault(log.one("opening.start").place, "开标时的投标文件名单与 bids.json 不符")
    for row in record["bids"]:
        sealed = live.get(row["D"])
        if sealed is None or (sealed.index, sealed.at) != (row["position"], row["sealed_at"]):
            report.fault(f"bids.json 容器 {row['D']}", "封标位次或时间与存证不符")
    return f"封标期：截标时 {len(live)} 个容器（投标 {len(bids)}，掩护件 {len(covers)}），截标根相符，全部早于截标"


def check_covers(case: Case, report: Report) -> str:
    """Check that each cover was struck by the holder of its own one-time key."""
    struck = {line.facts["D"]: line for line in case.log.all("bid.strike_cover")}
    for row in case.record["covers"]:
        where = f"bids/{only(row, 'D', 'trustee', 'signature')['D']}"
        container = _container(case, row["D"], report)
        message = canonical.encode({"v": 1, "act": "cover", "lot": case.bundle["lot"], "D": row["D"]})
        if container and not signing.verify(container.otk_public, message, unb64(row["signature"]), labels.COVER):
            report.fault(where, "掩护件声明的签名无效")
        facts = struck[row["D"]].facts if row["D"] in struck else {}
        if (facts.get("trustee"), facts.get("signature")) != (row["trustee"], row["signature"]):
            report.fault(where, "存证日志中没有这件掩护件的声明，或声明不同")
    return f"掩护件：{len(case.record['covers'])} 件均由其一次性密钥声明"


def check_bids(case: Case, nonces: dict[str, bytes], report: Report) -> str:
    """Open every container with its published secrets and compare with what the opening recorded.

    Fills ``nonces`` with the hall nonce of each container whose identity could be read.
    """
    opened = {line.facts["D"]: line for line in case.log.all("bid.open")}
    for row in case.record["bids"]:
        where = f"bids/{row['D']}"
        only(
            row,
            "D",
            "position",
            "sealed_at",
            "state",
            "way",
            "problem",
            "uscc",
            "name",
            "total_fen",
            "duration_days",
            "quality",
            "manager",
            "secrets",
        )
        container, entry = _container(case, row["D"], report), opened.get(row["D"])
        if container is None:
            continue
        if entry is None:
            if any(row[name] for name in (*_FACTS, "uscc", "way", "problem", "secrets")) or row["state"] != "lapsed":
                report.fault(where, "没有开启存证的投标文件应记为未解密，且不公开任何内容")
            continue
        try:
            _check_bid(case, container, row, entry, nonces, report)
        except Refused as refused:
            report.fault(where, refused.message)
    _check_states(case.record, opened, report)
    return f"投标文件：{len(case.record['bids'])} 份逐份解密，与开标记录一致"


def check_opening(case: Case, report: Report) -> str:
    """Compute the digest of what was read out from the bids again; it stands in the opening record's entry."""
    line = case.log.one("opening.record")
    body = canonical.encode(
        {
            "v": 1,
            "lot": case.bundle["lot"],
            "coefficient": case.log.one("opening.end_decryption").facts["coefficient"],
            "bids": [
                {name: row[name] for name in ("D", "state", "uscc", "total_fen", "duration_days")}
                for row in sorted(case.record["bids"], key=lambda row: row["position"])
            ],
        }
    )
    if b64(labels.digest(labels.OPENING_RECORD, body)) != line.facts["content"]:
        report.fault("bids.json", f"唱标内容与第 {line.index} 条存证（opening.record）的摘要不符")
    return "开标记录：唱标内容的摘要与存证相符"


def check_coefficient(case: Case, nonces: dict[str, bytes], report: Report) -> str:
    """Draw the coefficient again from the sealed nonces and the platform's committed one."""
    close, end = case.log.one("lot.close"), case.log.one("opening.end_decryption")
    nonce = unb64(end.facts["platform_nonce"])
    if b64(labels.digest(labels.COEFFICIENT, nonce)) != close.facts["hall_commitment"]:
        report.fault(end.place, "平台随机数与截标时的承诺不符")
    counted = [nonces[row["D"]] for row in case.record["bids"] if row["state"] == "opened"]
    choices = case.tender["versions"][-1]["method"]["price"]["k_choices"]
    drawn = drawing.pick_coefficient(case.bundle["lot"], close.facts["closing_root"], [nonce, *counted], choices)
    if drawn != end.facts["coefficient"]:
        report.fault(end.place, f"系数应为 {drawn}，存证记为 {end.facts['coefficient']}")
    return f"系数：由密封随机数重算得 {drawn}%，与开标现场一致"


def _check_bid(case: Case, container, row: dict, entry: Line, nonces: dict[str, bytes], report: Report) -> None:
    where = f"bids/{row['D']}"
    wanted = [envelope for envelope in ENVELOPES if not (case.is_public and envelope in WITHHELD)]
    secrets = {envelope: int.from_bytes(unb64(text)) for envelope, text in only(row["secrets"], *wanted).items()}
    for envelope, secret in secrets.items():
        sealing.check_secret(container.core, envelope, secret)
    content = _decipher(container, secrets, case.roots, row["sealed_at"])
    identity, price = content["identity"], content["price"]
    if identity:
        nonces[row["D"]] = unb64(identity["hall_nonce"])
    if row["state"] in ("opened", "superseded"):
        told = (row["uscc"], row["total_fen"], row["duration_days"], row["quality"], row["manager"])
        held = (
            identity.get("uscc"),
            price.get("total_fen"),
            price.get("duration_days"),
            price.get("quality", "")[:200],
            price.get("manager", "")[:40],
        )
        if told != held or content["problem"]:
            report.fault(where, f"开标记录与密封内容不一致：记录 {told}，实为 {held} {content['problem']}")
    if not case.is_public and _digest(content) != entry.facts["content"]:
        revoked = content | {"price": {}, "files": [], "problem": REVOKED}
        if row["problem"] != REVOKED or _digest(revoked) != entry.facts["content"]:
            report.fault(where, f"密封内容与第 {entry.index} 条存证（bid.open）的内容摘要不符")
    if row["state"] == "malformed":
        known = {content["problem"][:300], REVOKED} if content["problem"] else {UNREGISTERED, REVOKED}
        if any(row[name] for name in _FACTS) or (row["problem"] not in known and not case.is_public):
            report.fault(f"bids.json 容器 {row['D']}", f"无法开启的原因应为“{content['problem'] or UNREGISTERED}”")
    elif row["problem"]:
        report.fault(f"bids.json 容器 {row['D']}", "正常开启的投标文件不应有无法开启的原因")
    if row["way"] != entry.facts["way"]:
        report.fault(f"bids.json 容器 {row['D']}", "开启方式与存证不符")
    if row["way"] == "fallback":
        sealed = next(line for line in case.log.all("bid.seal") if line.facts["D"] == row["D"])
        fallback = case.tender["versions"][-1]["fallback"]
        check_fallback(row, container, entry, sealed, fallback, case.bundle["lot"], case.log, report)


def _check_states(record: dict, opened: dict[str, Line], report: Report) -> None:
    """Of two sound bids of one bidder the later in the log stands; what was malformed at opening stays so."""
    sound = [row for row in record["bids"] if row["D"] in opened and opened[row["D"]].facts["state"] != "malformed"]
    last = {row["uscc"]: row["D"] for row in sorted(sound, key=lambda row: row["position"])}
    if len({(row["uscc"], row["name"]) for row in sound}) != len(last):
        report.fault("bids.json", "同一投标人记有不同名称")
    for row in record["bids"]:
        if row["D"] in opened:
            right = "malformed" if row not in sound else "opened" if last[row["uscc"]] == row["D"] else "superseded"
            if row["state"] != right:
                report.fault(f"bids.json 容器 {row['D']}", f"状态应为 {right}，记为 {row['state']}")


def _decipher(container, secrets: dict[str, int], roots: list[certs.Certificate], sealed_at: str) -> dict:
    """Open what there are secrets for, in the opening's order, up to the first fault of the maker."""
    content: dict = {"identity": {}, "price": {}, "files": [], "problem": ""}
    try:
        content["identity"] = contents.check_identity(container, _plain(container, "E0", secrets))
        certificate = certs.parse(unb64(content["identity"]["certificate"][0]))
        certs.verify_chain(certificate, roots, canonical.parse_timestamp(sealed_at), "sign")
        content["price"] = contents.check_price(_plain(container, "E3", secrets))
        for envelope in WITHHELD:
            if envelope not in secrets:
                continue
            with tempfile.SpooledTemporaryFile(_SPOOL) as plain:
                sealing.open_envelope(container, envelope, secrets[envelope], plain)
                for one in pack.read(plain):
                    out = _Digester()
                    pack.extract(plain, one, out)
                    content["files"].append([envelope, one.name, one.size, out.digest()])
    except (ContainerRefused, PackRefused, CertificateRefused) as refused:
        content["problem"] = refused.message
    return content


class _Digester:
    """Takes the bytes of a file and keeps only their digest."""

    def __init__(self):
        self._state = labels.hasher(labels.FILE)

    def write(self, data: bytes) -> None:
        self._state.update(data)

    def digest(self) -> str:
        return b64(self._state.digest())


def _digest(content: dict) -> str:
    return b64(labels.digest(labels.OPENING_RECORD, canonical.encode(content)))


def _container(case: Case, digest: str, report: Report) -> sealing.Container | None:
    """Return a container after its signature, name, lot, version, trustees and part digests."""
    place = f"bids/{digest}"
    bodies: dict[str, bytes] = {}

    def read_part(envelope: str, number: int) -> bytes:
        if envelope not in bodies:
            bodies[envelope] = case.folder.bytes(f"{place}/{envelope}.bin")
        return bodies[envelope][number * SEALED_PART : (number + 1) * SEALED_PART]

    try:
        manifest, signature = case.folder.bytes(f"{place}/manifest.json"), case.folder.bytes(f"{place}/otk.sig")
        container = sealing.Container(manifest, signature, read_part)
        container.check_header()
    except Refused as refused:
        report.fault(place, refused.message)
        return None
    core, number = container.core, 0
    sealed = [line for line in case.log.all("bid.seal") if line.facts["D"] == digest]
    if digest != container.D or not sealed:
        report.fault(place, "容器摘要与名称不符，或没有封标存证")
        return None
    number, notice = in_force(case.log, sealed[0].index)
    if (core["lot"], core["tender"]) != (case.bundle["lot"], case.bundle["tender"]):
        report.fault(place, "容器属于另一标段")
    if (core["notice_digest"], core["corrigendum"]) != (notice, number - 1):
        report.fault(place, "容器不是按封标时有效的招标文件版本封装的")
    if core["trustees"]["keys"] != kids(case.log):
        report.fault(place, "容器使用的受托人密钥与登记的不符")
    for row in container.manifest["envelopes"]:
        name = f"{place}/{row['id']}.bin"
        if not case.folder.has(name):
            continue
        if len(case.folder.bytes(name)) != row["size"]:
            report.fault(name, "长度与容器清单不符")
        for part, expected in enumerate(row["parts"]):
            try:
                if b64(sealing.part_digest(container.part(row["id"], part))) != expected:
                    report.fault(name, f"第 {part + 1} 个分片与清单不符")
            except Refused as refused:
                report.fault(name, refused.message)
    return container


def _plain(container, envelope: str, secrets: dict[str, int]) -> bytes:
    out = io.BytesIO()
    sealing.open_envelope(container, envelope, secrets[envelope], out)
    return out.getvalue()
