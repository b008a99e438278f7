"""How sealed containers become known bids at opening; called by the opening, the only time they do (开启)."""

import io
import json
import tempfile
from dataclasses import dataclass, field
from datetime import datetime

from gongheng.crypto import canonical, certs, contents, labels, pack, sealing
from gongheng.crypto.sealing import ContainerRefused
from gongheng.kernel.money import from_fen
from gongheng.kernel.roles import Role
from gongheng.people.parties.queries import with_role
from gongheng.trading.bids.actions import find_seal, live_seals
from gongheng.trading.bids.models import Bid, BidFile, Cover
from gongheng.trading.projects.models import Lot
from gongheng.trust.certificates import trusted
from gongheng.trust.certificates.models import Certificate
from gongheng.trust.documents import sandbox, store
from gongheng.trust.evidence.models import Entry, Leaf

#: Up to this size a file stays in memory while it is taken out: eight threads at once must fit.
_SPOOL = 32 * 2**20
#: Kind of a file that the inspection has not reached yet.
UNKNOWN = "unknown"
#: What a client tells of its machine (设备信息), packed with the qualification files: the only envelope besides the
#: technical one that no public bundle opens. Nobody is shown it with the bid's files; supervision compares it.
DEVICE_FILE = "device.json"
DEVICE_KINDS = frozenset({"mac", "board", "disk", "cpu", "session"})
_MOST, _MOST_ROWS = 4096, 8


@dataclass
class Content:
    """What a container held: identity, price, files already in the store; or the reason it does not count."""

    identity: dict = field(default_factory=dict)
    price: dict = field(default_factory=dict)
    files: list[tuple[str, str, int, str]] = field(default_factory=list)  # envelope, name, size, digest
    problem: str = ""

    @property
    def digest(self) -> str:
        """Return the digest over everything that was found, for the evidence entry."""
        body = canonical.encode({
            "identity": self.identity, "price": self.price, "problem": self.problem,
            "files": [list(row) for row in self.files],
        })
        return canonical.b64(labels.digest(labels.OPENING_RECORD, body))


def register_bids(lot: Lot) -> list[Bid]:
    """Make a row for every live container that no trustee struck, in the order of the log; names still unknown."""
    covers = set(map(bytes, Cover.objects.filter(lot=lot).values_list("digest", flat=True)))
    seals = [seal for seal in live_seals([lot]) if bytes(seal.digest) not in covers]
    places = dict(Leaf.objects.filter(entry__in=[seal.entry_id for seal in seals]).values_list("entry", "index"))
    rows = [
        Bid(
            lot=lot, digest=seal.digest, position=places[seal.entry_id], sealed_at=seal.sealed_at,
            state=Bid.State.SEALED,
        )
        for seal in seals
    ]
    return Bid.objects.bulk_create(sorted(rows, key=lambda bid: bid.position))


def decipher(lot: Lot, digest: bytes, secrets: dict[str, int]) -> Content:
    """Open all four envelopes with their secrets and put the files into the store.

    Raises ContainerRefused SECRET for a secret that is not the committed one; any other fault lies
    with the maker of the container and is returned as ``problem``.
    """
    seal, container = find_seal(lot, digest)
    for envelope, secret in secrets.items():
        sealing.check_secret(container.core, envelope, secret)
    content = Content()
    try:
        content.identity = contents.check_identity(container, _plain(container, "E0", secrets["E0"]))
        certificate = certs.parse(canonical.unb64(content.identity["certificate"][0]))
        certs.verify_chain(certificate, trusted.roots(), seal.sealed_at, "sign")
        if Certificate.objects.filter(kid=certificate.kid, revoked_at__lte=seal.sealed_at).exists():
            raise ContainerRefused("IDENTITY", "封标所用的签名证书在封标时已经挂失或吊销。")
        content.price = contents.check_price(_plain(container, "E3", secrets["E3"]))
        for envelope in ("E1", "E2"):
            with tempfile.SpooledTemporaryFile(_SPOOL) as file:
                sealing.open_envelope(container, envelope, secrets[envelope], file)
                for entry in pack.read(file):
                    with tempfile.SpooledTemporaryFile(_SPOOL) as one:
                        pack.extract(file, entry, one)
                        one.seek(0)
                        stored = store.put(one)
                    content.files.append((envelope, entry.name, entry.size, stored.digest))
    except (ContainerRefused, pack.PackRefused, certs.CertificateRefused) as refused:
        content.problem = refused.message
    return content


def record_bid(bid: Bid, content: Content, *, way: str, now: datetime) -> Bid:
    """Write what a container held into its row; of two bids of one bidder the later in the log stands."""
    bid.way, bid.opened_at = way, now
    identity, price = content.identity, content.price
    organisation = with_role(Role.BIDDER).filter(uscc=identity.get("uscc", "")).first()
    bid.bidder_name = organisation.name if organisation else identity.get("name", "")[:200]
    bid.uscc = identity.get("uscc", "")[:18]
    problem = content.problem or ("" if organisation else "投标人未在交易平台登记为投标人。")
    if problem:
        bid.state, bid.problem = Bid.State.MALFORMED, problem[:300]
        bid.save()
        return bid
    bid.state, bid.organisation = Bid.State.OPENED, organisation
    bid.contact, bid.phone = identity["contact"][:40], identity["phone"][:20]
    bid.total, bid.duration_days = from_fen(price["total_fen"]), price["duration_days"]
    bid.quality, bid.manager = price["quality"][:200], price["manager"][:40]
    bid.device = _device(content)
    bid.hall_nonce = canonical.unb64(identity["hall_nonce"])
    rival = Bid.objects.filter(lot=bid.lot, organisation=organisation, state=Bid.State.OPENED).first()
    if rival is not None:
        earlier = min(bid, rival, key=lambda one: one.position)
        earlier.state, earlier.problem = Bid.State.SUPERSEDED, "同一投标人递交多份投标文件，以存证位次在后者为准。"
        rival.save()
    bid.save()
    BidFile.objects.bulk_create([
        BidFile(bid=bid, envelope=envelope, number=number, name=name, size=size, digest=digest, kind=UNKNOWN)
        for number, (envelope, name, size, digest) in enumerate(content.files, start=1) if name != DEVICE_FILE
    ])
    return bid


def lapse_bids(lot: Lot) -> None:
    """Let every bid that was not opened in time lapse (20号令31: 视为撤销投标文件)."""
    lot.bids.filter(state=Bid.State.SEALED).update(
        state=Bid.State.LAPSED, problem="在规定时间内未完成解密，视为撤销投标文件。"
    )


def inspect_files(entry: Entry) -> None:
    """Look into the files of a bid that was just opened, in limited processes (follower on ``bid.open``)."""
    for file in BidFile.objects.filter(bid=entry.subject.removeprefix("bid:"), kind=UNKNOWN):
        found = sandbox.inspect(store.path(file.digest))
        file.kind, file.pages, file.problem = found.kind[:10], found.pages, found.reason[:300]
        file.flags = [flag[:20] for flag in found.flags]
        file.save()


def _device(content: Content) -> str | None:
    """Return what the client said of its machine, None for nothing or nonsense: a bid does not fail by it."""
    digest = next((digest for _, name, size, digest in content.files if name == DEVICE_FILE and size <= _MOST), None)
    if digest is None:
        return None
    with store.open(digest) as file:
        try:
            rows = json.loads(file.read(_MOST))
        except (ValueError, RecursionError):
            return None
    if not isinstance(rows, list) or not all(_is_row(row) for row in rows[:_MOST_ROWS]):
        return None
    return json.dumps(rows[:_MOST_ROWS], ensure_ascii=False)


def _is_row(row) -> bool:
    is_pair = isinstance(row, list) and len(row) == 2 and all(isinstance(one, str) for one in row)
    return is_pair and row[0] in DEVICE_KINDS and 0 < len(row[1]) <= 100


def _plain(container, envelope: str, secret: int) -> bytes:
    out = io.BytesIO()
    sealing.open_envelope(container, envelope, secret, out)
    return out.getvalue()
