"""Keeping what is typed, keystroke by keystroke, and noticing who falls silent (草稿与心跳)."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction

from gongheng.kernel.clock import Clock
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Actor
from gongheng.trading.evaluation import drafting
from gongheng.trading.evaluation.actions.reviewing import forget_mark, mark
from gongheng.trading.evaluation.actions.scoring import save_comment, save_score
from gongheng.trading.evaluation.actions.sitting import at_work, masked
from gongheng.trading.evaluation.drafting import Change, Kept, Verdict
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Alias, Draft, Mark, Member, Presence
from gongheng.trading.evaluation.queries import bids_under_review, method_of
from gongheng.trust.evidence.moving import note

#: After so long without a sign a seat counts as suspect (domain.md 4.7).
SUSPECT_AFTER = timedelta(seconds=10)
#: In which phase each kind of form is filled in.
PHASES = {"scores": State.TECHNICAL, "marks": State.PRELIMINARY}


def feel_pulse(member: Member, *, actor: Actor, clock: Clock) -> None:
    """Note that a seat is there (心跳); who was silent for longer than allowed leaves an entry when he is back."""
    now = clock.now()
    with transaction.atomic():
        row = Presence.objects.select_for_update().filter(member=member).first()
        if row is None:
            Presence.objects.create(member=member, seen_at=now)
            return
        silent = now - row.seen_at
        row.seen_at = now
        row.save(update_fields=["seen_at"])
    if silent > SUSPECT_AFTER:
        with note("evaluation.link_restored", member.evaluation, lot=member.evaluation.lot,
                  actor=masked(actor, member.pid), clock=clock, pid=member.pid, seconds=int(silent.total_seconds())):
            pass


def keep_drafts(
    member: Member, *, form: str, window: str, changes: Iterable[Change], actor: Actor, clock: Clock
) -> dict[str, str]:
    """Take over what a window typed (自动保存) and put it to work at once; return {field: why it does not count yet}.

    Text that is no valid score or an unexplained failure is kept as typed, but nothing of it counts. Raises
    Refusal STATE, HOLD, COMMITTEE, DRAFT; then nothing of the request was taken.
    """
    kind, _, key = form.partition("-")
    problems: dict[str, str] = {}
    with transaction.atomic():
        if kind not in PHASES:
            raise Refusal("DRAFT", "没有这张表单，请刷新页面。")
        member = at_work(member, PHASES[kind])
        taken = _take(member, form, window, changes, clock)
        if taken and kind == "scores":
            problems = _score(member, key, taken, clock)
        elif taken:
            problems = _mark(member, key, form, taken, actor, clock)
    return problems


def typed_on_page(member: Member, form: str, fields: dict[str, str]) -> list[Change]:
    """Return what an ordinary form says and differs from what is kept, as changes that build on it."""
    kept = {row.field: row for row in member.drafts.filter(form=form)}
    return [
        Change(field, kept[field].revision if field in kept else 0, (kept[field].revision if field in kept else 0) + 1,
               text)
        for field, text in fields.items() if field not in kept or kept[field].text != text
    ]


def _take(member: Member, form: str, window: str, changes: Iterable[Change], clock: Clock) -> list[Change]:
    rows = {row.field: row for row in member.drafts.filter(form=form)}
    taken = []
    for change in changes:
        row = rows.get(change.field)
        kept = Kept(row.revision, row.window, row.text) if row else None
        if drafting.verdict(kept, change, window) is Verdict.ACCEPTED:
            rows[change.field], _ = Draft.objects.update_or_create(
                member=member, form=form, field=change.field,
                defaults={
                    "revision": change.revision, "window": window, "text": change.text, "saved_at": clock.now(),
                },
            )
            taken.append(change)
    return taken


def _score(member: Member, key: str, taken: list[Change], clock: Clock) -> dict[str, str]:
    alias = Alias.objects.filter(member=member, pk=int(key) if key.isdecimal() else 0).first()
    if alias is None:
        raise Refusal("DRAFT", "该暗标评分表已经更换，请刷新页面。")
    names = {factor.id: factor.name for factor in method_of(member.evaluation.lot).factors}
    problems = {}
    for change in taken:
        if change.field == "comment":
            save_comment(member, label=alias.label, comment=change.text, clock=clock)
            continue
        if change.field not in names:
            raise Refusal("DRAFT", "招标文件中没有该评分因素。", change.field)
        try:
            points = drafting.points_of(change.text, names[change.field], change.field)
            save_score(member, label=alias.label, factor=change.field, points=points, clock=clock)
        except Refusal as refusal:
            if refusal.rule == "STATE":
                raise
            # What stands in the field must never differ from what counts: a bad figure leaves the cell empty.
            alias.scores.filter(factor=change.field).delete()
            problems[change.field] = refusal.message
    return problems


def _mark(
    member: Member, key: str, form: str, taken: list[Change], actor: Actor, clock: Clock
) -> dict[str, str]:
    bid = next((one for one in bids_under_review(member.evaluation) if str(one.pk) == key), None)
    if bid is None:
        raise Refusal("DRAFT", "本标段没有这份投标文件。")
    typed = {row.field: row.text for row in member.drafts.filter(form=form)}
    kept = {one.item: one for one in Mark.objects.filter(member=member, bid=bid)}
    problems = {}
    for item in sorted({change.field.removesuffix("-reason") for change in taken}):
        word = typed.get(item) or (("pass" if kept[item].passes else "fail") if item in kept else "")
        reason = typed.get(f"{item}-reason", kept[item].reason if item in kept else "")
        if word not in ("pass", "fail"):
            continue
        try:
            mark(member, bid=bid, item=item, passes=word == "pass", reason=reason, actor=actor, clock=clock)
        except Refusal as refusal:
            if refusal.rule != "REASON":
                raise
            forget_mark(member, bid=bid, item=item)
            problems[item] = refusal.message
    return problems
