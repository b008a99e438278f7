"""Writing the evidence bundle of a lot (存证包), as docs/bundle.md defines it."""

import shutil
from pathlib import Path

from django.conf import settings

from gongheng.crypto import canonical, cosigning, hashing, labels, signing
from gongheng.crypto.canonical import b64
from gongheng.kernel.clock import Clock
from gongheng.kernel.roles import Role
from gongheng.trading.bids import queries as bids
from gongheng.trading.bids import trustees
from gongheng.trading.bids.models import Bid, Cover, Seal
from gongheng.trading.draws.replay import replay_bundle
from gongheng.trading.evaluation.queries import evaluation_of
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.notices.printing import canonical_data
from gongheng.trading.projects.models import Lot
from gongheng.trust.certificates import trusted
from gongheng.trust.documents import store
from gongheng.trust.documents.models import Document
from gongheng.trust.evidence import publishing
from gongheng.trust.evidence.models import Entry
from gongheng.trust.evidence.proofs import NotYetProved, consistency, export_lot, proof_of
from gongheng.trust.signatures.models import Signature

#: Bodies that a public bundle leaves out: qualification and technical files are trade secrets.
WITHHELD = ("E1", "E2")
SUFFIXES = {
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/xml": ".xml",
    "text/plain": ".txt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


def write_bundle(lot: Lot, folder: Path, *, is_public: bool, clock: Clock) -> bytes:
    """Write the bundle of a lot into an empty folder and return the signed manifest's digest.

    Raises NotYetProved until a cosigned head covers every entry of the lot.
    """
    folder.mkdir(parents=True)
    log = _log(lot)
    _write(
        folder / "bundle.json",
        {
            "v": 1,
            "lot": str(lot.pk),
            "lot_code": lot.code,
            "deal_code": lot.deal_code,
            "lot_name": lot.name,
            "tender": lot.tender_project.code,
            "tender_name": lot.tender_project.name,
            "origin": settings.LOG_ORIGIN,
            "clock": "demonstration" if clock.is_demonstration else "real",
            "mode": "public" if is_public else "full",
            "made_at": canonical.timestamp(clock.now()),
        },
    )
    _write(folder / "policy.json", policy())
    _write(folder / "log.json", log)
    _write(folder / "acts.json", {"v": 1, "acts": _acts(log, is_public)})
    published = TenderDocument.objects.exclude(published_at=None).filter(lot=lot).order_by("version")
    _write(folder / "tender.json", {"v": 1, "versions": [canonical_data(one) for one in published]})
    _write(folder / "bids.json", _bids(lot, folder / "bids", is_public))
    _write(folder / "draw.json", {"v": 1, "draws": [replay_bundle(draw) for draw in lot.draws.order_by("attempt")]})
    _write(
        folder / "evaluation.json",
        {
            "v": 1,
            "result": evaluation_of(lot).result,
            "aliases": _aliases(evaluation_of(lot)),
        },
    )
    _write(folder / "documents.json", {"v": 1, "documents": _documents(lot, folder / "documents", is_public)})
    return seal_folder(folder)


def seal_folder(folder: Path) -> bytes:
    """Write MANIFEST.json over every file below a folder, sign it with the platform key, return its digest."""
    files = [
        {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "sm3": _sm3(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    manifest = canonical.encode({"v": 1, "files": files})
    private, _ = settings.KEYRING.signing_key("platform")
    (folder / "MANIFEST.json").write_bytes(manifest)
    (folder / "MANIFEST.sig").write_bytes(signing.sign(private, manifest, labels.BUNDLE))
    return labels.digest(labels.BUNDLE, manifest)


def policy() -> dict:
    """Return the public keys that a verifier needs; published too, so that it can be pinned from elsewhere."""
    _, platform = settings.KEYRING.signing_key("platform")
    return publishing.policy() | {
        "platform": b64(platform),
        "trustees": {name: b64(trustees.identity_key(name)) for name in trustees.TRUSTEES},
        "roots": sorted(b64(root.der) for root in trusted.roots()),
    }


def _log(lot: Lot) -> dict:
    """Return log.json: the lot's entries under one head, and its close under the first head the witness saw it in."""
    export = export_lot(lot.pk, reveal=True)
    close = proof_of(Entry.objects.filter(lot=lot.pk, verb="lot.close").latest("id"))
    if close is None:
        raise NotYetProved("no published head covers the close yet")
    old, new = (cosigning.parse(one["checkpoint"])[0].size for one in (close, export))
    return export | {"close": close, "consistency": consistency(old, new)}


def _acts(log: dict, is_public: bool) -> list[dict]:
    """Return the signed acts that the entries name, each once; experts' acts stay out of public bundles."""
    wanted: dict[str, str] = {}
    for row in log["entries"]:
        entry = canonical.decode(canonical.unb64(row["entry"]))
        act = entry.get("facts", {}).get("act")
        if act is not None and not (is_public and entry["actor"]["role"] == Role.EXPERT):
            wanted[act] = entry["subject"]
    rows: dict[str, dict] = {}
    signatures = Signature.objects.filter(subject__in=set(wanted.values())).select_related("certificate")
    for signature in signatures.order_by("signed_at", "pk"):
        digest = b64(labels.digest(labels.ACT, bytes(signature.act)))
        if digest in wanted and digest not in rows:
            rows[digest] = {
                "digest": digest,
                "act": b64(bytes(signature.act)),
                "signature": b64(bytes(signature.value)),
                "certificate": b64(bytes(signature.certificate.der)),
                "signed_at": canonical.timestamp(signature.signed_at),
            }
    return list(rows.values())


def _aliases(evaluation) -> dict[str, dict[str, str]]:
    """Return under which name each member saw each bidder: it ties the sheets to the digests they were locked with."""
    usccs = {str(bid.pk): bid.uscc for bid in bids.opened_bids(evaluation.lot)}
    return {
        member.pid: {alias.label: usccs[alias.bid_sealed] for alias in member.aliases.all()}
        for member in evaluation.members.order_by("number")
    }


def _bids(lot: Lot, folder: Path, is_public: bool) -> dict:
    rows, covers = [], []
    known = {bytes(bid.digest): bid for bid in lot.bids.prefetch_related("secrets")}
    struck = {bytes(cover.digest): cover for cover in Cover.objects.filter(lot=lot)}
    # Superseded and withdrawn containers are in the log; their content is nobody's business.
    for seal in Seal.objects.filter(lot_blind=bids.lot_blind(lot.pk), digest__in=[*known, *struck]):
        digest = bytes(seal.digest)
        container = bids.open_manifest(seal.upload, lot)
        place = folder / b64(digest)
        place.mkdir(parents=True)
        (place / "manifest.json").write_bytes(container.manifest_bytes)
        (place / "otk.sig").write_bytes(container.signature)
        if digest in struck:
            cover = struck[digest]
            covers.append({"D": b64(digest), "trustee": cover.trustee, "signature": b64(bytes(cover.signature))})
            continue
        row = _bid(known[digest], WITHHELD if is_public else ())
        rows.append(row)
        for envelope in container.manifest["envelopes"]:
            # What was never opened stays sealed: a lapsed bid counts as withdrawn.
            if envelope["id"] not in row["secrets"]:
                continue
            with (place / f"{envelope['id']}.bin").open("wb") as out:
                for number in range(len(envelope["parts"])):
                    out.write(container.part(envelope["id"], number))
    return {
        "v": 1,
        "covers": sorted(covers, key=lambda row: row["D"]),
        "bids": sorted(rows, key=lambda row: row["position"]),
    }


def _bid(bid: Bid, withheld: tuple[str, ...]) -> dict:
    return {
        "D": b64(bytes(bid.digest)),
        "position": bid.position,
        "sealed_at": canonical.timestamp(bid.sealed_at),
        "state": bid.state,
        "way": bid.way,
        "problem": bid.problem if bid.state == Bid.State.MALFORMED else "",
        "uscc": bid.uscc,
        "name": "" if bid.state == Bid.State.MALFORMED else bid.bidder_name,
        "total_fen": None if bid.total is None else int(bid.total * 100),
        "duration_days": bid.duration_days,
        "quality": bid.quality,
        "manager": bid.manager,
        "secrets": {
            secret.envelope: b64(bytes(secret.value)) for secret in bid.secrets.all() if secret.envelope not in withheld
        },
    }


def _documents(lot: Lot, folder: Path, is_public: bool) -> list[dict]:
    folder.mkdir()
    rows = []
    documents = Document.objects.filter(lot=lot.pk).order_by("created_at", "pk")
    for number, document in enumerate(documents.filter(is_public=True) if is_public else documents, start=1):
        name = f"{number:03d}-{document.kind}{SUFFIXES.get(document.media_type, '.bin')}"
        shutil.copyfile(store.path(document.digest), folder / name)
        rows.append(
            {
                "file": name,
                "kind": document.kind,
                "title": document.title,
                "digest": document.digest,
                "size": document.size,
            }
        )
    return rows


def _write(path: Path, value: dict) -> None:
    path.write_bytes(canonical.encode(value))


def _sm3(path: Path) -> str:
    with path.open("rb") as file:
        return hashing.file_digest(file)
