"""The desk of tenderers and agencies, and the editor of the tender document (招标文件编制)."""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from gongheng.desks.portal.gathering import todos
from gongheng.desks.tenderer.forms import FactorFormSet, TenderDocumentForm, initial_of_method, method_of
from gongheng.kernel.calendar import CALENDAR, STATE_COUNCIL, day_of
from gongheng.kernel.clock import SHANGHAI
from gongheng.kernel.procedures import Rulebook
from gongheng.kernel.refusal import Refusal
from gongheng.kernel.roles import ROLE_NAMES, Role
from gongheng.trading.evaluation.method import BUILDING_CONSTRUCTION, EvaluationMethod
from gongheng.trading.notices import actions
from gongheng.trading.notices.models import TenderDocument
from gongheng.trading.notices.printing import attachments
from gongheng.trading.notices.queries import draft_of
from gongheng.trading.projects.forms import refuse
from gongheng.trading.projects.lifecycle import State
from gongheng.trading.projects.models import Lot
from gongheng.trading.projects.queries import conducted_by, rulebook_of, search
from gongheng.trading.projects.views import lot_row
from gongheng.ui.pages import page

_HOSTS = (Role.AGENCY, Role.TENDERER)
_EDITABLE = (State.DRAFT, State.RETURNED, State.REGISTERED, State.FILED)
#: Groups of states by which a desk is narrowed, in the order of a tender.
GROUPS = {
    "preparing": ("准备", _EDITABLE),
    "bidding": ("招标", (State.ANNOUNCED,)),
    "judging": ("开标评标", (State.CLOSED, State.OPENING, State.OPENED, State.EVALUATING)),
    "awarding": ("公示定标", (State.REPORTED, State.PUBLICITY, State.AWARDED, State.NOTIFIED)),
    "done": ("完成", (State.CONTRACTED, State.ARCHIVED)),
    "stopped": ("终止", (State.FAILED, State.TERMINATED, State.CANCELLED)),
}
#: A validity that leaves room for objections between opening and award.
VALIDITY_DAYS = 90
OPENING_HOUR = time(9, 30)


@page("tenderer.home", *_HOSTS)
def home(request: HttpRequest) -> HttpResponse:
    """What waits for the organisation, and its lots by stage."""
    now = settings.CLOCK.now()
    lots = conducted_by(request.actor)
    chosen = request.GET.get("group", "")
    shown = lots.filter(state__in=GROUPS[chosen][1]) if chosen in GROUPS else lots
    found = search(shown, request.GET.get("q", "")).order_by("-created_at")
    listed = Paginator(found, 20).get_page(request.GET.get("page"))
    return render(request, "tenderer/home.html", {
        "heading": f"{ROLE_NAMES[request.actor.role]}工作台", "subtitle": "待办事项，以及本单位组织的标段。",
        "todos": todos(request.actor, now), "page_of": listed, "rows": [lot_row(one) for one in listed],
        "is_all": chosen not in GROUPS,
        "groups": [
            {"key": key, "label": label, "count": lots.filter(state__in=states).count(), "is_chosen": key == chosen}
            for key, (label, states) in GROUPS.items()
        ],
    })


@page("tenderer.document", *_HOSTS, methods=("GET", "POST"))
def document(request: HttpRequest, lot) -> HttpResponse:
    """Write the tender document of a lot before the notice."""
    lot = get_object_or_404(conducted_by(request.actor).filter(state__in=_EDITABLE), pk=lot)
    draft = draft_of(lot)
    method = EvaluationMethod.from_json(draft.method) if draft else BUILDING_CONSTRUCTION
    values, rows = initial_of_method(method)
    form = TenderDocumentForm(request.POST or None, initial=values | _initial(lot, draft))
    table = FactorFormSet(request.POST or None, initial=rows, prefix="factors")
    if request.method == "POST" and form.is_valid() & table.is_valid():
        try:
            _save(request, lot, form.cleaned_data, [row.cleaned_data for row in table], method)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "招标文件草稿已保存。")
            return redirect(f"/notices/lots/{lot.pk}/publish/")
    return render(request, "tenderer/document.html", {
        "heading": "编制招标文件", "subtitle": "按规则表核对时间和金额；发布公告时由平台排版为 PDF 并固定摘要。",
        "breadcrumb": [{"label": "工作台", "url": "/desk/"}, {"label": lot.name, "url": f"/lots/{lot.pk}/"},
                       {"label": "编制招标文件"}],
        "lot": lot, "form": form, "table": table, "attachments": attachments(lot),
    })


def _save(request: HttpRequest, lot: Lot, clean: dict, rows: list[dict], template: EvaluationMethod) -> None:
    method = method_of(clean, rows, template)
    own = ("qualification", "quality", "ceiling", "deposit", "validity_days", "sale_starts_at", "sale_ends_at",
           "bids_due_at", "fallback")
    actions.save_tender_document(
        lot, method=method.to_json(), **{name: clean[name] for name in own}, actor=request.actor, clock=settings.CLOCK
    )


def _initial(lot: Lot, draft: TenderDocument | None) -> dict:
    """Return the draft's values, or what most tenders would begin with: the earliest lawful timetable."""
    if draft is not None:
        names = ("qualification", "quality", "ceiling", "deposit", "validity_days", "sale_starts_at", "sale_ends_at",
                 "bids_due_at", "fallback")
        return {name: getattr(draft, name) for name in names}
    starts_at, ends_at, due_at = _timetable(rulebook_of(lot), settings.CLOCK.now())
    return {
        "qualification": lot.qualification, "quality": "符合国家现行施工质量验收规范合格标准", "ceiling": lot.estimate,
        "deposit": "0", "validity_days": VALIDITY_DAYS, "sale_starts_at": starts_at, "sale_ends_at": ends_at,
        "bids_due_at": due_at, "fallback": TenderDocument.Fallback.ON_FAULT,
    }


def _timetable(book: Rulebook, now: datetime) -> tuple[datetime, datetime, datetime]:
    """Return sale start, sale end and deadline: the earliest lawful ones with a day in hand for filing."""
    local = now.astimezone(SHANGHAI)
    starts = STATE_COUNCIL.next_working_day(local.date() + timedelta(1))
    starts_at = datetime.combine(starts, time(9), SHANGHAI)
    sale_end = STATE_COUNCIL.last_day(day_of(starts_at), book.days("T1"), CALENDAR)
    due = STATE_COUNCIL.last_day(day_of(starts_at), book.days("T3") + 1, CALENDAR)
    return (starts_at, datetime.combine(sale_end, time(17), SHANGHAI), datetime.combine(due, OPENING_HOUR, SHANGHAI))
