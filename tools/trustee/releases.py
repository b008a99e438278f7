"""When a trustee releases its shares of a bid (份额释放): only after it has checked every reason itself.

Nothing that the platform says is believed. What counts: the log's signed and witnessed heads under keys the
trustee pinned long before, the sealed container's own digest, the deadline it remembers, and its own clock.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from gongheng.crypto import canonical, container, cosigning, labels, merkle, sealing, signing
from gongheng.crypto.refused import ContainerRefused, ProofRefused

ENVELOPES = ("E0", "E1", "E2", "E3")
#: On which grounds each policy of the tender document allows a release.
GROUNDS = {
    "never": (), "on_bidder_request": ("on_bidder_request",),
    "on_platform_fault": ("on_bidder_request", "on_platform_fault"),
}
HOSTS = ("agency", "tenderer")
#: The log entries that a case must bring, each with its proof.
VERBS = {
    "close": "lot.close", "open_start": "lot.open_start", "start": "opening.start",
    "request": "opening.request_fallback",
}


class NotReleased(Exception):
    """A reason why this trustee keeps its shares."""


@dataclass(frozen=True)
class Pinned:
    """What the trustee knows from its own store, never from the request at hand."""

    log: str
    witnesses: tuple[str, ...]
    quorum: int
    origin: str
    deadline: datetime  # the latest it has ever seen for the lot

    @classmethod
    def of(cls, policy: dict, deadline: datetime) -> "Pinned":
        return cls(policy["log"], tuple(policy["witnesses"]), policy["quorum"], policy["origin"], deadline)


def judge(case: dict, pinned: Pinned, *, index: int, lot_public: bytes, now: datetime) -> tuple[dict, bytes]:
    """Return (core of the container, public session key) when the shares may be released.

    Raises NotReleased with the first reason that does not hold (security.md 4.a, Open, step 3).
    """
    if now < pinned.deadline:
        raise NotReleased("自己的时钟尚未到投标截止时间")
    try:
        core = container.parse_manifest(canonical.unb64(case["manifest"]))["core"]
        _hold(core["trustees"]["keys"][index - 1] == signing.kid(lot_public), "密文不是为本受托人的密钥封装的")
        return core, _checked(case, pinned, core)
    except (ContainerRefused, ProofRefused, KeyError, TypeError, ValueError) as error:
        raise NotReleased(f"材料不完整或不成立：{type(error).__name__}") from error


def encrypt_shares(core: dict, *, index: int, private: bytes, session_public: bytes) -> dict[str, str]:
    """Unwrap the own share of every envelope and encrypt it to the session key of the opening."""
    return {
        envelope: canonical.b64(signing.encrypt(
            session_public, sealing.check_fallback_share(core, envelope, index, private).to_bytes(32, "big")
        ))
        for envelope in ENVELOPES
    }


def _checked(case: dict, pinned: Pinned, core: dict) -> bytes:
    """Return the public session key once log, root, document and request are what they must be."""
    lot, digest, manifest = case["lot"], case["D"], canonical.unb64(case["manifest"])
    _hold(canonical.b64(labels.digest(labels.BID_MANIFEST, manifest)) == digest, "清单与封存摘要不符")
    _hold(core["lot"] == lot, "密文不是为本标段封装的")
    entries = {name: _entry(case[name], pinned) for name in VERBS}
    for name, verb in VERBS.items():
        _hold(entries[name]["verb"] == verb and entries[name]["lot"] == lot, f"存证条目不是本标段的 {verb}")
    live = sorted(canonical.unb64(text) for text in case["live"])
    root = merkle.root("sm3", [merkle.leaf_hash("sm3", one) for one in live])
    _hold(canonical.b64(root) == entries["close"]["facts"]["closing_root"], "封存清单与截标时存证的根不符")
    _hold(canonical.unb64(digest) in live, "该投标文件不在截标时的封存清单内")
    document = canonical.unb64(case["document"])
    _hold(
        canonical.b64(labels.digest(labels.DOCUMENT, document)) == core["notice_digest"],
        "招标文件与投标文件所绑定的不是同一份",
    )
    request = entries["request"]
    facts, policy = request["facts"], canonical.decode(document)["fallback"]
    _hold(facts["D"] == digest and facts["ground"] in GROUNDS[policy], "招标文件不允许以该事由兜底开启")
    if facts["ground"] == "on_platform_fault":
        _hold(request["actor"]["role"] in HOSTS, "平台故障须由主持人申请")
    else:
        _hold(_is_holder(case, pinned, facts["proof"], manifest), "申请人没有证明该投标文件由其封标")
    return canonical.unb64(entries["start"]["facts"]["session_public"])


def _is_holder(case: dict, pinned: Pinned, proof: dict, manifest: bytes) -> bool:
    """The one-time key signed the request, or the asker knew the salt of the sealing's opaque entry."""
    if "otk_signature" in proof:
        public = canonical.unb64(canonical.decode(manifest)["otk"])
        message = canonical.encode({"v": 1, "act": "fallback", "lot": case["lot"], "D": case["D"]})
        return signing.verify(public, message, canonical.unb64(proof["otk_signature"]), labels.SEAL)
    hidden = canonical.unb64(case["hidden"])
    committed = canonical.b64(labels.digest(labels.EVIDENCE_BLIND, canonical.unb64(proof["salt"]) + hidden))
    return (
        _entry(case["seal"], pinned, since_deadline=False)["h"] == committed
        and canonical.decode(hidden)["facts"]["D"] == case["D"]
    )


def _entry(proof: dict, pinned: Pinned, *, since_deadline: bool = True) -> dict:
    """Return a log entry after checking that a witnessed head holds it, cosigned at or after the deadline."""
    body = canonical.unb64(proof["entry"])
    note = proof["checkpoint"]
    head = cosigning.verify(note, cosigning.parse_key(pinned.log), pinned.origin)
    path = [canonical.unb64(text) for text in proof["path"]]
    leaf = merkle.leaf_hash("sha256", body)
    _hold(merkle.verify_inclusion("sha256", leaf, proof["index"], head.size, path, head.root), "条目不在日志头之内")
    times = cosigning.quorum_times(note, [cosigning.parse_key(key) for key in pinned.witnesses], pinned.quorum)
    if since_deadline:
        moments = [datetime.fromtimestamp(second, UTC) for second in times.values()]
        late = [moment for moment in moments if moment >= pinned.deadline]
        _hold(len(late) >= pinned.quorum, "见证方联署时间早于投标截止")
    return canonical.decode(body)


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotReleased(otherwise)
