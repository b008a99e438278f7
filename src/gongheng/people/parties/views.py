"""Registration, verification desk and the page of an organisation."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.crypto import canonical
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.regions import region
from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.people.identity.sessions import begin_session
from gongheng.people.parties import actions, queries
from gongheng.people.parties.forms import ControlForm, MemberForm, OrganisationForm, ReasonForm
from gongheng.people.parties.lifecycle import ORGANISATION, State
from gongheng.people.parties.models import Control, Membership, Organisation
from gongheng.people.parties.sentences import SENTENCES
from gongheng.trust.evidence.models import Entry
from gongheng.ui.pages import page

TONES = {State.SUBMITTED: "warning", State.ACTIVE: "success", State.RETURNED: "danger", State.SUSPENDED: "danger"}
_SPEAKERS = (Role.TENDERER, Role.AGENCY, Role.BIDDER, Role.SUPERVISOR)
_DETAILS = ("roles", "region", "legal_representative", "address", "contact", "phone")


@page("parties.list", Role.PUBLIC)
def organisations(request: HttpRequest) -> HttpResponse:
    """The public register of verified organisations; for a centre, also what waits for it."""
    rows = queries.visible_to(request.actor)
    sought = request.GET.get("q", "").strip()
    if sought:
        rows = rows.filter(name__icontains=sought) | rows.filter(uscc__startswith=sought.upper())
    shown = Paginator(rows, 30).get_page(request.GET.get("page"))
    return render(request, "parties/list.html", {
        "heading": "交易主体库",
        "subtitle": "已登记并经核验的招标人、代理机构、投标人等单位，向社会公开。",
        "page_of": shown,
        "rows": [_row(one) for one in shown],
        "waiting": [_row(one) for one in queries.awaiting_verification(request.actor)],
    })


@page("parties.register", Role.PUBLIC, methods=("GET", "POST"), signed=True)
def register(request: HttpRequest) -> HttpResponse:
    """Register by the certificate of the session: code and name come from it, not from the form."""
    if request.certificate is None:
        messages.info(request, "主体登记须先用本单位的机构证书登录。")
        return redirect("/sign-in/?next=/parties/register/")
    if request.person is not None:
        return redirect("parties:mine")
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.register_organisation(
                request.certificate, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK
            )
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            _become_person(request)
            messages.success(request, "登记已提交，请等待交易中心核验。")
            return redirect("parties:mine")
    return render(request, "parties/register.html", {
        "heading": "主体登记",
        "subtitle": "一地登记、全省通用；单位名称和统一社会信用代码取自数字证书，不由人填写。",
        "form": form,
        "certificate": request.certificate,
    })


@page("parties.mine", Role.PUBLIC)
def mine(request: HttpRequest) -> HttpResponse:
    """Lead to the organisation for which the person acts or applies."""
    if request.person is None:
        return redirect("/sign-in/?next=/parties/mine/")
    own = request.actor.organisation or queries.organisations_of(request.actor).values_list("pk", flat=True).first()
    return redirect("parties:organisation", own) if own else redirect("identity:me")


@page("parties.organisation", Role.PUBLIC)
def organisation(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    is_own = queries.organisations_of(request.actor).filter(pk=thing.pk).exists()
    has_contacts = queries.may_see_contacts(request.actor, thing)
    now = settings.CLOCK.now()
    may_speak = thing.state == State.ACTIVE and (
        request.actor.role == Role.SUPERVISOR
        or (request.actor.role in _SPEAKERS and request.actor.organisation == str(thing.pk))
    )
    return render(request, "parties/organisation.html", {
        "heading": thing.name,
        "subtitle": "单位登记信息、成员与登记历史。",
        "organisation": thing,
        "row": _row(thing),
        "pairs": _pairs(thing, has_contacts),
        "reason": queries.last_reason(thing) if has_contacts else "",
        "is_own": is_own,
        "is_active": thing.state == State.ACTIVE,
        "is_returned": is_own and thing.state == State.RETURNED,
        "members": _members(thing) if is_own else [],
        "moves": {move.name for move in ORGANISATION.open_to(thing, request.actor.role, now)},
        "reason_form": ReasonForm(),
        "member_form": MemberForm(),
        "controls": [
            {"row": one, "may_end": one.declared_by_id == thing.pk and may_speak} for one in queries.controls_of(thing)
        ],
        "control_form": ControlForm() if may_speak else None,
        "history": _history(thing) if has_contacts else [],
    })


@page("parties.accept", Role.CENTRE, methods=("POST",), signed=True)
def accept(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.accept_organisation(thing, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, f"{thing.name} 已核验通过。")
    return redirect("parties:organisation", pk)


@page("parties.return", Role.CENTRE, methods=("POST",), signed=True)
def send_back(request: HttpRequest, pk) -> HttpResponse:
    return _with_reason(request, pk, actions.return_organisation, "已退回补正。")


@page("parties.suspend", Role.SUPERVISOR, methods=("POST",), signed=True)
def suspend(request: HttpRequest, pk) -> HttpResponse:
    return _with_reason(request, pk, actions.suspend_organisation, "已暂停资格。")


@page("parties.resume", Role.SUPERVISOR, methods=("POST",), signed=True)
def resume(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.resume_organisation(thing, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已恢复资格。")
    return redirect("parties:organisation", pk)


@page("parties.resubmit", Role.PUBLIC, methods=("GET", "POST"), signed=True)
def resubmit(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.organisations_of(request.actor).filter(state=State.RETURNED), pk=pk)
    form = OrganisationForm(request.POST or None, initial={name: getattr(thing, name) for name in _DETAILS})
    if request.method == "POST" and form.is_valid():
        try:
            actions.resubmit_organisation(thing, **form.cleaned_data, actor=request.actor, clock=settings.CLOCK)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            messages.success(request, "已重新提交，请等待交易中心核验。")
            return redirect("parties:organisation", pk)
    return render(request, "parties/resubmit.html", {
        "heading": "补正主体登记",
        "subtitle": "按退回理由修改后重新提交。",
        "form": form,
        "organisation": thing,
        "reason": queries.last_reason(thing),
    })


@page("parties.add_member", Role.TENDERER, Role.AGENCY, Role.BIDDER, methods=("POST",), signed=True)
def add_member(request: HttpRequest, pk) -> HttpResponse:
    thing = get_object_or_404(queries.organisations_of(request.actor), pk=pk)
    form = MemberForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Refusal("CERT-FORM", next(iter(form.errors.values()))[0])
    actions.add_member(
        thing, form.cleaned_data["certificate"], phone=form.cleaned_data["phone"], actor=request.actor,
        clock=settings.CLOCK,
    )
    messages.success(request, "成员证书已登记，即可登录办理业务。")
    return redirect("parties:organisation", pk)


@page("parties.end_membership", Role.TENDERER, Role.AGENCY, Role.BIDDER, methods=("POST",), signed=True)
def end_membership(request: HttpRequest, pk, member) -> HttpResponse:
    thing = get_object_or_404(queries.organisations_of(request.actor), pk=pk)
    membership = get_object_or_404(Membership, pk=member, organisation=thing)
    actions.end_membership(membership, actor=request.actor, clock=settings.CLOCK)
    messages.success(request, "已停用该成员身份。")
    return redirect("parties:organisation", pk)


@page("parties.control", *_SPEAKERS, methods=("POST",), signed=True)
def declare_control(request: HttpRequest, pk) -> HttpResponse:
    """Declare a relation of control; experts tied to the group are then kept out by the draws."""
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = ControlForm(request.POST)
    if not form.is_valid():
        raise Refusal("CONTROL", next(iter(form.errors.values()))[0])
    said = form.cleaned_data
    actions.declare_control(
        thing, other_uscc=said["other_uscc"], other_name=said["other_name"], is_upper=said["side"] == "upper",
        kind=said["kind"], actor=request.actor, clock=settings.CLOCK,
    )
    messages.success(request, "已登记；今后的专家抽取将把关联企业一并回避。")
    return redirect("parties:organisation", pk)


@page("parties.end_control", *_SPEAKERS, methods=("POST",), signed=True)
def end_control(request: HttpRequest, pk, control) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    actions.end_control(
        get_object_or_404(Control, pk=control, declared_by=thing), actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, "已终止这项关系。")
    return redirect("parties:organisation", pk)


def _with_reason(request: HttpRequest, pk, action, done: str) -> HttpResponse:
    thing = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = ReasonForm(request.POST)
    action(
        thing, reason=form.cleaned_data["reason"] if form.is_valid() else "", actor=request.actor, clock=settings.CLOCK
    )
    messages.success(request, done)
    return redirect("parties:organisation", pk)


def _become_person(request: HttpRequest) -> None:
    """The applicant's session becomes the session of the person whom the act registered."""
    begin_session(request, request.certificate.binding.person, request.certificate)


def _refuse(form: Form, refusal: Refusal) -> None:
    form.add_error(refusal.field if refusal.field in form.fields else None, f"{refusal.message}（规则 {refusal.rule}）")


def _row(thing: Organisation) -> dict:
    return {
        "pk": thing.pk, "name": thing.name, "uscc": thing.uscc, "region": region(thing.region).full_name,
        "roles": thing.role_names, "state": thing.state_label, "tone": TONES[thing.state],
        "registered_at": thing.registered_at,
    }


def _pairs(thing: Organisation, has_contacts: bool) -> list:
    pairs = [
        ("统一社会信用代码", thing.uscc), ("登记所在地", region(thing.region).full_name), ("身份", thing.role_names),
        ("法定代表人（负责人）", thing.legal_representative), ("登记时间", thing.registered_at),
    ]
    return pairs + [("住所", thing.address), ("联系人", thing.contact), ("联系电话", thing.phone)] * has_contacts


def _members(thing: Organisation) -> list[dict]:
    rows = thing.memberships.filter(ended_at=None).select_related("person").order_by("since", "role")
    return [
        {"pk": one.pk, "person": one.person_id, "name": one.person.name, "role": ROLE_NAMES[Role(one.role)],
         "since": one.since}
        for one in rows
    ]


def _history(thing: Organisation) -> list[dict]:
    entries = Entry.objects.filter(subject=f"organisation:{thing.pk}").select_related("leaf").order_by("-id")
    return [
        {"at": one.at, "sentence": SENTENCES[one.verb].format_map(canonical.decode(bytes(one.body))["facts"]),
         "position": one.leaf.index if hasattr(one, "leaf") else None}
        for one in entries
    ]
