"""The only writer of an opening session; bids become known through ``bids.opened`` (开标)."""

import io
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from gongheng.crypto import canonical, drawing, labels, shares, signing
from gongheng.crypto.container import THRESHOLD, core_envelope
from gongheng.crypto.sealing import ContainerRefused
from gongheng.kernel.clock import Clock
from gongheng.kernel.procedures import has_enough_bidders
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor, Role
from gongheng.trading.bids import opened
from gongheng.trading.bids import queries as bids
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.trustees import TRUSTEES
from gongheng.trading.notices.actions import issue_notice
from gongheng.trading.notices.models import Notice, TenderDocument
from gongheng.trading.opening import printing
from gongheng.trading.opening.lifecycle import State
from gongheng.trading.opening.models import (
    Attendance,
    FallbackRequest,
    Objection,
    Opening,
    RecordSignature,
    ReleasedShare,
    Secret,
)
from gongheng.trading.projects import actions as projects
from gongheng.trading.projects.lifecycle import State as LotState
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import is_host, rulebook_of
from gongheng.trust.documents.actions import issue_document, keep_document
from gongheng.trust.evidence.models import Checkpoint, Entry
from gongheng.trust.evidence.moving import moving, note, starting
from gongheng.trust.evidence.publishing import is_witnessed
from gongheng.trust.evidence.recording import phase_key, unblind

#: The decryption window of the hall, in legal time (解密时限).
DECRYPTION_WINDOW = timedelta(minutes=30)
#: How long the hall waits for trustees to strike their covers before it counts without the missing one.
COVER_PATIENCE = timedelta(minutes=5)
ENVELOPES = ("E0", "E1", "E2", "E3")
#: On which grounds each policy of the tender document lets trustees open a bid.
GROUNDS = {
    TenderDocument.Fallback.NEVER: (),
    TenderDocument.Fallback.ON_REQUEST: (FallbackRequest.Ground.BIDDER,),
    TenderDocument.Fallback.ON_FAULT: (FallbackRequest.Ground.BIDDER, FallbackRequest.Ground.PLATFORM),
}


def start_opening(lot: Lot, *, actor: Actor, clock: Clock) -> Opening | None:
    """Open the hall (开始开标) at the deadline's instant; with fewer than three bids the lot fails instead (法28).

    Raises Refusal WITNESS until a witness has cosigned a head that holds ``lot.close`` at or after
    the deadline, and COVERS until the trustees have struck their covers.
    """
    _must_host(lot, actor)
    if lot.state != LotState.CLOSED:
        raise Refusal("STATE", "投标截止后方可开标。")
    if not is_close_witnessed(lot):
        raise Refusal("WITNESS", "截标记录正在等待见证方签名，请数秒后再开始开标。")
    missing = set(TRUSTEES) - set(lot.cover_reports.values_list("trustee", flat=True))
    if missing and clock.now() < lot.closed_at + COVER_PATIENCE:
        raise Refusal("COVERS", "受托人正在声明掩护件，请数秒后再开始开标。")
    with transaction.atomic():
        step = projects.advance_lot(lot, "open_start", actor=actor, clock=clock)
        rows = opened.register_bids(lot)
        step_facts = {"bids": len(rows), "covers": lot.covers.count()}
        if not has_enough_bidders(rulebook_of(lot), len(rows)):
            _fail_lot(
                lot, f"截至投标截止时间，递交投标文件的投标人为{len(rows)}个，少于3个，依法不得开标。", actor, clock
            )
            return None
        private, public = signing.generate()
        opening = Opening(
            lot=lot, host=actor.id, host_name=actor.name, started_at=step.now,
            decrypt_until=step.now + DECRYPTION_WINDOW, session_public=public, session_private=private,
        )
        with starting(
            opening, actor=actor, clock=clock, session_public=canonical.b64(public), **step_facts,
            digests=sorted(canonical.b64(bytes(bid.digest)) for bid in rows),
        ):
            pass
    return opening


def sign_in(opening: Opening, *, actor: Actor, clock: Clock) -> None:
    """Sign a bidder in to the hall (签到); possible only once the bidder set is no longer secret."""
    with note("opening.sign_in", opening, lot=opening.lot, actor=actor, clock=clock) as step:
        opening.refresh_from_db()
        if opening.state in (State.DONE, State.FAILED):
            raise Refusal("STATE", "开标已经结束，不能再签到。")
        Attendance.objects.get_or_create(
            opening=opening, organisation_id=UUID(actor.organisation),
            defaults={"person_name": actor.name, "signed_in_at": step.now},
        )


def open_own(opening: Opening, *, digest: bytes, secrets: dict[str, bytes], actor: Actor, clock: Clock) -> Bid:
    """Open a bid with the bidder's own secrets (自行解密): s·G must equal the sealed commitment."""
    bid = _sealed_bid(opening, digest)
    values = {envelope: int.from_bytes(secrets[envelope]) for envelope in ENVELOPES}
    return _open(opening, bid, values, way="own", actor=actor, clock=clock)


def request_fallback(
    opening: Opening, *, digest: bytes, ground: str, reason: str, proof: dict[str, str], actor: Actor, clock: Clock
) -> FallbackRequest:
    """Ask the trustees to open a bid (申请兜底开启), where the tender document allows it on this ground.

    A bidder proves that the sealed bid is his by a signature of its one-time key or by the salt of his
    receipt: a rival must not be able to force open what its maker lets lapse (20号令31).
    """
    bid = _sealed_bid(opening, digest)
    if ground not in GROUNDS[printing.published_document(opening.lot).fallback]:
        raise Refusal("FALLBACK", "招标文件不允许以该事由启用兜底开启。", "ground")
    if ground == FallbackRequest.Ground.PLATFORM:
        _must_host(opening.lot, actor)
    elif not _holds_bid(opening.lot, digest, proof):
        raise Refusal("HOLDER", "不能证明该投标文件由您封标，请用封标所用的浏览器，或选择封标时下载的回执。", "proof")
    with note(
        "opening.request_fallback", opening, lot=opening.lot, actor=actor, clock=clock,
        D=canonical.b64(digest), ground=ground, proof=proof,
    ) as step:
        bid = _sealed_bid(opening, digest)
        if FallbackRequest.objects.filter(bid=bid).exists():
            raise Refusal("STATE", "该投标文件已申请兜底开启，请等待受托人核验。")
        return FallbackRequest.objects.create(
            bid=bid, ground=ground, reason=reason, proof=proof, requested_at=step.now
        )


def release_share(
    opening: Opening, *, digest: bytes, trustee: str, given: dict[str, str], signature: bytes, actor: Actor,
    clock: Clock,
) -> Bid:
    """Take a trustee's shares of a bid; with the second trustee's the bid is opened (兜底开启).

    Raises Refusal SHARE when a share is not the one committed to: the sealed header itself proves it.
    """
    bid = _sealed_bid(opening, digest)
    if not FallbackRequest.objects.filter(bid=bid).exists():
        raise Refusal("FALLBACK", "没有人申请兜底开启该投标文件。")
    _, container = bids.find_seal(opening.lot, digest)
    _sound_shares(opening, container.core, trustee, given)
    with note(
        "share.release", opening, lot=opening.lot, actor=actor, clock=clock, trustee=trustee,
        D=canonical.b64(digest), shares=given, signature=canonical.b64(signature),
    ) as step:
        bid = _sealed_bid(opening, digest)
        ReleasedShare.objects.get_or_create(
            bid=bid, trustee=trustee, defaults={"shares": given, "signature": signature, "released_at": step.now}
        )
    releases = list(bid.released_shares.order_by("released_at"))
    if len(releases) < THRESHOLD:
        return bid
    known = {one.trustee: _sound_shares(opening, container.core, one.trustee, one.shares) for one in releases}
    values = {
        envelope: shares.combine({TRUSTEES[name]: held[envelope] for name, held in known.items()})
        for envelope in ENVELOPES
    }
    return _open(opening, bid, values, way="fallback", actor=actor, clock=clock)


def end_decryption(opening: Opening, *, actor: Actor, clock: Clock) -> Opening:
    """End decryption (结束解密): what was not opened lapses, then the coefficient is drawn in public.

    A host may end it early only when every bid was opened; the clock ends it at the end of the window.
    """
    if actor.role != Role.CLOCK:
        _must_host(opening.lot, actor)
        if opening.lot.bids.filter(state=Bid.State.SEALED).exists() and clock.now() < opening.decrypt_until:
            raise Refusal("DECRYPTING", "还有投标文件未解密，解密时限届满前不能结束解密。")
    lot = opening.lot
    with transaction.atomic():
        Lot.objects.select_for_update(no_key=True).get(pk=lot.pk)
        opened.lapse_bids(lot)
        standing = list(bids.opened_bids(lot))
        if not has_enough_bidders(rulebook_of(lot), len(standing)):
            with moving(opening, "fail", actor=actor, clock=clock, opened=len(standing)):
                pass
            _fail_lot(lot, f"解密后有效投标文件为{len(standing)}份，少于3份，依法重新招标。", actor, clock)
            return opening
        nonce = settings.KEYRING.secret(f"hall-{lot.pk}")
        choices = printing.published_document(lot).method["price"]["k_choices"]
        coefficient = drawing.pick_coefficient(
            str(lot.pk), canonical.b64(bytes(lot.closing_root)),
            [nonce, *(bytes(bid.hall_nonce) for bid in standing)], choices,
        )
        with moving(opening, "end_decryption", actor=actor, clock=clock) as step:
            opening.coefficient, opening.platform_nonce = coefficient, nonce
            opening.reveal = _reveal_sealed_phase(lot, step.now)
            step.facts |= {
                "opened": len(standing), "coefficient": coefficient, "platform_nonce": canonical.b64(nonce),
                "reveal": opening.reveal.digest,
            }
    return opening


def raise_objection(opening: Opening, *, text: str, actor: Actor, clock: Clock) -> Objection:
    """Raise an objection on the spot (T7)."""
    with note("opening.objection", opening, lot=opening.lot, actor=actor, clock=clock) as step:
        opening.refresh_from_db()
        if opening.state in (State.DONE, State.FAILED):
            raise Refusal("T7", "对开标的异议应当在开标现场提出；开标已经结束。")
        if not opening.lot.bids.filter(organisation=actor.organisation).exists():
            raise Refusal("PARTY", "只有本标段的投标人可以对开标提出异议。")
        return Objection.objects.create(
            opening=opening, organisation_id=UUID(actor.organisation), text=text, raised_at=step.now
        )


def answer_objection(objection: Objection, *, answer: str, actor: Actor, clock: Clock) -> Objection:
    """Answer an objection on the spot (T7)."""
    _must_host(objection.opening.lot, actor)
    with note("opening.answer", objection.opening, lot=objection.opening.lot, actor=actor, clock=clock) as step:
        objection = Objection.objects.select_for_update(of=("self",)).get(pk=objection.pk)
        if objection.answered_at is not None:
            raise Refusal("STATE", "该异议已经答复。")
        objection.answer, objection.answered_at = answer, step.now
        objection.save()
    return objection


def make_record(opening: Opening, *, actor: Actor, clock: Clock) -> Opening:
    """Typeset the opening record from the opened bytes (形成开标记录); every objection must be answered."""
    _must_host(opening.lot, actor)
    with moving(opening, "record", actor=actor, clock=clock) as step:
        if opening.objections.filter(answered_at=None).exists():
            raise Refusal("T7", "还有开标异议未当场答复，请答复后再形成开标记录。")
        opening.record = issue_document(
            "opening_record", f"{opening.lot.name}开标记录", "opening_record", printing.record(opening, step.now),
            lot=opening.lot_id, is_public=True, now=step.now,
        )
        step.facts |= {"document": opening.record.digest, "content": printing.record_digest(opening)}
    return opening


def sign_record(opening: Opening, *, actor: Actor, clock: Clock) -> RecordSignature:
    """Sign the opening record (确认开标记录): host, centre and the bidders present."""
    with note("opening.sign_record", opening, lot=opening.lot, actor=actor, clock=clock) as step:
        opening.refresh_from_db()
        if opening.state != State.RECORDED:
            raise Refusal("STATE", "开标记录尚未形成或开标已经结束，不能签署。")
        is_bidder = opening.lot.bids.filter(organisation=actor.organisation).exists()
        if not (is_host(opening.lot, actor) or is_bidder or actor.role in (Role.CENTRE, Role.SUPERVISOR)):
            raise Refusal("PARTY", "只有主持人、见证人和本标段投标人可以签署开标记录。")
        step.facts["document"] = opening.record.digest
        signature, created = RecordSignature.objects.get_or_create(
            opening=opening, person=actor.id,
            defaults={
                "name": actor.name, "organisation_id": UUID(actor.organisation), "role": actor.role,
                "signed_at": step.now,
            },
        )
        if not created:
            raise Refusal("STATE", "您已经签署过开标记录。")
    return signature


def finish_opening(opening: Opening, *, actor: Actor, clock: Clock) -> Opening:
    """Close the hall (宣布开标结束) once the host has signed the record; the lot awaits its evaluation."""
    _must_host(opening.lot, actor)
    with transaction.atomic():
        with moving(opening, "finish", actor=actor, clock=clock) as step:
            if not opening.signatures.filter(person=opening.host).exists():
                raise Refusal("SIGN", "主持人尚未签署开标记录，不能结束开标。")
            if opening.objections.filter(answered_at=None).exists():
                raise Refusal("T7", "还有开标异议未当场答复，不能结束开标。")
            opening.finished_at = step.now
            opening.signed_record = issue_document(
                "opening_record", f"{opening.lot.name}开标记录（签署页）", "opening_record",
                printing.record(opening, step.now), lot=opening.lot_id, is_public=True, now=step.now,
            )
            step.facts |= {"signatures": opening.signatures.count(), "document": opening.signed_record.digest}
        projects.advance_lot(opening.lot, "open", actor=actor, clock=clock)
    return opening


def _open(opening: Opening, bid: Bid, values: dict[str, int], *, way: str, actor: Actor, clock: Clock) -> Bid:
    # Deciphering may take a second; it needs no lock, for the secrets fix the bytes.
    try:
        content = opened.decipher(opening.lot, bytes(bid.digest), values)
    except ContainerRefused as refused:
        raise Refusal(refused.code, refused.message) from refused
    with transaction.atomic(), note(
        "bid.open", f"bid:{bid.pk}", lot=opening.lot, actor=actor, clock=clock, way=way,
        D=canonical.b64(bytes(bid.digest)),
    ) as step:
        if opening.lot.is_held():
            raise Refusal("HOLD", "开标已暂停，请等待恢复。")
        opening.refresh_from_db()
        bid = _sealed_bid(opening, bytes(bid.digest))
        Secret.objects.bulk_create(
            [Secret(bid=bid, envelope=envelope, value=value.to_bytes(32)) for envelope, value in values.items()]
        )
        bid = opened.record_bid(bid, content, way=way, now=step.now)
        step.facts |= {"state": bid.state, "content": content.digest}
    return bid


def _sealed_bid(opening: Opening, digest: bytes) -> Bid:
    bid = opening.lot.bids.filter(digest=digest).first()
    if bid is None:
        raise Refusal("UNKNOWN", "本标段没有这份投标文件。")
    if bid.state != Bid.State.SEALED:
        raise Refusal("STATE", "该投标文件已经开启或已失效。")
    if opening.state != State.DECRYPTING:
        raise Refusal("STATE", "解密时限已过，不能再解密。")
    return bid


def _fail_lot(lot: Lot, reason: str, actor: Actor, clock: Clock) -> None:
    step = projects.advance_lot(lot, "fail", actor=actor, clock=clock, facts={"reason": reason, "exception": "1"})
    issue_notice(
        lot, kind=Notice.Kind.FAILURE, title=f"{lot.tender_project.name}（{lot.name}）招标失败公告", body=reason,
        template="failure_notice", data=printing.failure(lot, reason, step.now), actor=actor, clock=clock,
    )


def _reveal_sealed_phase(lot: Lot, now):
    """Collect the salts of the lot's opaque entries, so that anybody can see what each of them said."""
    key, rows = phase_key(lot.pk), []
    # Nothing in the table tells whose an opaque entry is: the key is tried on all of them.
    for entry in Entry.objects.exclude(salt_sealed=None).filter(leaf__isnull=False).select_related("leaf").iterator():
        plain = unblind(entry, key)
        if plain is not None:
            rows.append({"index": entry.leaf.index, "salt": canonical.b64(plain[0]), "hidden": plain[1]})
    body = canonical.encode({"v": 1, "lot": str(lot.pk), "entries": sorted(rows, key=lambda row: row["index"])})
    return keep_document(
        "reveal", "封标期存证明细", io.BytesIO(body), media_type="application/json", lot=lot.pk, is_public=True, now=now
    )


def is_close_witnessed(lot: Lot) -> bool:
    """Say whether a witness has cosigned, at or after the deadline, a head that holds the lot's close."""
    index = Entry.objects.filter(lot=lot.pk, verb="lot.close").values_list("leaf__index", flat=True).last()
    if index is None:
        return False
    heads = Checkpoint.objects.filter(size__gt=index)
    return (heads.filter(cosigned_at__gte=lot.bids_due_at) if is_witnessed() else heads).exists()


def _holds_bid(lot: Lot, digest: bytes, proof: dict[str, str]) -> bool:
    seal, container = bids.find_seal(lot, digest)
    if set(proof) == {"otk_signature"}:
        message = canonical.encode({"v": 1, "act": "fallback", "lot": str(lot.pk), "D": canonical.b64(digest)})
        signature = canonical.unb64(proof["otk_signature"])
        return signing.verify(container.otk_public, message, signature, labels.SEAL)
    if set(proof) == {"salt"}:
        salt, _ = unblind(Entry.objects.get(pk=seal.entry_id), phase_key(lot.pk))
        return canonical.b64(salt) == proof["salt"]
    return False


def _sound_shares(opening: Opening, core: dict, trustee: str, given: dict[str, str]) -> dict[str, int]:
    """Decrypt a trustee's shares with the session key and check each against the sealed commitment."""
    private, held = bytes(opening.session_private), {}
    for envelope in ENVELOPES:
        points = [canonical.unb64(point) for point in core_envelope(core, envelope)["C"]]
        try:
            share = int.from_bytes(signing.decrypt(private, canonical.unb64(given[envelope])))
        except ValueError:
            share = 0
        if not shares.check(share, TRUSTEES[trustee], points):
            raise Refusal("SHARE", f"受托人提交的 {envelope} 份额与封标时的承诺不符，已拒绝。")
        held[envelope] = share
    return held


def _must_host(lot: Lot, actor: Actor) -> None:
    if not is_host(lot, actor):
        raise Refusal("PARTY", "您所在的单位不是该标段的招标人或招标代理机构，不能主持开标。")


