"""The pool of experts: figures for all, masked rows, states and imports for its keeper, leave for the expert."""

import csv
import io

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from openpyxl import Workbook

from gongheng.crypto import canonical
from gongheng.kernel.calendar import day_of
from gongheng.kernel.numbers import mask_citizen_id
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Role
from gongheng.people.experts import queries, rules
from gongheng.people.experts.actions import importing, keeping, leaving
from gongheng.people.experts.forms import (
    BatchForm,
    LeaveForm,
    LookForm,
    OutsidePoolForm,
    PoolForm,
    ReasonForm,
    SuspendForm,
    TieForm,
)
from gongheng.people.experts.lifecycle import EXPERT
from gongheng.people.experts.models import Expert, Leave
from gongheng.ui.pages import page

_CRUMBS = ({"label": "专家库", "url": "/experts/"},)
_KEEPERS = (Role.CENTRE, Role.SUPERVISOR)
TONES = {
    Expert.State.APPLYING: "warning", Expert.State.IN_POOL: "success", Expert.State.SUSPENDED: "danger",
    Expert.State.REMOVED: "neutral", Expert.State.RETIRED: "neutral",
}


@page("experts.pool", Role.CENTRE, Role.SUPERVISOR)
def pool(request: HttpRequest) -> HttpResponse:
    states = queries.by_state()
    specialties, places = queries.by_specialty(), queries.by_region()
    return render(request, "experts/pool.html", {
        "heading": "评标专家库",
        "subtitle": "全省共用一库；各中心只见统计数字，专家身份在抽取和评标中以代号出现。",
        "states": [(Expert.State(state).label, count) for state, count in sorted(states.items())],
        "total": sum(states.values()),
        "specialties": specialties,
        "places": places,
        "place_chart": _bars([one["name"] for one in places], [one["count"] for one in places]),
        "is_keeper": queries.keeps_pool(request.actor),
        "sees_rows": queries.visible_to(request.actor).exists(),
    })


@page("experts.specialties", Role.CENTRE, Role.SUPERVISOR, Role.TENDERER, Role.AGENCY)
def specialties(request: HttpRequest) -> HttpResponse:
    """The classification as a tree, with how many experts stand at or below each node."""
    sought = request.GET.get("q", "").strip()
    return render(request, "experts/specialties.html", {
        "heading": "评标专家专业分类", "breadcrumb": [*_CRUMBS, {"label": "专业分类"}],
        "subtitle": "A 工程、B 货物、C 服务；人数为本级及以下在库专家，一人多专业只计一次。",
        "nodes": queries.tree(sought), "sought": sought,
    })


@page("experts.catalogue", Role.PUBLIC, *Role)
def catalogue(request: HttpRequest) -> HttpResponse:
    """The shared catalogue of experts (共享目录): public figures with the fee standard, no names."""
    found = queries.catalogue()
    fee = rules.fee_on(day_of(settings.CLOCK.now()))
    if request.GET.get("format") in ("csv", "xlsx"):
        return _export(found, fee, request.GET["format"])
    cities: dict[str, int] = {one["name"]: one["count"] for one in queries.by_region()}
    return render(request, "experts/catalogue.html", {
        "heading": "评标专家共享目录",
        "subtitle": "按发改办法规〔2025〕807号公布：各专业、各市可共享的专家人数和劳务报酬标准；不公布任何个人信息。",
        "page_of": (shown := Paginator(found, 40).get_page(request.GET.get("page"))),
        "rows": [one | {"shown": rules.shown_count(one["count"])} for one in shown],
        "chart": _bars(list(cities), list(cities.values())), "fee": fee,
        "total": sum(cities.values()), "city_count": len(cities),
        "specialty_count": len({one["specialty"] for one in found}),
    })


@page("experts.rows", *_KEEPERS)
def rows(request: HttpRequest) -> HttpResponse:
    """The pool keeper's list; names are masked until a reasoned look, a supervisor sees codes."""
    if not queries.visible_to(request.actor).exists():
        raise Http404
    form = PoolForm(request.GET)
    sought = form.cleaned_data if form.is_valid() else {}
    found = queries.search(
        request.actor, specialty=sought.get("specialty", ""), place=sought.get("place", "")
    ).prefetch_related("practices")
    shown = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "experts/rows.html", {
        "heading": "专家名录", "breadcrumb": [*_CRUMBS, {"label": "专家名录"}],
        "subtitle": "姓名以掩码显示；查阅个人信息须写明事由，查阅行为记入存证日志。",
        "form": form,
        "page_of": shown,
        "rows": [
            {"pk": one.pk, "name": _name(one, request.actor), "region": region(one.region).full_name,
             "codes": "、".join(sorted(item.specialty_id for item in one.practices.all())), "title": one.title,
             "years": one.years, "state": one.state_label, "tone": TONES[one.state]}
            for one in shown
        ],
    })


@page("experts.look", *_KEEPERS, methods=("GET", "POST"), signed=True)
def look(request: HttpRequest, pk) -> HttpResponse:
    """One expert: masked on GET; a POST states the reason, is logged, and shows the data once."""
    expert = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = LookForm(request.POST or None)
    seen = None
    if request.method == "POST" and form.is_valid():
        seen = keeping.look_at_expert(
            expert, reason=form.cleaned_data["reason"], actor=request.actor, clock=settings.CLOCK
        )
    moves = EXPERT.open_to(expert, request.actor.role, settings.CLOCK.now())
    is_keeper = queries.keeps_pool(request.actor)
    return render(request, "experts/look.html", {
        "heading": "专家信息",
        "breadcrumb": [*_CRUMBS, {"label": "专家名录", "url": "/experts/rows/"}, {"label": "专家"}],
        "subtitle": "查阅一次，记录一次。",
        "expert": expert, "tone": TONES[expert.state],
        "name": seen.person.name if seen else _name(expert, request.actor),
        "pairs": _pairs(expert) + (_personal(seen) if seen else []),
        "is_seen": seen is not None,
        "form": form if is_keeper else None,
        "subject": f"expert:{expert.pk}",
        "moves": [
            {"move": move, "form": _MOVE_FORMS.get(move.name, ReasonForm)() if move.name != "admit" else None,
             "address": f"/experts/{expert.pk}/{move.name}/", "verb": f"experts.{move.name}",
             "tone": "primary" if move.name in ("admit", "resume") else "outline-danger"}
            for move in moves
        ],
    })


_MOVE_FORMS = {"suspend": SuspendForm}


@page("experts.admit", Role.CENTRE, methods=("POST",), signed=True)
def admit(request: HttpRequest, pk) -> HttpResponse:
    expert = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    keeping.admit_expert(expert, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已批准入库。")
    return redirect("experts:look", pk)


@page("experts.decline", Role.CENTRE, methods=("POST",), signed=True)
def decline(request: HttpRequest, pk) -> HttpResponse:
    return _with_reason(request, pk, keeping.decline_expert, "已不予入库，事由已存证。")


@page("experts.suspend", *_KEEPERS, methods=("POST",), signed=True)
def suspend(request: HttpRequest, pk) -> HttpResponse:
    expert = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = SuspendForm(request.POST)
    if not form.is_valid():
        raise Refusal("REASON", "暂停须写明截止日期、事由和依据。", "reason")
    keeping.suspend_expert(
        expert, until=form.cleaned_data["until"], reason=form.cleaned_data["reason"], actor=request.actor,
        clock=settings.CLOCK,
    )
    messages.success(request, "已暂停，到期自动恢复；暂停期间不参加抽取。")
    return redirect("experts:look", pk)


@page("experts.resume", *_KEEPERS, methods=("POST",), signed=True)
def resume(request: HttpRequest, pk) -> HttpResponse:
    return _with_reason(request, pk, keeping.resume_expert, "已恢复在库。")


@page("experts.remove", *_KEEPERS, methods=("POST",), signed=True)
def remove(request: HttpRequest, pk) -> HttpResponse:
    return _with_reason(request, pk, keeping.remove_expert, "已退出专家库。")


@page("experts.retire", Role.CENTRE, methods=("POST",), signed=True)
def retire(request: HttpRequest, pk) -> HttpResponse:
    return _with_reason(request, pk, keeping.retire_expert, "已办理退休。")


def _with_reason(request: HttpRequest, pk, action, done: str) -> HttpResponse:
    expert = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    action(expert, reason=request.POST.get("reason", ""), actor=request.actor, clock=settings.CLOCK)
    messages.success(request, done)
    return redirect("experts:look", pk)


# ------------------------------------------------------------------ outside pools

@page("experts.pools", Role.CENTRE, methods=("GET", "POST"), signed=True)
def pools(request: HttpRequest) -> HttpResponse:
    """The outside pools, their deliveries, and the registration of a further one."""
    _must_be_keeper(request)
    form = OutsidePoolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            importing.register_pool(**form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            form.add_error(refusal.field, f"{refusal.message}（规则 {refusal.rule}）")
        else:
            messages.success(request, "外部专家库已登记，可以上传或经接口发送批次。")
            return redirect("experts:pools")
    return render(request, "experts/pools.html", {
        "heading": "外部专家库", "breadcrumb": [*_CRUMBS, {"label": "外部专家库"}],
        "subtitle": "专家信息按最小必要字段以签名批次导入；同一批次只执行一次，不合格的行逐条拒绝。",
        "pools": queries.pools(), "batches": queries.batches(request.actor)[:30], "form": form,
        "batch_form": BatchForm(),
    })


@page("experts.upload", Role.CENTRE, methods=("POST",))
def upload(request: HttpRequest) -> HttpResponse:
    """Keep a signed file for a look before it is taken in; the file bears its own signature."""
    _must_be_keeper(request)
    form = BatchForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refusal("BATCH", next(iter(form.errors.values()))[0])
    message, signature = form.cleaned_data["file"]
    batch = importing.receive_batch(
        form.cleaned_data["pool"], message, signature, actor=request.actor, clock=settings.CLOCK
    )
    return redirect("experts:batch", batch.pk)


@page("experts.batch", Role.CENTRE, methods=("GET", "POST"), signed=True)
def batch(request: HttpRequest, pk) -> HttpResponse:
    """What a delivery would do, or did; a signed POST takes it in."""
    found = get_object_or_404(queries.batches(request.actor), pk=pk)
    if request.method == "POST":
        importing.confirm_batch(found, actor=request.actor, clock=settings.CLOCK)
        messages.success(request, "批次已导入。")
        return redirect("experts:batch", pk)
    is_waiting = found.taken_at is None
    if is_waiting:
        result = importing.plan_batch(found.pool, canonical.decode(bytes(found.body))).counts()
    else:
        result = found.result
    return render(request, "experts/batch.html", {
        "heading": f"批次 {found.number}", "pretitle": found.pool.name,
        "breadcrumb": [*_CRUMBS, {"label": "外部专家库", "url": "/experts/pools/"}, {"label": found.number}],
        "subtitle": "以下为预览，确认前不写入专家库。" if is_waiting else "已导入。",
        "batch": found, "result": result, "is_waiting": is_waiting, "subject": f"batch:{found.pk}",
    })


# ------------------------------------------------------------------ the expert's own

@page("experts.leave", Role.EXPERT, methods=("GET", "POST"))
def leave(request: HttpRequest) -> HttpResponse:
    """The expert's leave and relations; leave stops draws, it frees no seat that he holds."""
    expert = queries.expert_of(request.actor.id)
    if expert is None:
        raise Http404
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            leaving.take_leave(expert, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, f"{refusal.message}（规则 {refusal.rule}）")
        else:
            messages.success(request, "请假已登记，请假期间不会抽到您。")
            return redirect("experts:leave")
    today = day_of(settings.CLOCK.now())
    return render(request, "experts/leave.html", {
        "heading": "请假与利害关系",
        "subtitle": "请假期间不参加抽取；已经确认的评审不因请假取消，确有困难请尽早答复不能参加。",
        "form": form, "tie_form": TieForm(),
        "leaves": [
            {"leave": one, "is_open": one.withdrawn_at is None and one.last_day >= today}
            for one in expert.leaves.all()
        ],
        "ties": expert.ties.order_by("-recorded_at"),
    })


@page("experts.withdraw_leave", Role.EXPERT, methods=("POST",))
def withdraw_leave(request: HttpRequest, pk) -> HttpResponse:
    found = get_object_or_404(Leave.objects.filter(expert__person=request.actor.id), pk=pk)
    leaving.withdraw_leave(found, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已销假。")
    return redirect("experts:leave")


@page("experts.add_tie", Role.EXPERT, methods=("POST",))
def add_tie(request: HttpRequest) -> HttpResponse:
    expert = queries.expert_of(request.actor.id)
    form = TieForm(request.POST)
    if expert is None:
        raise Http404
    if not form.is_valid():
        raise Refusal("TIE", next(iter(form.errors.values()))[0])
    keeping.record_tie(expert, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已登记；今后的抽取将自动回避该单位。")
    return redirect("experts:leave")


def _must_be_keeper(request: HttpRequest) -> None:
    if not queries.keeps_pool(request.actor):
        raise Http404


def _name(expert: Expert, actor) -> str:
    return rules.masked(expert.person.name) if queries.keeps_pool(actor) else f"代号 {str(expert.pk)[:8]}"


def _export(found: list[dict], fee: rules.FeeStandard, kind: str) -> HttpResponse:
    table = [("专业代码", "专业", "城市", "在库人数", "劳务报酬标准")]
    table += [(one["specialty"], one["name"], one["city"], rules.shown_count(one["count"]), fee.text) for one in found]
    name = "attachment; filename=expert-catalogue." + kind
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out).writerows(table)
        # Excel takes UTF-8 for a local code page unless a byte order mark says so.
        return HttpResponse("\ufeff" + out.getvalue(), "text/csv; charset=utf-8", headers={"Content-Disposition": name})
    book = Workbook()
    for row in table:
        book.active.append(row)
    book.active.freeze_panes = "A2"
    data = io.BytesIO()
    book.save(data)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return HttpResponse(data.getvalue(), kind, headers={"Content-Disposition": name})


def _pairs(expert: Expert) -> list:
    practices = expert.practices.select_related("specialty").order_by("-is_main", "specialty_id")
    return [
        ("代号", str(expert.pk)), ("状态", expert.state_label), ("暂停至", expert.suspended_until or "—"),
        ("常住地", region(expert.region).full_name),
        ("职称", expert.title), ("从业年限", f"{expert.years} 年"), ("入库时间", expert.entered_at),
        ("参评专业", "、".join(f"{one.specialty_id} {one.specialty.name}" for one in practices)),
    ]


def _personal(expert: Expert) -> list:
    return [
        ("姓名", expert.person.name), ("公民身份号码", mask_citizen_id(expert.citizen_id)),
        ("手机号码", expert.person.phone), ("工作单位", expert.employer_name),
    ]


def _bars(names: list[str], counts: list[int]) -> dict:
    return {
        "grid": {"left": 8, "right": 8, "top": 16, "bottom": 8, "containLabel": True},
        "tooltip": {},
        "xAxis": {
            "type": "category", "data": [name.removesuffix("市") for name in names],
            "axisLabel": {"interval": 0, "rotate": 40},
        },
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": counts}],
    }
