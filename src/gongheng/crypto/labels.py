"""The registry of domain-separation labels: every digest and signature carries exactly one (域分隔标签).

A label says what a digest or signature is about, so that bytes made for one purpose never count for another.
"""

from collections.abc import Iterable

from .hazmat import sm3

# Sealed bids
BID_CORE = "ggzy/bid-core/v1"
BID_MANIFEST = "ggzy/bid-manifest/v1"
BID_PART = "ggzy/bid-part/v1"
BID_OTK = "ggzy/bid-otk/v1"
BID_INNER = "ggzy/bid-inner/v1"
WRAP = "ggzy/wrap/v1"
ENVELOPE_KEY = "ggzy/envelope-key/v1"
SEAL = "ggzy/seal/v1"
SEAL_ENTRY = "ggzy/seal-entry/v1"
RECEIPT = "ggzy/receipt/v1"
CLOSING = "ggzy/closing/v1"
SHARE_CHECK = "ggzy/share-check/v1"
SHARE_RELEASE = "ggzy/share-release/v1"
OPENING_SECRET = "ggzy/opening-secret/v1"
OPENING_RECORD = "ggzy/opening-record/v1"
# Draws
POOL = "ggzy/pool/v1"
ORDER = "ggzy/order/v1"
ELIGIBLE = "ggzy/eligible/v1"
DRAW = "ggzy/draw/v1"
DRAW_COMMIT = "ggzy/draw-commit/v1"
DRAW_WRAP = "ggzy/draw-wrap/v1"
DRAW_PARTY = "ggzy/draw-party/v1"
DRAW_RESULT = "ggzy/draw-result/v1"
DRAW_PSEUDONYM = "ggzy/draw-pseudonym/v1"
COEFFICIENT = "ggzy/coefficient/v1"
CALL_EVENTS = "ggzy/call-events/v1"
EXPERT_BATCH = "ggzy/expert-batch/v1"
VENUE_TIE = "ggzy/venue-tie-of-lot/v1"
# Evidence
EVIDENCE_BLIND = "ggzy/evidence-blind/v1"
EVIDENCE_FACTS = "ggzy/evidence-facts/v1"
COVER = "ggzy/cover/v1"
PHASE_KEY = "ggzy/phase-key/v1"
CHECKPOINT_SM3 = "ggzy/checkpoint-sm3/v1"
# People, acts, documents
KEY = "ggzy/key/v1"
TRUSTEE_KEY = "ggzy/trustee-key/v1"
TRUSTEE_REQUEST = "ggzy/trustee-request/v1"
SEAT_ENROL = "ggzy/seat-enrol/v1"
SEAT_CODE = "ggzy/seat-code/v1"
SEAT_REPORT = "ggzy/seat-report/v1"
SEAT_LOGIN = "ggzy/seat-login/v1"
LOGIN = "ggzy/login/v1"
ACT = "ggzy/act/v1"
SIGN_REQUEST = "ggzy/sign-request/v1"
DOCUMENT = "ggzy/document/v1"
FILE = "ggzy/file/v1"
PACK = "ggzy/pack/v1"
ARCHIVE = "ggzy/archive/v1"
EXCHANGE_CALL = "ggzy/exchange-call/v1"
EXCHANGE_REPLY = "ggzy/exchange-reply/v1"
EXCHANGE_CALLBACK = "ggzy/exchange-callback/v1"
EXCHANGE_ACK = "ggzy/exchange-ack/v1"
MEETING_JOIN = "ggzy/meeting-join/v1"
MEETING_LINE = "ggzy/meeting-line/v1"
RECORDING = "ggzy/recording/v1"
BUNDLE = "ggzy/bundle/v1"

ALL = frozenset(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str))


def prefix(label: str) -> bytes:
    """Return `label ‖ 0x0A`, what goes before the bytes to hash or sign. Raises ValueError if unregistered."""
    if label not in ALL:
        raise ValueError(f"unknown label {label!r}")
    return label.encode("ascii") + b"\n"


def digest(label: str, data: bytes) -> bytes:
    """Return the 32 bytes SM3(label ‖ 0x0A ‖ data). Raises ValueError if the label is not registered."""
    return sm3.digest(prefix(label) + data)


def digests(label: str, many: Iterable[bytes]) -> list[bytes]:
    """Return digest(label, data) of each, from one state that already holds the label."""
    ready, made = hasher(label).copy, []
    for data in many:
        state = ready()
        state.update(data)
        made.append(state.digest())
    return made


def hasher(label: str):
    """Return an SM3 object that already holds the label; feed it a stream, then take `digest()`."""
    state = sm3.new()
    state.update(prefix(label))
    return state
