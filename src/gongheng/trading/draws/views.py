"""Pages of a draw: order, agree, take part, watch the seats fill; and the expert's invitations."""

import json

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import Role
from gongheng.people.experts.queries import expert_of
from gongheng.trading.coordination.queries import confirmed_order
from gongheng.trading.draws import queries, statistics
from gongheng.trading.draws.actions import calling, contributing, ordering, seating
from gongheng.trading.draws.forms import OrderForm, ReasonForm, ReplaceForm
from gongheng.trading.draws.lifecycle import DrawState, PickState
from gongheng.trading.draws.models import Draw, Pick
from gongheng.trading.draws.rules import AVOIDANCE_REASONS
from gongheng.trading.projects.queries import conducted_by, is_supervisor
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)
_PARTIES = (*_HOSTS, Role.CENTRE, Role.SUPERVISOR)
_CRUMBS = ({"label": "专家抽取", "url": "/draws/"},)
STEPS = ("申请", "同意", "承诺", "份额", "揭示", "通知", "完成")
_AT = {
    DrawState.ORDERED: 1, DrawState.COMMITTING: 2, DrawState.SHARING: 3, DrawState.REVEALING: 4, DrawState.FILLING: 5,
    DrawState.COMPLETE: 6,
}


@page("draws.list", *_PARTIES)
def draws(request: HttpRequest) -> HttpResponse:
    """The draws of which the actor's organisation is a part, and the lots that wait for one."""
    shown = Paginator(queries.visible_to(request.actor), 20).get_page(request.GET.get("page"))
    return render(request, "draws/list.html", {
        "heading": "专家抽取",
        "subtitle": "中心、监督部门和招标方各出一个随机数，任何一方都不能左右结果；名单在中标结果确定前保密。",
        "page_of": shown,
        "draws": [{"draw": one, "tone": queries.TONES[one.state]} for one in shown],
        "sees_figures": request.actor.role == Role.SUPERVISOR,
        "lots": queries.lots_to_draw(request.actor) if request.actor.role in _HOSTS else [],
    })


@page("draws.order", *_HOSTS, methods=("GET", "POST"), signed=True)
def order(request: HttpRequest, pk) -> HttpResponse:
    """Order a draw for all venues at once."""
    lot = get_object_or_404(conducted_by(request.actor), pk=pk)
    venues = confirmed_order(lot)
    if venues is None:
        raise Http404
    offers = venues.offers.select_related("centre").order_by("-is_main", "centre__region")
    needs_reason = lot.draws.exists()
    form = OrderForm(request.POST or None, offers=offers, needs_reason=needs_reason)
    if request.method == "POST" and form.is_valid():
        try:
            made = ordering.order_draw(
                lot, quotas=form.quotas(), avoid=form.avoid(), named=form.named(),
                reason=form.cleaned_data["reason"], kind=form.cleaned_data["kind"], actor=request.actor,
                clock=settings.CLOCK,
            )
        except Refusal as refusal:
            if refusal.field not in (*form.fields, "quotas"):
                raise
            form.add_error(
                refusal.field if refusal.field in form.fields else None, f"{refusal.message}（规则 {refusal.rule}）"
            )
        else:
            messages.success(request, "抽取申请已提交，等待监督部门同意。")
            return redirect("draws:detail", made.pk)
    return render(request, "draws/order.html", {
        "heading": "申请抽取评标专家",
        "pretitle": lot.code, "breadcrumb": [*_CRUMBS, {"label": "申请抽取"}],
        "subtitle": f"{lot.full_name}：一次抽取主场和副场的全部专家；条件提交后不能更改。",
        "venues": venues, "form": form, "subject": f"lot:{lot.pk}",
    })


@page("draws.detail", *_PARTIES)
def detail(request: HttpRequest, pk) -> HttpResponse:
    """One attempt: its phases, its conditions and digests, its seats without names."""
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actor, state = request.actor, draw.state
    party = queries.party_of(draw, actor)
    strata = {one["name"]: one for one in draw.order["strata"]}
    picks = list(queries.picks_visible_to(draw, actor)) if draw.lists is not None else []
    now = settings.CLOCK.now()
    may_replace = now >= draw.venue_order.starts_at and queries.may_replace(draw, actor)

    def can(move: str) -> bool:
        return draw.lifecycle.refusal(draw, move, actor.role, now) is None

    return render(request, "draws/detail.html", {
        "heading": f"专家抽取（第 {draw.attempt} 次）",
        "pretitle": draw.lot.code, "breadcrumb": [*_CRUMBS, {"label": f"第 {draw.attempt} 次抽取"}],
        "subtitle": draw.lot.full_name,
        "draw": draw, "tone": queries.TONES[state], "steps": STEPS, "at": _AT.get(state),
        "strata": [one | {"eligible": (draw.eligible or {}).get(name, [None])[0]} for name, one in strata.items()],
        "avoid": [one | {"cause": AVOIDANCE_REASONS[one["reason"]]} for one in draw.order["avoid"]],
        "named": queries.named_visible_to(draw, actor),
        "kept_out": queries.kept_out(draw),
        "parties": draw.order["parties"],
        "party": party if state in (DrawState.COMMITTING, DrawState.SHARING, DrawState.REVEALING) else None,
        "picks": [
            {
                "pick": one, "stratum": strata[one.stratum], "tone": queries.TONES[one.state],
                "calls": [
                    f"{call.number}. {calling.OUTCOMES.get(call.outcome, call.state_label)}"
                    for call in one.calls.all()
                ],
                "may_replace": may_replace and one.lifecycle.refusal(one, "lose", actor.role, now) is None,
            }
            for one in picks
        ],
        "replace_form": ReplaceForm(),
        "is_released": queries.is_released(draw),
        "accepted": sum(one.state == PickState.ACCEPTED for one in picks),
        "subject": f"draw:{draw.pk}",
        "approve_form": ReasonForm() if draw.kind == draw.Kind.URGENT else None,
        "is_awaiting_approval": state == DrawState.ORDERED and is_supervisor(draw.lot, actor),
        "abort_form": ReasonForm() if party and can("abort") else None,
        "void_form": ReasonForm() if is_supervisor(draw.lot, actor) and can("void") else None,
    })


@page("draws.approve", Role.SUPERVISOR, methods=("POST",), signed=True)
def approve(request: HttpRequest, pk) -> HttpResponse:
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    ordering.approve_draw(
        draw, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "已同意抽取，候选库已固定并存证；各方可以开始承诺随机数。")
    return redirect("draws:detail", draw.pk)


@page("draws.abort", *_PARTIES, methods=("POST",), signed=True)
def abort(request: HttpRequest, pk) -> HttpResponse:
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    ordering.abort_draw(draw, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "本次抽取已中止，原因已存证。")
    return redirect("draws:detail", draw.pk)


@page("draws.void", Role.SUPERVISOR, methods=("POST",), signed=True)
def void(request: HttpRequest, pk) -> HttpResponse:
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    ordering.void_draw(draw, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "本次抽取已作废，原因已存证。")
    return redirect("draws:detail", draw.pk)


@page("draws.replace", Role.CENTRE, Role.SUPERVISOR, methods=("POST",), signed=True)
def replace(request: HttpRequest, pk) -> HttpResponse:
    """Replace a member who is lost while the session runs: the next of the same list is asked."""
    pick = get_object_or_404(Pick.objects.select_related("draw__lot__tender_project"), pk=pk)
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pick.draw_id)
    if not queries.may_replace(draw, request.actor):
        raise Http404
    seating.replace_member(pick, cause=request.POST.get("cause", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已办理更换，正在按原抽取顺序通知下一位专家。")
    return redirect("draws:detail", draw.pk)


@page("draws.record", Role.PUBLIC, *Role)
def record(request: HttpRequest, pk) -> HttpResponse:
    """The draw as data that anybody replays with ``gongheng verify draw`` (抽取记录.json); after the award only."""
    draw = get_object_or_404(Draw.objects.select_related("lot"), pk=pk)
    if not queries.is_released(draw):
        raise Http404
    name = f"attachment; filename=draw-{draw.lot.code}-{draw.attempt}.json"
    return HttpResponse(
        canonical.encode(queries.replay_bundle(draw)), "application/json", headers={"Content-Disposition": name}
    )


@page("draws.statistics", Role.SUPERVISOR)
def figures(request: HttpRequest) -> HttpResponse:
    """Redraws, refusals and calls in vain, per operator; per expert once his sessions are over."""
    operators = statistics.by_operator(request.actor)
    return render(request, "draws/statistics.html", {
        "heading": "抽取统计", "breadcrumb": [*_CRUMBS, {"label": "抽取统计"}],
        "subtitle": "再次抽取、谢绝和联系不上的比例；偏高的单位和专家值得核查。",
        "operators": operators, "experts": statistics.by_expert(request.actor, settings.CLOCK.now()),
        "draws": sum(one["draws"] for one in operators), "redraws": sum(one["redraws"] for one in operators),
        "refused": sum(one["refused"] + one["expired"] for one in operators),
        "unreached": sum(one["unreached"] for one in operators),
        "chart": _answers_chart(operators),
    })


def _answers_chart(operators: list[dict]) -> dict:
    kinds = (
        ("确认", "accepted", "#3f8f6b"), ("不能参加", "refused", "#a5221c"), ("逾期未答复", "expired", "#c98a1b"),
        ("回避", "avoided", "#5b7fb5"), ("更换", "lost", "#9aa5ad"),
    )
    return {
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 8, "containLabel": True},
        "legend": {"top": 0}, "tooltip": {},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "data": [one["name"] for one in operators], "axisLabel": {"width": 130,
                  "overflow": "truncate"}},
        "series": [
            {"type": "bar", "stack": "answers", "name": title, "itemStyle": {"color": colour},
             "data": [one[name] for one in operators]}
            for title, name, colour in kinds
        ],
    }


@page("draws.state", *_PARTIES, is_api=True)
def state(request: HttpRequest, pk) -> JsonResponse:
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    return JsonResponse(queries.party_state(draw, settings.CLOCK.now()))


@page("draws.commit", *_PARTIES, methods=("POST",), is_api=True)
def commit(request: HttpRequest, pk) -> JsonResponse:
    return _take(request, pk, "commit")


@page("draws.points", *_PARTIES, methods=("POST",), is_api=True)
def points(request: HttpRequest, pk) -> JsonResponse:
    return _take(request, pk, "points", "acknowledge")


@page("draws.reveal", *_PARTIES, methods=("POST",), is_api=True)
def reveal(request: HttpRequest, pk) -> JsonResponse:
    return _take(request, pk, "reveal", "rebuild")


def _take(request: HttpRequest, pk, *phases: str) -> JsonResponse:
    draw = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    try:
        sent = json.loads(request.body)
        message, signature = (canonical.unb64(sent[name]) for name in ("message", "signature"))
    except (ValueError, KeyError, TypeError) as error:
        raise Refusal("DRAW-MESSAGE", "抽取消息格式不符，请刷新页面后重试。") from error
    contributing.take_message(
        draw, message=message, signature=signature, phases=phases, certificate=request.certificate,
        actor=request.actor, clock=settings.CLOCK,
    )
    return JsonResponse({"state": draw.state})


@page("draws.invitations", Role.EXPERT)
def invitations(request: HttpRequest) -> HttpResponse:
    """An expert's own invitations: time and city only."""
    now = settings.CLOCK.now()
    expert = expert_of(request.actor.id)
    picks = queries.invitations_of(expert, now) if expert else []
    return render(request, "draws/invitations.html", {
        "heading": "评审邀请",
        "subtitle": "只显示时间和地点。请勿向任何人透露您收到邀请。",
        "invitations": [
            {
                "pick": one, "order": one.draw.venue_order, "tone": queries.TONES[one.state],
                "is_open": one.state == PickState.INVITED and now < one.answer_by,
            }
            for one in picks
        ],
    })


# Not a signed act on purpose: a signature kept before the award would tell a thief of the database
# who sits on the committee. The certificate of the session answers for who it was.
@page("draws.accept", Role.EXPERT, methods=("POST",))
def accept(request: HttpRequest, pk) -> HttpResponse:
    seating.accept_invitation(_own_pick(request, pk), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已确认参加，请按时到场，到场后凭证书和席位编号签到。")
    return redirect("draws:invitations")


@page("draws.refuse", Role.EXPERT, methods=("POST",))
def refuse(request: HttpRequest, pk) -> HttpResponse:
    seating.refuse_invitation(_own_pick(request, pk), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已答复不能参加，系统将顺延通知其他专家。")
    return redirect("draws:invitations")


def _own_pick(request: HttpRequest, pk) -> Pick:
    expert = expert_of(request.actor.id)
    mine = queries.invitations_of(expert, settings.CLOCK.now()) if expert else []
    found = next((one for one in mine if one.pk == pk), None)
    if found is None:
        raise Http404
    return found

