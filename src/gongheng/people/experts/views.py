"""The pool of experts: figures for centres, masked rows and reasoned looks for its keeper."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from gongheng.kernel.numbers import mask_citizen_id
from gongheng.kernel.regions import region
from gongheng.kernel.roles import Role
from gongheng.people.experts import actions, queries, rules
from gongheng.people.experts.forms import LookForm, PoolForm
from gongheng.people.experts.models import Expert
from gongheng.ui.pages import page


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
    })


@page("experts.rows", Role.CENTRE)
def rows(request: HttpRequest) -> HttpResponse:
    """The pool keeper's list; names are masked until a reasoned look."""
    if not queries.keeps_pool(request.actor):
        raise Http404
    form = PoolForm(request.GET)
    sought = form.cleaned_data if form.is_valid() else {}
    found = queries.search(
        request.actor, specialty=sought.get("specialty", ""), place=sought.get("place", "")
    ).prefetch_related("practices")
    shown = Paginator(found, 30).get_page(request.GET.get("page"))
    return render(request, "experts/rows.html", {
        "heading": "专家名录",
        "subtitle": "姓名以掩码显示；查阅个人信息须写明事由，查阅行为记入存证日志。",
        "form": form,
        "page_of": shown,
        "rows": [
            {"pk": one.pk, "name": rules.masked(one.person.name), "region": region(one.region).full_name,
             "codes": "、".join(sorted(item.specialty_id for item in one.practices.all())), "title": one.title,
             "years": one.years, "state": one.get_state_display()}
            for one in shown
        ],
    })


@page("experts.look", Role.CENTRE, methods=("GET", "POST"), signed=True)
def look(request: HttpRequest, pk) -> HttpResponse:
    """One expert: masked on GET; a POST states the reason, is logged, and shows the data once."""
    expert = get_object_or_404(queries.visible_to(request.actor), pk=pk)
    form = LookForm(request.POST or None)
    seen = None
    if request.method == "POST" and form.is_valid():
        seen = actions.look_at_expert(
            expert, reason=form.cleaned_data["reason"], actor=request.actor, clock=settings.CLOCK
        )
    return render(request, "experts/look.html", {
        "heading": "专家信息",
        "subtitle": "查阅一次，记录一次。",
        "expert": expert,
        "name": seen.person.name if seen else rules.masked(expert.person.name),
        "pairs": _pairs(expert) + (_personal(seen) if seen else []),
        "is_seen": seen is not None,
        "form": form,
    })


def _pairs(expert: Expert) -> list:
    practices = expert.practices.select_related("specialty").order_by("-is_main", "specialty_id")
    return [
        ("代号", str(expert.pk)), ("状态", expert.get_state_display()), ("常住地", region(expert.region).full_name),
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
