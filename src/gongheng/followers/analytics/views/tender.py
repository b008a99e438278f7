"""The page of one screened tender, and every act on its lead (线索页)."""

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.followers.analytics import actions, figures, forms, gathering, queries, reading, rules
from gongheng.followers.analytics.lifecycle import LeadState
from gongheng.followers.analytics.models import Lead, TenderRecord
from gongheng.followers.analytics.views.listing import BANDS, TONES
from gongheng.kernel.calendar import in_words
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Role
from gongheng.screening.combination import RELATIVE
from gongheng.trust.documents import store
from gongheng.ui.pages import page

CRUMBS = ({"label": "围串标线索", "url": "/screening/"},)
#: What a supervisor may do with a lead: move -> (form, tone, what the last question says).
_FORMS = {
    "dismiss": (forms.DismissForm, "outline-secondary", "排除后线索结束，结论作为校准标签；有新情况可以重新研判。"),
    "shelve": (forms.ShelveForm, "outline-secondary", "存查后线索结束；有新情况可以重新研判。"),
    "transfer": (forms.TransferForm, "danger", "将出具移送函并存证，移送后不能撤回。"),
    "accept": (forms.AcceptForm, "primary", "登记后开始计算查处反馈期限。"),
    "feed_back": (forms.FeedBackForm, "primary", "登记后线索办结，结果作为校准标签，不能更改。"),
    "reopen": (forms.ReopenForm, "outline-primary", "线索回到研判中。"),
}
_STEPS = ("预警", "研判", "移送", "查处", "反馈")
_AT = {
    LeadState.STUDYING: 1, LeadState.TRANSFERRED: 2, LeadState.INVESTIGATED: 3, LeadState.FED_BACK: 4,
    LeadState.DISMISSED: 1, LeadState.INSUFFICIENT: 1,
}
#: How far back the graph of who met whom reaches, in tenders.
_GRAPHED = 2000


@page("analytics.tender", Role.SUPERVISOR)
def tender(request: HttpRequest, pk) -> HttpResponse:
    """Show a tender's screening with everything it rests on; that it was looked at is an entry."""
    actor, now = request.actor, settings.CLOCK.now()
    thing = get_object_or_404(queries.screened(actor), pk=pk)
    actions.note_look(thing, thing.screening, actor=actor, clock=settings.CLOCK)
    lead = getattr(thing, "lead", None)
    said, result = thing.screening, thing.screening.result
    bids = list(thing.bids.all())
    names = {bid.uscc: bid.name for bid in bids} | gathering.judge_names(thing)
    standing = queries.standing_of(thing, actor)
    label, tone = BANDS[standing.band]
    judged = gathering.residuals(thing)
    return render(request, "analytics/tender.html", {
        "heading": thing.name, "pretitle": f"{thing.code} · {thing.source}",
        "breadcrumb": [*CRUMBS, {"label": thing.code}],
        "subtitle": f"{region(thing.region).full_name} · 招标人 {thing.buyer} · {len(bids)} 家投标",
        "tender": thing, "said": said, "index": result["index"], "relative": round(standing.relative),
        "standing": standing, "band": label, "band_tone": tone, "relative_name": RELATIVE,
        "coalition": [names.get(one, one) for one in said.coalition], "names": names,
        "complete": reading.completeness(result), "counterfactuals": reading.counterfactuals(result),
        "reasons": reading.reasons(result, names, lead.ticks if lead else {}, *queries.sign_rates(thing, actor)),
        "passages": result.get("passages", []),
        "bars": figures.bars(result) if result["index"]["families"] else None,
        "prices": figures.prices(bids, set(said.coalition), thing.ceiling),
        "bids": bids, "graph": _graph(thing, actor, {bid.uscc for bid in bids}),
        "residuals": figures.residuals(*judged) if judged else None,
        "lead": lead, "lead_tone": TONES[lead.state] if lead else "", "steps": _STEPS,
        "at": _AT[lead.state] if lead else 0, "acts": _acts(lead, actor, now), "decider": _decider(lead),
        "can_study": lead is None, "can_tick": _owns(lead, actor) and lead.state == LeadState.STUDYING,
        "views": queries.views_of(thing), "history": thing.screenings.select_related("run__entry__leaf"),
        "study_due": in_words(rules.due("study", said.run.as_of)) if not lead and standing.band != rules.CALM else "",
        "lead_due": in_words(lead.due_at) if lead and lead.due_at else "",
    })


@page("analytics.study", Role.SUPERVISOR, methods=("POST",), signed=True)
def study(request: HttpRequest, pk) -> HttpResponse:
    """Begin to study a tender (开始研判)."""
    thing = get_object_or_404(queries.screened(request.actor), pk=pk)
    actions.study_tender(thing, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已开始研判，请逐项核查无辜解释后作出决定。")
    return redirect("analytics:tender", pk)


@page("analytics.tick", Role.SUPERVISOR, methods=("POST",))
def tick(request: HttpRequest, pk) -> HttpResponse:
    """Note which innocent explanations were looked into."""
    lead = _lead(request, pk)
    actions.tick_explanations(lead, request.POST.getlist("tick"), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "核查情况已登记。")
    return redirect("analytics:tender", lead.tender_id)


@page("analytics.dismiss", Role.SUPERVISOR, methods=("POST",), signed=True)
def dismiss(request: HttpRequest, pk) -> HttpResponse:
    return _decide(request, pk, "dismiss", actions.dismiss_lead, "已排除，结论已存证。")


@page("analytics.shelve", Role.SUPERVISOR, methods=("POST",), signed=True)
def shelve(request: HttpRequest, pk) -> HttpResponse:
    return _decide(request, pk, "shelve", actions.shelve_lead, "已按证据不足存查。")


@page("analytics.transfer", Role.SUPERVISOR, methods=("POST",), signed=True)
def transfer(request: HttpRequest, pk) -> HttpResponse:
    return _decide(request, pk, "transfer", actions.transfer_lead, "已移送，移送函已出具并存证。")


@page("analytics.accept", Role.SUPERVISOR, methods=("POST",), signed=True)
def accept(request: HttpRequest, pk) -> HttpResponse:
    return _decide(request, pk, "accept", actions.accept_lead, "已登记受理。")


@page("analytics.feed_back", Role.SUPERVISOR, methods=("POST",), signed=True)
def feed_back(request: HttpRequest, pk) -> HttpResponse:
    return _decide(request, pk, "feed_back", actions.feed_back_lead, "已登记查处结果，线索办结。")


@page("analytics.reopen", Role.SUPERVISOR, methods=("POST",), signed=True)
def reopen(request: HttpRequest, pk) -> HttpResponse:
    return _decide(request, pk, "reopen", actions.reopen_lead, "已重新开始研判。")


@page("analytics.letter", Role.SUPERVISOR)
def letter(request: HttpRequest, pk) -> FileResponse:
    """The letter of transfer as printed (移送函)."""
    lead = _lead(request, pk)
    if lead.letter is None:
        raise Http404
    return FileResponse(
        store.open(lead.letter.digest), content_type="application/pdf", filename=f"{lead.letter.title}.pdf"
    )


def _lead(request: HttpRequest, pk) -> Lead:
    return get_object_or_404(queries.leads_visible_to(request.actor).select_related("letter"), pk=pk)


def _decide(request: HttpRequest, pk, move: str, action, done: str) -> HttpResponse:
    lead = _lead(request, pk)
    form = _FORMS[move][0](request.POST, prefix=move)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise Refusal("FORM", f"{form.fields[field].label}：{errors[0]}", field)
    action(lead, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, done)
    return redirect("analytics:tender", lead.tender_id)


def _acts(lead: Lead | None, actor, now) -> list[dict]:
    """Return what may be done now, each with its form."""
    if not _owns(lead, actor):
        return []
    moves = lead.lifecycle.open_to(lead, actor.role, now)
    return [
        {"name": move.name, "title": move.title, "form": _FORMS[move.name][0](prefix=move.name),
         "tone": _FORMS[move.name][1], "warning": _FORMS[move.name][2], "verb": f"analytics.{move.name}",
         "url": f"/screening/leads/{lead.pk}/{move.name.replace('_', '-')}/", "confirm": f"sure-{move.name}"}
        for move in moves
    ]


def _owns(lead: Lead | None, actor) -> bool:
    return lead is not None and actor.organisation == str(lead.organisation_id)


def _decider(lead: Lead | None) -> str:
    return queries.person_names([lead.decided_by]).get(lead.decided_by, "") if lead else ""


def _graph(thing: TenderRecord, actor, focus: set[str]) -> dict | None:
    earlier = (
        queries.visible_to(actor).filter(opened_at__lt=thing.opened_at, bids__uscc__in=focus).distinct()
        .order_by("-opened_at").prefetch_related("bids")[:_GRAPHED]
    )
    rows = [(one.opened_at, [(bid.uscc, bid.name, bool(bid.won)) for bid in one.bids.all()]) for one in earlier]
    return figures.graph(rows[::-1], set(thing.screening.coalition), focus)
