"""Pages of registration (项目、招标项目、标段登记), filing and holds."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Actor, Role
from gongheng.people.parties.models import Organisation
from gongheng.people.parties.queries import with_role
from gongheng.trading.projects import actions, queries
from gongheng.trading.projects.forms import (
    FilingForm,
    HoldForm,
    LotForm,
    ProjectForm,
    ReasonForm,
    ReleaseForm,
    TenderProjectForm,
    refuse,
)
from gongheng.trading.projects.lifecycle import LOT, State
from gongheng.trading.projects.models import Hold, Lot, TenderProject
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)
#: A longer list of suggestions would not help; the whole name or code may always be typed.
SUGGESTED = 100


@page("projects.list", *_HOSTS, Role.SUPERVISOR)
def projects(request: HttpRequest) -> HttpResponse:
    """The projects of the actor's organisation; for a supervisor, the lots under its supervision."""
    is_supervisor = request.actor.role == Role.SUPERVISOR
    if is_supervisor:
        rows = queries.search(queries.supervised_by(request.actor), request.GET.get("q", "")).order_by("-created_at")
    else:
        rows = queries.projects_of(request.actor).annotate(
            tenders=Count("tender_projects", distinct=True), lots=Count("tender_projects__lots", distinct=True)
        ).order_by("-created_at")
        if sought := request.GET.get("q", "").strip():
            rows = rows.filter(name__icontains=sought) | rows.filter(code__icontains=sought)
    shown = Paginator(rows, 20).get_page(request.GET.get("page"))
    return render(request, "projects/list.html", {
        "heading": "监督的标段" if is_supervisor else "项目与标段",
        "subtitle": "归本部门监督的全部标段。" if is_supervisor else "本单位作为招标人或者代理机构的项目。",
        "page_of": shown, "is_supervisor": is_supervisor,
        "rows": [lot_row(one) if is_supervisor else _project_row(one) for one in shown],
    })


@page("projects.register", *_HOSTS, methods=("GET", "POST"))
def register(request: HttpRequest) -> HttpResponse:
    """Register a project, the first of three steps to a lot."""
    form = ProjectForm(request.POST or None)
    own = _own(request.actor)
    if request.actor.role == Role.TENDERER:
        del form.fields["owner"]
    if request.method == "POST" and form.is_valid():
        try:
            clean = dict(form.cleaned_data)
            clean["owner"] = own if "owner" not in clean else _found(Role.TENDERER, clean["owner"], "owner")
            made = actions.register_project(**clean, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"项目已登记，项目编号 {made.code}。接着登记招标项目。")
            return redirect("projects:register_tender", made.pk)
    return _form_page(request, form, "项目登记", "第一步：登记投资项目；登记后生成 17 位项目编号。", "登记项目", 0)


@page("projects.project", *_HOSTS)
def project(request: HttpRequest, pk) -> HttpResponse:
    """One project with its tender projects and lots."""
    thing = get_object_or_404(queries.projects_of(request.actor).select_related("owner"), pk=pk)
    tenders = queries.tender_projects_of(request.actor).filter(project=thing)
    tenders = tenders.select_related("tenderer").prefetch_related("lots").order_by("code")
    return render(request, "projects/project.html", {
        "heading": thing.name, "subtitle": "项目登记内容，以及其下的招标项目和标段。",
        "breadcrumb": _crumbs((thing.name, "")), "project": thing,
        "pairs": [
            ("项目编号", thing.code), ("项目业主", thing.owner.name), ("项目所在地", region(thing.region).full_name),
            ("建设地点", thing.address), ("投资项目统一代码", thing.invest_project_code),
            ("资金来源", thing.fund_source),
            ("建设规模", thing.scale), ("立项批复", f"{thing.approval_name} {thing.approval_number}"),
            ("登记时间", thing.created_at),
        ],
        "tenders": [
            {"pk": one.pk, "name": one.name, "code": one.code, "form": one.get_form_display(),
             "lots": [lot_row(lot) for lot in sorted(one.lots.all(), key=lambda lot: lot.code)]}
            for one in tenders
        ],
    })


@page("projects.register_tender", *_HOSTS, methods=("GET", "POST"))
def register_tender(request: HttpRequest, pk) -> HttpResponse:
    """Register a tender project under a project: who tenders, who supervises."""
    thing = get_object_or_404(queries.projects_of(request.actor).select_related("owner"), pk=pk)
    form = TenderProjectForm(
        request.POST or None, initial={"name": thing.name, "content": thing.scale, "tenderer": thing.owner.name}
    )
    form.fields["supervisor"].choices = [(one.pk, one.name) for one in queries.supervisors_for(thing.region)]
    for field in ("form", "agency") if request.actor.role == Role.AGENCY else ("tenderer",):
        del form.fields[field]
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.register_tender_project(
                thing, **_parties(form.cleaned_data, request.actor), actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"招标项目已登记，编号 {made.code}。接着新建标段。")
            return redirect("projects:add_lot", made.pk)
    return _form_page(
        request, form, "招标项目登记", "第二步：明确招标人、组织形式和监督部门；此后一直适用登记当日的规则表。",
        "登记招标项目", 1, (thing.name, f"/projects/{thing.pk}/"),
    )


@page("projects.add_lot", *_HOSTS, methods=("GET", "POST"))
def add_lot(request: HttpRequest, pk) -> HttpResponse:
    """Add a lot to a tender project."""
    tender = get_object_or_404(queries.tender_projects_of(request.actor).select_related("project"), pk=pk)
    place = tender.project.region[:4] + "00"
    form = LotForm(request.POST or None, initial={
        "content": tender.content, "region_code": tender.project.region, "place_region": place,
    })
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.add_lot(tender, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"标段已建立，统一交易标识码 {made.deal_code}。请核对后提交备案。")
            return redirect("projects:lot", made.pk)
    return _form_page(
        request, form, "新建标段", "第三步：标段是招标、评标和合同的单位；建立后生成统一交易标识码。", "建立标段", 2,
        (tender.project.name, f"/projects/{tender.project_id}/"),
    )


@page("projects.lot", *_HOSTS, Role.SUPERVISOR)
def lot(request: HttpRequest, pk) -> HttpResponse:
    """What is registered about a lot, and what its parties may do with the registration and its holds."""
    thing = _lot(request.actor, pk)
    now, role = settings.CLOCK.now(), request.actor.role
    return render(request, "projects/lot.html", {
        "heading": f"{thing.tender_project.name}（{thing.name}）", "subtitle": "标段登记、备案与暂停事项。",
        "breadcrumb": _crumbs((thing.tender_project.project.name, _project_url(thing, role)), ("标段", "")),
        "lot": thing, "row": lot_row(thing), "pairs": queries.lot_pairs(thing),
        "qualification": thing.qualification,
        "reason": queries.last_reason(thing) if thing.state == State.RETURNED else "",
        "moves": {move.name for move in LOT.open_to(thing, role, now, is_held=thing.is_held())},
        "can_revise": role in _HOSTS and thing.state in (State.DRAFT, State.RETURNED),
        "can_hold": role == Role.SUPERVISOR and thing.state not in (State.ARCHIVED, State.FAILED, State.CANCELLED),
        "filing_form": FilingForm(), "reason_form": ReasonForm(auto_id="reason_%s"),
        "cancel_form": ReasonForm(auto_id="cancel_%s"), "hold_form": HoldForm(auto_id="hold_%s"),
        "holds": [_hold_row(one, role) for one in thing.holds.order_by("-placed_at")],
    })


@page("projects.revise", *_HOSTS, methods=("GET", "POST"))
def revise(request: HttpRequest, pk) -> HttpResponse:
    """Correct a lot before it is handed in (again)."""
    thing = get_object_or_404(queries.conducted_by(request.actor), pk=pk)
    form = LotForm(request.POST or None, initial={
        "name": thing.name, "content": thing.content, "classification": thing.classification,
        "region_code": thing.region, "place_region": thing.place_region, "estimate": thing.estimate,
        "period_days": thing.period_days, "qualification": thing.qualification,
    })
    if request.method == "POST" and form.is_valid():
        try:
            actions.revise_lot(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "标段登记内容已修改。")
            return redirect("projects:lot", thing.pk)
    return _form_page(request, form, "修改标段", "按退回理由修改后重新提交备案；编号不变。", "保存修改", None,
                      (thing.name, f"/projects/lots/{thing.pk}/"))


@page("projects.submit", *_HOSTS, methods=("POST",), signed=True)
def submit(request: HttpRequest, pk) -> HttpResponse:
    """Hand a lot in for filing (提交备案)."""
    thing = get_object_or_404(queries.conducted_by(request.actor), pk=pk)
    actions.submit_lot(thing, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已提交备案，等待行政监督部门审核。")
    return redirect("projects:lot", pk)


@page("projects.cancel", *_HOSTS, methods=("POST",), signed=True)
def cancel(request: HttpRequest, pk) -> HttpResponse:
    """Withdraw a lot that was not announced (撤销登记)."""
    thing = get_object_or_404(queries.conducted_by(request.actor), pk=pk)
    form = _valid(ReasonForm(request.POST))
    actions.cancel_lot(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "标段登记已撤销。")
    return redirect("projects:lot", pk)


@page("projects.file", Role.SUPERVISOR, methods=("POST",), signed=True)
def file(request: HttpRequest, pk) -> HttpResponse:
    """Accept a filing (备案通过)."""
    thing = get_object_or_404(queries.supervised_by(request.actor), pk=pk)
    form = _valid(FilingForm(request.POST))
    filed = actions.file_lot(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"备案通过，备案编号 {filed.filing_number}。")
    return redirect("projects:lot", pk)


@page("projects.return", Role.SUPERVISOR, methods=("POST",), signed=True)
def send_back(request: HttpRequest, pk) -> HttpResponse:
    """Send a filing back with the reason (退回补正)."""
    thing = get_object_or_404(queries.supervised_by(request.actor), pk=pk)
    form = _valid(ReasonForm(request.POST))
    actions.return_lot(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已退回补正。")
    return redirect("projects:lot", pk)


@page("projects.hold", Role.SUPERVISOR, methods=("POST",), signed=True)
def hold(request: HttpRequest, pk) -> HttpResponse:
    """Place a hold on a lot (责令暂停)."""
    thing = get_object_or_404(queries.supervised_by(request.actor), pk=pk)
    form = _valid(HoldForm(request.POST))
    actions.place_hold(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "标段已暂停，解除前不能进入下一环节。")
    return redirect("projects:lot", pk)


@page("projects.release", Role.SUPERVISOR, methods=("POST",), signed=True)
def release(request: HttpRequest, pk) -> HttpResponse:
    """Release a hold; that of an objection falls only with its answer."""
    mine = Hold.objects.filter(lot__in=queries.supervised_by(request.actor)).exclude(kind=Hold.Kind.OBJECTION)
    thing = get_object_or_404(mine, pk=pk)
    form = _valid(ReleaseForm(request.POST))
    actions.release_hold(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "暂停已解除。")
    return redirect("projects:lot", thing.lot_id)


def lot_row(lot: Lot) -> dict:
    """Return what a list shows of a lot."""
    return {
        "pk": lot.pk, "name": lot.name, "tender": lot.tender_project.name, "code": lot.code,
        "tenderer": lot.tender_project.tenderer.name, "region": region(lot.region).full_name,
        "estimate": lot.estimate, "due_at": lot.bids_due_at, "created_at": lot.created_at,
        "state": lot.state_label, "tone": queries.TONES[State(lot.state)], "filing_number": lot.filing_number,
    }


def _project_row(thing) -> dict:
    return {
        "pk": thing.pk, "name": thing.name, "code": thing.code, "region": region(thing.region).full_name,
        "created_at": thing.created_at, "tenders": thing.tenders, "lots": thing.lots,
    }


def _hold_row(hold: Hold, role: Role) -> dict:
    is_open = hold.released_at is None
    return {
        "pk": hold.pk, "kind": hold.get_kind_display(), "reason": hold.reason, "clocks": "、".join(hold.clocks),
        "placed_at": hold.placed_at, "released_at": hold.released_at, "release_note": hold.release_note,
        "is_open": is_open, "tone": "danger" if is_open else "neutral", "state": "暂停中" if is_open else "已解除",
        "form": ReleaseForm(auto_id=f"release_{hold.pk}_%s")
        if is_open and role == Role.SUPERVISOR and hold.kind != Hold.Kind.OBJECTION else None,
    }


def _lot(actor: Actor, pk) -> Lot:
    own = queries.supervised_by(actor) if actor.role == Role.SUPERVISOR else queries.conducted_by(actor)
    return get_object_or_404(own, pk=pk)


def _own(actor: Actor) -> Organisation:
    return Organisation.objects.get(pk=actor.organisation)


def _parties(clean: dict, actor: Actor) -> dict:
    """Return the form's values with the organisations that its texts name."""
    own = _own(actor)
    supervisor = Organisation.objects.get(pk=clean["supervisor"])
    if actor.role == Role.AGENCY:
        tenderer, form, agency = _found(Role.TENDERER, clean["tenderer"], "tenderer"), TenderProject.Form.AGENCY, own
    else:
        tenderer, form = own, clean["form"]
        agency = None
        if form == TenderProject.Form.AGENCY and clean["agency"]:
            agency = _found(Role.AGENCY, clean["agency"], "agency")
    return clean | {"tenderer": tenderer, "form": form, "agency": agency, "supervisor": supervisor}


def _found(role: Role, text: str, field: str) -> Organisation:
    organisation = queries.find_organisation(role, text)
    if organisation is None:
        raise Refusal("PARTY", f"没有找到名为“{text}”的已登记单位，请填写单位全称或统一社会信用代码。", field)
    return organisation


def _valid(form: Form) -> Form:
    """Return a filled one-field form, or refuse with its first complaint: such forms have no page of their own."""
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise Refusal("FORM", f"{form.fields[field].label}：{errors[0]}", field)
    return form


def _form_page(
    request: HttpRequest, form: Form, heading: str, subtitle: str, submit_label: str, step: int | None, *crumbs
) -> HttpResponse:
    clients = list(queries.clients_of(request.actor)[:SUGGESTED])
    known = clients + [one for one in with_role(Role.TENDERER)[:SUGGESTED] if one not in clients]
    return render(request, "projects/form.html", {
        "heading": heading, "subtitle": subtitle, "breadcrumb": _crumbs(*crumbs, (heading, "")), "form": form,
        "submit_label": submit_label, "step": step, "form_steps": ["项目登记", "招标项目登记", "新建标段", "提交备案"],
        "tenderers": known, "agencies": with_role(Role.AGENCY)[:SUGGESTED],
    })


def _crumbs(*rest: tuple[str, str]) -> list[dict]:
    return [{"label": "项目与标段", "url": "/projects/"}, *({"label": label, "url": url} for label, url in rest)]


def _project_url(lot: Lot, role: Role) -> str:
    return f"/projects/{lot.tender_project.project_id}/" if role in _HOSTS else ""
