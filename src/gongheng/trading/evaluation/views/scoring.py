"""The technical review at the workbench: one anonymous bid at a time, factor by factor (技术评分)."""

from decimal import Decimal

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.trading.bids.models import Bid
from gongheng.trading.bids.queries import bid_files
from gongheng.trading.evaluation import queries, reading
from gongheng.trading.evaluation.actions import drafting, scoring
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.method import EvaluationMethod, FactorKind
from gongheng.trading.evaluation.models import Alias, Member
from gongheng.trading.evaluation.views.entering import frame, keeper, seat
from gongheng.trading.evaluation.views.reviewing import picture
from gongheng.ui.pages import page

_TECHNICAL = "E2"


@page("evaluation.technical", Role.EXPERT)
def technical(request: HttpRequest, pk) -> HttpResponse:
    """Go on with the first anonymous bid that is not wholly scored."""
    member = seat(request, pk)
    if member.evaluation.state != State.TECHNICAL or member.technical_locked_at:
        return redirect("evaluation:room", pk)
    rows = _rows(member, queries.method_of(member.evaluation.lot))
    following = next((row["label"] for row in rows if row["done"] < row["wanted"]), None)
    return redirect("evaluation:scores", pk, following) if following else redirect("evaluation:technical-lock", pk)


@page("evaluation.scores", Role.EXPERT, methods=("GET", "POST"))
def scores(request: HttpRequest, pk, label: str) -> HttpResponse:
    """Read one anonymous technical file and score it; every figure is saved as soon as it is typed."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.TECHNICAL or member.technical_locked_at:
        return redirect("evaluation:room", pk)
    alias = _alias(member, label)
    method = queries.method_of(evaluation.lot)
    refusals = _save(request, member, alias, method) if request.method == "POST" else []
    rows = _rows(member, method)
    context = {
        "evaluation": evaluation, "rows": rows, "label": label, "refusals": refusals,
        "saved_at": settings.CLOCK.now() if request.method == "POST" else None,
        "own": next(row for row in rows if row["label"] == label),
    }
    if "HX-Request" in request.headers:
        return render(request, "evaluation/scores_saved.html", context)
    if request.method == "POST" and not refusals:
        return redirect("evaluation:technical", pk)
    points = queries.sheet_of(member)[label]
    form = f"scores-{alias.pk}"
    typed, revisions = queries.drafts_of(member, form)
    return render(request, "evaluation/scores.html", frame(
        evaluation, "技术评分", "暗标评审：编号和顺序因人而异，看不到投标人名称；输入分值即自动保存。"
    ) | context | {
        "factors": [
            {"factor": factor, "points": typed.get(factor.id, points.get(factor.id)),
             "is_fixed": factor.kind is FactorKind.FIXED}
            for factor in method.factors
        ],
        "comment": alias.comment, "keeper": keeper(member, form, revisions),
        "files": [_shown(pk, label, number, file) for number, file in enumerate(_files(alias), 1)],
    })


@page("evaluation.blind", Role.EXPERT)
def blind(request: HttpRequest, pk, label: str, number: int, sheet: int) -> HttpResponse:
    """One page of an anonymous technical file: a bare picture, no name, no file."""
    member = seat(request, pk)
    if member.evaluation.state != State.TECHNICAL:
        raise Http404
    files = list(_files(_alias(member, label)))
    if number > len(files):
        raise Http404
    return picture(files[number - 1].digest, sheet)


@page("evaluation.lock_sheet", Role.EXPERT, methods=("GET", "POST"), signed=True)
def lock(request: HttpRequest, pk) -> HttpResponse:
    """Look over one's own sheet and hand it in."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.TECHNICAL or member.technical_locked_at:
        return redirect("evaluation:room", pk)
    if request.method == "POST":
        # What was signed is what the expert saw: a figure changed in another window must not slip in.
        if request.POST.get("sheet") != scoring.sheet_digest(queries.sheet_of(member)):
            raise Refusal("SHEET", "评分表在您打开本页之后有改动，请核对后重新提交。")
        scoring.lock_sheet(member, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "技术评分已签名提交。")
        return redirect("evaluation:room", pk)
    method, sheet = queries.method_of(evaluation.lot), queries.sheet_of(member)
    rows = _rows(member, method)
    return render(request, "evaluation/technical_lock.html", frame(
        evaluation, "提交技术评分", "提交后不能修改；全部评委提交后，暗标编号与投标人的对应关系才会揭示。"
    ) | {
        "rows": rows, "missing": sum(row["wanted"] - row["done"] for row in rows),
        "table": [(factor, [points.get(factor.id) for points in sheet.values()]) for factor in method.factors],
        "digest": scoring.sheet_digest(sheet),
    })


def _alias(member: Member, label: str) -> Alias:
    alias = queries.alias_of(member, label)
    if alias is None:
        raise Http404
    return alias


def _files(alias: Alias):
    return bid_files(get_object_or_404(Bid, pk=alias.bid_sealed), _TECHNICAL)


def _shown(pk, label: str, number: int, file) -> dict:
    found = reading.reading_of(file.digest)
    # The file's own name may give its maker away; here it is only a number.
    return {
        "title": f"技术文件 {number}", "problem": found.problem, "blocks": found.blocks,
        "pages": [(page, reverse("evaluation:blind", args=[pk, label, number, page])) for page in found.pages],
    }


def _rows(member: Member, method: EvaluationMethod) -> list[dict]:
    return [
        {"label": label, "done": len(points), "wanted": len(method.factors), "total": sum(points.values(), Decimal(0))}
        for label, points in queries.sheet_of(member).items()
    ]


def _save(request: HttpRequest, member: Member, alias: Alias, method: EvaluationMethod) -> list[str]:
    """Save what the form says and differs from what is kept; return what does not count and why."""
    names = [factor.id for factor in method.factors] + ["comment"]
    fields = {name: request.POST[name][:500] for name in names if name in request.POST}
    form = f"scores-{alias.pk}"
    changes = drafting.typed_on_page(member, form, fields)
    problems = drafting.keep_drafts(
        member, form=form, window="page", changes=changes, actor=request.actor, clock=settings.CLOCK
    )
    return list(problems.values())
