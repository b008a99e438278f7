"""The preliminary review at the workbench: one bid at a time, item by item (初步评审)."""

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
from gongheng.trading.evaluation.actions import drafting, reviewing
from gongheng.trading.evaluation.forms import CompetitionForm
from gongheng.trading.evaluation.lifecycle import State
from gongheng.trading.evaluation.models import Conclusion, Member
from gongheng.trading.evaluation.views.entering import frame, keeper, seat
from gongheng.ui.pages import page

#: While a technical file might still be recognised, only qualification files are shown beside a name.
_QUALIFICATION = "E1"
_GROUPS = (("形式评审", "form"), ("资格评审", "qualification"), ("响应性评审", "response"))


@page("evaluation.preliminary", Role.EXPERT)
def preliminary(request: HttpRequest, pk) -> HttpResponse:
    """Go on with the first bid that is not wholly marked."""
    member = seat(request, pk)
    if member.evaluation.state != State.PRELIMINARY or member.preliminary_locked_at:
        return redirect("evaluation:room", pk)
    rows = _rows(member)
    following = next((row["bid"] for row in rows if row["done"] < row["wanted"]), None)
    return redirect("evaluation:marks", pk, following.pk) if following else redirect("evaluation:preliminary-lock", pk)


@page("evaluation.marks", Role.EXPERT, methods=("GET", "POST"))
def marks(request: HttpRequest, pk, bid) -> HttpResponse:
    """Read one bid's qualification files and mark its items; every click is saved at once."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.PRELIMINARY or member.preliminary_locked_at:
        return redirect("evaluation:room", pk)
    bid = get_object_or_404(queries.bids_under_review(evaluation), pk=bid)
    refusals = _save(request, member, bid) if request.method == "POST" else []
    context = {
        "evaluation": evaluation, "rows": _rows(member), "bid": bid, "refusals": refusals,
        "saved_at": settings.CLOCK.now() if request.method == "POST" else None,
    }
    if "HX-Request" in request.headers:
        return render(request, "evaluation/marks_saved.html", context)
    if request.method == "POST" and not refusals:
        return redirect("evaluation:preliminary", pk)
    own = {mark.item: mark for mark in member.marks.filter(bid=bid)}
    method = queries.method_of(evaluation.lot)
    form = f"marks-{bid.pk}"
    typed, revisions = queries.drafts_of(member, form)
    return render(request, "evaluation/marks.html", frame(
        evaluation, "初步评审", "逐项对照招标文件评审；点选即自动保存，判定不通过须写明理由。"
    ) | context | {
        "groups": [
            (title, [_row(item, own.get(item.id), typed) for item in getattr(method, group)])
            for title, group in _GROUPS
        ],
        "files": [
            _shown(file, lambda page, number=file.number: reverse("evaluation:paper", args=[pk, bid.pk, number, page]))
            for file in bid_files(bid, _QUALIFICATION)
        ],
        "ceiling": queries.ceiling_of(evaluation.lot), "keeper": keeper(member, form, revisions),
    })


@page("evaluation.paper", Role.EXPERT)
def paper(request: HttpRequest, pk, bid, number: int, sheet: int) -> HttpResponse:
    """One page of a qualification file as a picture."""
    member = seat(request, pk)
    if member.evaluation.state not in (State.PRELIMINARY, State.COMPETITION):
        raise Http404
    bid = get_object_or_404(queries.bids_under_review(member.evaluation), pk=bid)
    return picture(get_object_or_404(bid_files(bid, _QUALIFICATION), number=number).digest, sheet)


@page("evaluation.lock_preliminary", Role.EXPERT, methods=("GET", "POST"), signed=True)
def lock(request: HttpRequest, pk) -> HttpResponse:
    """Look over one's own marks and hand them in."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.PRELIMINARY or member.preliminary_locked_at:
        return redirect("evaluation:room", pk)
    if request.method == "POST":
        reviewing.lock_preliminary(member, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "初步评审意见已签名提交。")
        return redirect("evaluation:room", pk)
    rows, items = _rows(member), queries.method_of(evaluation.lot).items
    own = {(mark.bid_id, mark.item): mark for mark in member.marks.all()}
    return render(request, "evaluation/preliminary_lock.html", frame(
        evaluation, "提交初步评审", "提交后不能修改；全部评委提交后，按多数意见形成结论，少数意见记入评标报告。"
    ) | {
        "rows": rows, "bids": [row["bid"] for row in rows],
        "table": [(item, [own.get((row["bid"].pk, item.id)) for row in rows]) for item in items],
        "missing": sum(row["wanted"] - row["done"] for row in rows),
        "failing": [mark for mark in member.marks.select_related("bid") if not mark.passes],
        "titles": {item.id: item.title for item in items},
    })


@page("evaluation.vote_competition", Role.EXPERT, methods=("GET", "POST"), signed=True)
def competition(request: HttpRequest, pk) -> HttpResponse:
    """Say whether the few valid bids left still compete."""
    member = seat(request, pk)
    evaluation = member.evaluation
    if evaluation.state != State.COMPETITION:
        return redirect("evaluation:room", pk)
    form = CompetitionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reviewing.vote_competition(
            member, competes=form.cleaned_data["competes"] == "yes", reason=form.cleaned_data["reason"],
            actor=request.actor, clock=settings.CLOCK,
        )
        messages.success(request, "您的判断已提交。")
        return redirect("evaluation:room", pk)
    return render(request, "evaluation/competition.html", frame(
        evaluation, "竞争性判断", "有效投标不足三个，由评标委员会判断是否明显缺乏竞争（12号令第二十七条）。"
    ) | {
        "form": form, "passed": queries.passed_bids(evaluation),
        "rejected": Conclusion.objects.filter(evaluation=evaluation, passes=False).select_related("bid"),
    })


def picture(digest: str, sheet: int) -> HttpResponse:
    """Return one page as PNG; the browser may keep it, nobody between may."""
    try:
        image = reading.page_image(digest, sheet)
    except Refusal as refusal:
        raise Http404(refusal.message) from refusal
    return HttpResponse(image, content_type="image/png", headers={"Cache-Control": "private, max-age=14400"})


def _shown(file, address) -> dict:
    found = reading.reading_of(file.digest)
    return {
        "title": file.name, "problem": found.problem, "blocks": found.blocks,
        "pages": [(page, address(page)) for page in found.pages],
    }


def _row(item, mark, typed: dict[str, str]) -> dict:
    """Return one item as its fields shall stand: as typed last, else as saved."""
    word = typed.get(item.id, ("pass" if mark.passes else "fail") if mark else "")
    return {"item": item, "word": word, "reason": typed.get(f"{item.id}-reason", mark.reason if mark else "")}


def _rows(member: Member) -> list[dict]:
    wanted = len(queries.method_of(member.evaluation.lot).items)
    own = list(member.marks.values_list("bid", "passes"))
    return [
        {
            "bid": bid, "wanted": wanted, "done": sum(one == bid.pk for one, _ in own),
            "failed": sum(one == bid.pk and not passes for one, passes in own),
        }
        for bid in queries.bids_under_review(member.evaluation)
    ]


def _save(request: HttpRequest, member: Member, bid: Bid) -> list[str]:
    """Save what the form says and differs from what is kept; return what does not count and why."""
    items = queries.method_of(member.evaluation.lot).items
    own = set(member.marks.filter(bid=bid).values_list("item", flat=True))
    fields = {}
    for item in items:
        word = request.POST.get(item.id) or ("pass" if "rest" in request.POST and item.id not in own else "")
        if word in ("pass", "fail"):
            fields |= {item.id: word, f"{item.id}-reason": request.POST.get(f"{item.id}-reason", "")[:500]}
    form = f"marks-{bid.pk}"
    changes = drafting.typed_on_page(member, form, fields)
    problems = drafting.keep_drafts(
        member, form=form, window="page", changes=changes, actor=request.actor, clock=settings.CLOCK
    )
    titles = {item.id: item.title for item in items}
    return [f"{titles[item]}：{message}" for item, message in problems.items()]
